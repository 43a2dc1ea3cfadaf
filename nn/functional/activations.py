"""Activation functions; PyTorch's names, arguments and defaults, and its slopes at the kinks.

`inplace` is taken and changes nothing, as by the modules: what they return is always a new array.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import abs as absolute
from autograd import elu as _elu
from autograd import gelu as _gelu
from autograd import leaky_relu as _leaky_relu
from autograd import log_softmax as _log_softmax
from autograd import operation, reshape, split, where
from autograd import relu as _relu
from autograd import sigmoid as _sigmoid
from autograd import silu as _silu
from autograd import softmax as _softmax
from autograd import softplus as _softplus
from autograd import tanh as _tanh

from ..init import generator_or_default
from ..settings import bounds, not_negative, number, positive
from .checks import array, floating, plain

# --- piecewise linear -------------------------------------------------------------------


def relu(input: Any, inplace: bool = False) -> Any:
    """max(x, 0).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    del inplace
    return _relu(input)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """x where it is positive, else negative_slope x (Maas et al., 2013).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.leaky_relu(np.array([-1.0, 2.0]))
    array([-0.01,  2.  ])
    """
    del inplace
    return _leaky_relu(input, number(negative_slope))


@operation(
    lambda g, x, low, high: where((plain(x) <= low) | (plain(x) >= high), 0, g),
    name="hardtanh",
    elementwise=True,
)
def _hardtanh(x: Any, /, low: float, high: float) -> Any:
    return np.clip(x, low, high)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """The input between the two bounds, a bound beyond it; slope 0 at the bounds.

    Raises:
        ValueError: for bounds in the wrong order.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.hardtanh(np.array([-3.0, 0.5, 3.0]))
    array([-1. ,  0.5,  1. ])
    """
    del inplace
    low, high = bounds("hardtanh", min_val=min_val, max_val=max_val)
    return _hardtanh(array(input), low=low, high=high)


def relu6(input: Any, inplace: bool = False) -> Any:
    """min(max(x, 0), 6) (Krizhevsky, 2010).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.relu6(np.array([-1.0, 3.0, 8.0]))
    array([0., 3., 6.])
    """
    del inplace
    return hardtanh(input, 0.0, 6.0)


def hardsigmoid(input: Any, inplace: bool = False) -> Any:
    """relu6(x + 3) / 6, a sigmoid of straight lines.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.hardsigmoid(np.array([-4.0, 0.0, 4.0]))
    array([0. , 0.5, 1. ])
    """
    del inplace
    return relu6(array(input) + 3) / 6


def hardswish(input: Any, inplace: bool = False) -> Any:
    """x relu6(x + 3) / 6 (Howard et al., 2019, arXiv:1905.02244).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.hardswish(np.array([-4.0, 1.5, 4.0]))
    array([-0.   ,  1.125,  4.   ])
    """
    del inplace
    input = array(input)
    return input * hardsigmoid(input)


def threshold(input: Any, threshold: float, value: float, inplace: bool = False) -> Any:
    """x where it is above the threshold, else `value`.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.threshold(np.array([0.5, 2.0]), 1.0, -7.0)
    array([-7.,  2.])
    """
    del inplace
    input = array(input)
    return where(plain(input) <= threshold, _like(value, input), input)  # nan stays


def hardshrink(input: Any, lambd: float = 0.5) -> Any:
    """x where abs(x) > lambd, else 0.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.hardshrink(np.array([-1.0, 0.5]))
    array([-1.,  0.])
    """
    input = array(input)
    return where(np.abs(plain(input)) <= lambd, _like(0, input), input)  # nan stays


def softshrink(input: Any, lambd: float = 0.5) -> Any:
    """x moved by lambd towards 0, and 0 where abs(x) <= lambd.

    Raises:
        ValueError: for a negative lambd.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.softshrink(np.array([-1.0, 0.5, 2.0]))
    array([-0.5,  0. ,  1.5])
    """
    lambd = not_negative("softshrink", "lambd", lambd)
    far = hardshrink(array(input), lambd)
    return far - lambd * np.sign(plain(far))


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
    return _leaky_relu(input, weight)


