"""Settings of functions, layers, optimisers: numbers and sizes, checked, and as Python's own.

NumPy's float64 numbers would turn float32 arrays into float64; Python's do not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np


def number(x: Any) -> Any:
    """A NumPy number, or array of one, as Python's; anything else as it is."""
    return x.item() if isinstance(x, (np.generic, np.ndarray)) and x.ndim == 0 else x


def _real(name: str, what: str, x: Any) -> float:
    value = number(x)
    if not isinstance(value, (int, float)):
        raise TypeError(f"{name}: {what}={x!r} is no number: give one")
    return value


def positive(name: str, what: str, x: Any) -> float:
    """`x`, once it is a number above 0."""
    value = _real(name, what, x)
    if not value > 0:
        raise ValueError(f"{name}: {what} {value!r} is not positive: give a number above 0")
    return value


def not_negative(name: str, what: str, x: Any) -> float:
    """`x`, once it is a number of at least 0."""
    value = _real(name, what, x)
    if not value >= 0:
        raise ValueError(f"{name}: {what} {value!r} is negative or nan: give a number from 0 on")
    return value


def finite(name: str, what: str, x: Any) -> float:
    """`x`, once it is a number to compute with."""
    value = _real(name, what, x)
    if not math.isfinite(value):
        raise ValueError(f"{name}: {what} {value!r}: give a finite number")
    return value


def at_least_zero(name: str, what: str, x: Any) -> float:
    """`x`, once it is a finite number of at least 0."""
    return not_negative(name, what, finite(name, what, x))


def fraction(name: str, what: str, x: Any) -> float:
    """`x`, once it is a decay rate."""
    value = finite(name, what, x)
    if not 0 <= value < 1:
        raise ValueError(f"{name}: {what} {value!r}: give a number from 0 to less than 1")
    return value


def two_fractions(name: str, what: str, pair: Any) -> tuple[float, ...]:
    """A pair of decay rates."""
    if not (isinstance(pair, (tuple, list)) and len(pair) == 2):
        raise ValueError(f"{name}: {what} {pair!r:.60}: give a pair of numbers")
    return tuple(fraction(name, f"{what}[{i}]", x) for i, x in enumerate(pair))


def flag(name: str, what: str, x: Any) -> bool:
    """`x`, once it is on or off."""
    value = number(x)
    if not isinstance(value, int) or value not in (0, 1):
        raise ValueError(f"{name}: {what} {value!r:.60}: give True or False")
    return bool(value)


def count(name: str, what: str, x: Any) -> int:
    """How many steps there were; as an array, too, and as a float, which is PyTorch's."""
    value = np.asarray(x)
    whole = value.ndim == 0 and value.dtype.kind in "iuf" and 0 <= value <= 2**53
    if not whole or value != int(value):
        raise ValueError(f"{name}: {what} {x!r:.60}: give how many steps there were")
    return int(value)


def positive_integer(name: str, what: str, x: Any) -> int:
    """`x`, once it counts something; a whole float, too, as of a division."""
    whole = isinstance(x, float) and x.is_integer()
    return sizes(name, **{what: int(x) if whole else x})[0]


def probability(name: str, p: Any, what: str = "p") -> float:
    """`p`, once it is a number from 0 to 1."""
    value = _real(name, what, p)
    if not 0 <= value <= 1:
        raise ValueError(f"{name}: {what} {value!r} is no probability: give a number from 0 to 1")
    return value


def bounds(name: str, **given: Any) -> tuple[float, float]:
    """The lower and the upper bound, once they are in this order."""
    (low, low_value), (high, high_value) = given.items()
    low_value, high_value = _real(name, low, low_value), _real(name, high, high_value)
    if not low_value <= high_value:
        raise ValueError(f"{name}: {low} {low_value} is above {high} {high_value}: exchange them")
    return low_value, high_value


def chosen(name: str, what: str, x: Any, known: tuple[Any, ...]) -> Any:
    """`x`, once it is one of the values that are known."""
    if x not in known:
        raise ValueError(f"{name}: {what}={x!r}: use {' or '.join(map(repr, known))}")
    return x


def sizes(name: str, least: int = 1, **given: Any) -> tuple[int, ...]:
    """Sizes as integers, once all are at least `least`."""
    given = {what: number(n) for what, n in given.items()}
    for what, n in given.items():
        if not isinstance(n, int) or isinstance(n, bool):
            raise TypeError(f"{name}: {what}={n!r}: give an integer")
        if n < least:
            raise ValueError(f"{name}: {what}={n}: give an integer of at least {least}")
    return tuple(map(int, given.values()))


def several(given: Any) -> bool:
    """Whether these are several sizes, not one for all axes."""
    return np.ndim(given) > 0 if isinstance(given, np.ndarray) else isinstance(given, (tuple, list))


def shape(name: str, what: str, given: int | Sequence[int], least: int = 0) -> tuple[int, ...]:
    """One size or several as a tuple, once all are at least `least`."""
    each: Any = given if several(given) else (number(given),)
    if not len(each):
        raise ValueError(f"{name}: {what}={given!r}: give at least one size")
    return tuple(m for n in each for m in sizes(name, least, **{what: n}))
