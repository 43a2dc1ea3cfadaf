"""Arrays with entries added around them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..composing import any_records, as_array, composed
from ..declare import operation
from ..protocols import plain
from .elementwise import astype
from .joining import along, concatenate
from .shaping import broadcast_to, flip

__all__ = ["pad"]

Width = tuple[tuple[int, int], ...]

_GATHERING = ("edge", "reflect", "symmetric", "wrap")
"""The modes in which every new entry is one of the old."""

_STATISTICS: dict[str, Any] = {
    "maximum": np.max,
    "mean": np.mean,
    "median": np.median,
    "minimum": np.min,
}
"""The modes in which every new entry is one number of its line: by NumPy's protocol."""


@operation(
    lambda g, x_shape, width: g[tuple(
        slice(before, before + n) for (before, _), n in zip(width, x_shape, strict=True)
    )],
    name="pad",
    moves=True,
)  # fmt: skip
def _pad_constant(x: Any, /, width: Width, value: Any) -> Any:
    return np.pad(x, width, constant_values=value)


@composed(np.pad)
def pad(
    x: Any,
    /,
    pad_width: Any,
    mode: str = "constant",
    *,
    constant_values: Any = None,
    end_values: Any = None,
    stat_length: Any = None,
    reflect_type: str | None = None,
) -> Any:
    """`x` with entries added around it, as `numpy.pad`.

    Args:
        x: the array.
        pad_width: (before, after) for each axis, or one pair or number for all.
        mode: "constant", "empty" (zeros, where something records), "edge", "linear_ramp",
            "maximum", "mean", "median", "minimum", "reflect", "symmetric" or "wrap".
        constant_values: of "constant": what to add, one for all or (before, after) by axis;
            0 by default.
        end_values: of "linear_ramp": what to end with, likewise.
        stat_length: of "maximum", "mean", "median" and "minimum": how many of the entries next to
            the edge count, likewise; all by default.
        reflect_type: of "reflect" and "symmetric": "even", or "odd" for twice the edge minus the
            reflected entries.

    Raises:
        ValueError: for a width or mode that NumPy does not know; TypeError: for a function as
            mode where something records.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0], requires_grad=True)
    >>> autograd.pad(t, 1).numpy()
    array([0., 1., 2., 0.])
    >>> autograd.pad(t, 1, "reflect", reflect_type="odd").numpy()
    array([0., 1., 2., 3.])
    """
    if callable(mode):
        raise TypeError("pad: a function as mode is not supported where the result records")
    options = {
        "constant_values": constant_values,
        "end_values": end_values,
        "stat_length": stat_length,
        "reflect_type": reflect_type,
    }
    given = {key: value for key, value in options.items() if value is not None}
    # NumPy's errors for a mode it does not know, or for an argument that the mode does not have.
    np.pad(np.empty((1,) * x.ndim), 0, mode, **dict.fromkeys(given, 1))  # type: ignore[call-overload]
    width = _width(x, pad_width)
    if mode in ("constant", "empty") and not any_records(given.values()):
        return _pad_constant(x, width, given.get("constant_values", 0))
    for axis, (before, after) in enumerate(width):
        if not before and not after:
            continue
        if not x.shape[axis] and mode != "constant":
            raise ValueError(
                f"pad: mode {mode!r} extends entries, and axis {axis} of {x.shape} has none: use "
                "'constant'"
            )
        x = _extended(x, axis, before, after, mode, given)
    return x


def _pairs(values: Any, ndim: int) -> Any:
    """(before, after) for each axis, from one such pair or number for all; may record."""
    values = as_array(values)
    if values.size in (1, 2) and values.shape != (2, 1):
        values = values.reshape(-1)
    return broadcast_to(values, (ndim, 2))


def _width(x: Any, pad_width: Any) -> Width:
    if isinstance(pad_width, dict):
        by_axis = {normalize_axis_index(axis, x.ndim): pair for axis, pair in pad_width.items()}
        pad_width = [np.broadcast_to(by_axis.get(axis, 0), 2) for axis in range(x.ndim)]
    pairs = np.asarray(plain(pad_width))
    if pairs.dtype.kind not in "iu":
        raise TypeError(f"pad: a width of dtype {pairs.dtype}: give integers")
    try:
        pairs = _pairs(pairs, x.ndim)
    except ValueError as error:
        raise ValueError(
            f"pad: a width of shape {np.shape(pad_width)} for an array of shape {x.shape}: give "
            "(before, after) for each axis, or one pair or number for all"
        ) from error
    if (pairs < 0).any():
        raise ValueError(f"pad: a width below 0 in {pad_width!r}: cut with an index instead")
    return tuple([(before, after) for before, after in pairs.tolist()])


def _extended(
    x: Any, axis: int, before: int, after: int, mode: str, given: Mapping[str, Any]
) -> Any:
    """`x` with entries added along one axis."""
    n = x.shape[axis]
    odd = given.get("reflect_type") == "odd" and n > 1  # NumPy repeats a single entry
    if mode in _GATHERING and not odd:
        places = np.pad(np.arange(n), (before, after), mode)  # type: ignore[call-overload]
        return along(x, axis, places)
    if odd:
        step = n - 1 if mode == "reflect" else n
        left = _reflected(x, axis, before, step)
        right = flip(_reflected(flip(x, axis), axis, after, step), axis)
    elif mode in _STATISTICS:
        lengths = [n, n]
        if "stat_length" in given:
            lengths = [min(n, k) for k in _pairs(given["stat_length"], x.ndim)[axis]]
        chunks = along(x, axis, slice(lengths[0])), along(x, axis, slice(n - lengths[1], n))
        left, right = (_STATISTICS[mode](chunk, axis=axis, keepdims=True) for chunk in chunks)
    else:
        ends = given.get("constant_values", given.get("end_values", 0))
        left, right = _pairs(ends, x.ndim)[axis]
        if mode == "linear_ramp":
            left = _ramp(left, along(x, axis, slice(1)), axis, before)
            right = flip(_ramp(right, along(x, axis, slice(n - 1, n)), axis, after), axis)
    shape = list(x.shape)
    parts = []
    for part, width in ((left, before), (right, after)):
        shape[axis] = width
        parts.append(astype(broadcast_to(part, tuple(shape)), x.dtype))
    return concatenate([parts[0], x, parts[1]], axis)


def _ramp(end: Any, edge: Any, axis: int, width: int) -> Any:
    """From `end`, `width` equal steps towards `edge`, without it."""
    steps = np.arange(width).reshape([-1 if a == axis else 1 for a in range(edge.ndim)])
    return end + (edge - end) * (steps / width)


def _reflected(x: Any, axis: int, width: int, step: int) -> Any:
    """What stands before `x` where it is point-reflected at its first entry, as often as needed.

    Args:
        x: at least two entries along `axis`.
        axis: the axis.
        width: how many entries to give.
        step: how many come from one reflection: all of them, or all without the edge.
    """
    n = x.shape[axis]
    pieces: list[Any] = []
    while width:
        edge = along(x, axis, slice(1))
        block = 2 * edge - flip(along(x, axis, slice(n - step, n)), axis)
        pieces.insert(0, along(block, axis, slice(max(step - width, 0), step)))
        width -= min(step, width)
        x = concatenate([block, along(x, axis, slice(n - step))], axis)
    return concatenate(pieces, axis) if pieces else along(x, axis, slice(0))
