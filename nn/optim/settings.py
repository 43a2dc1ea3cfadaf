"""The settings of optimisers and schedules: Python's numbers, and in range."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Check = Callable[[str, Any], Any]
"""Takes what is set, for messages, and its value; gives the value as it is kept, or raises."""


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
    if isinstance(setting, np.generic):
        return setting.item()
    return tuple(map(as_python, setting)) if type(setting) is tuple else setting


def finite(name: str, number: Any) -> float:
    """Refuse what is no number, or none to compute with."""
    number = as_python(number)
    if not isinstance(number, (int, float)):
        raise TypeError(f"{name} {number!r:.60} is no number: give a finite one")
    if not math.isfinite(number):
        raise ValueError(f"{name} {number!r}: give a finite number")
    return number


def at_least_zero(name: str, number: Any) -> float:
    """Refuse what is no finite number from 0 on."""
    checked = finite(name, number)
    if checked < 0:
        raise ValueError(f"{name} {checked!r}: give a number that is not negative")
    return checked


def fraction(name: str, number: Any) -> float:
    """Refuse what is no decay rate."""
    checked = finite(name, number)
    if not 0 <= checked < 1:
        raise ValueError(f"{name} {checked!r}: give a number from 0 to less than 1")
    return checked


def two_fractions(name: str, pair: Any) -> tuple[float, ...]:
    """Refuse what is no pair of decay rates."""
    if not (isinstance(pair, (tuple, list)) and len(pair) == 2):
        raise ValueError(f"{name} {pair!r:.60}: give a pair of numbers")
    return tuple(fraction(f"{name}[{i}]", number) for i, number in enumerate(pair))


def positive_integer(name: str, number: Any) -> int:
    """Refuse what counts nothing."""
    number = as_python(number)
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ValueError(f"{name} {number!r:.60}: give a positive integer")
    return number


def count(name: str, given: Any) -> int:
    """Refuse what is no number of steps; as an array, too, and as a float, which is PyTorch's."""
    number = np.asarray(given)
    whole = number.ndim == 0 and number.dtype.kind in "iuf" and 0 <= number <= 2**53
    if not whole or number != int(number):
        raise ValueError(f"{name} {given!r:.60}: give how many steps there were")
    return int(number)


def flag(name: str, given: Any) -> bool:
    """Refuse what is neither on nor off."""
    given = as_python(given)
    if not isinstance(given, int) or given not in (0, 1):
        raise ValueError(f"{name} {given!r:.60}: give True or False")
    return bool(given)
