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
the latter as both F(h) and F(0) are rounded. The entry with the smallest error is chosen. Having
chosen the smallest of many is a bias towards luck, so the error is raised to the distance of every
other entry whose own error is not four times larger.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Vector = np.ndarray

RATIO = 4.0
DEPTH = 4


def limit(
    steps: Sequence[float], values: Sequence[Vector], power: int, noise: Vector
) -> tuple[Vector, Vector]:
    """The limit of `values` as the decreasing `steps` go to 0, and its error, per column.

    Args:
        steps: one for each row of `values`.
        values: estimates at each step, shape (k,).
        power: 2 for central differences, 1 for one-sided ones.
        noise: how far each column of the function is off through rounding, shape (k,).

    Returns:
        The limits and their errors, shape (k,); NaN and infinity without at least two rows.

    >>> h = np.array([0.1, 0.025, 0.00625])
    >>> slope, error = limit(h, ((np.exp(h) - np.exp(-h)) / (2 * h))[:, None], 2, np.array([2e-16]))
    >>> bool(abs(slope[0] - 1) < error[0] < 1e-5)
    True
    """
    if len(steps) < 2:
        return np.full(noise.shape, np.nan), np.full(noise.shape, np.inf)
    h = np.asarray(steps)[:, None]
    rounding = (2 if power == 2 else 4) * noise / h
    column = np.asarray(values)
    columns, errors = [], []
    for d in range(1, min(len(steps) - 1, DEPTH) + 1):
        fine, coarse = column[1:], column[:-1]
        column = fine + (fine - coarse) / ((h[:-d] / h[d:]) ** power - 1)
        columns.append(column)
        errors.append(np.maximum(abs(column - fine), abs(column - coarse)) + rounding[d:])
    table, error = np.concatenate(columns), np.concatenate(errors)
    error[~np.isfinite(table)] = np.inf
    chosen = np.argmin(error, axis=0)[None]
    best = np.take_along_axis(table, chosen, 0)
    least = np.take_along_axis(error, chosen, 0)
    with np.errstate(invalid="ignore"):
        apart = np.where(error <= 4 * least, np.abs(table - best), 0.0)
    return best[0], np.maximum(least[0], np.nan_to_num(apart).max(axis=0))
