"""Running sums and products, differences, and the numerical derivative and integral."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..composing import as_array, composed
from ..declare import operation
from ..op import NUMPY
from ..protocols import plain
from .elementwise import astype
from .joining import along, concatenate
from .reductions import _product_before, sum
from .shaping import atleast_1d, broadcast_to, ravel, reshape

__all__ = ["cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "diff", "ediff1d", "gradient",
           "trapezoid", "unwrap"]  # fmt: skip


def _part(x: Any, axis: int, start: int | None, stop: int | None = None, step: int = 1) -> Any:
    """A slice of `x` along `axis`."""
    return along(x, normalize_axis_index(axis, x.ndim), slice(start, stop, step))


def _reversed(x: Any, axis: int) -> Any:
    return _part(x, axis, None, None, -1)


def _line(x: Any, axis: int | None) -> tuple[Any, int]:
    """`x` and the axis to run along: all entries as one where that is None."""
    return (ravel(x), 0) if axis is None else (x, axis)


# --- running sums -----------------------------------------------------------------------


def _sums_from(g: Any, x_shape: tuple[int, ...], axis: int | None) -> Any:
    """The sum of `g` from each place to the end."""
    g, axis = _line(g, axis)
    return reshape(_reversed(cumsum(_reversed(g, axis), axis=axis), axis), x_shape)


@operation(_sums_from, numpy=[np.cumsum], moves=True, linear=True)
def cumsum(x: Any, /, axis: int | None = None) -> Any:
    """The sums of the entries up to each along `axis`, or along all entries in a row."""
    return np.cumsum(x, axis=axis)


# --- running products -------------------------------------------------------------------


def _recurrence(g: Any, x: Any) -> Any:
    """r[i] = g[i] + x[i + 1] r[i + 1] along the last axis: log n steps, without a division.

    Each step composes the affine maps r[i + s] -> r[i] that the steps before have made for
    s = 1, 2, 4, ... (Blelloch 1990, Prefix sums and their applications).
    """
    n = x.shape[-1]
    factors = concatenate([x[..., 1:], np.zeros_like(plain(x)[..., :1])], axis=-1)
    shift = 1
    while shift < n:
        nothing = np.zeros_like(plain(g)[..., :shift])
        g = g + factors * concatenate([g[..., shift:], nothing], axis=-1)
        factors = factors * concatenate([factors[..., shift:], nothing], axis=-1)
        shift *= 2
    return g


def _products_from(g: Any, x: Any, axis: int | None) -> Any:
    """The gradient of a running product, exact where entries are 0."""
    shape = x.shape
    if axis is None or not shape:
        axis, x, g = 0, ravel(x), ravel(g)
    x, g = x.swapaxes(axis, -1), g.swapaxes(axis, -1)
    result = _product_before(x) * _recurrence(g, x)
    return reshape(result.swapaxes(axis, -1), shape)


@operation(_products_from, numpy=[np.cumprod])
def cumprod(x: Any, /, axis: int | None = None) -> Any:
    """The products of the entries up to each; the gradient is exact where entries are 0."""
    return np.cumprod(x, axis=axis)


def _cumulative(name: str, run: Any, start: int, x: Any, axis: Any, include_initial: bool) -> Any:
    if axis is None:
        if x.ndim > 1:
            raise ValueError(f"{name}: of an array of shape {x.shape}: give the axis")
        axis, x = 0, atleast_1d(x)
    x = run(x, axis=axis)
    if not include_initial:
        return x
    shape = [1 if i == axis % x.ndim else n for i, n in enumerate(x.shape)]
    return concatenate([np.full(shape, start, x.dtype), x], axis=axis)


@composed(np.cumulative_sum)
def cumulative_sum(x: Any, *, axis: int | None = None, include_initial: bool = False) -> Any:
    """`cumsum` by the array API's name, with the empty sum in front where it is asked for.

    >>> import autograd
    >>> autograd.cumulative_sum(autograd.Tensor([1.0, 2.0]), include_initial=True).numpy()
    array([0., 1., 3.])
    """
    return _cumulative("cumulative_sum", cumsum, 0, x, axis, include_initial)


@composed(np.cumulative_prod)
def cumulative_prod(x: Any, *, axis: int | None = None, include_initial: bool = False) -> Any:
    """`cumprod` by the array API's name, with the empty product in front where it is asked for.

    >>> import autograd
    >>> autograd.cumulative_prod(autograd.Tensor([2.0, 3.0])).numpy()
    array([2., 6.])
    """
    return _cumulative("cumulative_prod", cumprod, 1, x, axis, include_initial)


# --- running extremes -------------------------------------------------------------------


def _shared_along(g: Any, x: Any, out: Any, axis: int) -> Any:
    """Each `g` shared equally by the entries so far that are the extreme `out`."""
    x, out = plain(x).swapaxes(axis, -1), plain(out).swapaxes(axis, -1)
    winners = (x == out) | (np.isnan(x) & np.isnan(out))
    # The places with one extreme follow each other: where such a run starts ...
    starts = np.ones(x.shape, bool)
    following = out[..., 1:], out[..., :-1]
    starts[..., 1:] = ~np.equal(*following) & ~(np.isnan(following[0]) & np.isnan(following[1]))
    # ... and how many entries of it have been the extreme so far.
    among = np.cumsum(winners, axis=-1)
    before = np.maximum.accumulate(np.where(starts, among - winners, 0), axis=-1)
    count = (among - before).astype(g.dtype)
    # The sum of the shares from an entry to the end of its run.
    total = _recurrence(g.swapaxes(axis, -1) / count, (~starts).astype(g.dtype))
    return (winners.astype(g.dtype) * total).swapaxes(axis, -1)


@operation(_shared_along, name="cummax")
def cummax(x: Any, /, axis: int = 0) -> Any:
    """The largest entry up to each, as `numpy.maximum.accumulate`; ties share equally."""
    return np.maximum.accumulate(x, axis=axis)


@operation(_shared_along, name="cummin")
def cummin(x: Any, /, axis: int = 0) -> Any:
    """The smallest entry up to each, as `numpy.minimum.accumulate`; ties share equally."""
    return np.minimum.accumulate(x, axis=axis)


# --- differences ------------------------------------------------------------------------


@composed(np.diff)
def diff(x: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Each entry minus the one before along `axis`, `n` times over.

    `prepend` and `append` are put before and after `x` first; they may record.

    >>> import autograd
    >>> autograd.diff(autograd.Tensor([1.0, 4.0, 9.0])).numpy()
    array([3., 5.])
    """
    if n < 0:
        raise ValueError(f"diff: n={n}: give the number of times, 0 or more")
    x = as_array(x)
    if n == 0:
        return x
    if x.ndim == 0:
        raise ValueError("diff: of a single number: give an array of at least one dimension")
    pieces = [_beside(x, prepend, axis), x, _beside(x, append, axis)]
    pieces = [piece for piece in pieces if piece is not None]
    x = concatenate(pieces, axis) if len(pieces) > 1 else x
    for _ in range(n):
        x = _part(x, axis, 1) - _part(x, axis, None, -1)
    return x


