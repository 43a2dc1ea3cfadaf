"""Operations that change the shape or the order of axes and entries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..composing import as_array, composed, shape_of
from ..declare import operation
from ..op import NUMPY
from ..protocols import plain

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "broadcast_to",
    "expand_dims",
    "flip",
    "fliplr",
    "flipud",
    "meshgrid",
    "moveaxis",
    "permute_dims",
    "ravel",
    "repeat",
    "reshape",
    "resize",
    "roll",
    "rollaxis",
    "rot90",
    "squeeze",
    "swapaxes",
    "tile",
    "transpose",
]

Shape = int | tuple[int, ...]

# --- the same entries in another shape --------------------------------------------------


@operation(
    lambda g, x_shape, order: (
        g.reshape(x_shape) if order == "C" else g.reshape(x_shape, order=order)
    ),
    name="reshape",
    moves=True,
    linear=True,
)
def reshaped(x: Any, /, shape: Shape, order: str = "C") -> Any:
    return np.reshape(x, shape, order)  # type: ignore[call-overload]


def _resolved(x: Any, order: str) -> str:
    """`order`, where that is "A" the one that `x` has in memory."""
    if order not in ("A", "a"):
        return order
    return "F" if np.asarray(plain(x)).flags.fnc else "C"


def reshape(x: Any, shape: Shape, order: str = "C") -> Any:
    """The same entries in another shape; one length may be -1.

    >>> import autograd
    >>> autograd.reshape(autograd.Tensor([1.0, 2.0, 3.0, 4.0]), (2, -1)).shape
    (2, 2)
    """
    return reshaped(x, shape, _resolved(x, order))


def ravel(x: Any, order: str = "C") -> Any:
    """The entries as one axis.

    >>> import autograd
    >>> autograd.ravel(autograd.Tensor([[1.0, 2.0], [3.0, 4.0]]), order="F").numpy()
    array([1., 3., 2., 4.])
    """
    if order in ("K", "k"):  # the order in memory: the axis with the longest stride first
        strides = np.empty_like(plain(x)).strides
        x, order = transpose(x, tuple(np.argsort(strides, kind="stable")[::-1].tolist())), "C"
    return reshaped(x, -1, _resolved(x, order))


NUMPY |= {np.reshape: reshape, np.ravel: ravel}


@operation(lambda g, x_shape: g.reshape(x_shape), numpy=[np.squeeze], moves=True, linear=True)
def squeeze(x: Any, /, axis: int | tuple[int, ...] | None = None) -> Any:
    """Without axes of length 1."""
    return np.squeeze(x, axis)


@operation(lambda g, x_shape: g.reshape(x_shape), numpy=[np.expand_dims], moves=True, linear=True)
def expand_dims(x: Any, /, axis: int | tuple[int, ...]) -> Any:
    """With new axes of length 1."""
    return np.expand_dims(x, axis)


def _each(function: Any, arrays: Sequence[Any]) -> Any:
    """`function` of the only array, or a tuple of it for several."""
    results = tuple([function(as_array(x)) for x in arrays])
    return results[0] if len(results) == 1 else results


@composed(np.atleast_1d)
def atleast_1d(*arys: Any) -> Any:
    """Each array with at least one axis.

    >>> import autograd
    >>> autograd.atleast_1d(autograd.Tensor(3.0)).shape
    (1,)
    """
    return _each(lambda x: x if x.ndim else reshape(x, (1,)), arys)


@composed(np.atleast_2d)
def atleast_2d(*arys: Any) -> Any:
    """Each array with at least two axes, new ones in front.

    >>> import autograd
    >>> autograd.atleast_2d(autograd.Tensor([3.0, 4.0])).shape
    (1, 2)
    """
    return _each(lambda x: reshape(x, (1,) * (2 - x.ndim) + x.shape) if x.ndim < 2 else x, arys)


@composed(np.atleast_3d)
def atleast_3d(*arys: Any) -> Any:
    """Each array with at least three axes: n becomes (1, n, 1), and (m, n) becomes (m, n, 1).

    >>> import autograd
    >>> autograd.atleast_3d(autograd.Tensor([3.0, 4.0])).shape
    (1, 2, 1)
    """
    new: dict[int, tuple[int, ...]] = {0: (0, 1, 2), 1: (0, 2), 2: (2,)}
    return _each(lambda x: expand_dims(x, new[x.ndim]) if x.ndim < 3 else x, arys)


# --- axes in another order --------------------------------------------------------------


def _inverse(axes: Sequence[int] | None) -> tuple[int, ...] | None:
    return None if axes is None else tuple(np.argsort([a % len(axes) for a in axes]).tolist())


@operation(
    lambda g, axes: g.transpose(_inverse(axes)), numpy=[np.transpose], moves=True, linear=True
)
def transpose(x: Any, /, axes: tuple[int, ...] | None = None) -> Any:
    """The axes in another order; reversed where none is given."""
    return np.transpose(x, axes)


permute_dims = transpose


@operation(
    lambda g, axis1, axis2: g.swapaxes(axis1, axis2), numpy=[np.swapaxes], moves=True, linear=True
)
def swapaxes(x: Any, /, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    return np.swapaxes(x, axis1, axis2)


@composed(np.moveaxis)
def moveaxis(x: Any, /, source: Any, destination: Any) -> Any:
    """Axes at other positions, the others in their order.

    >>> import autograd
    >>> autograd.moveaxis(autograd.Tensor([[[1.0, 2.0]]]), -1, 0).shape
    (2, 1, 1)
    """
    return transpose(x, _positions(np.moveaxis, x, source, destination))


@composed(np.rollaxis)
def rollaxis(x: Any, /, axis: int, start: int = 0) -> Any:
    """One axis moved to before position `start`.

    >>> import autograd
    >>> autograd.rollaxis(autograd.Tensor([[[1.0, 2.0]]]), 2).shape
    (2, 1, 1)
    """
    return transpose(x, _positions(np.rollaxis, x, axis, start))


def _positions(numpy: Any, x: Any, *args: Any) -> tuple[int, ...]:
    """Where each axis of what `numpy` makes of `x` comes from, and NumPy's errors."""
    # Axis i of an array of shape (0, 1, 2, ...) that holds nothing has length i.
    shape: tuple[int, ...] = numpy(np.empty(range(x.ndim)), *args).shape
    return shape


