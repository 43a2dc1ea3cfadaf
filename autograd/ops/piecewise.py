"""Functions made of pieces: extremes, bounds, rounding, remainders, signs and binary digits.

Ties share a gradient equally, except that a number at the bound it is clipped to keeps all of it.
What is constant between its jumps has no derivative and records nothing.
"""

from __future__ import annotations

import builtins
import math
import operator
from typing import Any

import numpy as np

from ..declare import elementwise, operation
from ..op import NUMPY, Operation
from ..protocols import plain
from .complex_parts import imag, is_complex, real, sign
from .elementwise import _unless

__all__ = [
    "ceil",
    "clip",
    "copysign",
    "divmod",
    "fix",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "frexp",
    "heaviside",
    "ldexp",
    "maximum",
    "minimum",
    "mod",
    "modf",
    "nan_to_num",
    "nextafter",
    "remainder",
    "rint",
    "round",
    "spacing",
    "trunc",
]

# --- extremes and bounds ----------------------------------------------------------------


def _first_wins(g: Any, first: Any, second: Any) -> Any:
    """The share of `g` for `first` where the larger of the two is taken."""
    first, second = plain(first), plain(second)
    return _unless(first < second, g * (1 - 0.5 * (first == second)))


def _first_wins_or_alone(g: Any, first: Any, second: Any, nans: Any) -> Any:
    """The same where a nan among the two `nans`, in this order, loses."""
    left, right = np.isnan(plain(nans[0])), np.isnan(plain(nans[1]))
    return _unless(left & ~right, _first_wins(g, first, second))


maximum = elementwise(
    np.maximum,
    lambda x, y: x if x > y or x != x else y,
    lambda g, x, y: _first_wins(g, x, y),
    lambda g, x, y: _first_wins(g, y, x),
)
minimum = elementwise(
    np.minimum,
    lambda x, y: x if x < y or x != x else y,
    lambda g, x, y: _first_wins(g, y, x),
    lambda g, x, y: _first_wins(g, x, y),
)
fmax = elementwise(
    np.fmax,
    lambda x, y: x if x > y or y != y else y,
    lambda g, x, y: _first_wins_or_alone(g, x, y, (x, y)),
    lambda g, x, y: _first_wins_or_alone(g, y, x, (y, x)),
)
fmin = elementwise(
    np.fmin,
    lambda x, y: x if x < y or y != y else y,
    lambda g, x, y: _first_wins_or_alone(g, y, x, (x, y)),
    lambda g, x, y: _first_wins_or_alone(g, x, y, (y, x)),
)

_clip_below = elementwise(
    np.maximum,
    lambda x, y: y if x < y or y != y else x,
    lambda g, x, y: _unless(plain(x) < plain(y), g),
    lambda g, x, y: _unless(plain(x) >= plain(y), g),
    name="clip_below",
)
_clip_above = elementwise(
    np.minimum,
    lambda x, y: y if x > y or y != y else x,
    lambda g, x, y: _unless(plain(x) > plain(y), g),
    lambda g, x, y: _unless(plain(x) <= plain(y), g),
    name="clip_above",
)


def clip(x: Any, min: Any = None, max: Any = None) -> Any:
    """`x` within bounds, numbers or arrays, which may record too; None: no bound on that side.

    At a bound the derivative by `x` is 1.

    >>> import autograd
    >>> x = autograd.Tensor([-1.0, 0.5, 2.0], requires_grad=True)
    >>> autograd.clip(x, 0.0, 2.0).sum().backward()
    >>> x.grad
    array([0., 1., 1.])
    """
    if min is not None:
        x = _clip_below(x, min)
    return x if max is None else _clip_above(x, max)


def _numpys_clip(
    a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None
) -> Any:
    """The same with the names of `np.clip`, old and new."""
    if (a_min is not None or a_max is not None) and (min is not None or max is not None):
        raise ValueError(
            "np.clip: give the bounds by position, or as min= and max=, not in both ways"
        )
    return clip(a, a_min if min is None else min, a_max if max is None else max)


NUMPY[np.clip] = _numpys_clip

# --- rounding ---------------------------------------------------------------------------

