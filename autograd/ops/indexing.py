"""Reading and writing parts of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..composing import composed
from ..declare import operation
from ..graph import Masked
from ..placed import Placed
from ..protocols import plain
from .shaping import ravel

__all__ = ["take"]

_SIMPLE = (int, slice, type(None), type(...), np.integer)

# --- t[index] and t[index] = v ----------------------------------------------------------


def plain_index(index: Any) -> Any:
    """An index with Tensors, lists and arrays as fresh arrays, so nobody can change it later."""
    if isinstance(index, tuple):
        return tuple([_plain_part(part) for part in index])
    return _plain_part(index)


def _plain_part(part: Any) -> Any:
    if isinstance(part, _SIMPLE) and not isinstance(part, bool):
        return part
    array = np.array(plain(part))
    if array.size == 0 and array.dtype.kind == "f" and not isinstance(part, np.ndarray):
        array = array.astype(np.intp)  # an empty list
    if array.dtype.kind not in "iub":
        raise IndexError(
            f"getitem: an index has integers, slices, masks, None or ..., not {array.dtype} "
            f"{type(part).__name__}"
        )
    return array


def _arrays(index: Any) -> Sequence[np.ndarray]:
    """The arrays in an index; none where it is made of integers and slices."""
    if index.__class__ is np.ndarray:
        return (index,)
    if index.__class__ is tuple and np.ndarray in map(type, index):
        return [part for part in index if part.__class__ is np.ndarray]
    return ()


def _has_mask(index: Any) -> bool:
    return any([array.dtype.kind == "b" for array in _arrays(index)])


def _is_injective(index: Any) -> bool:
    """Whether the index surely selects each entry at most once: by slices, integers and masks."""
    return all([array.dtype.kind == "b" for array in _arrays(index)])


def _chosen(index: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Where the index selects, as a mask."""
    chosen = np.zeros(shape, bool)
    chosen[index] = True
    return chosen


def _lines(index: Any) -> tuple[int, np.ndarray] | None:
    """The axis and the places, for an index of whole lines by integers along one axis."""
    *before, places = index if isinstance(index, tuple) else (index,)
    integers = places.__class__ is np.ndarray and places.dtype.kind in "iu"
    whole = all([isinstance(part, slice) and part == slice(None) for part in before])
    return (len(before), places) if integers and whole else None


_LARGE = 4000
"""From how many entries on `_add_lines` is faster."""
_MANY = 16
"""Up to how many lines to one place are added one by one."""


def _add_lines(out: np.ndarray, axis: int, places: np.ndarray, x: np.ndarray) -> None:
    """out[..., places, ...] += x where places may repeat; several times faster than np.add.at."""
    before: Any = (slice(None),) * axis
    places = places.ravel() % np.intp(out.shape[axis])
    x = x.reshape(*out.shape[:axis], places.size, *out.shape[axis + 1 :])
    order = np.argsort(places, kind="stable")
    sorted_places = places[order]
    starts = np.flatnonzero(np.diff(sorted_places, prepend=-1))
    counts = np.diff(starts, append=places.size)
    most = counts.max()
    if most > _MANY:
        sums = np.add.reduceat(np.take(x, order, axis), starts, axis)
        out[(*before, sorted_places[starts])] = sums
        return
    for turn in range(most):  # the first line to each place, then the second, ...
        chosen = order[starts[counts > turn] + turn]
        out[(*before, places[chosen])] += x[(*before, chosen)]


@operation(lambda g, index: g[index], moves=True, linear=True)
def scatter(x: Any, /, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of `shape` with `x` added at `index`: the transpose of `getitem`."""
    out = np.zeros(shape, x.dtype)
    lines = _lines(index) if x.size > _LARGE and len(shape) > 1 else None
    if _is_injective(index):
        out[index] = x
    elif lines is not None:
        _add_lines(out, *lines, x)
    else:
        np.add.at(out, index, x)
    return out


_PLAIN = (np.ndarray, np.generic)


def _put_back(g: Any, index: Any, x_shape: tuple[int, ...]) -> Any:
    """The cotangent of what was indexed: where a mask selects, that is all it lives on."""
    if isinstance(g, _PLAIN) and not _arrays(index):
        return Placed(g, index)
    back = scatter(g, index, x_shape)
    return Masked(back, _chosen(index, x_shape)) if _has_mask(index) else back


@operation(_put_back, moves=True, linear=True)
def getitem(x: Any, /, index: Any) -> Any:
    """x[index]."""
    return x[index]


def _kept(g: Any, index: Any) -> Any:
    """`g` with zeros at `index`, whose entries were overwritten."""
    kept = setitem(g, np.zeros((), g.dtype), index)
    return Masked(kept, ~_chosen(index, g.shape)) if _has_mask(index) else kept


def _surviving(g: Any, index: Any, y_shape: tuple[int, ...]) -> Any:
    """The entries of `g` that an assigned value reached: the last of those to one place."""
    part = getitem(g, index)
    if not _is_injective(index):
        numbers = np.arange(part.size).reshape(part.shape)
        places = np.full(g.shape, -1)
        places[index] = numbers
        part = part * (places[index] == numbers)
    # An assigned value may have more axes than its place, of length 1 and in front.
    return part.reshape((1,) * (len(y_shape) - part.ndim) + part.shape)


@operation(
    _kept,
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


# --- entries of a flat array ------------------------------------------------------------


def _ungathered(g: Any, places: np.ndarray, x_shape: tuple[int, ...]) -> Any:
    """The cotangent of what was gathered from, which lives only where something was read."""
    back = scatter(g, places, x_shape)
    read = _chosen(places, x_shape)
    return back if read.all() else Masked(back, read)


@operation(_ungathered, moves=True, linear=True)
def gather(x: Any, /, places: np.ndarray) -> Any:
    """The entries of a flat array at the given places."""
    return x[places]


@composed(np.take)
def take(x: Any, /, indices: Any, axis: int | None = None, *, mode: str = "raise") -> Any:
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
    where = plain_index(np.asarray(plain(indices)))
    if where.dtype.kind == "b":
        where = where.astype(np.intp)  # numbers here, not a mask
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
