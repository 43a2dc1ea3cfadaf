"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..composing import as_array, composed
from ..declare import operation
from ..op import NUMPY
from .elementwise import where
from .shaping import ravel

__all__ = ["diag", "diagflat", "diagonal", "make_diagonal", "trace", "tril", "triu"]


def _read_back(g: Any, offset: int, axis1: int, axis2: int) -> Any:
    return diagonal(g, offset, axis1, axis2)


@operation(_read_back, moves=True, linear=True)
def from_diagonal(x: Any, /, shape: tuple[int, ...], offset: int, axis1: int, axis2: int) -> Any:
    """Zeros of `shape` with `x` on a diagonal: the transpose of `diagonal`."""
    out = np.zeros(shape, x.dtype)
    n = x.shape[-1]
    i = np.arange(n)
    np.moveaxis(out, (axis1, axis2), (-2, -1))[..., i - min(offset, 0), i + max(offset, 0)] = x
    return out


@operation(
    lambda g, x_shape, offset, axis1, axis2: from_diagonal(g, x_shape, offset, axis1, axis2),
    numpy=[np.diagonal],
    moves=True,
    linear=True,
)
def diagonal(x: Any, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The entries whose index at `axis2` is larger by `offset` than that at `axis1`."""
    return np.diagonal(x, offset, axis1, axis2)


def make_diagonal(x: Any, offset: int = 0, axis1: int = -1, axis2: int = -2) -> Any:
    """Matrices with the last axis of `x` on a diagonal, zero elsewhere: `diagonal` undone.

    Args:
        x: an array of one axis or more.
        offset: by how much the index at `axis2` is larger than that at `axis1` on the diagonal.
        axis1, axis2: where the axes of the matrices are to be in the result.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0], requires_grad=True)
    >>> autograd.make_diagonal(t).numpy()
    array([[1., 0.],
           [0., 2.]])
    """
    x = as_array(x)
    if not x.ndim:
        raise ValueError("make_diagonal: a 0-d array: give one axis or more")
    n = x.shape[-1] + abs(offset)
    axis1, axis2 = normalize_axis_tuple((axis1, axis2), x.ndim + 1, "axis1, axis2")
    shape = list(x.shape[:-1])
    for axis in sorted((axis1, axis2)):
        shape.insert(axis, n)
    return from_diagonal(x, tuple(shape), offset, axis1, axis2)


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum along a diagonal.

    >>> import autograd
    >>> autograd.trace(autograd.Tensor([[1.0, 2.0], [3.0, 4.0]])).item()
    5.0
    """
    return diagonal(x, offset, axis1, axis2).sum(-1)


@composed(np.diag)
def diag(x: Any, /, k: int = 0) -> Any:
    """The diagonal of a matrix, or the matrix with the given diagonal.

    Raises:
        ValueError: for an array that has neither one nor two axes.

    >>> import autograd
    >>> autograd.diag(autograd.Tensor([1.0, 2.0])).numpy()
    array([[1., 0.],
           [0., 2.]])
    """
    if x.ndim == 2:
        return diagonal(x, k)
    if x.ndim != 1:
        raise ValueError(f"diag: an array of shape {x.shape}: give one axis or two")
    n = len(x) + abs(k)
    return from_diagonal(x, (n, n), k, 0, 1)


@composed(np.diagflat)
def diagflat(x: Any, /, k: int = 0) -> Any:
    """The matrix whose diagonal are the entries of `x`.

    >>> import autograd
    >>> autograd.diagflat(autograd.Tensor([[1.0], [2.0]])).numpy()
    array([[1., 0.],
           [0., 2.]])
    """
    return diag(ravel(x), k)


def _lower(x: Any, k: int) -> np.ndarray:
    """The mask of the `k`-th diagonal and what is below it."""
    return np.tri(x.shape[-min(x.ndim, 2)], x.shape[-1], k, bool)


@composed(np.tril)
def tril(x: Any, /, k: int = 0) -> Any:
    """`x` with zeros above the `k`-th diagonal, which contribute exactly nothing.

    >>> import autograd
    >>> autograd.tril(autograd.Tensor([[1.0, 2.0], [3.0, 4.0]])).numpy()
    array([[1., 0.],
           [3., 4.]])
    """
    return where(_lower(x, k), x, np.zeros((), x.dtype))


@composed(np.triu)
def triu(x: Any, /, k: int = 0) -> Any:
    """`x` with zeros below the `k`-th diagonal, which contribute exactly nothing.

    >>> import autograd
    >>> autograd.triu(autograd.Tensor([[1.0, 2.0], [3.0, 4.0]])).numpy()
    array([[1., 2.],
           [0., 4.]])
    """
    return where(_lower(x, k - 1), np.zeros((), x.dtype), x)


NUMPY[np.trace] = trace
