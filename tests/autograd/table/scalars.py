"""Functions of Values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

import autograd

from .case import (
    ANYWHERE,
    AWAY_FROM_0,
    Spelling,
)


@dataclass(frozen=True)
class ScalarCase:
    """A function of Values, its meaning on NumPy floats, and the box it is smooth in."""

    name: str
    ours: Spelling
    reference: Spelling
    domains: tuple[tuple[float, float], ...]


def _scalar_cases() -> Iterable[ScalarCase]:
    boxes: dict[str, tuple[tuple[float, float], ...]] = {
        "log": ((0.5, 4),), "log1p": ((-0.5, 3),), "sqrt": ((0.5, 4),), "tan": ((-1, 1),),
        "relu": ((0.25, 2),), "abs": ((0.25, 2),), "sign": ((0.25, 2),),
        "divide": (ANYWHERE, AWAY_FROM_0), "power": (AWAY_FROM_0, ANYWHERE),
        "maximum": ((-2, -0.25), (0.25, 2)), "minimum": ((-2, -0.25), (0.25, 2)),
        "reciprocal": ((0.5, 3),), "cbrt": ((0.5, 3),), "log2": ((0.5, 4),), "log10": ((0.5, 4),),
        "arcsin": ((-0.75, 0.75),), "arccos": ((-0.75, 0.75),), "arccosh": ((1.5, 4),),
        "arctanh": ((-0.75, 0.75),), "hypot": (AWAY_FROM_0,) * 2, "arctan2": (AWAY_FROM_0,) * 2,
    }  # fmt: skip
    references: dict[str, Spelling] = {
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)) if x >= 0 else np.exp(x) / (1 + np.exp(x)),
        "softplus": lambda x: np.logaddexp(x, 0.0),
        "relu": lambda x: np.maximum(x, 0.0),
    }
    two = (
        "add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "logaddexp",
        "logaddexp2", "hypot", "arctan2",
    )  # fmt: skip
    one = (
        "negative", "exp", "expm1", "log", "log1p", "sqrt", "square", "sin", "cos", "tan", "sinh",
        "cosh", "tanh", "sigmoid", "softplus", "relu", "abs", "sign", "reciprocal", "cbrt", "exp2",
        "log2", "log10", "arcsin", "arccos", "arctan", "arcsinh", "arccosh", "arctanh", "degrees",
        "radians",
    )  # fmt: skip
    for name in (*two, *one):
        box = boxes.get(name, (ANYWHERE,) * (2 if name in two else 1))
        reference = references.get(name) or getattr(np, name)
        yield ScalarCase(name, getattr(autograd, name), reference, box)
    yield ScalarCase("sum_values", lambda *xs: autograd.sum(list(xs)), lambda *xs: np.sum(xs),
                     (ANYWHERE,) * 5)  # fmt: skip
    yield ScalarCase("dot_values", lambda *xs: autograd.dot(xs[:3], xs[3:]),
                     lambda *xs: np.dot(xs[:3], xs[3:]), (ANYWHERE,) * 6)  # fmt: skip


SCALAR_CASES = list(_scalar_cases())
