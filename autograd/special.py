"""Special functions, computed by SciPy and differentiated here, under `scipy.special`'s names.

`scipy.special`'s own ufuncs on Tensors and Values are answered by the same functions. SciPy is
not needed before one of them is called, and not imported before either.

Formulas: NIST Digital Library of Mathematical Functions, chapters 5 to 7 and 10.

>>> from autograd import Tensor, special
>>> x = Tensor([0.0, 1.0], requires_grad=True)
>>> special.erf(x).sum().backward()
>>> x.grad.round(4)
array([1.1284, 0.4151])
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from .declare import elementwise
from .op import Operation
from .ops.complex_parts import sign
from .ops.elementwise import cbrt, exp, exp2, expm1, log, log1p, sigmoid, sin, where
from .protocols import plain, records
from .rules import Rule

__all__ = [
    "beta", "betaln", "cbrt", "cosm1", "digamma", "entr", "erf", "erfc", "erfcinv", "erfcx",
    "erfinv", "exp2", "exp10", "expit", "expm1", "gamma", "gammaln", "i0", "i0e", "i1", "i1e",
    "iv", "ive", "j0", "j1", "jv", "kl_div", "log1p", "log_expit", "log_ndtr", "loggamma", "logit",
    "ndtr", "ndtri", "polygamma", "psi", "rel_entr", "xlog1py", "xlogy",
]  # fmt: skip


def _scipys(name: str) -> ModuleType:
    try:
        import scipy.special
    except ImportError as error:
        raise ImportError(
            f"autograd.special.{name} is computed by SciPy: pip install scipy"
        ) from error
    special: ModuleType = scipy.special
    return special


def _special(
    name: str, *rules: Rule | None, forward: Callable[..., Any] | None = None
) -> Operation:
    """The operation on `scipy.special`'s function `name`, or on `forward`, made of several."""

    def compute(*xs: Any) -> Any:
        special = _scipys(name)
        return getattr(special, name)(*xs) if forward is None else forward(special, *xs)

    def scalar(*xs: float) -> float:
        with np.errstate(all="ignore"):
            return float(compute(*xs))

    return elementwise(compute, scalar, *rules, name=name)


def _unless_zeros(y: Any, *zeros: Any) -> Any:
    """`y` as a divisor, and 1 where all of `zeros` are 0, so that 0 / y is 0 there."""
    both = plain(zeros[0]) == 0
    for zero in zeros[1:]:
        both = both & (plain(zero) == 0)
    return y + both


# --- error functions and the normal distribution ----------------------------------------

_2_OVER_ROOT_PI = 2 / math.sqrt(math.pi)
_ROOT_2_PI = math.sqrt(2 * math.pi)

erf = _special("erf", lambda g, x: g * (_2_OVER_ROOT_PI * exp(-x * x)))
erfc = _special("erfc", lambda g, x: g * (-_2_OVER_ROOT_PI * exp(-x * x)))


def _erfcx_slope(x: Any, out: Any) -> Any:
    slope = 2 * (x * out) - _2_OVER_ROOT_PI
    far = np.real(plain(x)) > 100
    if np.iscomplexobj(plain(x)) or not np.any(far):
        return slope
    # There the two terms cancel; the asymptotic series (Abramowitz & Stegun 7.1.23) does not.
    is_array = hasattr(x, "shape")
    inverse = (1 / (where(far, x, 100.0) if is_array else x)) ** 2
    series = 1 - inverse * (1.5 - inverse * (3.75 - inverse * 13.125))
    series = -0.5 * _2_OVER_ROOT_PI * inverse * series
    return where(far, series, slope) if is_array else series


erfcx = _special("erfcx", lambda g, x, out: g * _erfcx_slope(x, out))
erfinv = _special("erfinv", lambda g, out: g * (exp(out * out) / _2_OVER_ROOT_PI))
erfcinv = _special("erfcinv", lambda g, out: g * (exp(out * out) / -_2_OVER_ROOT_PI))
ndtr = _special("ndtr", lambda g, x: g * (exp(-0.5 * (x * x)) / _ROOT_2_PI))
ndtri = _special("ndtri", lambda g, out: g * (_ROOT_2_PI * exp(0.5 * (out * out))))


def _hazard(special: Any, x: Any) -> Any:
    # Each formula where it neither cancels nor overflows.
    low = special.erfcx(np.where(x < 0, x, 0) * -math.sqrt(0.5))
    high = np.where(x < 0, 0, x)
    density = np.exp(-0.5 * high * high) / _ROOT_2_PI
    return np.where(x < 0, math.sqrt(2 / math.pi) / low, density / special.ndtr(high))


# The derivative of log_ndtr, density over distribution function.
normal_hazard: Operation = _special(
    "normal_hazard", lambda g, x, out: -g * (out * (x + out)), forward=_hazard
)
log_ndtr = _special("log_ndtr", lambda g, x: g * normal_hazard(x))

# --- entropies --------------------------------------------------------------------------

