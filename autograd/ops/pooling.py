"""Pooling over any number of spatial axes: maxima and means of windows.

The mean is linear, its transpose spreads each entry over its window; the two are each other's
rules. The maximum's rules are linear as well once it is known which entries won.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..composing import as_array
from ..declare import operation
from ..protocols import plain
from .elementwise import _unless
from .reductions import mean
from .shaping import expand_dims, squeeze
from .windows import Pairs, Sizes, Strides, check_size, each_axis, every, padding_pairs

__all__ = ["adaptive_avg_pool", "avg_pool", "max_pool"]


def _canvas(
    x: np.ndarray, size: Sequence[int], padding: Pairs, fill: float, dtype: Any = None
) -> np.ndarray:
    """The padded size filled with one number, in the memory order of `x`."""
    padded = [before + n + after for n, (before, after) in zip(size, padding, strict=True)]
    return np.full_like(x, fill, dtype, shape=(*x.shape[:2], *padded))


def _inside(size: Sequence[int], padding: Pairs) -> tuple[slice, ...]:
    pairs = zip(size, padding, strict=True)
    return (slice(None), slice(None), *[slice(before, before + n) for n, (before, _) in pairs])


def _padded(x: np.ndarray, padding: Pairs, fill: float) -> np.ndarray:
    if not any(map(any, padding)):
        return x
    canvas = _canvas(x, x.shape[2:], padding, fill)
    canvas[_inside(x.shape[2:], padding)] = x
    return canvas


def _entries(
    padded: np.ndarray, kernel: Sizes, stride: Sizes, dilation: Sizes
) -> Iterator[np.ndarray]:
    """For each entry of the kernel, a view of what it meets in all windows."""
    axes = zip(padded.shape[2:], kernel, stride, dilation, strict=True)
    counts = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in axes]
    for entry in itertools.product(*map(range, kernel)):
        yield padded[(slice(None), slice(None), *map(every, entry, counts, stride, dilation))]


# --- the maximum ------------------------------------------------------------------------


def _lowest(dtype: np.dtype[Any]) -> Any:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def _losers(
    x: np.ndarray, top: np.ndarray, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes
) -> tuple[list[np.ndarray], Any]:
    """For each entry of the kernel where it is not the maximum, and how many are.

    A nan in a window is its maximum. The count is None where there is one maximum everywhere.
    """
    views = list(_entries(_padded(x, padding, np.nan), kernel, stride, dilation))
    losers = [view != top for view in views]
    if not any(map(any, padding)) and not np.isnan(top).any():  # then each window has at least one
        lost = sum(map(np.count_nonzero, losers))
        if lost == (len(losers) - 1) * top.size:
            return losers, None
    count = np.full_like(top, len(losers), np.min_scalar_type(len(losers)))
    for loser in losers:
        count -= loser
    if not count.all():
        losers = [lost & ~np.isnan(view) for lost, view in zip(losers, views, strict=True)]
        count = np.full_like(count, len(losers)) - np.add.reduce(losers, axis=0)
    return losers, count


def _max_unpool_x(
    g: Any, x: Any, top: Any, size: Any, kernel: Any, stride: Any, padding: Any, dilation: Any
) -> Any:
    return _of_winners(g, x, top, size, kernel, stride, padding, dilation)


@operation(_max_unpool_x, name="max_unpool", linear=True)
def _to_winners(
    t: Any,
    /,
    x: np.ndarray,
    top: np.ndarray,
    size: Sizes,
    kernel: Sizes,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
) -> Any:
    """Each entry of `t` shared by the entries of its window that are the maximum."""
    losers, count = _losers(x, top, kernel, stride, padding, dilation)
    share = t
    if count is not None and count.size and count.max() > 1:
        share = (t / count).astype(t.dtype, copy=False)
    if share.strides != top.strides:  # one memory order for all: mixed, each pass takes far longer
        ordered = np.empty_like(top, t.dtype)
        ordered[...] = share
        share = ordered
    canvas = _canvas(x, size, padding, 0, t.dtype)
    apart = all(s >= d * (k - 1) + 1 for k, s, d in zip(kernel, stride, dilation, strict=True))
    for lost, place in zip(losers, _entries(canvas, kernel, stride, dilation), strict=True):
        if apart:
            place[...] = _unless(lost, share)
        else:
            place += _unless(lost, share)
    return canvas[_inside(size, padding)]


@operation(
    lambda g, x, top, size, kernel, stride, padding, dilation: _to_winners(
        g, x, top, size, kernel, stride, padding, dilation
    ),
    name="max_pool_winners",
    linear=True,
)
def _of_winners(
    t: Any,
    /,
    x: np.ndarray,
    top: np.ndarray,
    size: Sizes,
    kernel: Sizes,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
) -> Any:
    """The mean of those entries of `t` in each window where `x` has its maximum."""
    losers, count = _losers(x, top, kernel, stride, padding, dilation)
    total = np.zeros_like(top, t.dtype)
    views = _entries(_padded(t, padding, 0), kernel, stride, dilation)
    for lost, view in zip(losers, views, strict=True):
        total += _unless(lost, np.ascontiguousarray(view))
    if count is not None:
        total /= np.maximum(count, 1)  # 0 for a window of padding alone
    return total


@operation(
    lambda g, x, out, x_shape, kernel, stride, padding, dilation: _to_winners(
        g, plain(x), plain(out), x_shape[2:], kernel, stride, padding, dilation
    ),
    pushes=[
        lambda t, x, out, x_shape, kernel, stride, padding, dilation: _of_winners(
            t, plain(x), plain(out), x_shape[2:], kernel, stride, padding, dilation
        )
    ],
    name="max_pool",
)
def _max_pool(x: Any, /, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes) -> Any:
    padded = _padded(x, padding, _lowest(x.dtype))
    first, *others = _entries(padded, kernel, stride, dilation)
    out = first.copy(order="K")
    for view in others:
        np.maximum(out, view, out=out)
    return out


# --- the mean ---------------------------------------------------------------------------


def _sums(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype of sums: those of float16 leave its range where their mean does not."""
    return np.dtype(np.float32) if dtype.char == "e" else dtype


