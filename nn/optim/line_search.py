"""A line search for the strong Wolfe conditions.

Nocedal & Wright, Numerical Optimization, 2nd edition, algorithms 3.5 and 3.6, with the safeguards
and limits of Schmidt's minFunc, which PyTorch's L-BFGS has as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

_DECREASE, _CURVATURE = 1e-4, 0.9


class Point(NamedTuple):
    """A place on the line: how far along, the loss, its gradient, and its slope on the line."""

    t: float
    loss: float
    gradient: np.ndarray
    slope: float


def strong_wolfe(
    evaluate: Callable[[float], Point],
    start: Point,
    direction: np.ndarray,
    t: float,
    tolerance_change: float,
    most: int,
) -> tuple[Point, int]:
    """A point whose loss is lower by enough and whose slope is flatter by enough.

    Args:
        evaluate: the point at t.
        start: the point at 0.
        direction: of the line.
        t: tried first.
        tolerance_change: the bracket is given up where it is smaller.
        most: how many points are tried after the first.

    Returns:
        The point, and how often `evaluate` was called.
    """
    previous, point = start, evaluate(t)
    evaluations = 1
    bracket: list[Point] = []
    for searched in range(most):
        if _too_high(point, start) or (searched > 1 and point.loss >= previous.loss):
            bracket = [previous, point]
        elif _flat_enough(point, start):
            return point, evaluations
        elif point.slope >= 0:
            bracket = [previous, point]
        if bracket:
            break
        bounds = point.t + 0.01 * (point.t - previous.t), point.t * 10
        further = _cubic_minimum(previous, point, *bounds)
        previous, point = point, evaluate(further)
        evaluations += 1
    else:
        return min(start, point, key=lambda p: p.loss), evaluations
    left = most - searched
    found, more = _zoom(evaluate, start, bracket, float(np.abs(direction).max()), left,
                        tolerance_change)  # fmt: skip
    return found, evaluations + more


def _zoom(
    evaluate: Callable[[float], Point],
    start: Point,
    bracket: list[Point],
    largest: float,
    most: int,
    tolerance_change: float,
) -> tuple[Point, int]:
    """Narrow the bracket around a point that fulfils the conditions."""
    low, high = sorted(bracket, key=lambda p: p.loss)
    stuck = False
    for evaluations in range(most):
        left, right = sorted((low.t, high.t))
        if (right - left) * largest < tolerance_change:
            return low, evaluations
        first, second = sorted((low, high), key=lambda p: p.t)
        t = _cubic_minimum(first, second, left, right)
        margin = 0.1 * (right - left)
        if min(right - t, t - left) < margin:
            # Close to an end for the second time, or on it: at least a tenth away from it.
            if stuck or t >= right or t <= left:
                t = right - margin if right - t < t - left else left + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        point = evaluate(t)
        if _too_high(point, start) or point.loss >= low.loss:
            low, high = sorted((low, point), key=lambda p: p.loss)
        else:
            if _flat_enough(point, start):
                return point, evaluations + 1
            if point.slope * (high.t - low.t) >= 0:
                high = low
            low = point
    return low, most


def _too_high(point: Point, start: Point) -> bool:
    return point.loss > start.loss + _DECREASE * point.t * start.slope


def _flat_enough(point: Point, start: Point) -> bool:
    return abs(point.slope) <= -_CURVATURE * start.slope


def _cubic_minimum(a: Point, b: Point, low: float, high: float) -> float:
    """The minimum, within bounds, of the cubic with the losses and slopes of two points.

    Nocedal & Wright, equation 3.59.
    """
    first, second = (a, b) if a.t <= b.t else (b, a)
    d1 = first.slope + second.slope - 3 * (first.loss - second.loss) / (first.t - second.t)
    square = d1 * d1 - first.slope * second.slope
    if not square >= 0:
        return (low + high) / 2
    d2 = math.sqrt(square)
    ratio = (second.slope + d2 - d1) / (second.slope - first.slope + 2 * d2)
    if not math.isfinite(ratio):  # where a loss is that large
        return (low + high) / 2
    return min(max(second.t - (second.t - first.t) * ratio, low), high)
