"""Noticing that an array a graph needs was written to behind its back.

Every node and every noted write has a creation number; memory written to later than a node was
made no longer holds what the node's rules need.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

next_number: Callable[[], int] = itertools.count(1).__next__


def _arrays(saved: Iterable[Any]) -> Iterable[np.ndarray]:
    for item in saved:
        if isinstance(item, np.ndarray):
            yield item
        elif isinstance(item, tuple):
            yield from _arrays(item)


def copies(saved: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(array.copy() for array in _arrays(saved))


# Memory known to have been written in place (`t.data -= step`): the id of the array that owns it,
# first and last byte, with the creation number at that moment. Almost always empty, and then it
# costs nothing.
written: dict[tuple[int, int, int], tuple[weakref.ref[np.ndarray], int]] = {}


def _owner(array: np.ndarray) -> np.ndarray:
    base = array.base
    return base if isinstance(base, np.ndarray) else array


def note_write(array: np.ndarray) -> None:
    """Say that `array`'s memory has just been written to, so that older nodes notice."""
    owner = _owner(array)
    key = (id(owner), *byte_bounds(array))
    written[key] = (weakref.ref(owner, lambda _: written.pop(key, None)), next_number())


def _written_at(array: np.ndarray) -> int:
    """The creation number at which any of `array`'s memory was last written to; 0: never."""
    owner = id(_owner(array))
    low, high = byte_bounds(array)
    return max(
        (
            number
            for (place, first, last), (_, number) in written.items()
            if place == owner and first < high and low < last
        ),
        default=0,
    )


def changed_array(
    saved: Iterable[Any], watch: Iterable[np.ndarray] | None, number: int
) -> np.ndarray | None:
    """The first of a node's saved arrays that was written to since, as far as is known.

    `watch` are the copies made in debugging mode, `number` is the node's creation number.
    """
    if watch is not None:
        for old, new in zip(watch, _arrays(saved), strict=True):
            if not np.array_equal(old, new, equal_nan=old.dtype.kind in "fc"):
                return new
    if written:
        for array in _arrays(saved):
            if number < _written_at(array):
                return array
    return None
