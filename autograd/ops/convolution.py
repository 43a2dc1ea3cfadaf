"""Convolution over any number of spatial axes, as correlation with a kernel, and its transposes.

With x of shape (N, C, *size), a weight of shape (O, C / groups, *kernel) and y of shape
(N, O, *positions), the three operations below are the derivatives of one trilinear form by each
of its arguments, the sum over all entries of

    y[n, o, p] * weight[o, c, k] * x[n, c, stride * p + dilation * k - padding]

so each operation's derivatives are the two others: the family is closed.

They are matrix products, whose matrices and memory order `convolution_matrices` explains.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from ..composing import as_array
from ..declare import operation
from .convolution_matrices import (
    batch_first,
    grouped,
    inside,
    multiply_into,
    rows_first,
    weight_matrices,
    window_matrices,
    zero_padded,
    zeros_around,
)
from .padding import pad
from .reductions import sum
from .shaping import expand_dims, squeeze
from .windows import Pairs, Sizes, Strides, check_size, each_axis, every, padding_pairs

__all__ = ["conv", "conv_transpose"]

SCRATCH = 2**21
"""The memory in bytes that products waiting to be summed may take."""


def _with_rows(
    weight: np.ndarray, stride: Sizes, padding: Pairs, dilation: Sizes
) -> tuple[np.ndarray, Sizes, Pairs, Sizes]:
    """The same with an axis of one row where there is but one spatial axis."""
    if len(stride) > 1:
        return weight, stride, padding, dilation
    return weight[:, :, None], (1, *stride), ((0, 0), *padding), (1, *dilation)


# --- the family -------------------------------------------------------------------------


def _conv_x(
    g: Any, weight: Any, x_shape: Sizes, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    return conv_by_input(g, weight, x_shape[2:], stride, padding, dilation, groups)


def _conv_weight(
    g: Any, x: Any, weight_shape: Sizes, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    return conv_by_weight(x, g, weight_shape[2:], stride, padding, dilation, groups)


@operation(_conv_x, _conv_weight, name="conv", linear="each")
def convolve(
    x: Any, weight: Any, /, stride: Sizes, padding: Pairs, dilation: Sizes, groups: int
) -> Any:
    """The form's derivative by y: shape (N, O, *positions)."""
    rank = len(stride)
    weight, stride, padding, dilation = _with_rows(weight, stride, padding, dilation)
    padded = zero_padded(rows_first(x), padding)
    windows = window_matrices(padded, groups, weight.shape[2:], stride, dilation)
    size = [
        (n - d * (k - 1) - 1) // s + 1
        for n, k, s, d in zip(
            (padded.shape[0], *padded.shape[2:-1]), weight.shape[2:], stride, dilation, strict=True
        )
    ]
    shape = (size[0], weight.shape[0], *size[1:], x.shape[0])
    out = np.empty(shape, np.result_type(x, weight))
    multiply_into(weight_matrices(weight, groups)[:, None], windows, grouped(out, groups))
    return batch_first(out, rank)


@operation(
    _conv_x,
    _conv_weight,
    lambda g: sum(g, axis=(0, *range(2, g.ndim))),
    pushes=[
        lambda t, weight, stride, padding, dilation, groups: convolve(
            t, weight, stride, padding, dilation, groups
        ),
        lambda t, x, stride, padding, dilation, groups: convolve(
            x, t, stride, padding, dilation, groups
        ),
        lambda t, stride: expand_dims(t, _spatial(stride)),
    ],
    name="conv_bias",
)
def _convolve_bias(
    x: Any,
    weight: Any,
    bias: Any,
    /,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
    groups: int,
) -> Any:
    """`convolve` plus a number for each output channel."""
    out = convolve.forward(x, weight, stride, padding, dilation, groups)
    if np.can_cast(bias.dtype, out.dtype):
        out += np.expand_dims(bias, _spatial(stride))
        return out
    return out + np.expand_dims(bias, _spatial(stride))


