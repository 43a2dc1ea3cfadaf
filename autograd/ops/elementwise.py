"""Elementwise operations: forward on arrays, forward on floats, one rule per input.

Formulas: Abramowitz & Stegun, Handbook of Mathematical Functions, chapters 4 and 6.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ..declare import Elementwise, elementwise, operation
from ..graph import Masked
from ..op import NUMPY
from ..protocols import plain

__all__ = [
    "abs",
    "add",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "astype",
    "cbrt",
    "copy",
    "cos",
    "cosh",
    "degrees",
    "divide",
    "exp",
    "exp2",
    "expm1",
    "hypot",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "power",
    "radians",
    "reciprocal",
    "relu",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softplus",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
    "where",
]

_LN2 = math.log(2)
_LN10 = math.log(10)

# --- arithmetic -------------------------------------------------------------------------

add = elementwise(np.add, operator.add, lambda g: g, lambda g: g, symbol="+")
subtract = elementwise(np.subtract, operator.sub, lambda g: g, lambda g: -g, symbol="-")
multiply = elementwise(
    np.multiply, operator.mul, lambda g, y: g * y, lambda g, x: g * x, symbol="*"
)
divide = elementwise(
    np.divide, operator.truediv, lambda g, y: g / y, lambda g, y, out: -g * out / y, symbol="/"
)
negative = elementwise(np.negative, operator.neg, lambda g: -g, symbol="neg")


def _nonzero(x: Any) -> Any:
    """`x` with 1 for its zeros."""
    return x + (plain(x) == 0)


def _power_slope(x: Any, y: Any) -> Any:
    """y * x**(y - 1), and 0 for y = 0 also at x = 0, where it would be 0 * inf."""
    both_zero = (plain(x) == 0) & (plain(y) == 0)
    return y * power(x + both_zero, y - 1)


power: Elementwise = elementwise(
    operator.pow,  # NumPy's operator squares where np.power would take a logarithm
    math.pow,
    lambda g, x, y: g * _power_slope(x, y),
    # 0**y is constant for y > 0, where out * log(x) would be nan.
    lambda g, x, out: g * (out * log(_nonzero(x))),
    name="power",
    numpy=[np.power],
    symbol="**",
)

# --- exponentials and logarithms --------------------------------------------------------

exp: Elementwise = elementwise(np.exp, math.exp, lambda g, out: g * out)
expm1 = elementwise(np.expm1, math.expm1, lambda g, x: g * exp(x))
log: Elementwise = elementwise(np.log, math.log, lambda g, x: g / x)
log1p = elementwise(np.log1p, math.log1p, lambda g, x: g / (1 + x))
sqrt: Elementwise = elementwise(np.sqrt, math.sqrt, lambda g, out: 0.5 * g / out)
square = elementwise(np.square, lambda x: x * x, lambda g, x: 2 * g * x)
reciprocal = elementwise(np.reciprocal, lambda x: 1 / x, lambda g, out: -g * (out * out))
cbrt = elementwise(np.cbrt, math.cbrt, lambda g, out: g / (3 * (out * out)))
exp2 = elementwise(np.exp2, math.exp2, lambda g, out: g * (out * _LN2))
log2 = elementwise(np.log2, math.log2, lambda g, x: g / (x * _LN2))
log10 = elementwise(np.log10, math.log10, lambda g, x: g / (x * _LN10))


def _logaddexp_scalar(x: float, y: float) -> float:
    if x == y:  # also where both are infinite
        return x + _LN2
    return max(x, y) + math.log1p(math.exp(-math.fabs(x - y)))


def _logaddexp2_scalar(x: float, y: float) -> float:
    if x == y:
        return x + 1
    return max(x, y) + math.log1p(math.exp2(-math.fabs(x - y))) / _LN2


logaddexp = elementwise(
    np.logaddexp,
    _logaddexp_scalar,
    lambda g, x, y: g * sigmoid(x - y),
    lambda g, x, y: g * sigmoid(y - x),
)
logaddexp2 = elementwise(
    np.logaddexp2,
    _logaddexp2_scalar,
    lambda g, x, y: g * sigmoid((x - y) * _LN2),
    lambda g, x, y: g * sigmoid((y - x) * _LN2),
)

# --- trigonometric and hyperbolic -------------------------------------------------------

sin: Elementwise = elementwise(np.sin, math.sin, lambda g, x: g * cos(x))
cos: Elementwise = elementwise(np.cos, math.cos, lambda g, x: -g * sin(x))
tan = elementwise(np.tan, math.tan, lambda g, out: g * (1 + out * out))
sinh: Elementwise = elementwise(np.sinh, math.sinh, lambda g, x: g * cosh(x))
cosh: Elementwise = elementwise(np.cosh, math.cosh, lambda g, x: g * sinh(x))
tanh = elementwise(np.tanh, math.tanh, lambda g, out: g * (1 - out * out))

# 1 - x * x would lose its digits near 1, and x * x + 1 overflow.
arcsin = elementwise(np.arcsin, math.asin, lambda g, x: g / sqrt((1 - x) * (1 + x)))
arccos = elementwise(np.arccos, math.acos, lambda g, x: -g / sqrt((1 - x) * (1 + x)))
arctan = elementwise(np.arctan, math.atan, lambda g, x: g / hypot(x, 1.0) / hypot(x, 1.0))
arcsinh = elementwise(np.arcsinh, math.asinh, lambda g, x: g / hypot(x, 1.0))
arccosh = elementwise(np.arccosh, math.acosh, lambda g, x: g / sqrt((x - 1) * (x + 1)))
arctanh = elementwise(np.arctanh, math.atanh, lambda g, x: g / ((1 - x) * (1 + x)))
degrees = elementwise(np.degrees, math.degrees, lambda g: g * (180 / math.pi), numpy=[np.rad2deg])
radians = elementwise(np.radians, math.radians, lambda g: g * (math.pi / 180), numpy=[np.deg2rad])
hypot: Elementwise = elementwise(
    np.hypot,
    math.hypot,
    # At out = 0 both inputs are 0 as well: the gradient is defined as 0 there.
    lambda g, x, out: g * (x / _nonzero(out)),
    lambda g, y, out: g * (y / _nonzero(out)),
)
arctan2 = elementwise(
    np.arctan2,
    math.atan2,
    lambda g, x, y: g * (y / hypot(x, y)) / hypot(x, y),
    lambda g, x, y: -g * (x / hypot(x, y)) / hypot(x, y),
)

# --- activations ------------------------------------------------------------------------


def _sigmoid(x: Any) -> Any:
    # exp of a negative number only: nothing overflows, and small results keep their digits.
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small).astype(small.dtype) / (1 + small)


def _sigmoid_scalar(x: float) -> float:
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    small = math.exp(x)
    return small / (1 + small)


_INTEGERS = {np.dtype(f"f{n}"): np.dtype(f"i{n}") for n in (2, 4, 8)}


def _unless(condition: Any, g: Any) -> Any:
    """`g`, and exactly 0 where `condition`, also where g is inf or nan."""
    if g.__class__ is np.ndarray:
        integers = _INTEGERS.get(g.dtype)
        if integers is None:
            return np.where(condition, 0, g)
        bits = condition.astype(integers)
        bits -= 1  # no bit where the condition holds, all of them elsewhere
        bits &= g.view(integers)  # np.where would take three times as long
        return bits.view(g.dtype)
    if np.ndim(condition) == 0 and not hasattr(g, "shape"):
        return 0.0 * g if condition else g
    return where(condition, 0, g)


def _softplus_scalar(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x))) if x == x else x


sigmoid: Elementwise = elementwise(
    _sigmoid, _sigmoid_scalar, lambda g, out: g * (out * (1 - out)), name="sigmoid"
)
softplus = elementwise(
    lambda x: np.logaddexp(x, np.zeros((), getattr(x, "dtype", None))),
    _softplus_scalar,
    lambda g, x: g * sigmoid(x),
    name="softplus",
)
relu = elementwise(
    lambda x: np.maximum(x, 0),
    lambda x: 0.0 if x < 0 else x,
    lambda g, out: _unless(plain(out) <= 0, g),
    name="relu",
    symbol="ReLU",
)

# --- piecewise: ties shared equally, 0 at a kink ----------------------------------------


def _sign_scalar(x: float) -> float:
    return math.copysign(1.0, x) if x < 0 or x > 0 else x


def _first_wins(g: Any, first: Any, second: Any) -> Any:
    """The share of `g` for `first` where the larger of the two is taken."""
    first, second = plain(first), plain(second)
    return _unless(first < second, g * (1 - 0.5 * (first == second)))


def _direction(x: Any) -> Any:
    """sign(x); of a complex number, as |x| is not holomorphic, its conjugate."""
    direction = sign(x)
    dtype = getattr(direction, "dtype", None)
    return direction if dtype is None or dtype.kind != "c" else np.conjugate(direction)


def _maximum_scalar(x: float, y: float) -> float:
    return x if x > y or x != x else y


def _minimum_scalar(x: float, y: float) -> float:
    return x if x < y or x != x else y


sign: Elementwise = elementwise(np.sign, _sign_scalar, None)
abs = elementwise(np.absolute, math.fabs, lambda g, x: g * _direction(x), name="abs")
maximum = elementwise(
    np.maximum,
    _maximum_scalar,
    lambda g, x, y: _first_wins(g, x, y),
    lambda g, x, y: _first_wins(g, y, x),
)
minimum = elementwise(
    np.minimum,
    _minimum_scalar,
    lambda g, x, y: _first_wins(g, y, x),
    lambda g, x, y: _first_wins(g, x, y),
)

# --- selection and conversion -----------------------------------------------------------


def _only_where(condition: np.ndarray, g: Any) -> Masked:
    """`g` where `condition`, and the mask it lives on."""
    return Masked(where(condition, g, 0), np.broadcast_to(condition, g.shape))


@operation(
    lambda g, condition: _only_where(condition, g),
    lambda g, condition: _only_where(~condition, g),
    name="where",
    elementwise=True,
    linear=True,
    hint="condition, x and y must broadcast to one shape",
)
def _where(x: Any, y: Any, /, condition: np.ndarray) -> Any:
    return np.where(condition, x, y)


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """`x` where `condition`, else `y`; the branch that is not taken contributes exactly nothing.

    With the condition alone, the indices where it is true, as `numpy.where`.

    >>> import autograd
    >>> x = autograd.Tensor([0.0, 4.0], requires_grad=True)
    >>> autograd.where(x.data > 0, autograd.sqrt(x), 0.0).sum().backward()
    >>> x.grad
    array([0.  , 0.25])
    """
    condition = np.asarray(plain(condition))
    if x is None and y is None:
        return np.nonzero(condition)
    return _where(x, y, condition=condition.astype(bool))


NUMPY[np.where] = where


argument = elementwise(lambda x: x, lambda x: x, lambda g: g, name="argument")
"""The identity: what `grad` and its like call a function with, a node of its own."""


@operation(lambda g: g, elementwise=True, linear=True, numpy=[np.copy])
def copy(x: Any, /) -> Any:
    """The same entries in memory of their own."""
    return np.array(x)


@operation(lambda g: g, elementwise=True, linear=True, numpy=[np.astype])
def astype(x: Any, /, dtype: Any) -> Any:
    """`x` in another floating type; the gradient comes back in the type of `x`."""
    return np.asarray(x).astype(dtype)
