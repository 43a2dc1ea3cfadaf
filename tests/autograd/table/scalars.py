"""Functions of Values."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.special

import autograd.special
from autograd.op import OPERATIONS

from . import special
from .case import (
    ANYWHERE,
    AWAY_FROM_0,
    Spelling,
)


@dataclass(frozen=True)
class ScalarCase:
    """A function of Values, its meaning on NumPy floats, the box it is smooth in, and the
    operation it is about."""

    name: str
    ours: Spelling
    reference: Spelling
    domains: tuple[tuple[float, float], ...]
    covers: str


# What is made of other operations: the one that is its own.
COMPOSED = {"gelu": "normal_cdf", "silu": "sigmoid"}


def _gelu_tanh(x: np.float64) -> np.float64:
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def _scalar_cases() -> Iterable[ScalarCase]:
    boxes: dict[str, tuple[tuple[float, float], ...]] = {
        "log": ((0.5, 4),), "log1p": ((-0.5, 3),), "sqrt": ((0.5, 4),), "tan": ((-1, 1),),
        "relu": ((0.25, 2),), "leaky_relu": ((0.25, 2), ANYWHERE), "elu": ((-2, -0.25), ANYWHERE),
        "abs": ((0.25, 2),), "sign": ((0.25, 2),),
        "divide": (ANYWHERE, AWAY_FROM_0), "power": (AWAY_FROM_0, ANYWHERE),
        "maximum": ((-2, -0.25), (0.25, 2)), "minimum": ((-2, -0.25), (0.25, 2)),
        "reciprocal": ((0.5, 3),), "cbrt": ((0.5, 3),), "log2": ((0.5, 4),), "log10": ((0.5, 4),),
        "arcsin": ((-0.75, 0.75),), "arccos": ((-0.75, 0.75),), "arccosh": ((1.5, 4),),
        "arctanh": ((-0.75, 0.75),), "float_power": (AWAY_FROM_0, ANYWHERE),
        "fmax": ((-2, -0.25), (0.25, 2)), "fmin": ((-2, -0.25), (0.25, 2)),
        "clip_below": ((-2, -0.25), (0.25, 2)), "clip_above": ((-2, -0.25), (0.25, 2)),
        "remainder": ((1.25, 1.75), (1, 1)), "fmod": ((1.25, 1.75), (1, 1)),
        "floor_divide": ((1.25, 1.75), (1, 1)), "copysign": ((0.25, 2),) * 2,
        "heaviside": ((0.25, 2), ANYWHERE), "nextafter": ((0.75, 0.75), (3, 4)),
        "fabs": ((0.25, 2),), "floor": ((0.25, 0.75),), "ceil": ((0.25, 0.75),),
        "trunc": ((0.25, 0.75),), "rint": ((0.75, 1.25),), "spacing": ((0.75, 0.75),),
        "angle": ((0.25, 2),), "fraction": ((0.25, 0.75),),
 "hypot": (AWAY_FROM_0,) * 2, "arctan2": (AWAY_FROM_0,) * 2,
    }  # fmt: skip
    references: dict[str, Spelling] = {
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)) if x >= 0 else np.exp(x) / (1 + np.exp(x)),
        "softplus": lambda x: np.logaddexp(x, 0.0),
        "relu": lambda x: np.maximum(x, 0.0),
        "leaky_relu": lambda x, y: x if x > 0 else y * x,
        "elu": lambda x, y: x if x > 0 else y * np.expm1(x),
        "clip_below": np.maximum,
        "clip_above": np.minimum,
        "fraction": lambda x: np.modf(x)[0],
        "argument": lambda x: x,
        "gelu": lambda x: x * 0.5 * math.erfc(-x * math.sqrt(0.5)),
        "gelu_tanh": _gelu_tanh,
        "silu": lambda x: x / (1 + np.exp(-x)),
        "normal_cdf": lambda x: 0.5 * math.erfc(-x * math.sqrt(0.5)),
    }
    two = (
        "add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "logaddexp",
        "logaddexp2", "hypot", "arctan2", "leaky_relu", "elu", "float_power", "fmax", "fmin",
        "clip_below", "clip_above", "remainder", "fmod", "floor_divide", "copysign",
        "heaviside", "nextafter",
    )  # fmt: skip
    one = (
        "negative", "exp", "expm1", "log", "log1p", "sqrt", "square", "sin", "cos", "tan", "sinh",
        "cosh", "tanh", "sigmoid", "softplus", "relu", "abs", "sign", "reciprocal", "cbrt", "exp2",
        "log2", "log10", "arcsin", "arccos", "arctan", "arcsinh", "arccosh", "arctanh", "degrees",
        "radians", "gelu", "gelu_tanh", "silu", "normal_cdf", "positive",
        "fabs", "sinc", "floor", "ceil", "trunc", "rint", "spacing", "real", "imag", "conjugate",
        "angle", "fraction", "argument",
    )  # fmt: skip
    for name in (*two, *one):
        box = boxes.get(name, (ANYWHERE,) * (2 if name in two else 1))
        reference = references.get(name) or getattr(np, name)
        ours = getattr(autograd, name, None) or OPERATIONS[name]
        yield ScalarCase(name, ours, reference, box, COMPOSED.get(name, name))
    yield ScalarCase("sum_values", lambda *xs: autograd.sum(list(xs)), lambda *xs: np.sum(xs),
                     (ANYWHERE,) * 5, "sum_values")  # fmt: skip
    yield ScalarCase("dot_values", lambda *xs: autograd.dot(xs[:3], xs[3:]),
                     lambda *xs: np.dot(xs[:3], xs[3:]), (ANYWHERE,) * 6, "dot_values")  # fmt: skip
    for name, domain in (special.ONE | special.TWO).items():
        if name != "expit":
            domains = (domain,) * (2 if name in special.TWO else 1)
            reference = getattr(scipy.special, name)
            yield ScalarCase(name, getattr(autograd.special, name), reference, domains, name)


SCALAR_CASES = list(_scalar_cases())