# --- repeated entries -------------------------------------------------------------------


# The cotangent is summed to the input's shape where gradients are accumulated.
@operation(lambda g: g, numpy=[np.broadcast_to], moves=True, linear=True)
def broadcast_to(x: Any, /, shape: Shape) -> Any:
    """Repeated along axes of length 1, and new leading ones, up to `shape`."""
    return np.broadcast_to(x, shape)


@composed(np.broadcast_arrays)
def broadcast_arrays(*args: Any) -> Any:
    """The arrays broadcast to one shape, as a tuple.

    >>> import autograd
    >>> x, y = autograd.broadcast_arrays(autograd.Tensor([1.0, 2.0]), 3.0)
    >>> y.shape
    (2,)
    """
    shape = np.broadcast_shapes(*map(shape_of, args))
    return tuple([broadcast_to(x, shape) for x in args])


@composed(np.meshgrid)
def meshgrid(*xi: Any, sparse: bool = False, indexing: str = "xy") -> Any:
    """Coordinates of a grid from those along each axis, as a tuple.

    >>> import autograd
    >>> x, y = autograd.meshgrid(autograd.Tensor([1.0, 2.0, 3.0]), [4.0, 5.0])
    >>> x.shape
    (2, 3)
    """
    axes = list(range(len(xi)))
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing {indexing!r} is unknown: use 'xy' or 'ij'")
    if indexing == "xy":
        axes[:2] = axes[:2][::-1]
    grids = [
        reshape(x, tuple(-1 if a == axis else 1 for a in range(len(xi))))
        for x, axis in zip(xi, axes, strict=True)
    ]
    return tuple(grids) if sparse else broadcast_arrays(*grids)


