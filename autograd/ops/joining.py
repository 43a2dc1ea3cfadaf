"""Arrays joined, and an array cut into pieces."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..composing import as_array, composed, is_array, shape_of
from ..declare import operation
from ..op import NUMPY
from .shaping import atleast_1d, atleast_2d, atleast_3d, reshape

__all__ = [
    "append",
    "array_split",
    "block",
    "column_stack",
    "concat",
    "concatenate",
    "dsplit",
    "dstack",
    "hsplit",
    "hstack",
    "split",
    "stack",
    "unstack",
    "vsplit",
    "vstack",
]

# --- joining ----------------------------------------------------------------------------


def along(x: Any, axis: int, index: Any) -> Any:
    """`x[..., index, ...]` with the index at `axis`, which is not negative."""
    return x[(slice(None),) * axis + (index,)]


def _piece(g: Any, i: int, shapes: list[tuple[int, ...]], axis: int | None) -> Any:
    if axis is None:
        start = sum(map(math.prod, shapes[:i]))
        return g[start : start + math.prod(shapes[i])].reshape(shapes[i])
    axis = normalize_axis_index(axis, len(shapes[i]))
    start = sum(shape[axis] for shape in shapes[:i])
    return along(g, axis, slice(start, start + shapes[i][axis]))


@operation(
    _piece,
    name="concatenate",
    moves=True,
    linear=True,
    hint="all but the joined axis must have equal lengths",
)
def _concatenate(*xs: Any, axis: int | None = 0) -> Any:
    return np.concatenate(xs, axis)


@operation(
    lambda g, i, axis: along(g, normalize_axis_index(axis, g.ndim), i),
    name="stack",
    moves=True,
    linear=True,
    hint="give tensors of one shape",
)
def _stack(*xs: Any, axis: int = 0) -> Any:
    return np.stack(xs, axis)


def _listed(name: str, arrays: Any) -> list[Any]:
    """The sequence of arrays as a list; an error for a single array or an empty list."""
    if not isinstance(arrays, (list, tuple)) and not (is_array(arrays) and arrays.ndim):
        raise TypeError(f"{name}: give a list or tuple of arrays, not {type(arrays).__name__}")
    items = list(arrays)
    if not items:
        raise ValueError(f"{name}: the list is empty: give at least one array")
    return items


def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    """Arrays joined along an existing axis; flattened first where axis is None.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0], requires_grad=True)
    >>> autograd.concatenate([t, [3.0]]).numpy()
    array([1., 2., 3.])
    """
    return _concatenate(*_listed("concatenate", arrays), axis=axis)


concat = concatenate


def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Arrays of one shape joined along a new axis.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0], requires_grad=True)
    >>> autograd.stack([t, t * 2]).shape
    (2, 2)
    """
    return _stack(*_listed("stack", arrays), axis=axis)


NUMPY |= {np.concatenate: concatenate, np.stack: stack}


@composed(np.vstack)
def vstack(tup: Sequence[Any]) -> Any:
    """Arrays below each other, those of one axis as rows.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0], requires_grad=True)
    >>> autograd.vstack([t, t * 2]).shape
    (2, 2)
    """
    return concatenate([atleast_2d(x) for x in _listed("vstack", tup)])


@composed(np.hstack)
def hstack(tup: Sequence[Any]) -> Any:
    """Arrays beside each other: along the second axis, or the only one.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0], requires_grad=True)
    >>> autograd.hstack([t, [3.0]]).numpy()
    array([1., 2., 3.])
    """
    items = [atleast_1d(x) for x in _listed("hstack", tup)]
    return concatenate(items, 0 if items[0].ndim == 1 else 1)


@composed(np.dstack)
def dstack(tup: Sequence[Any]) -> Any:
    """Arrays behind each other, along the third axis.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0], requires_grad=True)
    >>> autograd.dstack([t, t * 2]).shape
    (1, 2, 2)
    """
    return concatenate([atleast_3d(x) for x in _listed("dstack", tup)], 2)


@composed(np.column_stack)
def column_stack(tup: Sequence[Any]) -> Any:
    """Arrays beside each other, those of one axis as columns.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0], requires_grad=True)
    >>> autograd.column_stack([t, t * 2]).numpy()
    array([[1., 2.],
           [2., 4.]])
    """
    items = [as_array(x) for x in _listed("column_stack", tup)]
    return concatenate([x if x.ndim > 1 else atleast_2d(x).T for x in items], 1)