def rrelu(
    input: Any,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
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
    del inplace
    lower, upper = bounds("rrelu", lower=lower, upper=upper)
    input = array(input)
    if not training:
        return _leaky_relu(input, (lower + upper) / 2)
    slopes = generator_or_default(generator).uniform(lower, upper, input.shape)
    return _leaky_relu(input, slopes.astype(input.dtype))


# --- smooth -----------------------------------------------------------------------------


def sigmoid(input: Any) -> Any:
    """1 / (1 + exp(-x)), without overflow.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.sigmoid(np.array([-1000.0, 0.0]))
    array([0. , 0.5])
    """
    return _sigmoid(floating(input))


def tanh(input: Any) -> Any:
    """The hyperbolic tangent.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.tanh(np.array([0.0, 1000.0]))
    array([0., 1.])
    """
    return _tanh(floating(input))


def silu(input: Any, inplace: bool = False) -> Any:
    """x sigmoid(x), also called swish (Hendrycks & Gimpel, 2016, arXiv:1606.08415).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.silu(np.array([-1.0, 1.0])).round(4)
    array([-0.2689,  0.7311])
    """
    del inplace
    return _silu(floating(input))


def gelu(input: Any, approximate: str = "none") -> Any:
    """x times the normal distribution function (Hendrycks & Gimpel, 2016, arXiv:1606.08415).

    Args:
        input: any shape.
        approximate: "none", or "tanh" for the paper's formula with a tanh.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.gelu(np.array([-1.0, 1.0])).round(4)
    array([-0.1587,  0.8413])
    """
    return _gelu(floating(input), approximate)


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """x where it is positive, else alpha (exp(x) - 1) (Clevert et al., 2016, arXiv:1511.07289).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.elu(np.array([-1.0, 1.0])).round(4)
    array([-0.6321,  1.    ])
    """
    del inplace
    return _elu(floating(input), number(alpha))


def selu(input: Any, inplace: bool = False) -> Any:
    """Scaled ELU, which keeps mean 0 and variance 1 (Klambauer et al., 2017, arXiv:1706.02515).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.selu(np.array([-1.0, 1.0])).round(4)
    array([-1.1113,  1.0507])
    """
    del inplace
    alpha, scale = 1.6732632423543772, 1.0507009873554805  # the solution of the paper's eq. 14
    return scale * _elu(array(input), alpha)


def celu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """x where it is positive, else alpha (exp(x/alpha) - 1) (Barron, 2017, arXiv:1704.07483).

    Raises:
        ValueError: for an alpha that is not positive.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.celu(np.array([-1.0, 1.0]), alpha=0.5).round(4)
    array([-0.4323,  1.    ])
    """
    del inplace
    alpha = positive("celu", "alpha", alpha)
    return _elu(array(input) * (1 / alpha), 1.0) * alpha


def mish(input: Any, inplace: bool = False) -> Any:
    """x tanh(softplus(x)) (Misra, 2019, arXiv:1908.08681).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.mish(np.array([-1.0, 1.0])).round(4)
    array([-0.3034,  0.8651])
    """
    del inplace
    input = array(input)
    return input * _tanh(_softplus(input))


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """log(1 + exp(beta x)) / beta, and x itself where beta x is above the threshold.

    Raises:
        ValueError: for a beta that is not positive.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.softplus(np.array([-1000.0, 0.0, 100.0])).round(4)
    array([  0.    ,   0.6931, 100.    ])
    """
    beta = positive("softplus", "beta", beta)
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
    return input - _tanh(input)


# --- over an axis -----------------------------------------------------------------------


def softmax(input: Any, dim: int = -1, *, dtype: Any = None) -> Any:
    """exp(x) over its sum along `dim`, without overflow; computed in `dtype`, if one is given.

    Without `dim` it goes over the last axis, where PyTorch chooses the first of arrays of one or
    three axes and the second of others.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    return _softmax(_as(input, dtype), dim)


def softmin(input: Any, dim: int = -1, *, dtype: Any = None) -> Any:
    """softmax(-x); `dim` is that of `softmax`.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.softmin(np.array([0.0, 1000.0]))
    array([1., 0.])
    """
    return _softmax(-_as(input, dtype), dim)


def log_softmax(input: Any, dim: int = -1, *, dtype: Any = None) -> Any:
    """The logarithm of `softmax`, without a logarithm of 0; `dim` is that of `softmax`.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    return _log_softmax(_as(input, dtype), dim)


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
    return a * _sigmoid(b)


def _as(x: Any, dtype: Any) -> Any:
    return array(x) if dtype is None else array(x).astype(dtype)


def _like(number: float, x: Any) -> np.ndarray:
    """A number in the dtype of `x`."""
    return np.asarray(number, x.dtype)
