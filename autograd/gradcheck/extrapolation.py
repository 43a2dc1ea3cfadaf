"""The derivative along a line from function values: extrapolation to step 0, with an error.

Central differences D(h) = (F(h) - F(-h)) / 2h of a smooth F are F'(0) + c1 h^2 + c2 h^4 + ...;
one-sided ones (F(h) - F(0)) / h are F'(0) + c1 h + c2 h^2 + .... Neville's scheme on the steps h,
h/4, h/16, ... removes one term in each column (Ridders 1982, Advances in Engineering Software 4;
Press et al., Numerical Recipes, section 5.7).

The error of an entry of the table is taken as the larger of its distances to the two entries it
was made from, which bounds the error of the coarser of those where the series converges, plus
what the rounding of F does to it. If F is known to within nu, D(h) is to within nu / h and the
weights of the scheme add up, in absolute value, to at most 16/15 * 256/255 * ... < 1.08 for
central differences and 5/3 * 17/15 * 65/63 * ... < 2 for one-sided ones: 2 nu / h and 4 nu / h,
the latter as both F(h) and F(0) are rounded.

Of each row the entry with the smallest error is kept. A row is refuted by a row of smaller steps
that differs by more than four times both errors: at large steps the series need not converge, and
what seems settled there may be another function's slope (that of 1/x on both sides of 0, that of
a fast oscillation). Of the rows that remain the one with the smallest error is chosen. Having
chosen the smallest of many is a bias towards luck, so the error is raised to the distance of every
other one whose own error is not four times larger.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Vector = np.ndarray

RATIO = 4.0
DEPTH = 4
SURE = 4.0


def limit(
    steps: Sequence[float] | Vector, values: Sequence[Vector] | Vector, power: int, noise: Vector
) -> tuple[Vector, Vector]:
    """The limit of `values` as the decreasing `steps` go to 0, and its error, per column.

    Args:
        steps: one for each row of `values`.
        values: estimates at each step, shape (n, k).
        power: 2 for central differences, 1 for one-sided ones.
        noise: how far the function is off through rounding at each step, shape (n, k) or (k,).

    Returns:
        The limits and their errors, shape (k,); NaN and infinity without at least two rows.

    >>> h = np.array([0.1, 0.025, 0.00625])
    >>> slope, error = limit(h, ((np.exp(h) - np.exp(-h)) / (2 * h))[:, None], 2, np.array([2e-16]))
    >>> bool(abs(slope[0] - 1) < error[0] < 1e-5)
    True
    """
    if len(steps) < 2:
        return np.full(noise.shape[-1], np.nan), np.full(noise.shape[-1], np.inf)
    best, error = _rows(np.asarray(steps)[:, None], np.asarray(values), power, noise)
    apart = abs(best[:, None] - best)  # of row i from row j
    apart = np.where(np.isfinite(apart), apart, 0.0)
    finer = np.triu(np.ones(apart.shape[:2], bool), 1)[..., None]
    refuted = (finer & (apart > SURE * (error[:, None] + error))).any(axis=1)
    error = np.where(refuted, np.inf, error)
    chosen = np.argmin(error, axis=0)
    columns = np.arange(best.shape[1])
    least = error[chosen, columns]
    beside = np.where(error <= SURE * least, apart[chosen, :, columns].T, 0.0)
    return best[chosen, columns], np.maximum(least, beside.max(axis=0))


def _rows(h: Vector, values: Vector, power: int, noise: Vector) -> tuple[Vector, Vector]:
    """The best entry of each row of Neville's table from the second on, and its error."""
    rounding = (2 if power == 2 else 4) * np.broadcast_to(noise, values.shape) / h
    best = np.full((len(values) - 1, values.shape[1]), np.nan)
    least = np.full(best.shape, np.inf)
    column = values
    for d in range(1, min(len(values) - 1, DEPTH) + 1):
        fine, coarse = column[1:], column[:-1]
        column = fine + (fine - coarse) / ((h[:-d] / h[d:]) ** power - 1)
        error = np.maximum(abs(column - fine), abs(column - coarse)) + rounding[d:]
        better = error < least[d - 1 :]
        best[d - 1 :] = np.where(better, column, best[d - 1 :])
        least[d - 1 :] = np.where(better, error, least[d - 1 :])
    return best, least
