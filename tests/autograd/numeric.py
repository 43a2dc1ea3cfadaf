"""A numeric differentiator that shares nothing with the engine.

`directional` combines central differences D(h) with steps h and h/2 into (4 D(h/2) - D(h)) / 3,
which cancels the h^2 term (Richardson). What remains:

truncation  h^4 / 480 |f^(5)|: with h = 1e-3 and f^(5) up to 1e5, the largest in the domains of
            the table (x^-2 at 0.5: 720 / 0.5^7 = 92,160), at most 2e-10;
rounding    3 eps |f| / h, where |f| stands for the largest intermediate: with 1e3 at most 7e-10.

TOLERANCE = 1e-7, relative to 1 + |derivative|, leaves two orders of magnitude to both, and is
still far below what a wrong factor, sign or summation gives on a generic direction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .strategies import Array, Shape

STEP = 1e-3
TOLERANCE = 1e-7


def directional(
    f: Callable[[list[Array]], float], xs: Sequence[Array], vs: Sequence[Array]
) -> float:
    """The derivative of f(xs + t vs) by t at t = 0."""

    def central(h: float) -> float:
        above, below = (
            f([np.asarray(x + step * v) for x, v in zip(xs, vs, strict=True)]) for step in (h, -h)
        )
        return (above - below) / (2 * h)

    return (4 * central(STEP / 2) - central(STEP)) / 3


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


def assert_close(found: float, expected: float) -> None:
    """Equal within what `directional` can tell."""
    assert abs(found - expected) <= TOLERANCE * (1 + abs(expected)), (found, expected)
