"""Inverses, linear systems and powers of matrices, batched as in `numpy.linalg`.

Formulas: Giles 2008, "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation". They are holomorphic: for complex matrices they hold as they stand,
with transposes where other conventions have adjoints.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from ..composing import as_array
from ..declare import operation
from ..errors import error_kind
from ..op import NUMPY
from ..protocols import plain
from . import products
from .elementwise import copy
from .products import dot, einsum, matmul
from .shaping import expand_dims, ravel, reshape, swapaxes, transpose

__all__: list[str] = []  # exported by autograd.linalg


def transposed(x: Any) -> Any:
    return swapaxes(x, -1, -2)


def explained(name: str, function: Callable[..., Any], *operands: Any, **options: Any) -> Any:
    """A function of NumPy's on plain data; its errors with the name and the shapes."""
    arrays = [plain(x) for x in operands]
    try:
        return function(*arrays, **options)
    except (ValueError, TypeError) as error:
        given = ", ".join([f"{x.shape} {x.dtype}" for x in arrays])
        raise error_kind(error)(f"{name}: {error}; given {given}") from error


# --- inverses and systems ---------------------------------------------------------------


@operation(
    lambda g, out: -matmul(matmul(transposed(out), g), transposed(out)),
    numpy=[np.linalg.inv],
    hint="give square matrices of full rank",
)
def inv(x: Any, /) -> Any:
    """The inverse of each matrix, as `numpy.linalg.inv`; LinAlgError where one is singular."""
    return np.linalg.inv(x)


def _solved_transposed(g: Any, x: Any, y_shape: tuple[int, ...]) -> Any:
    if len(y_shape) == 1:  # of a stack of systems with one right-hand side, `g` is a stack
        return solve(transposed(x), expand_dims(g, -1))[..., 0]
    return solve(transposed(x), g)


def _solve_matrix(g: Any, x: Any, out: Any, y_shape: tuple[int, ...]) -> Any:
    share = _solved_transposed(g, x, y_shape)
    if len(y_shape) == 1:
        return -expand_dims(share, -1) * expand_dims(out, -2)
    return -matmul(share, transposed(out))


@operation(
    _solve_matrix,
    _solved_transposed,
    numpy=[np.linalg.solve],
    hint="give square matrices of full rank and as many rows on the right-hand side",
)
def solve(x: Any, y: Any, /) -> Any:
    """The solution of x @ z = y, as `numpy.linalg.solve`; LinAlgError where x is singular."""
    return np.linalg.solve(x, y)


def tensorinv(a: Any, ind: int = 2) -> Any:
    """The inverse of `a` as a map of tensors, as `numpy.linalg.tensorinv`.

    >>> import numpy as np
    >>> from autograd import Tensor, linalg
    >>> linalg.tensorinv(Tensor(2 * np.eye(4).reshape(4, 2, 2)), ind=1).shape
    (2, 2, 4)
    """
    a = as_array(a)
    if ind <= 0:
        raise ValueError(f"tensorinv: ind={ind}: give how many axes come first, at least 1")
    count = int(np.prod(a.shape[ind:]))
    return reshape(inv(reshape(a, (count, -1))), (*a.shape[ind:], *a.shape[:ind]))


