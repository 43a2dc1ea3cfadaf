"""The pseudo-inverse and least squares, as in `numpy.linalg`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..composing import as_array
from ..declare import operation
from ..handles import Handles
from ..op import NUMPY
from .decompositions import hermitian_part
from .linear_algebra import explained, transposed
from .products import adjoint, conj, matmul
from .reductions import sum
from .shaping import expand_dims, ravel
from .singular_values import svdvals_of

__all__: list[str] = []  # exported by autograd.linalg


def _pinv_pull(g: Any, x: Any, out: Any) -> Any:
    """Golub & Pereyra 1973, "The differentiation of pseudo-inverses", theorem 4.3."""
    t = transposed(g)
    outside = t - matmul(x, matmul(out, t))  # the part outside the column space of x
    beyond = t - matmul(matmul(t, out), x)  # and beyond its row space
    turned = matmul(matmul(outside, out), adjoint(out)) + matmul(matmul(adjoint(out), out), beyond)
    return conj(turned) - matmul(matmul(transposed(out), g), transposed(out))


@operation(_pinv_pull, name="pinv")
def _pinv(x: Any, /, options: dict[str, Any]) -> Any:
    return np.linalg.pinv(x, **options)


def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue) -> Any:
    """The Moore-Penrose pseudo-inverse of each matrix, as `numpy.linalg.pinv`.

    The derivative is that at constant rank: where a change of `a` would raise the rank, the
    pseudo-inverse is not continuous. With `hermitian` only the lower triangle counts.

    >>> from autograd import Tensor, linalg
    >>> linalg.pinv(Tensor([[2.0], [0.0]])).tolist()
    [[0.5, 0.0]]
    """
    a = as_array(a)
    options = {"rcond": rcond, "hermitian": hermitian}
    if rtol is not np._NoValue:
        options["rtol"] = rtol
    return _pinv(hermitian_part(a, "L") if hermitian else a, options)


def _lstsq_matrix(g: Any, x: Any, y: Any, rcond: float) -> Any:
    """The solution is pinv(x) @ y."""
    inverse = pinv(x, rcond)
    columns = [v if v.ndim == 2 else expand_dims(v, -1) for v in (g, y)]
    return _pinv_pull(matmul(columns[0], transposed(columns[1])), x, inverse)


@operation(_lstsq_matrix, lambda g, x, rcond: matmul(transposed(pinv(x, rcond)), g), name="lstsq")
def _lstsq(x: Any, y: Any, /, rcond: float, solution: Any) -> Any:
    return solution


def lstsq(a: Any, b: Any, rcond: float | None = None) -> Any:
    """The solution of least squares of a @ x = b, as `numpy.linalg.lstsq`.

    Returns:
        x, the sums of squared residuals, the rank (a plain integer), and the singular values of
        `a`. The derivative is that at constant rank.

    >>> from autograd import Tensor, linalg
    >>> x, residuals, rank, s = linalg.lstsq(Tensor([[1.0], [1.0]]), Tensor([1.0, 3.0]))
    >>> x.numpy().round(12).tolist(), residuals.numpy().round(12).tolist(), int(rank)
    ([2.0], [2.0], 1)
    """
    a, b = as_array(a), as_array(b)
    found = explained("lstsq", np.linalg.lstsq, a, b, rcond=rcond)
    if not isinstance(a, Handles.tensor) and not isinstance(b, Handles.tensor):
        return found
    x, residuals, rank, s = found
    if rcond is None:
        rcond = float(np.finfo(x.dtype).eps * max(a.shape))
    solution = _lstsq(a, b, rcond=rcond, solution=x)
    residual = b - matmul(a, solution)
    squares = conj(residual) * residual
    if squares.dtype.kind == "c":
        squares = np.real(squares)
    if residuals.size == 0:
        squares = ravel(squares)[:0]
    elif squares.ndim == 1:
        squares = sum(squares, keepdims=True)
    else:
        squares = sum(squares, axis=0)
    return solution, squares, rank, svdvals_of(a, s) if isinstance(a, Handles.tensor) else s


NUMPY |= {np.linalg.lstsq: lstsq, np.linalg.pinv: pinv}
