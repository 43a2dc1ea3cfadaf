"""Convolution and pooling for one, two and three spatial axes; PyTorch's names and defaults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import autograd

from ..settings import several
from .checks import array, layer_input

Function = Callable[..., Any]
Strides = int | Sequence[int]


def spatial(name: str, input: Any, rank: int) -> Any:
    """`input`, once it has a batch (or none), channels and `rank` spatial axes."""
    if input.ndim not in (rank + 1, rank + 2):
        raise ValueError(
            f"{name}: an input of shape {input.shape}: give (batch, channels, "
            f"{', '.join(['depth', 'height', 'width'][-rank:] if rank > 1 else ['length'])}), or "
            "the same without the batch"
        )
    return input


def _named(function: Function, name: str, doc: str) -> Function:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return function


def _conv(rank: int) -> Function:
    name = f"conv{rank}d"

    def function(
        input: Any,
        weight: Any,
        bias: Any = None,
        stride: Strides = 1,
        padding: Any = 0,
        dilation: Strides = 1,
        groups: int = 1,
    ) -> Any:
        input = spatial(name, layer_input(name, input, weight), rank)
        return autograd.conv(
            input, weight, bias, stride=stride, padding=padding, dilation=dilation, groups=groups
        )

    doc = f"""`autograd.conv` for {rank} spatial axes, with PyTorch's arguments.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.{name}(np.zeros((8, 1{", 9" * rank})), np.zeros((4, 1{", 3" * rank}))).shape
    (8, 4, {", ".join(["7"] * rank)})
    """
    return _named(function, name, doc)


def _conv_transpose(rank: int) -> Function:
    name = f"conv_transpose{rank}d"

    def function(
        input: Any,
        weight: Any,
        bias: Any = None,
        stride: Strides = 1,
        padding: Any = 0,
        output_padding: Strides = 0,
        groups: int = 1,
        dilation: Strides = 1,
    ) -> Any:
        input = spatial(name, layer_input(name, input, weight), rank)
        return autograd.conv_transpose(
            input,
            weight,
            bias,
            stride=stride,
            padding=padding,
            output_padding=output_padding,
            dilation=dilation,
            groups=groups,
        )

    doc = f"`autograd.conv_transpose` for {rank} spatial axes, with PyTorch's arguments."
    return _named(function, name, doc)


def _each(kernel_size: Any, rank: int) -> Any:
    """The kernel's size for each axis, which says how many of them are spatial."""
    return kernel_size if several(kernel_size) else (kernel_size,) * rank


def _max_pool(rank: int) -> Function:
    name = f"max_pool{rank}d"

    def function(
        input: Any,
        kernel_size: Strides,
        stride: Strides | None = None,
        padding: Strides = 0,
        dilation: Strides = 1,
        ceil_mode: bool = False,
    ) -> Any:
        input = spatial(name, array(input), rank)
        return autograd.max_pool(
            input,
            _each(kernel_size, rank),
            stride=stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
        )

    doc = f"`autograd.max_pool` for {rank} spatial axes, with PyTorch's arguments."
    return _named(function, name, doc)


def _avg_pool(rank: int) -> Function:
    name = f"avg_pool{rank}d"

    def function(
        input: Any,
        kernel_size: Strides,
        stride: Strides | None = None,
        padding: Strides = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Any:
        input = spatial(name, array(input), rank)
        return autograd.avg_pool(
            input,
            _each(kernel_size, rank),
            stride=stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
            divisor_override=divisor_override,
        )

    doc = f"`autograd.avg_pool` for {rank} spatial axes, with PyTorch's arguments."
    return _named(function, name, doc)


def _adaptive_avg_pool(rank: int) -> Function:
    name = f"adaptive_avg_pool{rank}d"

    def function(input: Any, output_size: int | Sequence[int | None]) -> Any:
        input = spatial(name, array(input), rank)
        return autograd.adaptive_avg_pool(input, _each(output_size, rank))

    doc = f"`autograd.adaptive_avg_pool` for {rank} spatial axes, with PyTorch's arguments."
    return _named(function, name, doc)


conv1d, conv2d, conv3d = map(_conv, (1, 2, 3))
conv_transpose1d, conv_transpose2d, conv_transpose3d = map(_conv_transpose, (1, 2, 3))
max_pool1d, max_pool2d, max_pool3d = map(_max_pool, (1, 2, 3))
avg_pool1d, avg_pool2d, avg_pool3d = map(_avg_pool, (1, 2, 3))
adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = map(_adaptive_avg_pool, (1, 2, 3))
