"""`numpy.linalg` on Tensors: its functions, under its names.

>>> from autograd import Tensor, linalg
>>> t = Tensor([[2.0, 0.0], [0.0, 4.0]], requires_grad=True)
>>> linalg.det(t).backward()
>>> t.grad
array([[4., 0.],
       [0., 2.]])
"""

from numpy.linalg import LinAlgError, matrix_rank

from .ops.decompositions import cholesky, qr
from .ops.determinants import det, slogdet
from .ops.eigen import eig, eigh, eigvals, eigvalsh
from .ops.least_squares import lstsq, pinv
from .ops.linear_algebra import (
    cross,
    diagonal,
    inv,
    matrix_power,
    multi_dot,
    outer,
    solve,
    tensorinv,
    tensorsolve,
    trace,
)
from .ops.norms import cond, matrix_norm, norm, vector_norm
from .ops.products import matmul, matrix_transpose, tensordot, vecdot
from .ops.singular_values import svd, svdvals

__all__ = [
    "LinAlgError", "cholesky", "cond", "cross", "det", "diagonal", "eig", "eigh", "eigvals",
    "eigvalsh", "inv", "lstsq", "matmul", "matrix_norm", "matrix_power", "matrix_rank",
    "matrix_transpose", "multi_dot", "norm", "outer", "pinv", "qr", "slogdet", "solve", "svd",
    "svdvals", "tensordot", "tensorinv", "tensorsolve", "trace", "vecdot", "vector_norm",
]  # fmt: skip