def _avg_pool_x(
    g: Any, x_shape: Sizes, kernel: Any, stride: Any, padding: Any, divisor: Any
) -> Any:
    return _avg_unpool(g, x_shape[2:], kernel, stride, padding, divisor)


@operation(_avg_pool_x, name="avg_pool", linear=True)
def _avg_pool(x: Any, /, kernel: Sizes, stride: Sizes, padding: Pairs, divisor: Any) -> Any:
    ones = (1,) * len(kernel)
    first, *others = _entries(_padded(x, padding, 0), kernel, stride, ones)
    out = first.astype(_sums(x.dtype))
    for view in others:
        out += view
    out /= divisor
    return out.astype(x.dtype, copy=False)


@operation(
    lambda g, kernel, stride, padding, divisor: _avg_pool(g, kernel, stride, padding, divisor),
    name="avg_unpool",
    linear=True,
)
def _avg_unpool(
    x: Any, /, size: Sizes, kernel: Sizes, stride: Sizes, padding: Pairs, divisor: Any
) -> Any:
    """The transpose of `_avg_pool` on inputs of `size`."""
    share = x.astype(_sums(x.dtype), copy=False) / divisor
    canvas = _canvas(x, size, padding, 0, _sums(x.dtype))
    for place in _entries(canvas, kernel, stride, (1,) * len(kernel)):
        place += share
    return canvas[_inside(size, padding)].astype(x.dtype, copy=False)


# --- the mean over windows spread evenly over an axis ------------------------------------
# Not by a product with a matrix: 0 times inf would reach windows it does not lie in.


