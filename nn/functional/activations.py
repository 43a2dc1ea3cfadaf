"""Activation functions; PyTorch's names, arguments and defaults, and its slopes at the kinks."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import abs as absolute
from autograd import elu as elu
from autograd import gelu as gelu
from autograd import leaky_relu as leaky_relu
from autograd import log_softmax as _log_softmax
from autograd import operation, reshape, split, where
from autograd import relu as relu
from autograd import sigmoid as sigmoid
from autograd import silu as silu
from autograd import softmax as _softmax
from autograd import softplus as _softplus
from autograd import tanh as tanh

from ..init import generator_or_default
from .checks import array, plain

# --- piecewise linear -------------------------------------------------------------------


@operation(
    lambda g, x, low, high: where((plain(x) > low) & (plain(x) < high), g, 0),
    name="hardtanh",
    elementwise=True,
)
def _hardtanh(x: Any, /, low: float, high: float) -> Any:
    return np.clip(x, low, high)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """The input between the two bounds, a bound beyond it; slope 0 at the bounds.

    Raises:
        ValueError: for bounds in the wrong order.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.hardtanh(np.array([-3.0, 0.5, 3.0]))
    array([-1. ,  0.5,  1. ])
    """
    if not min_val < max_val:
        raise ValueError(f"hardtanh: min_val {min_val} is not below max_val {max_val}")
    return _hardtanh(array(input), low=min_val, high=max_val)


def relu6(input: Any) -> Any:
    """min(max(x, 0), 6) (Krizhevsky, 2010).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.relu6(np.array([-1.0, 3.0, 8.0]))
    array([0., 3., 6.])
    """
    return hardtanh(input, 0.0, 6.0)


def hardsigmoid(input: Any) -> Any:
    """relu6(x + 3) / 6, a sigmoid of straight lines.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.hardsigmoid(np.array([-4.0, 0.0, 4.0]))
    array([0. , 0.5, 1. ])
    """
    return relu6(array(input) + 3) / 6


def hardswish(input: Any) -> Any:
    """x relu6(x + 3) / 6 (Howard et al., 2019, arXiv:1905.02244).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.hardswish(np.array([-4.0, 1.5, 4.0]))
    array([-0.   ,  1.125,  4.   ])
    """
    input = array(input)
    return input * hardsigmoid(input)


def threshold(input: Any, threshold: float, value: float) -> Any:
    """x where it is above the threshold, else `value`.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.threshold(np.array([0.5, 2.0]), 1.0, -7.0)
    array([-7.,  2.])
    """
    input = array(input)
    return where(plain(input) > threshold, input, _like(value, input))


def hardshrink(input: Any, lambd: float = 0.5) -> Any:
    """x where abs(x) > lambd, else 0.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.hardshrink(np.array([-1.0, 0.5]))
    array([-1.,  0.])
    """
    input = array(input)
    return where(np.abs(plain(input)) > lambd, input, _like(0, input))


def softshrink(input: Any, lambd: float = 0.5) -> Any:
    """x moved by lambd towards 0, and 0 where abs(x) <= lambd.

    Raises:
        ValueError: for a negative lambd.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.softshrink(np.array([-1.0, 0.5, 2.0]))
    array([-0.5,  0. ,  1.5])
    """
    if not lambd >= 0:
        raise ValueError(f"softshrink: lambd {lambd} is negative")
    input = array(input)
    return hardshrink(input - hardtanh(input, -lambd, lambd), 0.0) if lambd else input


def prelu(input: Any, weight: Any) -> Any:
    """x where it is positive, else weight x (He et al., 2015, arXiv:1502.01852).

    Args:
        input: shape (rows, channels, ...).
        weight: shape (1,), or (channels,).

    Raises:
        ValueError: for a weight of another shape.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.prelu(np.array([[-2.0, 3.0]]), np.array([0.25, 0.5]))
    array([[-0.5,  3. ]])
    """
    input, weight = array(input), array(weight)
    channels = input.shape[1] if input.ndim > 1 else 1
    if weight.ndim > 1 or weight.size not in (1, channels):
        raise ValueError(
            f"prelu: a weight of shape {weight.shape} for an input of shape {input.shape}: give "
            f"one number, or one for each of the {channels} channels"
        )
    ahead = (1,) * (input.ndim > 1)
    weight = reshape(weight, (*ahead, weight.size, *(1,) * (input.ndim - 2)))
    if input.ndim == 0:
        weight = reshape(weight, ())
    return leaky_relu(input, weight)


def rrelu(
    input: Any,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """x where it is positive, else a x with `a` drawn between the bounds for each entry.

    Where not training, `a` is the mean of the bounds (Xu et al., 2015, arXiv:1505.00853).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.rrelu(np.array([-3.0, 1.0]), 0.25, 0.75)
    array([-1.5,  1. ])
    """
    if not lower <= upper:
        raise ValueError(f"rrelu: lower {lower} is above upper {upper}")
    input = array(input)
    if not training:
        return leaky_relu(input, (lower + upper) / 2)
    slopes = generator_or_default(generator).uniform(lower, upper, input.shape)
    return leaky_relu(input, slopes.astype(input.dtype))


# --- smooth -----------------------------------------------------------------------------


def selu(input: Any) -> Any:
    """Scaled ELU, which keeps mean 0 and variance 1 (Klambauer et al., 2017, arXiv:1706.02515).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.selu(np.array([-1.0, 1.0])).round(4)
    array([-1.1113,  1.0507])
    """
    alpha, scale = 1.6732632423543772, 1.0507009873554805  # the solution of the paper's eq. 14
    return scale * elu(array(input), alpha)


def celu(input: Any, alpha: float = 1.0) -> Any:
    """x where it is positive, else alpha (exp(x/alpha) - 1) (Barron, 2017, arXiv:1704.07483).

    Raises:
        ValueError: for an alpha that is not positive.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.celu(np.array([-1.0, 1.0]), alpha=0.5).round(4)
    array([-0.4323,  1.    ])
    """
    if not alpha > 0:
        raise ValueError(f"celu: alpha {alpha} is not positive")
    return elu(array(input) * (1 / alpha), 1.0) * alpha


def mish(input: Any) -> Any:
    """x tanh(softplus(x)) (Misra, 2019, arXiv:1908.08681).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.mish(np.array([-1.0, 1.0])).round(4)
    array([-0.3034,  0.8651])
    """
    input = array(input)
    return input * tanh(_softplus(input))


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """log(1 + exp(beta x)) / beta, and x itself where beta x is above the threshold.

    Raises:
        ValueError: for a beta that is not positive.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.softplus(np.array([-1000.0, 0.0, 100.0])).round(4)
    array([  0.    ,   0.6931, 100.    ])
    """
    if not beta > 0:
        raise ValueError(f"softplus: beta {beta} is not positive")
    input = array(input)
    soft = _softplus(input) if beta == 1 else _softplus(input * beta) / beta
    return where(plain(input) * beta > threshold, input, soft)


def logsigmoid(input: Any) -> Any:
    """log(sigmoid(x)), without a logarithm of 0.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.logsigmoid(np.array([-1000.0, 0.0])).round(4)
    array([-1.000e+03, -6.931e-01])
    """
    return -_softplus(-array(input))


def softsign(input: Any) -> Any:
    """x / (1 + abs(x)).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.softsign(np.array([-1.0, 3.0]))
    array([-0.5 ,  0.75])
    """
    input = array(input)
    return input / (1 + absolute(input))


def tanhshrink(input: Any) -> Any:
    """x - tanh(x).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.tanhshrink(np.array([0.0, 1.0])).round(4)
    array([0.    , 0.2384])
    """
    input = array(input)
    return input - tanh(input)


# --- over an axis -----------------------------------------------------------------------


def softmax(input: Any, dim: int = -1) -> Any:
    """exp(x) over its sum along `dim`, without overflow.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    return _softmax(input, dim)


def softmin(input: Any, dim: int = -1) -> Any:
    """softmax(-x).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.softmin(np.array([0.0, 1000.0]))
    array([1., 0.])
    """
    return _softmax(-array(input), dim)


def log_softmax(input: Any, dim: int = -1) -> Any:
    """The logarithm of `softmax`, without a logarithm of 0.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    return _log_softmax(input, dim)


def glu(input: Any, dim: int = -1) -> Any:
    """a sigmoid(b), where a and b are the halves along `dim` (Dauphin et al., 2017).

    Raises:
        ValueError: for an axis of odd length.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.glu(np.array([3.0, 0.0]))
    array([1.5])
    """
    input = array(input)
    if input.ndim == 0 or input.shape[dim] % 2:
        raise ValueError(f"glu: axis {dim} of an input of shape {input.shape} has no two halves")
    a, b = split(input, 2, axis=dim)
    return a * sigmoid(b)


def _like(number: float, x: Any) -> np.ndarray:
    """A number in the dtype of `x`."""
    return np.asarray(number, x.dtype)