def _spatial(stride: Sizes) -> Sizes:
    """The spatial axes of an array without a batch."""
    return tuple(range(1, len(stride) + 1))


def _flipped(weight: np.ndarray, groups: int) -> np.ndarray:
    """The weight of the convolution that leads back: (C, O / groups, *kernel), reversed."""
    outputs, channels, *kernel = weight.shape
    by_group = weight.reshape(groups, outputs // groups, channels, *kernel).swapaxes(1, 2)
    reversed_ = np.flip(by_group, tuple(range(3, by_group.ndim)))
    return reversed_.reshape(groups * channels, outputs // groups, *kernel)


def _transpose_weight(
    g: Any, x: Any, weight_shape: Sizes, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    return conv_by_weight(g, x, weight_shape[2:], stride, padding, dilation, groups)


@operation(
    lambda g, weight, stride, padding, dilation, groups: convolve(
        g, weight, stride, padding, dilation, groups
    ),
    _transpose_weight,
    name="conv_transpose",
    linear="each",
)
def conv_by_input(
    x: Any,
    weight: Any,
    /,
    size: Sizes,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
    groups: int,
) -> Any:
    """The form's derivative by its x, at y = `x`: shape (N, C, *size)."""
    spans = [d * (k - 1) for k, d in zip(weight.shape[2:], dilation, strict=True)]
    around = tuple((n - p, n - q) for n, (p, q) in zip(spans, padding, strict=True))
    if max(stride) == 1 and min(map(min, around)) >= 0:
        return convolve.forward(x, _flipped(weight, groups), stride, around, dilation, groups)
    rank = len(stride)
    weight, stride, padding, dilation = _with_rows(weight, stride, padding, dilation)
    size = size if rank > 1 else (1, *size)
    channels = weight.shape[1]
    kernel = weight.shape[2:]
    y = np.ascontiguousarray(rows_first(x))
    canvas = zeros_around(size, channels * groups, x.shape[0], padding, np.result_type(x, weight))
    places = canvas.reshape(canvas.shape[0], groups, channels, *canvas.shape[2:])
    matrices = weight_matrices(weight, groups)
    height = channels * math.prod(kernel[1:])
    for row in range(kernel[0]):
        matrix = matrices[:, None, :, row * height : (row + 1) * height].swapaxes(2, 3)
        share = np.matmul(matrix, grouped(y, groups))
        share = share.reshape(groups, y.shape[0], channels, *kernel[1:], *y.shape[2:])
        rows = every(row, y.shape[0], stride[0], dilation[0])
        for entry in itertools.product(*map(range, kernel[1:])):
            columns = map(every, entry, y.shape[2:-1], stride[1:], dilation[1:])
            places[(rows, slice(None), slice(None), *columns)] += share[
                (slice(None), slice(None), slice(None), *entry)
            ].swapaxes(0, 1)
        del share  # before the next is made
    return batch_first(canvas[inside(size, padding)], rank)


@operation(
    lambda g, y, x_shape, stride, padding, dilation, groups: conv_by_input(
        y, g, x_shape[2:], stride, padding, dilation, groups
    ),
    lambda g, x, stride, padding, dilation, groups: convolve(
        x, g, stride, padding, dilation, groups
    ),
    name="conv_by_weight",
    linear="each",
)
def conv_by_weight(
    x: Any, y: Any, /, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes, groups: int
) -> Any:
    """The form's derivative by the weight: shape (O, C / groups, *kernel)."""
    whole = kernel
    if len(stride) == 1:
        kernel, stride, dilation = (1, *kernel), (1, *stride), (1, *dilation)
        padding = ((0, 0), *padding)
    windows = window_matrices(zero_padded(rows_first(x), padding), groups, kernel, stride, dilation)
    factors = grouped(np.ascontiguousarray(rows_first(y)), groups).swapaxes(2, 3)
    outputs, channels = y.shape[1] // groups, x.shape[1] // groups
    entries = channels * math.prod(kernel)
    total = np.zeros((groups, entries, outputs), np.result_type(x, y))
    rows = factors.shape[1]
    block = max(1, SCRATCH // max(1, total.nbytes))
    for start in range(0, rows, block):
        part = slice(start, min(start + block, rows))
        total += np.matmul(windows[:, part], factors[:, part]).sum(1)
    total = total.reshape(groups, kernel[0], channels, *kernel[1:], outputs)
    order = (0, total.ndim - 1, 2, 1, *range(3, total.ndim - 1))
    return total.transpose(order).reshape(groups * outputs, channels, *whole)


# --- what users call --------------------------------------------------------------------


def _conv_padding(padding: Any, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Pairs:
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if padding != "same":
        return padding_pairs("conv", padding, len(kernel))
    if max(stride) > 1:
        raise ValueError(f"conv: padding='same' needs stride 1, not {stride}: give numbers")
    spans = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return tuple((span // 2, span - span // 2) for span in spans)


def _operands(name: str, x: Any, weight: Any) -> tuple[Any, Any, bool]:
    """Both as arrays or Tensors, `x` with a batch axis, and whether it had one."""
    x = as_array(x)
    weight = as_array(weight)
    batched: bool = x.ndim == weight.ndim
    if weight.ndim < 3 or x.ndim not in (weight.ndim, weight.ndim - 1):
        raise ValueError(
            f"{name}: an input of shape {x.shape} for a weight of shape {weight.shape}: give "
            "(batch, channels, *size) or (channels, *size), and a weight with as many axes for "
            "the kernel as the size has"
        )
    return x if batched else expand_dims(x, 0), weight, batched


def _bias(name: str, bias: Any, outputs: int) -> Any:
    bias = as_array(bias)
    if bias.shape != (outputs,):
        raise ValueError(
            f"{name}: a bias of shape {bias.shape} for {outputs} output channels: give one number "
            "for each"
        )
    return bias


def _check_groups(name: str, groups: int, **channels: int) -> None:
    if not isinstance(groups, (int, np.integer)) or groups < 1:
        raise ValueError(f"{name}: groups={groups!r}: give a positive integer")
    for what, n in channels.items():
        if n % groups:
            raise ValueError(
                f"{name}: {n} {what} channels do not divide into {groups} groups: give a divisor"
            )


def conv(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Strides = 1,
    padding: Any = 0,
    dilation: Strides = 1,
    groups: int = 1,
) -> Any:
    """Convolution over all axes but the first two: `weight` slides over `x` without being flipped.

    Args:
        x: shape (batch, channels, *size), or (channels, *size).
        weight: shape (outputs, channels / groups, *kernel).
        bias: shape (outputs,), added to each output channel.
        stride: steps of the kernel, one number or one for each spatial axis.
        padding: zeros around, one number, one or a pair (before, after) for each axis, "valid"
            for none, or "same" for an output of the input's size.
        dilation: the distance of the kernel's entries.
        groups: into how many groups, convolved apart, the channels are divided.

    Returns:
        Shape (batch, outputs, *positions), where along an axis of length n there are
        (n + padding - dilation * (kernel - 1) - 1) // stride + 1 positions.

    Raises:
        ValueError: for shapes or settings that do not fit.

    >>> import numpy as np
    >>> import autograd
    >>> autograd.conv(np.array([[1.0, 2.0, 4.0]]), np.array([[[-1.0, 1.0]]]))
    array([[1., 2.]])
    """
    x, weight, batched = _operands("conv", x, weight)
    rank = weight.ndim - 2
    kernel = weight.shape[2:]
    strides = each_axis("conv", "stride", stride, rank, 1)
    spacing = each_axis("conv", "dilation", dilation, rank, 1)
    pairs = _conv_padding(padding, kernel, strides, spacing)
    _check_groups("conv", groups, input=x.shape[1], output=weight.shape[0])
    if x.shape[1] != weight.shape[1] * groups or 0 in kernel:
        raise ValueError(
            f"conv: an input of shape {x.shape} for a weight of shape {weight.shape} with "
            f"groups={groups}: the input must have {weight.shape[1] * groups} channels, the "
            "kernel at least one entry"
        )
    span = tuple(d * (k - 1) + 1 for k, d in zip(kernel, spacing, strict=True))
    check_size("conv", x.shape[2:], span, pairs)
    if bias is None:
        out = convolve(x, weight, strides, pairs, spacing, int(groups))
    else:
        bias = _bias("conv", bias, weight.shape[0])
        out = _convolve_bias(x, weight, bias, strides, pairs, spacing, int(groups))
    return out if batched else squeeze(out, 0)


def conv_transpose(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Strides = 1,
    padding: Any = 0,
    output_padding: Strides = 0,
    dilation: Strides = 1,
    groups: int = 1,
) -> Any:
    """The transpose of `conv` with the same settings, which spreads each entry over the kernel.

    Args:
        x: shape (batch, channels, *size), or (channels, *size).
        weight: shape (channels, outputs / groups, *kernel).
        bias: shape (outputs,), added to each output channel.
        stride: the distance of the places where neighbouring entries are spread.
        padding: how much is cut off around, one number, or one or a pair for each axis.
        output_padding: entries more at the end of each axis, fewer than stride or dilation: the
            input of a convolution with a stride may have had several sizes.
        dilation: the distance of the kernel's entries.
        groups: into how many groups the channels are divided.

    Returns:
        Shape (batch, outputs, *lengths), where an axis of length n becomes
        (n - 1) * stride - padding + dilation * (kernel - 1) + output_padding + 1.

    Raises:
        ValueError: for shapes or settings that do not fit.

    >>> import numpy as np
    >>> import autograd
    >>> autograd.conv_transpose(np.array([[1.0, 2.0]]), np.array([[[-1.0, 1.0]]]))
    array([[-1., -1.,  2.]])
    """
    name = "conv_transpose"
    x, weight, batched = _operands(name, x, weight)
    rank = weight.ndim - 2
    kernel = weight.shape[2:]
    strides = each_axis(name, "stride", stride, rank, 1)
    spacing = each_axis(name, "dilation", dilation, rank, 1)
    extra = each_axis(name, "output_padding", output_padding, rank, 0)
    pairs = padding_pairs(name, padding, rank)
    _check_groups(name, groups, input=x.shape[1])
    if x.shape[1] != weight.shape[0] or 0 in kernel:
        raise ValueError(
            f"{name}: an input of shape {x.shape} for a weight of shape {weight.shape}: the input "
            f"must have {weight.shape[0]} channels, the kernel at least one entry"
        )
    if any(e >= max(s, d) for e, s, d in zip(extra, strides, spacing, strict=True)):
        raise ValueError(
            f"{name}: output_padding={output_padding!r} must be less than the stride {strides} "
            f"or the dilation {spacing}"
        )
    # The extra entries are some of those that would be cut off at the end, and zeros after them.
    cut = tuple((p, max(q - e, 0)) for (p, q), e in zip(pairs, extra, strict=True))
    zeros = tuple((0, max(e - q, 0)) for (_, q), e in zip(pairs, extra, strict=True))
    axes = zip(x.shape[2:], kernel, strides, spacing, cut, strict=True)
    size = tuple((n - 1) * s - p - q + d * (k - 1) + 1 for n, k, s, d, (p, q) in axes)
    if min(size) < 0 or any(n + e < 1 for n, (_, e) in zip(size, zeros, strict=True)):
        raise ValueError(
            f"{name}: an input of size {x.shape[2:]} with padding={padding!r} leaves an output "
            f"of size {size}: pad less"
        )
    out = conv_by_input(x, weight, size, strides, cut, spacing, int(groups))
    if any(map(any, zeros)):
        out = pad(out, ((0, 0), (0, 0), *zeros))
    if bias is not None:
        bias = _bias(name, bias, out.shape[1])
        out = out + expand_dims(bias, _spatial(strides))
    return out if batched else squeeze(out, 0)
