"""Reading and writing parts of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..declare import operation
from ..op import NUMPY, Handles
from .shaping import is_array, ravel

__all__ = ["take"]

_SIMPLE = (int, slice, type(None), type(...), np.integer)


def plain_index(index: Any) -> Any:
    """An index with Tensors, lists and arrays as fresh arrays, so nobody can change it later."""
    if isinstance(index, tuple):
        return tuple(plain_index(part) for part in index)
    if isinstance(index, _SIMPLE) and not isinstance(index, bool):
        return index
    if isinstance(index, Handles.tensor):
        index = index._array
    array = np.array(index)
    if array.size == 0 and array.dtype.kind == "f" and not isinstance(index, np.ndarray):
        array = array.astype(np.intp)  # an empty list
    if array.dtype.kind not in "iub":
        raise IndexError(
            f"getitem: an index has integers, slices, masks, None or ..., not {array.dtype} "
            f"{type(index).__name__}"
        )
    return array


def _is_basic(index: Any) -> bool:
    """Whether the index selects each entry at most once, by integers and slices alone."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(isinstance(part, _SIMPLE) for part in parts)


@operation(lambda g, index: g[index], moves=True, linear=True)
def scatter(x: Any, /, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of `shape` with `x` added at `index`: the transpose of `getitem`."""
    out = np.zeros(shape, x.dtype)
    if _is_basic(index):
        out[index] = x
    else:
        np.add.at(out, index, x)
    return out


@operation(lambda g, index, x_shape: scatter(g, index, x_shape), moves=True, linear=True)
def getitem(x: Any, /, index: Any) -> Any:
    """x[index]."""
    return x[index]


def _cleared(g: Any, index: Any) -> Any:
    """`g` with zeros at `index`, whose entries were overwritten."""
    return setitem(g, np.zeros((), g.dtype), index)


def _surviving(g: Any, index: Any, y_shape: tuple[int, ...]) -> Any:
    """The entries of `g` that an assigned value reached: the last of those to one place."""
    part = getitem(g, index)
    if not _is_basic(index):
        numbers = np.arange(part.size).reshape(part.shape)
        places = np.full(g.shape, -1)
        places[index] = numbers
        part = part * (places[index] == numbers)
    # An assigned value may have more axes than its place, of length 1 and in front.
    return part.reshape((1,) * (len(y_shape) - part.ndim) + part.shape)


@operation(
    _cleared,
    _surviving,
    moves=True,
    linear=True,
    hint="the value must broadcast to the shape of the indexed part",
)
def setitem(x: Any, y: Any, /, index: Any) -> Any:
    """A copy of x with x[index] = y."""
    out = np.array(x)  # a 0-d cotangent may be a scalar of NumPy
    out[index] = y
    return out


def take(x: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
    """Entries of `x` along `axis` (of the flattened array where None) at `indices`.

    Args:
        x: the array.
        indices: integers of any shape.
        axis: the axis to take along.
        mode: how an index out of range is met: "raise", "wrap" or "clip".

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> autograd.take(t, [2, 0]).numpy()
    array([3., 1.])
    """
    x = x if is_array(x) else np.asarray(x)
    where = plain_index(indices if np.ndim(indices) else np.asarray(indices))
    if axis is None:
        x, axis = ravel(x), 0
    axis = normalize_axis_index(axis, x.ndim)
    n = x.shape[axis]
    if mode == "wrap":
        where = where % n
    elif mode == "clip":
        where = np.clip(where, 0, n - 1)
    elif mode != "raise":
        raise ValueError(f"take: mode {mode!r} is unknown: use 'raise', 'wrap' or 'clip'")
    return getitem(x, (slice(None),) * axis + (where,))


NUMPY[np.take] = take