entr = _special("entr", lambda g, x: -g * (log(x) + 1))
xlogy = _special("xlogy", lambda g, y: g * log(y), lambda g, x, y: g * (x / _unless_zeros(y, x, y)))
xlog1py = _special(
    "xlog1py", lambda g, y: g * log1p(y), lambda g, x, y: g * (x / _unless_zeros(1 + y, x, 1 + y))
)
rel_entr = _special(
    "rel_entr",
    lambda g, x, y: g * (log(x / y) + 1),
    lambda g, x, y: -g * (x / _unless_zeros(y, x, y)),
)
kl_div = _special(
    "kl_div",
    lambda g, x, y: g * log(x / y),
    lambda g, x, y: g * (1 - x / _unless_zeros(y, x, y)),
)

# --- logistic, exponential --------------------------------------------------------------

expit = sigmoid
logit = _special("logit", lambda g, x: g / (x * (1 - x)))
log_expit = _special("log_expit", lambda g, x: g * sigmoid(-x))
exp10 = _special("exp10", lambda g, out: g * (math.log(10) * out))
cosm1 = _special("cosm1", lambda g, x: -g * sin(x))

# --- gamma functions --------------------------------------------------------------------


def _constant(name: str, order: Any) -> Any:
    if records(order):
        raise TypeError(f"{name}: there is no derivative by the order: give a plain number")
    return plain(order)


_polygamma: Operation = _special("polygamma", None, lambda g, x, y: g * _polygamma(x + 1, y))


def polygamma(n: Any, x: Any) -> Any:
    """The derivative of order `n`, a whole number from 0, of `digamma` at `x`.

    `scipy.special.polygamma` is no ufunc and cannot be handed a Tensor: use this one.

    Raises:
        TypeError: for an order that records.

    >>> from autograd import Tensor, special
    >>> special.polygamma(1, Tensor([1.0])).numpy().round(4)
    array([1.6449])
    """
    return _polygamma(_constant("polygamma", n), x)


digamma: Operation = _special("digamma", lambda g, x: g * polygamma(1, x))
psi = digamma
gamma = _special("gamma", lambda g, x, out: g * (out * digamma(x)))
gammaln = _special("gammaln", lambda g, x: g * digamma(x))
loggamma = _special("loggamma", lambda g, x: g * digamma(x))
beta = _special(
    "beta",
    lambda g, x, y, out: g * (out * (digamma(x) - digamma(x + y))),
    lambda g, x, y, out: g * (out * (digamma(y) - digamma(x + y))),
)
betaln = _special(
    "betaln",
    lambda g, x, y: g * (digamma(x) - digamma(x + y)),
    lambda g, x, y: g * (digamma(y) - digamma(x + y)),
)

# --- Bessel functions -------------------------------------------------------------------

# By the recurrences that hold at 0 as well, DLMF 10.6.1 and 10.29.1.
_iv: Operation = _special("iv", None, lambda g, x, y: g * (0.5 * (_iv(x - 1, y) + _iv(x + 1, y))))
_ive: Operation = _special(
    "ive",
    None,
    lambda g, x, y, out: g * (0.5 * (_ive(x - 1, y) + _ive(x + 1, y)) - sign(y) * out),
)
_jv: Operation = _special("jv", None, lambda g, x, y: g * (0.5 * (_jv(x - 1, y) - _jv(x + 1, y))))


def iv(v: Any, z: Any) -> Any:
    """The modified Bessel function of the first kind of order `v`, a plain number, at `z`.

    >>> from autograd import Tensor, special
    >>> special.iv(2, Tensor([1.0])).numpy().round(4)
    array([0.1357])
    """
    return _iv(_constant("iv", v), z)


def ive(v: Any, z: Any) -> Any:
    """`iv` times exp(-|z|), for real `z`.

    >>> from autograd import Tensor, special
    >>> special.ive(2, Tensor([1.0])).numpy().round(4)
    array([0.0499])
    """
    if np.iscomplexobj(plain(z)):
        raise TypeError("ive: of a complex number there is no derivative rule: use iv")
    return _ive(_constant("ive", v), z)


def jv(v: Any, z: Any) -> Any:
    """The Bessel function of the first kind of order `v`, a plain number, at `z`.

    >>> from autograd import Tensor, special
    >>> special.jv(2, Tensor([1.0])).numpy().round(4)
    array([0.1149])
    """
    return _jv(_constant("jv", v), z)


i0 = _special("i0", lambda g, x: g * i1(x))
i1: Operation = _special("i1", lambda g, x: g * (0.5 * (i0(x) + _iv(2, x))))
i0e: Operation = _special("i0e", lambda g, x, out: g * (i1e(x) - sign(x) * out))
i1e: Operation = _special(
    "i1e", lambda g, x, out: g * (0.5 * (i0e(x) + _ive(2, x)) - sign(x) * out)
)
j0: Operation = _special("j0", lambda g, x: -g * j1(x))
j1: Operation = _special("j1", lambda g, x: g * (0.5 * (j0(x) - _jv(2, x))))
