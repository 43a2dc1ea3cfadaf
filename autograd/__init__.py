"""chainrule's engine: reverse-mode automatic differentiation for scalars and NumPy arrays."""

from . import _conflict  # noqa: F401  (first: it looks for a mixture of two distributions)
from .declare import elementwise, operation
from .drawing import Drawing, draw
from .gradcheck import GradientCheckError, GradientEntry, GradientReport, check_gradients
from .ops.elementwise import (
    abs as abs,
)
from .ops.elementwise import (
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
    mean,
    prod,
    softmax,
    std,
    var,
)
from .ops.reductions import (
    max as max,
)
from .ops.reductions import (
    min as min,
)
from .ops.reductions import (
    sum as sum,
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
from .recording import detect_anomaly, enable_grad, no_grad
from .tensor import Tensor
from .transforms import gradients
from .value import Value

# Without abs, max, min and sum, which a star import would put in the place of the builtins.
__all__ = [
    "Drawing",
    "GradientCheckError",
    "GradientEntry",
    "GradientReport",
    "Tensor",
    "Value",
    "add",
    "astype",
    "broadcast_to",
    "check_gradients",
    "concatenate",
    "cos",
    "cosh",
    "detect_anomaly",
    "divide",
    "dot",
    "draw",
    "einsum",
    "elementwise",
    "enable_grad",
    "exp",
    "expand_dims",
    "expm1",
    "gradients",
    "log",
    "log1p",
    "log_softmax",
    "logsumexp",
    "matmul",
    "maximum",
    "mean",
    "minimum",
    "multiply",
    "negative",
    "no_grad",
    "operation",
    "pad",
    "power",
    "prod",
    "ravel",
    "relu",
    "reshape",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "subtract",
    "swapaxes",
    "take",
    "tan",
    "tanh",
    "transpose",
    "var",
    "where",
]

__version__ = "0.1.0"
