"""Elementwise operations."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd
from autograd.op import OPERATIONS

from ..strategies import (
    Array,
    arrays,
    broadcastable,
    shapes,
)
from .case import (
    ANYWHERE,
    AWAY_FROM_0,
    Example,
    add,
    binary,
    unary,
)

for _name, _low, _high in [
    ("exp", -2, 2), ("expm1", -2, 2), ("log", 0.5, 4), ("log1p", -0.5, 3), ("sqrt", 0.5, 4),
    ("square", -2, 2), ("sin", -4, 4), ("cos", -4, 4), ("tan", -1, 1), ("sinh", -2, 2),
    ("cosh", -2, 2), ("tanh", -2, 2), ("reciprocal", 0.5, 3), ("cbrt", 0.5, 3), ("exp2", -2, 2),
    ("log2", 0.5, 4), ("log10", 0.5, 4), ("arcsin", -0.75, 0.75), ("arccos", -0.75, 0.75),
    ("arctan", 0.25, 2), ("arcsinh", 0.25, 2), ("arccosh", 1.5, 4), ("arctanh", -0.75, 0.75),
    ("degrees", -2, 2), ("radians", -90, 90), ("positive", -2, 2), ("sinc", -2, 2),
]:  # fmt: skip
    add(_name, getattr(autograd, _name), getattr(np, _name), unary(_low, _high), method=_name,
        complex=_name not in ("cbrt", "degrees", "radians"))  # fmt: skip


for _name, _domain in [
    ("logaddexp", ANYWHERE), ("logaddexp2", ANYWHERE), ("hypot", AWAY_FROM_0),
    ("arctan2", AWAY_FROM_0),
]:  # fmt: skip
    add(_name, getattr(autograd, _name), getattr(np, _name), binary(_domain, _domain),
        method=_name)  # fmt: skip

add(
    "negative",
    autograd.negative,
    np.negative,
    unary(*ANYWHERE),
    complex=True,
    operator=lambda x: -x,
)
add("sigmoid", autograd.sigmoid, lambda x: 1 / (1 + np.exp(-x)), unary(-4, 4), protocol=False,
    method="sigmoid", complex=True)  # fmt: skip
add("astype", lambda x: autograd.astype(x, x.dtype), lambda x: x.astype(x.dtype),
    unary(*ANYWHERE), protocol=False)  # fmt: skip

add("copy", lambda x: x.copy(), lambda x: x.copy(), unary(*ANYWHERE), protocol=False)

add("add", autograd.add, np.add, binary(ANYWHERE, ANYWHERE), complex=True,
    operator=lambda x, y: x + y)  # fmt: skip
add("subtract", autograd.subtract, np.subtract, binary(ANYWHERE, ANYWHERE), complex=True,
    operator=lambda x, y: x - y)  # fmt: skip
add("multiply", autograd.multiply, np.multiply, binary(ANYWHERE, ANYWHERE), complex=True,
    operator=lambda x, y: x * y)  # fmt: skip
add("divide", autograd.divide, np.divide, binary(ANYWHERE, AWAY_FROM_0), complex=True,
    operator=lambda x, y: x / y)  # fmt: skip
add("power", autograd.power, np.power, binary(AWAY_FROM_0, ANYWHERE), complex=True,
    operator=lambda x, y: x**y)  # fmt: skip
add("float_power", autograd.float_power, np.float_power, binary(AWAY_FROM_0, ANYWHERE),
    complex=True)  # fmt: skip


@st.composite
def powers(draw: st.DrawFn) -> Example:
    exponent = draw(st.sampled_from([0, 1, 2, 3, 4.0, -1, -2.0, 0.5]))
    low = -2.0 if exponent in (0, 1, 2, 3, 4) else 0.5
    return [draw(arrays(draw(shapes), low, 2.0))], {"exponent": exponent}


add("power by a constant", lambda x, exponent: autograd.power(x, exponent),
    lambda x, exponent: np.power(x, exponent), powers(), covers="power",
    operator=lambda x, exponent: x**exponent)  # fmt: skip


@st.composite
def where_examples(draw: st.DrawFn) -> Example:
    mask_shape, *others = draw(broadcastable(3))
    condition = draw(hnp.arrays(bool, mask_shape))
    return [draw(arrays(shape)) for shape in others], {"condition": condition}


add("where", lambda x, y, condition: autograd.where(condition, x, y),
    lambda x, y, condition: np.where(condition, x, y), where_examples(), complex=True)  # fmt: skip
add("argument", OPERATIONS["argument"], lambda x: x, unary(*ANYWHERE), protocol=False, complex=True)


@st.composite
def with_order(draw: st.DrawFn) -> Example:
    return [draw(arrays(draw(shapes), -2, 2))], {"order": draw(st.integers(0, 2))}


def _sinc_derivative(x: Array, order: int) -> Array:
    """By the mean over s in [0, 1] of the derivatives of cos(pi x s), with Gauss' rule."""
    nodes, weights = np.polynomial.legendre.leggauss(24)
    s = (nodes.reshape(-1, *[1] * x.ndim) + 1) / 2
    angles = np.pi * x * s + order * np.pi / 2
    waves = (np.pi * s) ** order * np.cos(angles)
    return np.asarray(np.tensordot(weights / 2, waves, 1), x.dtype)


add("sinc_derivative", lambda x, order: OPERATIONS["sinc_derivative"](x, order), _sinc_derivative,
    with_order(), protocol=False)  # fmt: skip
