"""The numeric derivative along a line: its value and error, or the two slopes of a kink.

Two ways share the steps. `agreement` evaluates a few steps for many lines at once and stops
where the derivative under check agrees: to agree with a wrong derivative to one part in a million
the differences would have to be wrong by just its error. `measured` is for the rest, and for the
public numeric gradients: all steps down to where rounding hides the function, its rounding
measured, both one-sided slopes, and then a verdict about smoothness.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .extrapolation import RATIO, limit

Vector = np.ndarray
Along = Callable[[float], Vector]
"""The changes of the observables, F(t) - F(0), for a step t on the line."""

FIRST = 0.0313
"""The first step, of the scale of the input; no power of two, in which functions are periodic."""
_QUICK = 5
_LAST = 2.0**-44
_MOST = 600
_WINDOW = 6


@dataclass(frozen=True)
class Rounding:
    """How far F is off through rounding, along a line.

    Attributes:
        least: near the point, for each observable, shape (k,).
        unit: the unit roundoff.
        reach: the size of the inputs, in steps: they, and what is computed from them first, are
            rounded relatively to it, and F changes with that as it does with the step.
    """

    least: Vector
    unit: float
    reach: float | Vector

    def at(self, h: Any, change: Vector) -> Vector:
        """The same where F has changed by `change` after a step of `h`."""
        return np.asarray(self.least + self.unit * abs(change) * (1 + self.reach / h))


@dataclass
class Slopes:
    """What was found along one line, an entry for each observable, shape (k,).

    Attributes:
        value: the derivative, by central differences where both sides are defined.
        error: how far off it may be.
        left, right: the one-sided derivatives, with their errors.
        smooth: whether the two agree within their errors.
        jump: whether the function does not tend to its value as the step goes to 0.
        defined: whether there was a step with finite values, on one side at least.
        secant: the steepest mean slope to where the largest step leads.
    """

    value: Vector
    error: Vector
    left: Vector
    right: Vector
    left_error: Vector
    right_error: Vector
    smooth: Vector
    jump: Vector
    defined: Vector
    secant: Vector


def agreement(
    along: Callable[[Vector, Vector], Vector],
    steps: Vector,
    ours: Vector,
    tolerance: Callable[[Vector, Vector], Vector],
    rounding: Rounding,
) -> tuple[Vector, Vector, Vector]:
    """Which of many lines the derivatives `ours` agree on, with the numeric values and errors.

    Args:
        along: F(t) - F(0) along all lines of the numbers `lines`, each with a step of its own, as
            `along(lines, steps)`, shape (lines, k).
        steps: the scale of each line, shape (p,).
        ours: the derivatives under check, shape (p, k).
        tolerance: the difference that is agreement, of the numeric values of some lines and
            their numbers.
        rounding: of F; its `reach` that of each line, shape (p, 1).

    Returns:
        (agrees, value, error) of shapes (p,), (p, k), (p, k).
    """
    lines = np.arange(len(steps))
    reach = np.asarray(rounding.reach)
    agrees = np.zeros(len(steps), bool)
    value, error = np.full(ours.shape, np.nan), np.full(ours.shape, np.inf)
    rows: list[Vector] = []
    last_gap = np.full(ours.shape, np.nan)
    for level in range(_QUICK):
        h = FIRST * RATIO**-level * steps[lines]
        plus, minus = along(lines, h), along(lines, -h)
        h = h[:, None]
        change = abs(plus) + abs(minus)
        row = [(plus - minus) / (2 * h)]
        for d, coarse in enumerate(rows, 1):
            row.append(row[-1] + (row[-1] - coarse) / (RATIO ** (2 * d) - 1))
        gap = np.abs(plus + minus) / h  # the difference of the two one-sided slopes
        if rows:
            near = Rounding(rounding.least, rounding.unit, reach[lines])
            # What the last extrapolation put right, and rounding.
            doubt = abs(row[-1] - row[-2]) + 2 * near.at(h, change) / h
            close = abs(row[-1] - ours[lines]) <= tolerance(row[-1], lines)
            # The gap shrinks like h where F is smooth, and stays at a kink.
            bent = gap > np.maximum(
                0.5 * last_gap, np.maximum(1e-5 * change, 16 * rounding.least) / h
            )
            settled = (close & ~bent).all(axis=1)
            if level == 1 and settled.all():
                return settled, row[-1], doubt
            value[lines], error[lines] = row[-1], doubt
            agrees[lines[settled]] = True
            stays = ~settled & np.isfinite(row[-1]).all(axis=1)
            lines, last_gap = lines[stays], gap[stays]
            rows = [r[stays] for r in row]
        else:
            last_gap, rows = gap, row
        if not len(lines):
            break
    return agrees, value, error


def unmeasured(value: Vector, error: Vector) -> Slopes:
    """What a few central differences say, for functions known to be smooth here."""
    known, none = np.isfinite(value), np.full(value.shape, np.nan)
    smooth, jump = np.ones_like(known), np.zeros_like(known)
    return Slopes(value, error, none, none, none, none, smooth, jump, known, 0 * value)


def measured(
    along: Along, scale: float, near: float, rounding: Rounding, sharp: bool = True
) -> Slopes:
    """The derivative along a line with its error, from all steps that tell something.

    Args:
        along: F(t) - F(0), shape (k,); not finite where F is undefined.
        scale: of the steps.
        near: the distance of a bound that is worth a guess where F is undefined (that of 0);
            0 for none.
        rounding: how far F is off.
        sharp: tell a kink from one that is a millionth away.
    """
    steps: list[float] = []
    pluses: list[Vector] = []
    minuses: list[Vector] = []
    h = 2 * RATIO * FIRST * scale  # large steps for noisy functions
    last = _LAST * (min(scale, near) or scale)
    while h > last and len(steps) < _MOST:
        plus, minus = along(h), along(-h)
        if not (np.isfinite(plus).all() and np.isfinite(minus).all()) and 0 < near < h:
            h = near / 8  # within the bound at once
            steps, pluses, minuses = [], [], []
            continue
        steps.append(h)
        pluses.append(plus)
        minuses.append(minus)
        if len(steps) > _WINDOW and _settled(steps, pluses, minuses, rounding.least, sharp):
            break
        h /= RATIO
    plus, minus = np.array(pluses), np.array(minuses)
    return _slopes(np.array(steps), plus, minus, rounding)


def _settled(
    steps: list[float], pluses: list[Vector], minuses: list[Vector], noise: Vector, sharp: bool
) -> bool:
    """Whether smaller steps tell nothing more.

    That is where F changes by no more than its rounding at several steps; or where F and the
    difference of the one-sided slopes fall as those of a smooth function do, and rounding alone
    would spoil what is known already.
    """
    plus, minus = np.array(pluses[-_WINDOW:]), np.array(minuses[-_WINDOW:])
    change, gap = abs(plus) + abs(minus), abs(plus + minus)
    drowned = (change[-4:] <= 8 * noise).all(axis=0)
    if drowned.all():
        return True
    h = np.array(steps[-_WINDOW:])
    _, error = limit(h, (plus - minus) / (2 * h[:, None]), 2, noise)
    falling = change[-1] <= change[-5] / 64
    smooth = gap[-1] <= np.maximum(gap[-5] / 1024, 8 * noise)
    known = smooth & (2 * noise / h[-1] > 2 * error)
    if not sharp and h[-1] < 1e-6 * steps[0]:
        known |= ~smooth
    return bool((drowned | (falling & known)).all())


def _slopes(steps: Vector, plus: Vector, minus: Vector, rounding: Rounding) -> Slopes:
    h = steps[:, None]
    noise = rounding.at(h, abs(plus) + abs(minus))
    finite_plus, finite_minus = np.isfinite(plus).all(axis=1), np.isfinite(minus).all(axis=1)
    both = finite_plus & finite_minus
    central, central_error = limit(steps[both], ((plus - minus) / (2 * h))[both], 2, noise[both])
    noise_plus, noise_minus = rounding.at(h, plus), rounding.at(h, minus)
    right, right_error = limit(
        steps[finite_plus], (plus / h)[finite_plus], 1, noise_plus[finite_plus]
    )
    left, left_error = limit(
        steps[finite_minus], (-minus / h)[finite_minus], 1, noise_minus[finite_minus]
    )
    two_sided = np.isfinite(left_error) & np.isfinite(right_error) & np.isfinite(central_error)
    with np.errstate(invalid="ignore"):
        size = np.maximum(abs(left), abs(right))
        apart = abs(right - left) > 4 * (left_error + right_error) + 1e-5 * size
        use_right = right_error < left_error
    value = np.where(two_sided, central, np.where(use_right, right, left))
    error = np.where(two_sided, central_error, np.where(use_right, right_error, left_error))
    least = rounding.least
    jump = _stays(plus[finite_plus], least) | _stays(minus[finite_minus], least)
    return Slopes(
        value,
        error,
        left,
        right,
        left_error,
        right_error,
        ~(two_sided & apart),
        jump,
        np.isfinite(error),
        np.nan_to_num(np.maximum(abs(plus), abs(minus)) / h, posinf=0.0)[0],
    )


def _stays(changes: Vector, noise: Vector) -> Vector:
    """Whether F(h) - F(0) hardly falls, nor varies, over the five smallest steps, a factor of 256.

    A smooth function's falls by 256, that of a square root at 0 by 16, of a cube root by 6; that
    of rounding, in a function which is 0 at most points beside, comes and goes.
    """
    if len(changes) < 5:
        return np.zeros(noise.shape, bool)
    last = changes[-1]
    ratio = changes[-5:] / np.where(last == 0, np.inf, last)
    steady = ((ratio > 0.25) & (ratio < 4)).all(axis=0)
    return np.asarray(steady & (abs(last) > 64 * noise))
