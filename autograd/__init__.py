"""chainrule's engine: reverse-mode automatic differentiation for scalars and NumPy arrays."""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING, Any

from . import _conflict  # noqa: F401  (first: it looks for a mixture of two distributions)
from . import fft as fft
from . import linalg as linalg
from .builtins import dict as dict
from .builtins import isinstance as isinstance
from .builtins import list as list
from .builtins import tuple as tuple
from .checkpointing import checkpoint
from .declare import elementwise, operation
from .jacobians import hessian, jacobian, tensor_jacobian_product
from .memory import keep_freed_memory as _keep_freed_memory
from .ops.activations import *
from .ops.applying import *
from .ops.brackets import *
from .ops.choosing import *
from .ops.complex_parts import *
from .ops.convolution import *
from .ops.counting import *
from .ops.diagonals import *
from .ops.elementwise import *
from .ops.indexing import *
from .ops.interpolation import *
from .ops.joining import *
from .ops.nesting import *
from .ops.padding import *
from .ops.piecewise import *
from .ops.polynomials import *
from .ops.pooling import *
from .ops.products import *
from .ops.quantiles import *
from .ops.ranges import *
from .ops.reductions import *
from .ops.scans import *
from .ops.shaping import *
from .ops.sorting import *
from .ops.statistics import *
from .ops.writing import *
from .recording import detect_anomaly, enable_grad, no_grad
from .reverse import gradients
from .scopes import scope
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

if TYPE_CHECKING:
    from .drawing import Drawing, Explanation, draw, explain
    from .gradcheck import *

__all__ = [
    "Drawing",
    "Explanation",
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
    "explain",
    "gradients",
    "no_grad",
    "numerical_gradient",
    "numerical_jacobian",
    "operation",
    "plot_steps",
    "scope",
]
__all__ += [
    "checkpoint", "deriv", "elementwise_grad", "grad", "grad_and_aux", "hessian",
    "hessian_tensor_product", "holomorphic_grad", "hvp", "jacobian", "jvp", "make_ggnvp",
    "make_hvp", "make_jvp", "make_vjp", "stop_gradient", "tensor_jacobian_product",
    "value_and_grad", "vjp",
]  # fmt: skip
# By family, without abs, divmod, max, min, round and sum: a star import would put them in the
# builtins' place.
__all__ += [
    "elu", "gelu", "leaky_relu", "relu", "silu", "softplus",
]  # fmt: skip
__all__ += [
    "absolute", "angle", "conj", "conjugate", "fabs", "imag", "real", "real_if_close", "sign",
]  # fmt: skip
__all__ += [
    "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "astype",
    "cbrt", "copy", "cos", "cosh", "degrees", "divide", "exp", "exp2", "expm1", "float_power",
    "hypot", "log", "log1p", "log2", "log10", "logaddexp", "logaddexp2", "multiply", "negative",
    "positive", "power", "radians", "reciprocal", "sigmoid", "sin", "sinc", "sinh", "sqrt",
    "square", "subtract", "tan", "tanh", "true_divide", "where",
]  # fmt: skip
__all__ += [
    "ceil", "clip", "copysign", "fix", "floor", "floor_divide", "fmax", "fmin", "fmod", "frexp",
    "heaviside", "ldexp", "maximum", "minimum", "mod", "modf", "nan_to_num", "nextafter",
    "remainder", "rint", "spacing", "trunc",
]  # fmt: skip
__all__ += [
    "conv", "conv_transpose",
]  # fmt: skip
__all__ += [
    "array", "full", "full_like",
]  # fmt: skip
__all__ += [
    "convolve", "correlate", "poly", "polyadd", "polyder", "polydiv", "polyfit", "polyint",
    "polymul", "polysub", "polyval", "roots", "vander",
]  # fmt: skip
__all__ += [
    "adaptive_avg_pool", "avg_pool", "max_pool",
]  # fmt: skip
__all__ += [
    "cross", "dot", "einsum", "inner", "kron", "matmul", "matrix_transpose", "matvec", "outer",
    "tensordot", "vdot", "vecdot", "vecmat",
]  # fmt: skip
__all__ += [
    "log_softmax", "logsumexp", "mean", "prod", "ptp", "softmax", "std", "var",
]  # fmt: skip
__all__ += [
    "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "diff", "ediff1d", "gradient",
    "trapezoid", "unwrap",
]  # fmt: skip
__all__ += [
    "average", "corrcoef", "cov", "nancumprod", "nancumsum", "nanmax", "nanmean", "nanmin",
    "nanprod", "nanstd", "nansum", "nanvar",
]  # fmt: skip
__all__ += [
    "median", "nanmedian", "nanpercentile", "nanquantile", "percentile", "quantile",
]  # fmt: skip
__all__ += [
    "arange", "geomspace", "linspace", "logspace",
]  # fmt: skip
__all__ += [
    "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_arrays", "broadcast_to", "expand_dims",
    "flip", "fliplr", "flipud", "meshgrid", "moveaxis", "permute_dims",
    "ravel", "repeat", "reshape", "resize", "roll", "rollaxis", "rot90", "squeeze", "swapaxes",
    "tile", "transpose",
]  # fmt: skip
__all__ += [
    "append", "array_split", "block", "column_stack", "concat", "concatenate", "dsplit",
    "dstack", "hsplit", "hstack", "split", "stack", "unstack", "vsplit", "vstack",
]  # fmt: skip
__all__ += [
    "pad",
]  # fmt: skip
__all__ += [
    "diag", "diagflat", "diagonal", "make_diagonal", "trace", "tril", "triu",
]  # fmt: skip
__all__ += [
    "take",
]  # fmt: skip
__all__ += [
    "c_", "r_",
]  # fmt: skip
__all__ += [
    "choose", "compress", "delete", "extract", "insert", "piecewise", "select",
    "take_along_axis", "trim_zeros",
]  # fmt: skip
__all__ += [
    "intersect1d", "partition", "setdiff1d", "setxor1d", "sort", "sort_complex", "union1d",
    "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values",
]  # fmt: skip
__all__ += [
    "interp",
]  # fmt: skip
__all__ += [
    "bincount", "histogram",
]  # fmt: skip
__all__ += [
    "apply_along_axis", "apply_over_axes",
]  # fmt: skip
__all__ += [
    "copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask",
]  # fmt: skip

_keep_freed_memory()

# Pictures and gradient checks are loaded when they are first asked for: a program that trains
# needs neither, and together they take a third of the time of the import.
_LATER = {
    **dict.fromkeys(["Drawing", "Explanation", "draw", "explain"], "drawing"),
    **dict.fromkeys(
        ["GradientCheckError", "GradientEntry", "GradientReport", "Kink", "Numerical",
         "check_adjoint", "check_gradients", "numerical_gradient", "numerical_jacobian",
         "plot_steps"],
        "gradcheck",
    ),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _LATER:
        found = getattr(_import_module(f".{_LATER[name]}", __name__), name)
        globals()[name] = found
        return found
    if name in _LATER.values():
        return _import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})


__version__ = "0.1.0"