@composed(np.block)
def block(arrays: Any) -> Any:
    """An array put together from blocks in nested lists, the innermost along the last axis.

    >>> import autograd
    >>> t = autograd.Tensor([[1.0]], requires_grad=True)
    >>> autograd.block([[t, t * 2], [t * 3, t * 4]]).numpy()
    array([[1., 2.],
           [3., 4.]])
    """

    def nested(part: Any, leaf: Callable[[Any], Any]) -> Any:
        return [nested(x, leaf) for x in part] if isinstance(part, list) else leaf(part)

    def joined(part: Any, depth: int) -> Any:
        if isinstance(part, list):
            return concatenate([joined(x, depth - 1) for x in part], -depth)
        return reshape(part, (1,) * (ndim - len(shape_of(part))) + shape_of(part))

    # NumPy's errors, and the number of axes.
    ndim = np.block(nested(arrays, lambda x: np.broadcast_to(np.False_, shape_of(x)))).ndim
    depth = 0
    part = arrays
    while isinstance(part, list):
        part, depth = part[0], depth + 1
    return joined(arrays, depth)


@composed(np.append)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """`values` joined to the end of `arr` along `axis`, both flattened where it is None.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0], requires_grad=True)
    >>> autograd.append(t, 3.0).numpy()
    array([1., 2., 3.])
    """
    return concatenate([arr, values], axis)


# --- cutting ----------------------------------------------------------------------------


def _pieces(numpy: Callable[..., Any], x: Any, cuts: Any, axis: int) -> list[Any]:
    """`x` cut along `axis` where `numpy` cuts an array of its length."""
    axis = normalize_axis_index(axis, x.ndim)
    numbers = numpy(np.arange(x.shape[axis]), cuts)
    return [
        along(x, axis, slice(part[0], part[-1] + 1) if len(part) else slice(0)) for part in numbers
    ]


@composed(np.split)
def split(x: Any, /, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Any]:
    """`x` cut along `axis` into equal sections, or at the given indices.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    >>> [piece.numpy().tolist() for piece in autograd.split(t, 2)]
    [[1.0, 2.0], [3.0, 4.0]]
    """
    return _pieces(np.split, x, indices_or_sections, axis)


@composed(np.array_split)
def array_split(x: Any, /, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Any]:
    """`x` cut along `axis` into sections as equal as can be, or at the given indices.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> [piece.numpy().tolist() for piece in autograd.array_split(t, 2)]
    [[1.0, 2.0], [3.0]]
    """
    return _pieces(np.array_split, x, indices_or_sections, axis)


def _enough_axes(name: str, x: Any, least: int) -> None:
    if x.ndim < least:
        raise ValueError(f"{name}: an array of shape {x.shape}: give {least} axes or more")


@composed(np.hsplit)
def hsplit(x: Any, /, indices_or_sections: int | Sequence[int]) -> list[Any]:
    """`x` cut along its second axis, or its only one.

    >>> import autograd
    >>> t = autograd.Tensor([[1.0, 2.0]], requires_grad=True)
    >>> [piece.tolist() for piece in autograd.hsplit(t, 2)]
    [[[1.0]], [[2.0]]]
    """
    _enough_axes("hsplit", x, 1)
    return _pieces(np.split, x, indices_or_sections, min(x.ndim - 1, 1))


@composed(np.vsplit)
def vsplit(x: Any, /, indices_or_sections: int | Sequence[int]) -> list[Any]:
    """`x`, of two axes or more, cut along the first.

    >>> import autograd
    >>> t = autograd.Tensor([[1.0], [2.0]], requires_grad=True)
    >>> [piece.tolist() for piece in autograd.vsplit(t, 2)]
    [[[1.0]], [[2.0]]]
    """
    _enough_axes("vsplit", x, 2)
    return _pieces(np.split, x, indices_or_sections, 0)


@composed(np.dsplit)
def dsplit(x: Any, /, indices_or_sections: int | Sequence[int]) -> list[Any]:
    """`x`, of three axes or more, cut along the third.

    >>> import autograd
    >>> t = autograd.Tensor([[[1.0, 2.0]]], requires_grad=True)
    >>> [piece.tolist() for piece in autograd.dsplit(t, 2)]
    [[[[1.0]]], [[[2.0]]]]
    """
    _enough_axes("dsplit", x, 3)
    return _pieces(np.split, x, indices_or_sections, 2)


@composed(np.unstack)
def unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
    """The pieces along `axis`, without it, as a tuple.

    >>> import autograd
    >>> x, y = autograd.unstack(autograd.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=1)
    >>> y.numpy()
    array([2., 4.])
    """
    if not x.ndim:
        raise ValueError("unstack: a 0-d array: give one axis or more")
    axis = normalize_axis_index(axis, x.ndim)
    return tuple([along(x, axis, i) for i in range(x.shape[axis])])
