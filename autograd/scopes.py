"""Named parts of a computation, for pictures."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from .recording import mode


class scope:  # noqa: N801  (a context manager, named as `no_grad` is)
    """What is recorded inside the block gets a box of its own in pictures.

    Modules open one when they are called. It does something only while `draw` runs a function;
    a caller in a hurry looks at `scope.active` first, as `nn.Module` does.

    Args:
        owner: a name, or an object with `named_parameters()` and `named_modules()`, which is
            then called by its path in the outermost object that was entered.

    Raises:
        TypeError: for another owner.

    >>> import autograd
    >>> def f(x):
    ...     with autograd.scope("squares"):
    ...         return x * x + 1
    >>> "squares" in autograd.draw(f, autograd.Value(2.0)).dot
    True
    """

    active = 0
    """How many pictures are being made, in any thread: 0 almost always."""

    _counting = threading.Lock()

    __slots__ = ("_owner",)

    def __init__(self, owner: Any) -> None:
        if not isinstance(owner, str) and not hasattr(owner, "named_parameters"):
            raise TypeError(
                f"scope: {type(owner).__name__} {owner!r:.60} is no part of a model: give a name, "
                "or an object with named_parameters()"
            )
        self._owner = owner

    @classmethod
    @contextmanager
    def activated(cls) -> Iterator[None]:
        """Say that a picture is being made inside."""
        with cls._counting:
            cls.active += 1
        try:
            yield
        finally:
            with cls._counting:
                cls.active -= 1

    def __enter__(self) -> None:
        if mode.observer is not None:
            mode.observer.enter(self._owner)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if mode.observer is not None:
            mode.observer.leave()
