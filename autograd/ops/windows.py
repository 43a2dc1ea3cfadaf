"""Settings of what slides over spatial axes, convolution and pooling, as one value per axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

Sizes = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]
Strides = int | Sequence[int]


def each_axis(name: str, what: str, value: Strides, rank: int, least: int) -> Sizes:
    """A setting for each spatial axis, given for each or once for all.

    Raises:
        TypeError: for what is no integer; ValueError: for too few or too small ones.
    """
    if value.__class__ is int and value >= least:
        return (value,) * rank
    given = list(value) if isinstance(value, Iterable) else [value] * rank
    if not all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in given):
        raise TypeError(f"{name}: {what}={value!r}: give an integer, or one for each spatial axis")
    if len(given) != rank or min(given, default=least) < least:
        raise ValueError(
            f"{name}: {what}={value!r} for {rank} spatial axes: give one integer of at least "
            f"{least}, or one for each axis"
        )
    return tuple(map(int, given))


def padding_pairs(name: str, padding: Any, rank: int) -> Pairs:
    """How many entries to add before and after, for each spatial axis.

    Args:
        name: of the function, for errors.
        padding: one number for all, or one or a pair for each axis.
        rank: the number of spatial axes.
    """
    if isinstance(padding, str):
        raise ValueError(f"{name}: padding={padding!r} is not known here: give numbers")
    if np.ndim(padding) == 2:
        befores = each_axis(name, "padding", [before for before, _ in padding], rank, 0)
        afters = each_axis(name, "padding", [after for _, after in padding], rank, 0)
        return tuple(zip(befores, afters, strict=True))
    return tuple((n, n) for n in each_axis(name, "padding", padding, rank, 0))


def check_size(name: str, size: Sizes, span: Sizes, padding: Pairs) -> None:
    """Raise unless the padded size holds the kernel, which spans `span` entries."""
    padded = tuple(n + before + after for n, (before, after) in zip(size, padding, strict=True))
    if any(n < k for n, k in zip(padded, span, strict=True)):
        raise ValueError(
            f"{name}: a kernel that spans {span} does not fit an input of size {size}, with "
            f"padding {padded}: make the kernel smaller or the padding larger"
        )


def every(entry: int, count: int, stride: int, dilation: int) -> slice:
    """Where one entry of the kernel comes to lie, for `count` positions."""
    start = entry * dilation
    return slice(start, start + (count - 1) * stride + 1, stride)
