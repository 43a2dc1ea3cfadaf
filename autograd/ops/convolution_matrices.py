"""The matrices whose products are convolutions, and how they lie in memory.

Convolution as a product with columns of the input is in Chellapilla, Puri and Simard (2006), High
performance convolutional neural networks for document processing, but only the kernel's columns
are copied. The memory order is rows, channels, columns, batch, where rows are the first spatial
axis and columns the others: the kernel's rows then follow each other in memory for each row of the
output, without a copy, and all copies and what follows (a bias, normalisation, pooling) move
long runs. Results come back in this order, as views with the usual axes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from .windows import Pairs, Sizes

SMALL = 10**6
"""The multiply-adds up to which OpenBLAS takes a product for small, see `multiply_into`."""
LANES = 16
"""What the columns of a small product are a multiple of: the numbers in a vector register."""


def rows_first(x: np.ndarray) -> np.ndarray:
    """(N, C, *size) as (rows, C, *columns, N); one row where there is but one spatial axis."""
    if x.ndim == 3:
        return x.transpose(1, 2, 0)[None]
    return x.transpose(2, 1, *range(3, x.ndim), 0)


def batch_first(x: np.ndarray, rank: int) -> np.ndarray:
    """The inverse of `rows_first` for `rank` spatial axes."""
    if rank == 1:
        x = x[0]
        return x.transpose(2, 0, 1)
    return x.transpose(x.ndim - 1, 1, 0, *range(2, x.ndim - 1))


def inside(size: Sequence[int], padding: Pairs) -> Any:
    """Where (rows, C, *columns, N) of `size` lies in the padded one."""
    pairs = zip(size, padding, strict=True)
    rows, *columns = [slice(before, before + n) for n, (before, _) in pairs]
    return (rows, slice(None), *columns)


def zeros_around(size: Sizes, channels: int, batch: int, padding: Pairs, dtype: Any) -> np.ndarray:
    """Zeros of the padded size."""
    rows, *columns = [before + n + after for n, (before, after) in zip(size, padding, strict=True)]
    return np.zeros((rows, channels, *columns, batch), dtype)


def zero_padded(x: np.ndarray, padding: Pairs) -> np.ndarray:
    """(rows, C, *columns, N) with zeros around, in that memory order."""
    if not any(map(any, padding)):
        return np.ascontiguousarray(x)
    rows, channels, *columns, batch = x.shape
    canvas = zeros_around((rows, *columns), channels, batch, padding, x.dtype)
    canvas[inside((rows, *columns), padding)] = x
    return canvas


def _view(x: np.ndarray, shape: Sizes, strides: Sizes) -> np.ndarray:
    """A view of the contiguous `x`."""
    return np.ndarray(shape, x.dtype, x, 0, strides)


def window_matrices(
    x: np.ndarray, groups: int, kernel: Sizes, stride: Sizes, dilation: Sizes
) -> np.ndarray:
    """The matrices of each group and output row: kernel entries, rows first, by positions.

    Args:
        x: (rows, C, *columns, N), padded.
        groups, kernel, stride, dilation: as in `conv`.

    Returns:
        Shape (groups, output rows, kernel rows * C / groups * kernel columns, positions * N), a
        view in which neighbouring matrices overlap, unless rows are dilated.
    """
    rows, channels, *columns, batch = x.shape
    axes = zip(columns, kernel[1:], stride[1:], dilation[1:], strict=True)
    places = tuple([(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in axes])
    steps = x.strides[2:-1]
    spread = _view(
        x,
        (groups, rows, channels // groups, *kernel[1:], *places, batch),
        (
            channels // groups * x.strides[1],
            *x.strides[:2],
            *[d * step for d, step in zip(dilation[1:], steps, strict=True)],
            *[s * step for s, step in zip(stride[1:], steps, strict=True)],
            x.strides[-1],
        ),
    )
    height = channels // groups * math.prod(kernel[1:])
    width = math.prod(places) * batch
    copied = np.ascontiguousarray(spread.reshape(groups, rows, height, width))
    by_group, by_row, by_entry, by_position = copied.strides
    heights = (rows - dilation[0] * (kernel[0] - 1) - 1) // stride[0] + 1
    windows = _view(
        copied,
        (groups, heights, kernel[0], height, width),
        (by_group, stride[0] * by_row, dilation[0] * by_row, by_entry, by_position),
    )
    return windows.reshape(groups, heights, kernel[0] * height, width)


def weight_matrices(weight: np.ndarray, groups: int) -> np.ndarray:
    """The weight as one matrix for each group: outputs by kernel entries, rows first."""
    outputs, channels, rows = weight.shape[:3]
    by_group = weight.reshape(
        groups, outputs // groups, channels, rows, math.prod(weight.shape[3:])
    )
    return by_group.transpose(0, 1, 3, 2, 4).reshape(
        groups, outputs // groups, math.prod(weight.shape[1:])
    )


def grouped(y: np.ndarray, groups: int) -> np.ndarray:
    """Contiguous (rows, O, *columns, N) as (groups, rows, O / groups, columns * N), a view."""
    rows, outputs = y.shape[:2]
    shape = (rows, groups, outputs // groups, math.prod(y.shape[2:]))
    return y.reshape(shape).transpose(1, 0, 2, 3)


@lru_cache
def _block(width: int, work: int) -> int:
    """The most columns that divide `width` evenly and, at `work` each, are a small product."""
    if width * work <= SMALL:
        return width
    fitting = range(SMALL // work // LANES * LANES, 0, -LANES)
    return next((n for n in fitting if width % n == 0), width)


def multiply_into(x: np.ndarray, y: np.ndarray, out: np.ndarray) -> None:
    """The matrices `x` @ `y` into `out`, in blocks of columns where these are small products.

    OpenBLAS computes those from where they lie (with AVX-512) and rearranges larger ones first,
    which takes up to a third of the time where there are but few rows. Where it knows no small
    products, blocks cost a few percent.
    """
    width = y.shape[-1]
    block = _block(width, x.shape[-2] * x.shape[-1])
    if block < width:
        x = x[..., None, :, :]
        y, out = (a.reshape(*a.shape[:-1], -1, block).swapaxes(-2, -3) for a in (y, out))
    np.matmul(x, y, out=out)
