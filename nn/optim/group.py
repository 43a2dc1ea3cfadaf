"""A group of parameters with its settings."""

from __future__ import annotations

from typing import Any

from ..settings import number


class Group(dict[str, Any]):
    """A group of parameters with its settings, in which NumPy's numbers become Python's.

    A NumPy number would lend the update its own precision, and not come back from a file.
    """

    def __setitem__(self, name: str, setting: Any) -> None:
        super().__setitem__(name, as_python(setting))

    def update(self, *settings: Any, **more: Any) -> None:
        """As a dict's."""
        for name, setting in dict(*settings, **more).items():
            self[name] = setting


def as_python(setting: Any) -> Any:
    """A setting with Python's numbers in place of NumPy's."""
    return tuple(map(number, setting)) if type(setting) is tuple else number(setting)
