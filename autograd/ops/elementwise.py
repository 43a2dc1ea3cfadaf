"""Elementwise operations: forward on arrays, forward on floats, one rule per input.

Formulas: Abramowitz & Stegun, Handbook of Mathematical Functions, chapters 4 and 6.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ..declare import elementwise, operation
from ..graph import Masked
from ..op import NUMPY, Operation
from ..protocols import plain

__all__ = [
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
    "float_power",
    "hypot",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "multiply",
    "negative",
    "positive",
    "power",
    "radians",
    "reciprocal",
    "sigmoid",
    "sin",
    "sinc",
    "sinh",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
    "true_divide",
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
true_divide = divide
negative = elementwise(np.negative, operator.neg, lambda g: -g, symbol="neg")
positive = elementwise(np.positive, operator.pos, lambda g: g)


def _nonzero(x: Any) -> Any:
    """`x` with 1 for its zeros."""
    return x + (plain(x) == 0)


def _power_slope(x: Any, y: Any) -> Any:
    """y * x**(y - 1), and 0 for y = 0 also at x = 0, where it would be 0 * inf."""
    if isinstance(y, (int, float)) and y != 0:
        return 2.0 * x if y == 2 else y * power(x, y - 1)
    both_zero = (plain(x) == 0) & (plain(y) == 0)
    return y * power(x - both_zero * -1, y - 1)  # x - 0 keeps the sign of -0., x + 0 does not


def _log_base(x: Any, out: Any) -> Any:
    """log(x), complex if `out` is, and 0 for x = 0: 0**y is constant for y > 0."""
    if np.iscomplexobj(plain(out)):
        x = x + 0j
    return log(_nonzero(x))


def _raised(x: Any, y: Any) -> Any:
    """x**y; NumPy's operator squares where np.power would take a logarithm.

    It does not know the third and fourth power, which take it a hundred times as long as products.
    """
    few = isinstance(y, (int, float)) and y in (3, 4)
    if few and x.__class__ is np.ndarray and x.dtype in (np.float32, np.float64):
        squares = x * x
        return squares * (x if y == 3 else squares)
    return x**y


power: Operation = elementwise(
    _raised,
    math.pow,
    lambda g, x, y: g * _power_slope(x, y),
    lambda g, x, out: g * (out * _log_base(x, out)),
    name="power",
    numpy=[np.power],
    symbol="**",
)
float_power = elementwise(
    np.float_power,
    math.pow,
    lambda g, x, y: g * _power_slope(x, y),
    lambda g, x, out: g * (out * _log_base(x, out)),
)

# --- exponentials and logarithms --------------------------------------------------------

exp: Operation = elementwise(np.exp, math.exp, lambda g, out: g * out)
expm1 = elementwise(np.expm1, math.expm1, lambda g, x: g * exp(x))
log: Operation = elementwise(np.log, math.log, lambda g, x: g / x)
log1p = elementwise(np.log1p, math.log1p, lambda g, x: g / (1.0 + x))
sqrt: Operation = elementwise(np.sqrt, math.sqrt, lambda g, out: 0.5 * g / out)
square = elementwise(np.square, lambda x: x * x, lambda g, x: 2.0 * g * x)
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

sin: Operation = elementwise(np.sin, math.sin, lambda g, x: g * cos(x))
cos: Operation = elementwise(np.cos, math.cos, lambda g, x: -g * sin(x))
tan = elementwise(np.tan, math.tan, lambda g, out: g * (1.0 + out * out))
sinh: Operation = elementwise(np.sinh, math.sinh, lambda g, x: g * cosh(x))
cosh: Operation = elementwise(np.cosh, math.cosh, lambda g, x: g * sinh(x))
tanh = elementwise(np.tanh, math.tanh, lambda g, out: g * (1.0 - out * out))


def _root(x: Any) -> Any:
    """The root of 1 + x**2."""
    return sqrt(1 + x * x) if np.iscomplexobj(plain(x)) else hypot(x, 1.0)


# 1 - x * x would lose its digits near 1, and x * x + 1 overflow.
arcsin = elementwise(np.arcsin, math.asin, lambda g, x: g / sqrt((1.0 - x) * (1.0 + x)))
arccos = elementwise(np.arccos, math.acos, lambda g, x: -g / sqrt((1.0 - x) * (1.0 + x)))
arctan = elementwise(np.arctan, math.atan, lambda g, x: g / _root(x) / _root(x))
arcsinh = elementwise(np.arcsinh, math.asinh, lambda g, x: g / _root(x))
# One root of the product would be on the wrong branch where the real part is negative.
arccosh = elementwise(np.arccosh, math.acosh, lambda g, x: g / (sqrt(x - 1) * sqrt(x + 1)))
arctanh = elementwise(np.arctanh, math.atanh, lambda g, x: g / ((1.0 - x) * (1.0 + x)))
degrees = elementwise(np.degrees, math.degrees, lambda g: g * (180 / math.pi), numpy=[np.rad2deg])
radians = elementwise(np.radians, math.radians, lambda g: g * (math.pi / 180), numpy=[np.deg2rad])
hypot: Operation = elementwise(
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

# --- sinc -------------------------------------------------------------------------------


def _sinc_derivative(x: Any, y: Any) -> Any:
    """The derivative of order `y` of sin(pi x) / (pi x), exact at 0."""
    order = int(y)
    u = np.pi * np.asarray(x)
    # sin(u) / u is the sum of (-1)**k u**2k / (2k + 1)!, differentiated term by term. Up to
    # |u| = 3, 16 terms reach 1e-17 and the largest, 9/2, loses one digit.
    series = np.zeros_like(u)
    first = (order + 1) // 2
    near = np.where(np.abs(u) <= 3, u, 0)
    for k in range(first + 15, first - 1, -1):
        power = 2 * k - order
        series += (-1) ** k / (math.factorial(power) * (2 * k + 1)) * near**power
    # And u times sin(u) / u is sin(u): Leibniz' rule gives each derivative from the one before.
    far = np.where(np.abs(u) <= 3, 3, u)
    derivative = np.sin(far) / far
    for n in range(1, order + 1):
        derivative = (np.sin(far + n * (np.pi / 2)) - n * derivative) / far
    scale = np.pi**order
    return np.where(np.abs(u) <= 3, series * scale, derivative * scale)


def _sinc_derivative_scalar(x: float, y: float) -> float:
    with np.errstate(all="ignore"):
        return float(_sinc_derivative(x, y))


sinc_derivative: Operation = elementwise(
    _sinc_derivative,
    _sinc_derivative_scalar,
    lambda g, x, y: g * sinc_derivative(x, y + 1),
    None,
    name="sinc_derivative",
)
sinc = elementwise(
    np.sinc,
    lambda x: math.sin(math.pi * x) / (math.pi * x) if x else 1.0,
    lambda g, x: g * sinc_derivative(x, 1),
    numpy=[np.sinc],
)

# --- the logistic function ------------------------------------------------------------------------


def _minus_size(x: Any) -> Any:
    """-|x|; integers as floats, as the least of them has no opposite."""
    return -np.abs(x if np.asarray(x).dtype.kind == "f" else x * 1.0)


def _sigmoid(x: Any) -> Any:
    # exp of a negative number only: nothing overflows, and small results keep their digits.
    if np.iscomplexobj(x):
        small = np.exp(np.where(np.real(x) >= 0, -x, x))
        return np.where(np.real(x) >= 0, 1, small) / (1 + small)
    small = np.exp(_minus_size(x))  # at most 1
    return np.maximum(small, x >= 0) / (1 + small)


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
        if condition.shape != g.shape:
            condition = np.broadcast_to(condition, g.shape)
        # No bit where the condition holds, all of them elsewhere.
        bits = (condition.view(np.int8) - 1).astype(integers)
        bits &= g.view(integers)  # np.where would take three times as long
        return bits.view(g.dtype)
    if np.ndim(condition) == 0 and not hasattr(g, "shape"):
        return 0.0 * g if condition else g
    return where(condition, 0, g)


sigmoid: Operation = elementwise(
    _sigmoid, _sigmoid_scalar, lambda g, out: g * (out * (1.0 - out)), name="sigmoid"
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


@operation(lambda g: g, name="astype", elementwise=True, linear=True)
def cast(x: Any, /, dtype: Any) -> Any:
    return np.asarray(x).astype(dtype)


def astype(x: Any, dtype: Any) -> Any:
    """`x` in another dtype; the gradient comes back in the type of `x`.

    Integers and booleans carry no derivative: as from a comparison, the result is a plain array.

    >>> import autograd
    >>> t = autograd.Tensor([1.5, 2.5], requires_grad=True)
    >>> autograd.astype(t, "float32").dtype
    dtype('float32')
    >>> autograd.astype(t, int)
    array([1, 2])
    """
    dtype = np.dtype(dtype)
    if dtype.kind not in "fc":
        return np.array(plain(x)).astype(dtype)
    return cast(x, dtype)


NUMPY[np.astype] = astype


def _i0(x: Any) -> Any:
    from .. import special

    out = special.i0(x)
    # NumPy's keeps float16, which SciPy's has not.
    return astype(out, "float16") if getattr(x, "dtype", None) == "float16" else out


NUMPY[np.i0] = _i0
