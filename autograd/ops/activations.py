"""Activation functions of neural networks.

`sigmoid` and `tanh` are among the elementwise functions, `softmax` among the reductions.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..declare import elementwise
from ..op import Operation
from ..protocols import plain
from .elementwise import (
    _minus_size,
    _sigmoid,
    _sigmoid_scalar,
    _unless,
    exp,
    expm1,
    multiply,
    sigmoid,
)
from .piecewise import maximum, minimum

__all__ = ["elu", "gelu", "leaky_relu", "relu", "silu", "softplus"]


def _softplus_scalar(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x))) if x == x else x


def _softplus(x: Any) -> Any:
    if np.iscomplexobj(x):
        raise TypeError("complex numbers: take log(1 + exp(x))")
    # What np.logaddexp takes ten times as long for.
    return np.maximum(x, 0) + np.log1p(np.exp(_minus_size(x)))


softplus = elementwise(
    _softplus,
    _softplus_scalar,
    lambda g, x: g * sigmoid(x),
    name="softplus",
)


def _positive_part(x: Any) -> Any:
    # NumPy's maximum of an array and a number takes three times what its clip does, once the array
    # is large enough for the call itself not to matter.
    if x.__class__ is np.ndarray and x.size > 3000 and x.dtype.kind == "f":
        positive = x.clip(0, np.inf)
        return np.abs(positive, positive)  # it keeps -0.
    return np.maximum(x, 0)


relu = elementwise(
    _positive_part,
    lambda x: 0.0 if x < 0 else x,
    lambda g, out: _unless(plain(out) <= 0, g),
    name="relu",
    symbol="ReLU",
)

# --- with a slope or scale, which may record as well ------------------------------------


def _leaky(x: Any, y: Any) -> Any:
    if isinstance(y, float) and 0 < y <= 1:
        return np.maximum(x, y * x)
    # The negative part is taken first, so that what a positive entry has no use for cannot
    # overflow.
    return np.where(x > 0, x, y * np.minimum(x, 0))


_leaky_relu = elementwise(
    _leaky,
    lambda x, y: x if x > 0 else y * x,
    lambda g, x, y: _either(plain(x) > 0, g, g * y),
    lambda g, x: g * minimum(x, 0.0),
    name="leaky_relu",
)


def _elu_array(x: Any, y: Any) -> Any:
    if isinstance(y, float) and math.isfinite(y):
        return np.maximum(x, -0.0) + y * np.expm1(np.minimum(x, 0))
    return np.where(x > 0, x, y * np.expm1(np.minimum(x, 0)))


_elu: Operation = elementwise(
    _elu_array,
    lambda x, y: x if x > 0 else y * math.expm1(x),
    lambda g, x, y: _either(plain(x) > 0, g, g * (y * exp(minimum(x, 0.0)))),
    lambda g, x: g * expm1(minimum(x, 0.0)),
    name="elu",
)


def _either(condition: Any, g: Any, h: Any) -> Any:
    """`g` where `condition`, else `h`; on floats and Values too."""
    return _unless(np.logical_not(condition), g) + _unless(condition, h)


def leaky_relu(x: Any, negative_slope: Any = 0.01) -> Any:
    """`x` where it is positive, else `negative_slope * x`; at 0 its derivative is the slope.

    The slope is a number or an array, and may record: it is then learned (PReLU).

    >>> import autograd
    >>> autograd.leaky_relu(autograd.Tensor([-2.0, 3.0]), 0.1).numpy()
    array([-0.2,  3. ])
    """
    return _leaky_relu(x, negative_slope)


def elu(x: Any, alpha: Any = 1.0) -> Any:
    """`x` where it is positive, else `alpha * (exp(x) - 1)`; at 0 its derivative is `alpha`.

    Clevert, Unterthiner, Hochreiter 2016, Fast and accurate deep network learning by exponential
    linear units. `alpha` is a number or an array, and may record.

    >>> import autograd
    >>> autograd.elu(autograd.Tensor([-1.0, 3.0])).numpy().round(4)
    array([-0.6321,  3.    ])
    """
    return _elu(x, alpha)


# --- gated by a smooth step -------------------------------------------------------------

# Hart et al. 1968, Computer Approximations, ERFC 5708, in the form of West 2005, Better
# approximations to cumulative normal functions: for x >= 0 the distribution function at -x is
# exp(-x**2 / 2) * P(x) / Q(x), within 3e-16, here with the highest power first. For large x the
# quotient tends to 1 / (sqrt(2 pi) x), as it should.
_P = (3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383,
      112.079291497871, 221.213596169931, 220.206867912376)  # fmt: skip
_Q = (8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461,
      296.564248779674, 637.333633378831, 793.826512519948, 440.413735824752)  # fmt: skip


def _polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    total = coefficients[0] * x + coefficients[1]
    for coefficient in coefficients[2:]:
        total *= x
        total += coefficient
    return total


def _normal_cdf(x: Any) -> Any:
    x = np.asarray(x)
    if x.dtype == np.float16:  # which the polynomials overflow
        return _normal_cdf(x.astype(np.float32)).astype(np.float16)
    # Beyond 40 it is 0 or 1 to the last digit in float64, and no power overflows in float32.
    distance = np.minimum(np.abs(x), 40)
    tail = np.exp(-0.5 * distance * distance)
    tail *= _polynomial(_P, distance) / _polynomial(_Q, distance)
    return np.abs((x > 0) - tail)  # where x is positive 1 - tail, else tail


normal_cdf = elementwise(
    _normal_cdf,
    lambda x: 0.5 * math.erfc(-x * math.sqrt(0.5)),
    lambda g, x: g * (exp(-0.5 * (x * x)) * (1 / math.sqrt(2 * math.pi))),
    name="normal_cdf",
)

# Hendrycks, Gimpel 2016, Gaussian error linear units: x (1 + tanh(u)) / 2 with
# u = sqrt(2 / pi) (x + 0.044715 x**3), and (1 + tanh(u)) / 2 is sigmoid(2 u).
_LINEAR = 2 * math.sqrt(2 / math.pi)
_CUBIC = 0.044715 * _LINEAR


def _gelu_tanh_slope(x: Any) -> Any:
    x = minimum(maximum(x, -30.0), 30.0)  # where it has long been 0 or 1, and nothing overflows
    square = x * x
    step = sigmoid(x * (_LINEAR + _CUBIC * square))
    return step * (1 + x * (1 - step) * (_LINEAR + 3 * _CUBIC * square))


_gelu_tanh: Operation = elementwise(
    lambda x: x * _sigmoid(x * (_LINEAR + _CUBIC * (x * x))),
    lambda x: x * _sigmoid_scalar(x * (_LINEAR + _CUBIC * (x * x))),
    lambda g, x: g * _gelu_tanh_slope(x),
    name="gelu_tanh",
)


def gelu(x: Any, approximate: str = "none") -> Any:
    """`x` times the normal distribution function at `x`.

    Args:
        x: the array.
        approximate: "none", or "tanh" for the formula with tanh that some models were trained
            with; it differs by up to 5e-4.

    Raises:
        ValueError: for another `approximate`.

    >>> import autograd
    >>> autograd.gelu(autograd.Tensor([-1.0, 1.0])).numpy().round(4)
    array([-0.1587,  0.8413])
    """
    if approximate == "tanh":
        return _gelu_tanh(x)
    if approximate != "none":
        raise ValueError(f"gelu: approximate={approximate!r} is unknown: use 'none' or 'tanh'")
    return multiply(x, normal_cdf(x))


def silu(x: Any) -> Any:
    """`x` times `sigmoid(x)`, also called swish.

    >>> import autograd
    >>> autograd.silu(autograd.Tensor([-1.0, 1.0])).numpy().round(4)
    array([-0.2689,  0.7311])
    """
    return multiply(x, sigmoid(x))
