"""Norms of vectors and matrices, and condition numbers, as in `numpy.linalg`.

The gradient of a norm at 0 is 0; entries that tie for the largest or the smallest share it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..composing import as_array
from ..declare import operation
from ..handles import Handles
from ..op import NUMPY
from ..protocols import plain
from .complex_parts import _direction, abs
from .elementwise import _nonzero, power, where
from .linear_algebra import inv
from .products import conj
from .reductions import _spread, max, min, sum
from .shaping import reshape, squeeze, transpose
from .singular_values import svdvals

__all__: list[str] = []  # exported by autograd.linalg

Axes = tuple[int, ...]

# --- vectors ----------------------------------------------------------------------------


def _unless_zero(g: Any, out: Any) -> Any:
    """g / out, and 0 where the norm is 0."""
    return g * (plain(out) != 0) / _nonzero(out)


@operation(
    lambda g, x, out, x_shape, axis: _spread(_unless_zero(g, out), x_shape, axis) * conj(x),
    name="euclidean_norm",
)
def _euclidean(x: Any, /, axis: Axes, keepdims: bool) -> Any:
    squares = x.real**2 + x.imag**2 if x.dtype.kind == "c" else x * x
    return np.sqrt(np.sum(squares, axis=axis, keepdims=keepdims))


def _power_pull(
    g: Any, x: Any, out: Any, x_shape: tuple[int, ...], axis: Axes, order: float
) -> Any:
    """sign(x) (|x| / out)**(order - 1), and 0 at entries that are 0."""
    size = abs(x)
    ratio = _nonzero(size) / _spread(_nonzero(out), x_shape, axis)
    slope = _direction(x) * power(ratio, order - 1)
    return _spread(g * (plain(out) != 0), x_shape, axis) * slope


@operation(_power_pull, name="power_norm")
def _power_norm(x: Any, /, axis: Axes, keepdims: bool, order: float) -> Any:
    with np.errstate(divide="ignore"):  # of a negative power of 0
        total = np.sum(np.abs(x) ** order, axis=axis, keepdims=keepdims)
        return total ** np.reciprocal(order, dtype=total.dtype)


@operation(None, name="count_nonzero")
def _count(x: Any, /, axis: Axes, keepdims: bool) -> Any:
    return np.sum((x != 0).astype(x.real.dtype), axis=axis, keepdims=keepdims)


def _of_vectors(x: Any, order: Any, axis: Axes, keepdims: bool) -> Any:
    if isinstance(order, str):
        raise ValueError(f"norm: order {order!r} is one of matrices: give a number for vectors")
    if order is None or order == 2:
        return _euclidean(x, axis, keepdims)
    if order == np.inf:
        return _largest(abs(x), axis, keepdims)
    if order == -np.inf:
        return min(abs(x), axis=axis, keepdims=keepdims)
    if order == 0:
        return _count(x, axis, keepdims)
    if order == 1:
        return sum(abs(x), axis=axis, keepdims=keepdims)
    return _power_norm(x, axis, keepdims, order)


def _largest(sizes: Any, axis: Any, keepdims: bool = False) -> Any:
    """The largest of numbers that are at least 0; 0 where there are none."""
    if sizes.size == 0:
        return sum(sizes, axis=axis, keepdims=keepdims)
    return max(sizes, axis=axis, keepdims=keepdims)


# --- matrices ---------------------------------------------------------------------------


def _of_matrices(x: Any, order: Any, row: int, column: int, keepdims: bool) -> Any:
    if order is None or order in ("fro", "f"):
        return _euclidean(x, (row, column), keepdims)
    if order in (2, -2, "nuc"):
        rest = [i for i in range(x.ndim) if i not in (row, column)]
        values = svdvals(transpose(x, (*rest, row, column)))
        if order == -2:
            result = min(values, axis=-1)
        else:
            result = sum(values, axis=-1) if order == "nuc" else _largest(values, axis=-1)
        shape = [1 if i in (row, column) else n for i, n in enumerate(x.shape)]
        return reshape(result, tuple(shape)) if keepdims else result
    if order not in (1, -1, np.inf, -np.inf):
        raise ValueError(
            f"norm: order {order!r} of matrices: give 1, -1, 2, -2, inf, -inf, 'fro' or 'nuc'"
        )
    first, second = (row, column) if order in (1, -1) else (column, row)
    sums = sum(abs(x), axis=first, keepdims=True)
    pick = _largest if order > 0 else min
    result = pick(sums, axis=second, keepdims=True)
    return result if keepdims else squeeze(result, axis=(row, column))


# --- NumPy's functions ------------------------------------------------------------------


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The norm of vectors or matrices, of every order of `numpy.linalg.norm`.

    >>> from autograd import Tensor, linalg
    >>> t = Tensor([3.0, 4.0], requires_grad=True)
    >>> linalg.norm(t).backward()
    >>> t.grad.round(12).tolist()
    [0.6, 0.8]
    """
    x = _inexact(x)
    if axis is None:
        axes = tuple(range(x.ndim))
        if ord is None:
            return _euclidean(x, axes, keepdims)
    elif isinstance(axis, tuple):
        axes = tuple(normalize_axis_index(a, x.ndim) for a in axis)
    else:
        axes = (normalize_axis_index(axis, x.ndim),)
    if len(axes) == 1:
        return _of_vectors(x, ord, axes, keepdims)
    if len(axes) == 2:
        if axes[0] == axes[1]:
            raise ValueError(f"norm: axis={axis}: give two different axes")
        return _of_matrices(x, ord, *axes, keepdims)
    raise ValueError(
        f"norm: {len(axes)} axes of shape {x.shape}: pass axis= with one (vectors) or two"
    )