@composed(np.tile)
def tile(x: Any, /, reps: Any) -> Any:
    """Copies of the whole array side by side, `reps` along each axis.

    >>> import autograd
    >>> autograd.tile(autograd.Tensor([1.0, 2.0]), 2).numpy()
    array([1., 2., 1., 2.])
    """
    counts = [int(n) for n in np.atleast_1d(reps)]
    ndim = max(len(counts), x.ndim)
    counts = [1] * (ndim - len(counts)) + counts
    lengths = (1,) * (ndim - x.ndim) + x.shape
    apart = reshape(x, tuple(k for n in lengths for k in (1, n)))
    pairs = list(zip(counts, lengths, strict=True))
    copies = broadcast_to(apart, tuple(k for pair in pairs for k in pair))
    return reshape(copies, tuple(count * n for count, n in pairs))


@composed(np.repeat)
def repeat(x: Any, /, repeats: Any, axis: int | None = None) -> Any:
    """Each entry along `axis` (of the flattened array where None) several times.

    >>> import autograd
    >>> autograd.repeat(autograd.Tensor([1.0, 2.0]), [1, 2]).numpy()
    array([1., 2., 2.])
    """
    if axis is None:
        x, axis = ravel(x), 0
    axis = normalize_axis_index(axis, x.ndim)
    n = x.shape[axis]
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    if np.size(repeats) == 1:
        count = len(np.repeat(np.empty(1), repeats))
        copies = broadcast_to(reshape(x, (*before, n, 1, *after)), (*before, n, count, *after))
        return reshape(copies, (*before, n * count, *after))
    return x[(slice(None),) * axis + (np.repeat(np.arange(n), repeats),)]


@composed(np.resize)
def resize(a: Any, /, new_shape: Any) -> Any:
    """The entries repeated until they fill `new_shape`.

    >>> import autograd
    >>> autograd.resize(autograd.Tensor([1.0, 2.0]), (3,)).numpy()
    array([1., 2., 1.])
    """
    shape = np.resize(np.empty(1), new_shape).shape
    size = math.prod(shape)
    if not a.size:
        return broadcast_to(a.sum(), shape)  # zeros, as NumPy's
    return reshape(tile(ravel(a), -(-size // a.size))[:size], shape)


# --- entries in another order -----------------------------------------------------------


def _flipped_back(g: Any, axis: Any) -> Any:
    return flip(g, axis)


def _rolled_back(g: Any, shift: Any, axis: Any) -> Any:
    return roll(g, np.negative(shift), axis)


@operation(_flipped_back, numpy=[np.flip], moves=True, linear=True)
def flip(x: Any, /, axis: int | tuple[int, ...] | None = None) -> Any:
    """The entries in reverse order along `axis`, all axes where None."""
    return np.flip(x, axis)


@operation(_rolled_back, numpy=[np.roll], moves=True, linear=True)
def roll(x: Any, /, shift: Any, axis: int | tuple[int, ...] | None = None) -> Any:
    """The entries moved on by `shift` along `axis`, the last ones to the front."""
    return np.roll(x, shift, axis)


@composed(np.fliplr)
def fliplr(x: Any, /) -> Any:
    """The columns in reverse order.

    >>> import autograd
    >>> autograd.fliplr(autograd.Tensor([[1.0, 2.0]])).numpy()
    array([[2., 1.]])
    """
    if x.ndim < 2:
        raise ValueError(f"fliplr: an array of shape {x.shape}: give two axes or more")
    return flip(x, 1)


@composed(np.flipud)
def flipud(x: Any, /) -> Any:
    """The rows in reverse order.

    >>> import autograd
    >>> autograd.flipud(autograd.Tensor([1.0, 2.0])).numpy()
    array([2., 1.])
    """
    if x.ndim < 1:
        raise ValueError("flipud: a 0-d array: give one axis or more")
    return flip(x, 0)


@composed(np.rot90)
def rot90(x: Any, /, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """Turned by `k` times 90 degrees from the first of two axes to the second.

    >>> import autograd
    >>> autograd.rot90(autograd.Tensor([[1.0, 2.0], [3.0, 4.0]])).numpy()
    array([[2., 4.],
           [1., 3.]])
    """
    if len(normalize_axis_tuple(axes, x.ndim)) != 2:
        raise ValueError(f"rot90: axes {axes}: give two different ones")
    k %= 4
    if k % 2 == 0:
        return flip(x, axes) if k else x
    return swapaxes(flip(x, axes[1] if k == 1 else axes[0]), *axes)
