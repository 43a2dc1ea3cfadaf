"""chainrule's engine: reverse-mode automatic differentiation for scalars and NumPy arrays."""

from .graph import detect_anomaly, enable_grad, no_grad
from .op import elementwise, operation
from .ops.elementwise import (
    abs,
    add,
    astype,
    cos,
    cosh,
    divide,
    exp,
    expm1,
    log,
    log1p,
    maximum,
    minimum,
    multiply,
    negative,
    power,
    relu,
    sigmoid,
    sign,
    sin,
    sinh,
    softplus,
    sqrt,
    square,
    subtract,
    tan,
    tanh,
    where,
)
from .ops.indexing import take
from .ops.linear_algebra import dot, einsum, matmul
from .ops.reductions import (
    log_softmax,
    logsumexp,
    max,
    mean,
    min,
    prod,
    softmax,
    std,
    sum,
    var,
)
from .ops.shaping import (
    broadcast_to,
    concatenate,
    expand_dims,
    pad,
    ravel,
    reshape,
    split,
    squeeze,
    stack,
    swapaxes,
    transpose,
)
from .tensor import Tensor
from .transforms import gradients
from .value import Value