def tensorsolve(a: Any, b: Any, axes: Sequence[int] | None = None) -> Any:
    """The tensor x with tensordot(a, x, x.ndim) = b, as `numpy.linalg.tensorsolve`.

    >>> import numpy as np
    >>> from autograd import Tensor, linalg
    >>> a = Tensor(2 * np.eye(4).reshape(4, 2, 2), requires_grad=True)
    >>> linalg.tensorsolve(a, np.ones(4)).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    a, b = as_array(a), as_array(b)
    if axes is not None:
        order = list(range(a.ndim))
        for k in axes:
            order.remove(k)
            order.append(k)
        a = transpose(a, tuple(order))
    shape = a.shape[b.ndim - a.ndim :] if a.ndim > b.ndim else ()
    count = int(np.prod(shape))
    if int(np.prod(a.shape)) != count**2:
        raise np.linalg.LinAlgError(
            f"tensorsolve: a of shape {a.shape} and b of shape {b.shape}: the axes of a beyond "
            "those of b must have as many entries as b"
        )
    return reshape(solve(reshape(a, (count, count)), ravel(b)), shape)


# --- powers and chains ------------------------------------------------------------------


@operation(None, name="identity_like")
def _identity_like(x: Any, /) -> Any:
    return np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape).copy()


def matrix_power(a: Any, n: int) -> Any:
    """Each matrix to an integer power, as `numpy.linalg.matrix_power`.

    >>> from autograd import Tensor, linalg
    >>> linalg.matrix_power(Tensor([[2.0, 0.0], [0.0, 3.0]]), -1).numpy().round(3).tolist()
    [[0.5, 0.0], [0.0, 0.333]]
    """
    a = as_array(a)
    n = operator.index(n)
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise np.linalg.LinAlgError(f"matrix_power: shape {a.shape}: give square matrices")
    if n == 0:
        return _identity_like(a)
    if n == 1:
        return copy(a)
    if n < 0:
        a, n = inv(a), -n
    if n == 3:  # as NumPy
        return matmul(matmul(a, a), a)
    result = None
    while n:
        if n % 2:
            result = a if result is None else matmul(result, a)
        n //= 2
        if n:
            a = matmul(a, a)
    return result


def multi_dot(arrays: Sequence[Any]) -> Any:
    """The product of a chain of matrices in the cheapest order, as `numpy.linalg.multi_dot`.

    The first and the last may be vectors.

    >>> from autograd import Tensor, linalg
    >>> linalg.multi_dot([Tensor([1.0, 2.0]), [[3.0, 0.0], [0.0, 4.0]], [1.0, 1.0]]).item()
    11.0
    """
    chain = [as_array(x) for x in arrays]
    if len(chain) < 2:
        raise ValueError(f"multi_dot: {len(chain)} arrays: give at least two")
    if len(chain) == 2:
        return dot(*chain)
    row, column = chain[0].ndim == 1, chain[-1].ndim == 1
    if row:
        chain[0] = expand_dims(chain[0], 0)
    if column:
        chain[-1] = expand_dims(chain[-1], -1)
    for x in chain:
        if x.ndim != 2:
            raise np.linalg.LinAlgError(
                f"multi_dot: an array of shape {x.shape}: give matrices; the first and the last "
                "may be vectors"
            )
    lengths = [*(x.shape[0] for x in chain), chain[-1].shape[1]]

    @cache
    def best(i: int, j: int) -> tuple[int, int]:
        """The multiplications that chain[i:j] takes, and where to cut it first."""
        if j == i + 1:
            return 0, i
        return min(
            (best(i, k)[0] + best(k, j)[0] + lengths[i] * lengths[k] * lengths[j], k)
            for k in range(i + 1, j)
        )

    def product(i: int, j: int) -> Any:
        cut = best(i, j)[1]
        return chain[i] if j == i + 1 else matmul(product(i, cut), product(cut, j))

    result = product(0, len(chain))
    if column:
        result = result[:, 0]
    return result[0] if row else result


# --- NumPy 2's stricter forms -----------------------------------------------------------


def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """The cross product of vectors of length 3, as `numpy.linalg.cross`.

    >>> from autograd import Tensor, linalg
    >>> linalg.cross(Tensor([1.0, 0.0, 0.0]), [0.0, 1.0, 0.0]).tolist()
    [0.0, 0.0, 1.0]
    """
    x1, x2 = as_array(x1), as_array(x2)
    if x1.shape[axis] != 3 or x2.shape[axis] != 3:
        raise ValueError(
            f"cross: vectors of lengths {x1.shape[axis]} and {x2.shape[axis]}: both must be 3"
        )
    return products.cross(x1, x2, axis=axis)


def outer(x1: Any, x2: Any, /) -> Any:
    """Every entry of one vector times every entry of another, as `numpy.linalg.outer`.

    >>> from autograd import Tensor, linalg
    >>> linalg.outer(Tensor([1.0, 2.0]), [3.0]).tolist()
    [[3.0], [6.0]]
    """
    x1, x2 = as_array(x1), as_array(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(
            f"outer: shapes {x1.shape} and {x2.shape}: give two vectors, or use autograd.outer"
        )
    return products.outer(x1, x2)


def _square_from(x: Any, offset: int) -> Any:
    """The largest square part of each matrix whose main diagonal is that at `offset`."""
    x = as_array(x)
    if x.ndim < 2:
        raise ValueError(f"shape {x.shape}: a diagonal is that of matrices")
    x = x[..., max(-offset, 0) :, max(offset, 0) :]
    n = min(x.shape[-2:])
    return x[..., :n, :n]


def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """The diagonal of each matrix, or the one `offset` above it, as `numpy.linalg.diagonal`.

    >>> from autograd import Tensor, linalg
    >>> linalg.diagonal(Tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [1.0, 4.0]
    """
    return einsum("...ii->...i", _square_from(x, offset))


def trace(x: Any, /, *, offset: int = 0) -> Any:
    """The sum of the diagonal of each matrix, as `numpy.linalg.trace`.

    >>> from autograd import Tensor, linalg
    >>> linalg.trace(Tensor([[1.0, 2.0], [3.0, 4.0]])).item()
    5.0
    """
    return einsum("...ii->...", _square_from(x, offset))


NUMPY |= {
    np.linalg.cross: cross, np.linalg.diagonal: diagonal,
    np.linalg.matrix_power: matrix_power, np.linalg.multi_dot: multi_dot, np.linalg.outer: outer,
    np.linalg.tensorinv: tensorinv, np.linalg.tensorsolve: tensorsolve, np.linalg.trace: trace,
}  # fmt: skip