def _beside(x: Any, piece: Any, axis: int) -> Any:
    """What is put before or after `x`; a number in the shape that this takes."""
    if piece is None:
        return None
    piece = as_array(piece)
    if piece.ndim:
        return piece
    axis = normalize_axis_index(axis, x.ndim)
    return broadcast_to(piece, (*x.shape[:axis], 1, *x.shape[axis + 1 :]))


@composed(np.ediff1d)
def ediff1d(x: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """The differences of all entries in a row, with others after and before them.

    >>> import autograd
    >>> autograd.ediff1d(autograd.Tensor([1.0, 4.0, 9.0]), to_end=0.0).numpy()
    array([3., 5., 0.])
    """
    x = ravel(as_array(x))
    pieces = [to_begin, x[1:] - x[:-1], to_end]
    pieces = [ravel(_as(x.dtype, piece)) for piece in pieces if piece is not None]
    return concatenate(pieces) if len(pieces) > 1 else pieces[0]


def _as(dtype: Any, x: Any) -> Any:
    x = as_array(x)
    return x if x.dtype == dtype else astype(x, dtype)


# --- derivative and integral of samples -------------------------------------------------


@composed(np.gradient)
def gradient(f: Any, *spacings: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """The derivative of samples by second-order differences, as `numpy.gradient`.

    Args:
        f: the samples.
        spacings: nothing for a distance of 1, one distance for all axes, or for each axis its
            distance or the coordinates of the samples; they may record.
        axis: one or several; all by default.
        edge_order: 1 or 2, the order of the differences at the ends.

    Returns:
        An array of the shape of `f`; a tuple of them for several axes.

    >>> import autograd
    >>> autograd.gradient(autograd.Tensor([1.0, 2.0, 4.0]), 0.5).numpy()
    array([2., 3., 4.])
    """
    f = as_array(f)
    axes = normalize_axis_tuple(range(f.ndim) if axis is None else axis, f.ndim)
    given = [as_array(h) for h in spacings]
    if not given:
        given = [np.ones((), f.real.dtype)] * len(axes)
    elif len(given) == 1 and given[0].ndim == 0:
        given *= len(axes)
    if len(given) != len(axes):
        raise TypeError(f"gradient: {len(given)} spacings for {len(axes)} axes: give one for each")
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: edge_order={edge_order}: use 1 or 2")
    found = []
    for line, spacing in zip(axes, given, strict=True):
        n = f.shape[line]
        if n < edge_order + 1:
            raise ValueError(
                f"gradient: axis {line} has {n} samples: with edge_order={edge_order} it takes "
                f"{edge_order + 1} at least"
            )
        if spacing.ndim > 1 or (spacing.ndim and len(spacing) != n):
            raise ValueError(
                f"gradient: spacing of shape {spacing.shape} for axis {line} of length {n}: give "
                "a distance, or the coordinate of each sample"
            )
        steps = diff(spacing) if spacing.ndim else broadcast_to(spacing, (n - 1,))
        slopes = _slopes(f.swapaxes(line, -1), steps, edge_order)
        if f.dtype.kind in "fc":
            slopes = _as(f.dtype, slopes)
        found.append(slopes.swapaxes(line, -1))
    return found[0] if len(found) == 1 else tuple(found)


def _slopes(f: Any, steps: Any, edge_order: int) -> Any:
    """The derivative along the last axis: that of the parabola through three samples."""
    quotients = (f[..., 1:] - f[..., :-1]) / steps
    before, after = steps[:-1], steps[1:]
    # Inside, the mean of the quotients of both sides, each weighted with the other's distance.
    inside = (quotients[..., :-1] * after + quotients[..., 1:] * before) / (before + after)
    first, last = quotients[..., :1], quotients[..., -1:]
    if edge_order == 2:
        bends = (quotients[..., 1:] - quotients[..., :-1]) / (before + after)
        first = first - bends[..., :1] * steps[:1]
        last = last + bends[..., -1:] * steps[-1:]
    return concatenate([first, inside, last], axis=-1)


@composed(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """The integral of the samples `y` along `axis` by the trapezoidal rule.

    Args:
        y: the samples.
        x: their coordinates, for one axis or in the shape of `y`; they may record.
        dx: the distance between samples where `x` is not given.
        axis: the axis.

    >>> import autograd
    >>> autograd.trapezoid(autograd.Tensor([1.0, 2.0, 3.0]), dx=0.5).item()
    2.0
    """
    y = as_array(y)
    if x is None:
        steps = dx
    else:
        x = as_array(x)
        steps = diff(x, axis=0 if x.ndim == 1 else axis)
        if x.ndim == 1:
            length = [1] * y.ndim
            length[axis] = len(steps)
            steps = reshape(steps, tuple(length))
    return sum(steps * (_part(y, axis, 1) + _part(y, axis, None, -1)) / 2.0, axis)


@composed(np.unwrap)
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * math.pi) -> Any:
    """`p` with whole periods added such that neighbours differ by half a period at most.

    How many are added is a constant for the derivative.

    >>> import autograd
    >>> autograd.unwrap(autograd.Tensor([0.0, 5.0], requires_grad=True), period=4.0).numpy()
    array([0., 1.])
    """
    p = as_array(p)
    values, length = plain(p), plain(period)
    shift = np.unwrap(values, plain(discont), axis, period=length) - values
    return p + period * np.rint(shift / length).astype(shift.dtype)


NUMPY |= {
    (np.add, "accumulate"): cumsum,
    (np.multiply, "accumulate"): cumprod,
    (np.maximum, "accumulate"): cummax,
    (np.minimum, "accumulate"): cummin,
}
