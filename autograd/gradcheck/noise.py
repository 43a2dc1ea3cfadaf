"""How far the values of a function are off, measured rather than assumed.

A function computes with more than its last rounding: differences of large numbers, float32 inside,
an iteration that stops early. All of it is irregular from one point to the next, so high
differences of values at equal spacing consist of it alone: for independent errors of standard
deviation s, the k-th difference has the variance (2k)! / (k!)^2 s^2, whereas a smooth function's
falls like spacing^k (Hamming 1973; More and Wild, SIAM J. Sci. Comput. 33, 2011).

Three spacings are used, relative to the inputs. The fine one, 2^-36, shows rounding in double
precision. Rounding to float32 inside is constant over it, and shows at 2^-26; or, in functions
that change little with their inputs, at 2^-16, where they are steps over the others, constant but
for a jump. What is found at the wider two counts only if it does not fall with k, as what a smooth
function leaves does, and if it is small beside the function or this is made of steps over the
narrower one. Steps of which each spacing crosses the same number leave no high differences: there
the height of one is the smallest first or second difference. A kink inside the window looks like
noise, so both
sides of the point are tried, without the point itself, and the smaller result counts; and 2^-16,
over which a large network has many kinks, is not looked at where the function is not made of
steps over 2^-26.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

import numpy as np

Vector = np.ndarray

_POINTS = 8
_FINE, _MIDDLE, _COARSE = 2.0**-36, 2.0**-26, 2.0**-16
_SMALL = 2.0**-17
"""Larger than float32 rounding (2^-24) times a condition of a hundred."""


def noise(along: Callable[[float], Vector], values: Vector, eps: float) -> Vector:
    """A bound on the error of each entry of `along(0) = values`: three standard deviations.

    Args:
        along: the function on a line on which a step of 1 is the scale of the inputs.
        values: what it is at 0.
        eps: the unit roundoff it computes with at best.

    >>> rounded = lambda t: np.array([np.float32(np.sin(1 + t))], float)
    >>> bool(1e-8 < noise(rounded, rounded(0.0), 2.2e-16)[0] < 2e-7)
    True
    """
    level = eps * np.abs(values)
    constant = np.ones(values.shape, bool)
    for spacing in (_FINE, _MIDDLE, _COARSE):
        found, steady, still, step = _on_both_sides(along, max(spacing, 16 * eps))
        counts = steady & (constant | (found <= _SMALL * np.abs(values)))
        if spacing == _FINE:
            counts = np.ones(values.shape, bool)
        elif spacing == _COARSE:
            counts &= constant
            level = np.where(constant, np.maximum(level, step / 3), level)
        level = np.where(counts, np.maximum(level, found), level)
        constant = still
    return np.asarray(3 * level)


def _on_both_sides(
    along: Callable[[float], Vector], spacing: float
) -> tuple[Vector, Vector, Vector, Vector]:
    """The smaller deviation of both sides, whether it is steady, whether F is made of steps, and
    of which height."""
    right, left = _deviation(along, spacing), _deviation(along, -spacing)
    sizes = [np.where(np.isfinite(side[0]), side[0], np.inf) for side in (right, left)]
    found = np.minimum(*sizes)
    steady = np.where(sizes[1] < sizes[0], left[1], right[1])
    found = np.where(np.isfinite(found), found, 0.0)
    return found, steady, right[2] | left[2], np.minimum(right[3], left[3])


def _deviation(
    along: Callable[[float], Vector], spacing: float
) -> tuple[Vector, Vector, Vector, Vector]:
    """The standard deviation by the highest differences, whether it stays as they grow, whether
    most neighbours are equal, and the smallest first or second difference that is not 0."""
    table = np.array([along(spacing * (i + 1)) for i in range(_POINTS)])
    constant = 2 * np.count_nonzero(np.diff(table, axis=0) == 0, axis=0) >= _POINTS - 1
    levels = []
    with np.errstate(invalid="ignore"):
        differences = abs(np.concatenate([np.diff(table, axis=0), np.diff(table, 2, axis=0)]))
        step = np.min(differences, axis=0, where=differences > 0, initial=np.inf)
        for k in range(1, _POINTS - 1):
            table = np.diff(table, axis=0)
            levels.append(np.sqrt(np.mean(table**2, axis=0) * factorial(k) ** 2 / factorial(2 * k)))
        steady = levels[-1] > levels[-3] / 4
        return levels[-1], steady, constant, np.where(np.isfinite(step), step, 0.0)