floor = elementwise(np.floor, lambda x: float(math.floor(x)), None)
ceil = elementwise(np.ceil, lambda x: float(math.ceil(x)), None)
trunc = elementwise(np.trunc, lambda x: float(math.trunc(x)), None, numpy=[np.fix])
fix = trunc
rint: Operation = elementwise(np.rint, lambda x: math.copysign(float(builtins.round(x)), x), None)
spacing = elementwise(np.spacing, lambda x: float(np.spacing(x)), None)
nextafter = elementwise(np.nextafter, math.nextafter, lambda g: g, None)


@operation(None, elementwise=True, numpy=[np.round, np.around])
def round(x: Any, /, decimals: int = 0) -> Any:
    """`x` rounded to `decimals` places, as `numpy.round`; records nothing."""
    return np.round(x, decimals)


# --- remainders -------------------------------------------------------------------------

floor_divide = elementwise(np.floor_divide, operator.floordiv, None, None, symbol="//")
remainder = elementwise(
    np.remainder,
    operator.mod,
    lambda g: g,
    lambda g, x, y: -g * floor_divide(x, y),
    symbol="%",
)
mod = remainder
fmod = elementwise(np.fmod, math.fmod, lambda g: g, lambda g, x, y: -g * trunc(x / y))


def divmod(x: Any, y: Any) -> tuple[Any, Any]:
    """`(x // y, x % y)`, as `numpy.divmod`.

    >>> import autograd
    >>> [part.numpy() for part in autograd.divmod(autograd.Tensor([7.0]), 3.0)]
    [array([2.]), array([1.])]
    """
    return floor_divide(x, y), remainder(x, y)


def modf(x: Any) -> tuple[Any, Any]:
    """The fractional and the integral part, both with the sign of `x`, as `numpy.modf`.

    >>> import autograd
    >>> [part.numpy() for part in autograd.modf(autograd.Tensor([-1.25]))]
    [array([-0.25]), array([-1.])]
    """
    return _fraction(x), trunc(x)


_fraction = elementwise(
    lambda x: np.modf(x)[0], lambda x: math.modf(x)[0], lambda g: g, name="fraction"
)
NUMPY |= {np.divmod: divmod, np.modf: modf}

# --- signs, digits and numbers that are none --------------------------------------------

copysign = elementwise(
    np.copysign, math.copysign, lambda g, x, out: g * (sign(x) * sign(out)), None
)
heaviside = elementwise(
    np.heaviside,
    lambda x, y: float(x > 0) if x < 0 or x > 0 else y if x == x else x,
    None,
    lambda g, x: _unless(np.not_equal(plain(x), 0), g),
)


def _ldexp(x: Any, y: Any) -> Any:
    y = np.asarray(y)
    whole = y.astype(int) if y.dtype.kind == "f" and np.all(y == np.floor(y)) else y
    return np.ldexp(x, whole)  # which says so where y is not whole


ldexp: Operation = elementwise(
    _ldexp,
    lambda x, y: math.ldexp(x, int(y)),
    lambda g, y: ldexp(g, y),
    None,
    name="ldexp",
    numpy=[np.ldexp],
)


def frexp(x: Any) -> tuple[Any, Any]:
    """The mantissa, between 1/2 and 1 in size, and the exponent of 2, a plain integer array.

    >>> import autograd
    >>> mantissa, exponent = autograd.frexp(autograd.Tensor([6.0]))
    >>> mantissa.numpy(), exponent
    (array([0.75]), array([3], dtype=int32))
    """
    exponent = np.frexp(plain(x))[1]
    return ldexp(x, -exponent), exponent


NUMPY[np.frexp] = frexp


@operation(lambda g, x: _unless(~np.isfinite(plain(x)), g), name="nan_to_num", elementwise=True)
def _nan_to_num(x: Any, /, nan: Any, posinf: Any, neginf: Any) -> Any:
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


def nan_to_num(x: Any, *, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """`x` with numbers for nan and the infinities, as `numpy.nan_to_num`; gradient 0 there.

    >>> import autograd
    >>> autograd.nan_to_num(autograd.Tensor([1.0, float("nan")])).numpy()
    array([1., 0.])
    """
    if is_complex(x):
        parts = [_nan_to_num(part, nan, posinf, neginf) for part in (real(x), imag(x))]
        return parts[0] + 1j * parts[1]
    return _nan_to_num(x, nan, posinf, neginf)


NUMPY[np.nan_to_num] = nan_to_num
