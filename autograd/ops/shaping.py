"""Operations that move entries without changing them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..declare import operation
from ..op import NUMPY, Handles

__all__ = [
    "broadcast_to",
    "concatenate",
    "expand_dims",
    "pad",
    "ravel",
    "reshape",
    "split",
    "squeeze",
    "stack",
    "swapaxes",
    "transpose",
]

Shape = int | tuple[int, ...]


def is_array(x: Any) -> bool:
    return isinstance(x, (np.ndarray, Handles.tensor))


def shape_of(x: Any) -> tuple[int, ...]:
    return x.shape if is_array(x) else np.shape(x)


@operation(lambda g, x_shape: g.reshape(x_shape), numpy=[np.reshape], moves=True, linear=True)
def reshape(x: Any, /, shape: Shape, order: str = "C") -> Any:
    """The same entries in another shape; one length may be -1."""
    if order != "C":
        raise ValueError(f"order {order!r} is not supported: transpose before and after instead")
    return np.reshape(x, shape)


@operation(lambda g, x_shape: g.reshape(x_shape), numpy=[np.ravel], moves=True, linear=True)
def ravel(x: Any, /) -> Any:
    """The entries as one axis."""
    return np.ravel(x)


def _inverse(axes: Sequence[int] | None) -> tuple[int, ...] | None:
    return None if axes is None else tuple(np.argsort([a % len(axes) for a in axes]).tolist())


@operation(
    lambda g, axes: g.transpose(_inverse(axes)), numpy=[np.transpose], moves=True, linear=True
)
def transpose(x: Any, /, axes: tuple[int, ...] | None = None) -> Any:
    """The axes in another order; reversed where none is given."""
    return np.transpose(x, axes)


@operation(
    lambda g, axis1, axis2: g.swapaxes(axis1, axis2), numpy=[np.swapaxes], moves=True, linear=True
)
def swapaxes(x: Any, /, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    return np.swapaxes(x, axis1, axis2)


@operation(lambda g, x_shape: g.reshape(x_shape), numpy=[np.squeeze], moves=True, linear=True)
def squeeze(x: Any, /, axis: int | tuple[int, ...] | None = None) -> Any:
    """Without axes of length 1."""
    return np.squeeze(x, axis)


@operation(lambda g, x_shape: g.reshape(x_shape), numpy=[np.expand_dims], moves=True, linear=True)
def expand_dims(x: Any, /, axis: int | tuple[int, ...]) -> Any:
    """With new axes of length 1."""
    return np.expand_dims(x, axis)


# The cotangent is summed to the input's shape where gradients are accumulated.
@operation(lambda g: g, numpy=[np.broadcast_to], moves=True, linear=True)
def broadcast_to(x: Any, /, shape: Shape) -> Any:
    """Repeated along axes of length 1, and new leading ones, up to `shape`."""
    return np.broadcast_to(x, shape)


# --- joining and splitting --------------------------------------------------------------


def _along(x: Any, axis: int, index: Any) -> Any:
    """`x[..., index, ...]` with the index at `axis`."""
    return x[(slice(None),) * axis + (index,)]


def _piece(g: Any, i: int, shapes: list[tuple[int, ...]], axis: int) -> Any:
    axis = normalize_axis_index(axis, len(shapes[i]))
    start = sum(shape[axis] for shape in shapes[:i])
    return _along(g, axis, slice(start, start + shapes[i][axis]))


@operation(
    _piece,
    name="concatenate",
    moves=True,
    linear=True,
    hint="all but the joined axis must have equal lengths",
)
def _concatenate(*xs: Any, axis: int = 0) -> Any:
    return np.concatenate(xs, axis)


@operation(
    lambda g, i, axis: _along(g, normalize_axis_index(axis, g.ndim), i),
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
    items = _listed("concatenate", arrays)
    if axis is None:
        return _concatenate(*[ravel(x) for x in items], axis=0)
    return _concatenate(*items, axis=axis)


def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Arrays of one shape joined along a new axis.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0], requires_grad=True)
    >>> autograd.stack([t, t * 2]).shape
    (2, 2)
    """
    return _stack(*_listed("stack", arrays), axis=axis)


def split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Any]:
    """`x` cut along `axis` into equal sections, or at the given indices.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    >>> [piece.numpy().tolist() for piece in autograd.split(t, 2)]
    [[1.0, 2.0], [3.0, 4.0]]
    """
    x = x if is_array(x) else np.asarray(x)
    axis = normalize_axis_index(axis, x.ndim)
    n = x.shape[axis]
    if isinstance(indices_or_sections, (int, np.integer)):
        sections = int(indices_or_sections)
        if sections < 1 or n % sections:
            raise ValueError(
                f"split: axis {axis} of length {n} does not divide into {sections} equal "
                "sections: give a divisor, or the indices to cut at"
            )
        cuts = [n // sections * k for k in range(1, sections)]
    else:
        cuts = [int(k) for k in indices_or_sections]
    bounds = zip([0, *cuts], [*cuts, n], strict=True)
    return [_along(x, axis, slice(start, stop)) for start, stop in bounds]


# --- padding ----------------------------------------------------------------------------

_GATHERING = ("edge", "reflect", "symmetric", "wrap")
"""The modes of np.pad in which every new entry is one of the old."""


@operation(
    lambda g, x_shape, width: g[tuple(
        slice(before, before + n) for (before, _), n in zip(width, x_shape, strict=True)
    )],
    name="pad",
    moves=True,
)  # fmt: skip
def _pad_constant(x: Any, /, width: tuple[tuple[int, int], ...], value: Any) -> Any:
    return np.pad(x, width, constant_values=value)


def pad(x: Any, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0) -> Any:
    """`x` with entries added around it, as `numpy.pad`.

    Args:
        x: the array.
        pad_width: (before, after) for each axis, or one pair or number for all.
        mode: "constant", or "edge", "reflect", "symmetric", "wrap", which repeat entries of `x`.
        constant_values: what "constant" adds; plain numbers.

    Raises:
        NotImplementedError: for NumPy's other modes.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0], requires_grad=True)
    >>> autograd.pad(t, 1).numpy()
    array([0., 1., 2., 0.])
    """
    x = x if is_array(x) else np.asarray(x)
    try:
        pairs = np.broadcast_to(pad_width, (x.ndim, 2))
    except ValueError as error:
        raise ValueError(
            f"pad: a width of shape {np.shape(pad_width)} for an array of shape {x.shape}: give "
            "(before, after) for each axis, or one pair or number for all"
        ) from error
    width = tuple((int(before), int(after)) for before, after in pairs)
    if mode == "constant":
        return _pad_constant(x, width, constant_values)
    if mode not in _GATHERING:
        raise NotImplementedError(
            f"pad: mode {mode!r} is not supported: use 'constant', "
            f"{', '.join(map(repr, _GATHERING))}"
        )
    for axis, (before, after) in enumerate(width):
        if before or after:
            source = np.pad(np.arange(x.shape[axis]), (before, after), mode)  # type: ignore[call-overload]
            x = _along(x, axis, source)
    return x


NUMPY |= {np.concatenate: concatenate, np.stack: stack, np.split: split, np.pad: pad}
