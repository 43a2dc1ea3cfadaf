"""Generic numbers, and their inner products."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .strategies import Array, Shape


def spread(like: Array | Shape, seed: int) -> Array:
    """Generic numbers in [-1, 1]: a cotangent or direction that hides no entry.

    Complex for a complex array, with both parts in that range.
    """
    shape = like if isinstance(like, tuple) else like.shape
    numbers = np.random.default_rng(seed).uniform(-1, 1, shape)
    if not isinstance(like, tuple) and like.dtype.kind == "c":
        return np.asarray(numbers + 1j * np.random.default_rng(seed + 100).uniform(-1, 1, shape))
    return numbers


def inner(xs: Sequence[Array], ys: Sequence[Array]) -> float:
    """The sum of all products of corresponding entries; its real part where they are complex."""
    return float(sum(np.sum(x * y).real for x, y in zip(xs, ys, strict=True)))
