"""chainrule's engine: reverse-mode automatic differentiation for scalars and NumPy arrays."""

from . import _conflict  # noqa: F401  (first: it looks for a mixture of two distributions)
from .builtins import dict as dict
from .builtins import isinstance as isinstance
from .builtins import list as list
from .builtins import tuple as tuple
from .checkpointing import checkpoint
from .declare import elementwise, operation
from .drawing import Drawing, draw
from .gradcheck import *
from .jacobians import hessian, jacobian, tensor_jacobian_product
from .memory import keep_freed_memory as _keep_freed_memory
from .ops.elementwise import *
from .ops.indexing import *
from .ops.linear_algebra import *
from .ops.nesting import *
from .ops.reductions import *
from .ops.shaping import *
from .recording import detect_anomaly, enable_grad, no_grad
from .reverse import gradients
from .tensor import Tensor
from .transforms import (
    deriv,
    elementwise_grad,
    grad,
    grad_and_aux,
    hessian_tensor_product,
    holomorphic_grad,
    hvp,
    jvp,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_vjp,
    stop_gradient,
    value_and_grad,
    vjp,
)
from .value import Value

__all__ = [
    "Drawing",
    "GradientCheckError",
    "GradientEntry",
    "GradientReport",
    "Kink",
    "Numerical",
    "Tensor",
    "Value",
    "check_adjoint",
    "check_gradients",
    "detect_anomaly",
    "draw",
    "elementwise",
    "enable_grad",
    "gradients",
    "no_grad",
    "numerical_gradient",
    "numerical_jacobian",
    "operation",
    "plot_steps",
]
__all__ += [
    "checkpoint", "deriv", "elementwise_grad", "grad", "grad_and_aux", "hessian",
    "hessian_tensor_product", "holomorphic_grad", "hvp", "jacobian", "jvp", "make_ggnvp",
    "make_hvp", "make_jvp", "make_vjp", "stop_gradient", "tensor_jacobian_product",
    "value_and_grad", "vjp",
]  # fmt: skip
# By family, without abs, max, min and sum: a star import would put them in the builtins' place.
__all__ += [
    "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "astype",
    "cbrt", "copy", "cos", "cosh", "degrees", "divide", "exp", "exp2", "expm1", "hypot", "log",
    "log1p", "log2", "log10", "logaddexp", "logaddexp2", "maximum", "minimum", "multiply",
    "negative", "power", "radians", "reciprocal", "relu", "sigmoid", "sign", "sin", "sinh",
    "softplus", "sqrt", "square", "subtract", "tan", "tanh", "where",
]  # fmt: skip
__all__ += [
    "take",
]  # fmt: skip
__all__ += [
    "array", "full",
]  # fmt: skip
__all__ += [
    "dot", "einsum", "matmul",
]  # fmt: skip
__all__ += [
    "log_softmax", "logsumexp", "mean", "prod", "softmax", "std", "var",
]  # fmt: skip
__all__ += [
    "broadcast_to", "concatenate", "expand_dims", "pad", "ravel", "reshape", "split", "squeeze",
    "stack", "swapaxes", "transpose",
]  # fmt: skip

_keep_freed_memory()

__version__ = "0.1.0"