def _inexact(x: Any) -> Any:
    x = as_array(x)
    return x if x.dtype.kind in "fc" else x.astype(float)


def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """The norm of vectors over any number of axes, as `numpy.linalg.vector_norm`.

    >>> from autograd import Tensor, linalg
    >>> linalg.vector_norm(Tensor([[3.0, 0.0], [0.0, 4.0]])).item()
    5.0
    """
    x = _inexact(x)
    axes = normalize_axis_tuple(range(x.ndim) if axis is None else axis, x.ndim)
    return _of_vectors(x, ord, axes, keepdims)


def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """The norm of the matrices in the last two axes, as `numpy.linalg.matrix_norm`.

    >>> from autograd import Tensor, linalg
    >>> linalg.matrix_norm(Tensor([[3.0, 0.0], [0.0, 4.0]]), ord="nuc").item()
    7.0
    """
    return norm(x, ord, (-2, -1), keepdims)


def cond(x: Any, p: Any = None) -> Any:
    """The condition number of each matrix in the norm `p`, as `numpy.linalg.cond`.

    At a singular matrix it is inf for p None and 2, at one of zeros also for -2; for the others,
    which need the inverse, it raises LinAlgError where the result records.

    >>> from autograd import Tensor, linalg
    >>> linalg.cond(Tensor([[4.0, 0.0], [0.0, 2.0]])).item()
    2.0
    """
    x = as_array(x)
    if not isinstance(x, Handles.tensor) or x.ndim < 2 or 0 in x.shape[-2:]:
        return np.linalg.cond(plain(x), p)
    if p is None or p in (2, -2):
        s = svdvals(x)
        with np.errstate(divide="ignore", invalid="ignore"):
            largest, smallest = max(s, -1), min(s, -1)  # which tie where several are equal
            ratio = smallest / largest if p == -2 else largest / smallest
        zero = np.isnan(plain(ratio)) & ~np.isnan(plain(x)).any((-2, -1))
        return where(zero, np.inf, ratio) if zero.any() else ratio
    return norm(x, p, (-2, -1)) * norm(inv(x), p, (-2, -1))


NUMPY |= {
    np.linalg.cond: cond, np.linalg.matrix_norm: matrix_norm, np.linalg.norm: norm,
    np.linalg.vector_norm: vector_norm,
}  # fmt: skip