def _even_sums(x: np.ndarray, axis: int, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """The sums from each start to its stop; windows may overlap."""
    x = x.astype(_sums(x.dtype), copy=False)
    lengths = stops - starts
    sums: np.ndarray = np.take(x, starts, axis)
    for k in range(1, lengths.max()):
        longer = np.flatnonzero(lengths > k)
        entries = np.take(x, starts[longer] + k, axis)
        if len(longer) == len(starts):
            sums += entries
        else:
            sums[(slice(None),) * axis + (longer,)] += entries
    return sums


def _even_bounds(n: int, windows: int) -> tuple[np.ndarray, np.ndarray]:
    """Where windows spread evenly over `n` entries start and stop."""
    places = np.arange(windows + 1) * n
    return places[:-1] // windows, -(-places[1:] // windows)


def _along(lengths: np.ndarray, axis: int, ndim: int) -> np.ndarray:
    return lengths.reshape((-1,) + (1,) * (ndim - 1 - axis))


def _even_means_x(g: Any, x_shape: Sizes, axis: int) -> Any:
    return _even_shares(g, axis, x_shape[axis])


@operation(_even_means_x, name="even_means", linear=True)
def _even_means(x: Any, /, axis: int, windows: int) -> Any:
    starts, stops = _even_bounds(x.shape[axis], windows)
    sums = _even_sums(x, axis, starts, stops)
    sums /= _along(stops - starts, axis, x.ndim)
    return sums.astype(x.dtype, copy=False)


@operation(
    lambda g, x_shape, axis: _even_means(g, axis, x_shape[axis]), name="even_shares", linear=True
)
def _even_shares(x: Any, /, axis: int, size: int) -> Any:
    """The transpose of `_even_means` of `size` entries, each of which lies in a run of windows."""
    windows = x.shape[axis]
    starts, stops = _even_bounds(size, windows)
    shares = x.astype(_sums(x.dtype))
    shares /= _along(stops - starts, axis, x.ndim)
    return _even_sums(shares, axis, *_even_bounds(windows, size)).astype(x.dtype, copy=False)


# --- what users call --------------------------------------------------------------------


def _operand(name: str, x: Any, kernel: Strides) -> tuple[Any, bool]:
    """`x` as an array or Tensor of floats with a batch axis, and whether it had one.

    One number for the kernel does not say how many axes are spatial: all but two are.
    """
    x = as_array(x)
    if x.dtype.kind not in ("f" if name == "max_pool" else "fc"):
        raise TypeError(f"{name}: an input of dtype {x.dtype}: convert it with .astype(float)")
    rank = x.ndim - 2 if isinstance(kernel, (int, np.integer)) else len(kernel)
    if rank < 1 or x.ndim not in (rank + 1, rank + 2):
        raise ValueError(
            f"{name}: an input of shape {x.shape} for a kernel {kernel!r}: give (batch, channels, "
            "*size), or (channels, *size) with one number of the kernel for each spatial axis"
        )
    batched: bool = x.ndim == rank + 2
    return x if batched else expand_dims(x, 0), batched


def _window(
    name: str, size: Sizes, kernel: Strides, stride: Strides | None, padding: Any,
    dilation: Strides, ceil_mode: bool,
) -> tuple[Sizes, Sizes, Pairs, Sizes]:  # fmt: skip
    """The settings for each axis; `ceil_mode` is turned into padding at the end."""
    rank = len(size)
    kernels = each_axis(name, "kernel_size", kernel, rank, 1)
    strides = kernels if stride is None else each_axis(name, "stride", stride, rank, 1)
    spacing = each_axis(name, "dilation", dilation, rank, 1)
    pairs = padding_pairs(name, padding, rank)
    if any(2 * max(pair) > k for pair, k in zip(pairs, kernels, strict=True)):
        raise ValueError(
            f"{name}: padding={padding!r} is more than half of the kernel {kernels}: some windows "
            "would lie outside the input"
        )
    span = tuple(d * (k - 1) + 1 for k, d in zip(kernels, spacing, strict=True))
    if ceil_mode:
        axes = zip(size, pairs, span, strides, strict=True)
        pairs = tuple((p, q + _missing(n, p, q, k, s)) for n, (p, q), k, s in axes)
    check_size(name, size, span, pairs)
    return kernels, strides, pairs, spacing


def _missing(n: int, before: int, after: int, span: int, stride: int) -> int:
    """How much a last window that starts inside the input needs behind the padding."""
    steps = math.ceil((before + n + after - span) / stride)
    if steps * stride >= before + n:
        steps -= 1
    return max(0, steps * stride + span - (before + n + after))


def max_pool(
    x: Any,
    kernel_size: Strides,
    *,
    stride: Strides | None = None,
    padding: Any = 0,
    dilation: Strides = 1,
    ceil_mode: bool = False,
) -> Any:
    """The maximum of each window; ties share the gradient equally.

    Args:
        x: shape (batch, channels, *size); floats.
        kernel_size: of the window, one number or one for each spatial axis.
        stride: steps of the window; by default its size, so that windows do not overlap.
        padding: how far windows may reach over the edge, at most half their size; one number, or
            one or a pair (before, after) for each axis.
        dilation: the distance of a window's entries.
        ceil_mode: whether windows that reach over the end are taken as well.

    Returns:
        Shape (batch, channels, *positions).

    Raises:
        TypeError: for integers; ValueError: for shapes or settings that do not fit.

    >>> import numpy as np
    >>> import autograd
    >>> autograd.max_pool(np.array([[[1.0, 3.0, 2.0, 0.0]]]), 2)
    array([[[3., 2.]]])
    """
    x, batched = _operand("max_pool", x, kernel_size)
    settings = _window("max_pool", x.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
    out = _max_pool(x, *settings)
    return out if batched else squeeze(out, 0)


def avg_pool(
    x: Any,
    kernel_size: Strides,
    *,
    stride: Strides | None = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of each window.

    Args:
        x: shape (batch, channels, *size); floats.
        kernel_size: of the window, one number or one for each spatial axis.
        stride: steps of the window; by default its size.
        padding: how many zeros are around, at most half the window's size; one number, or one or
            a pair (before, after) for each axis.
        ceil_mode: whether windows that reach over the end are taken as well.
        count_include_pad: whether the zeros of the padding count.
        divisor_override: what to divide by, if not by the number of entries.

    Returns:
        Shape (batch, channels, *positions).

    Raises:
        TypeError: for integers; ValueError: for shapes or settings that do not fit.

    >>> import numpy as np
    >>> import autograd
    >>> autograd.avg_pool(np.array([[[1.0, 3.0, 2.0, 0.0]]]), 2)
    array([[[2., 1.]]])
    """
    x, batched = _operand("avg_pool", x, kernel_size)
    size = x.shape[2:]
    kernels, strides, pairs, _ = _window(
        "avg_pool", size, kernel_size, stride, padding, 1, ceil_mode
    )
    counted = padding_pairs("avg_pool", padding, len(size)) if count_include_pad else ()
    divisor: Any = divisor_override
    if divisor is None:
        divisor = _counts(size, kernels, strides, pairs, counted).astype(x.dtype)
        divisor = divisor.flat[0].item() if (divisor == divisor.flat[0]).all() else divisor
    elif divisor == 0:
        raise ValueError("avg_pool: divisor_override=0: give a number to divide by")
    out = _avg_pool(x, kernels, strides, pairs, divisor)
    return out if batched else squeeze(out, 0)


def _counts(
    size: Sizes, kernel: Sizes, stride: Sizes, padding: Pairs, counted: Pairs | tuple[()]
) -> np.ndarray:
    """How many entries of each window lie in the input or the `counted` padding."""
    counts = np.ones(())
    for axis, (n, k, s, (before, after)) in enumerate(
        zip(size, kernel, stride, padding, strict=True)
    ):
        low, high = counted[axis] if counted else (0, 0)
        starts = np.arange(0, before + n + after - k + 1, s) - before
        inside = np.minimum(starts + k, n + high) - np.maximum(starts, -low)
        counts = counts[..., None] * inside
    return counts


def adaptive_avg_pool(x: Any, output_size: int | Sequence[int | None]) -> Any:
    """Means of as many windows as asked for, which cover the input evenly.

    Args:
        x: shape (batch, channels, *size); floats.
        output_size: windows along each spatial axis, one number for all, or one for each with
            None for as many as the input has entries.

    Returns:
        Shape (batch, channels, *output_size).

    Raises:
        TypeError: for integers; ValueError: for shapes that do not fit.

    >>> import numpy as np
    >>> import autograd
    >>> autograd.adaptive_avg_pool(np.array([[[1.0, 3.0, 2.0, 0.0]]]), 1)
    array([[[1.5]]])
    """
    name = "adaptive_avg_pool"
    whole = output_size if isinstance(output_size, (int, np.integer)) else [1] * len(output_size)
    x, batched = _operand(name, x, whole)
    size = x.shape[2:]
    if not isinstance(output_size, (int, np.integer)):
        output_size = [
            n if wanted is None else wanted for n, wanted in zip(size, output_size, strict=True)
        ]
    wanted = each_axis(name, "output_size", output_size, len(size), 1)  # type: ignore[arg-type]
    if 0 in size:
        raise ValueError(f"{name}: an input of shape {x.shape} has nothing to average")
    if max(wanted) == 1:
        out = mean(x, axis=tuple(range(2, x.ndim)), keepdims=True)
    elif any(n % m for n, m in zip(size, wanted, strict=True)):
        out = x
        for axis, m in enumerate(wanted, 2):
            out = _even_means(out, axis, m)
    else:
        kernel = tuple(n // m for n, m in zip(size, wanted, strict=True))
        out = _avg_pool(x, kernel, kernel, ((0, 0),) * len(size), float(math.prod(kernel)))
    return out if batched else squeeze(out, 0)
