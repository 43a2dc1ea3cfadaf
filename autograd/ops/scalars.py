"""Operations on any number of Values: one node where a chain of + and * would take many."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Sequence
from operator import mul
from typing import Any

import numpy as np

from ..declare import operation
from ..handles import Handles


def _total(*xs: float) -> float:
    return float(builtins.sum(xs))


def _dot_scalar(*xs: float) -> float:
    half = len(xs) // 2
    return float(builtins.sum(map(mul, xs[:half], xs[half:])))


def _swap_halves(xs: Sequence[float]) -> Sequence[float]:
    half = len(xs) // 2
    return [*xs[half:], *xs[:half]]


@operation(
    lambda g: g,
    scalar=_total,
    scalar_factors=lambda xs: (1.0,) * len(xs),
    symbol="sum",
)
def sum_values(*xs: Any) -> Any:
    """The sum of Values and numbers."""
    return np.sum(xs)


@operation(
    lambda g, xs, i: g * xs[(i + len(xs) // 2) % len(xs)],
    scalar=_dot_scalar,
    scalar_factors=_swap_halves,
    symbol="dot",
)
def dot_values(*xs: Any) -> Any:
    """The sum of products of the first half of the operands with the second half."""
    half = len(xs) // 2
    return np.dot(xs[:half], xs[half:])


def has_values(xs: Any) -> bool:
    """Whether `xs` is a list or tuple with a Value in it."""
    if not isinstance(xs, (list, tuple)):
        return False
    value = Handles.value
    for x in xs:  # noqa: SIM110  (a generator costs more than most of these loops)
        if isinstance(x, value):
            return True
    return False


def dot_lists(xs: Sequence[Any], ys: Iterable[Any]) -> Any:
    """The inner product of two lists of Values and numbers, as one node."""
    ys = list(ys)
    if len(xs) != len(ys):
        raise ValueError(f"dot: {len(xs)} and {len(ys)} numbers: give two lists of the same length")
    return dot_values.on_values([*xs, *ys])
