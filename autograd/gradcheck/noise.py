"""How far the values of a function are off, measured rather than assumed.

A function computes with more than its last rounding: differences of large numbers, float32 inside,
an iteration that stops early. All of it is irregular from one point to the next, so high
differences of values at equal spacing consist of it alone: for independent errors of standard
deviation s, the k-th difference has the variance (2k)! / (k!)^2 s^2, whereas a smooth function's
falls like spacing^k (Hamming 1973; More and Wild, SIAM J. Sci. Comput. 33, 2011).

Two spacings are used. The fine one, 2^-36, shows rounding in double precision; float32 rounding
inside is constant over it, so its noise is found at the coarse one, 2^-16. What is found there
counts only if it is small beside the function and does not fall with k, as a smooth function's
oscillation does. A kink inside the window looks like noise, so both sides of the point are tried,
without the point itself, and the smaller result counts.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

import numpy as np

Vector = np.ndarray

_POINTS = 8
_FINE, _COARSE = 2.0**-36, 2.0**-16
_SMALL = 2.0**-17
"""Larger than float32 rounding (2^-24) times a condition of a hundred."""


def noise(along: Callable[[float], Vector], values: Vector, eps: float) -> Vector:
    """A bound on the error of each entry of `along(0) = values`.

    Args:
        along: the function on a line on which a step of 1 is the scale of the inputs.
        values: what it is at 0.
        eps: the unit roundoff it computes with at best.

    >>> rounded = lambda t: np.array([np.float32(np.sin(1 + t))], float)
    >>> bool(1e-8 < noise(rounded, rounded(0.0), 2.2e-16)[0] < 2e-7)
    True
    """
    floor = eps * np.abs(values)
    fine, _ = _on_both_sides(along, max(_FINE, 16 * eps))
    coarse, steady = _on_both_sides(along, max(_COARSE, 16 * eps))
    level = np.maximum.reduce([floor, fine])
    counts = steady & (coarse <= _SMALL * np.abs(values))
    # Three standard deviations.
    return np.asarray(3 * np.where(counts, np.maximum(level, coarse), level))


def _on_both_sides(along: Callable[[float], Vector], spacing: float) -> tuple[Vector, Vector]:
    right, steady_right = _deviation(along, spacing)
    left, steady_left = _deviation(along, -spacing)
    right, left = (np.where(np.isfinite(s), s, np.inf) for s in (right, left))
    found = np.minimum(left, right)
    return np.where(np.isfinite(found), found, 0.0), np.where(
        left < right, steady_left, steady_right
    )


def _deviation(along: Callable[[float], Vector], spacing: float) -> tuple[Vector, Vector]:
    """The standard deviation by the highest differences, and whether it stays as they grow."""
    table = np.array([along(spacing * (i + 1)) for i in range(_POINTS)])
    levels = []
    with np.errstate(invalid="ignore"):
        for k in range(1, _POINTS - 1):
            table = np.diff(table, axis=0)
            levels.append(np.sqrt(np.mean(table**2, axis=0) * factorial(k) ** 2 / factorial(2 * k)))
        return levels[-1], levels[-1] > levels[-3] / 4
