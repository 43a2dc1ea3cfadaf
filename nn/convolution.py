"""Convolution layers; PyTorch's names, arguments, shapes and initialisation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from . import functional as F  # noqa: N812  (the field's name for it)
from .functional.checks import layer_input
from .functional.convolution import spatial
from .init import linear_bound, uniform
from .module import Module, Parameter
from .settings import several, shape, sizes

Strides = int | Sequence[int]

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def per_axis(layer: Module, what: str, value: Strides, rank: int, least: int) -> tuple[int, ...]:
    """A setting for each spatial axis, given for each or once for all."""
    given = shape(type(layer).__name__, what, value, least)
    if not several(value):
        return given * rank
    if len(given) != rank:
        raise ValueError(
            f"{type(layer).__name__}: {what}={value!r}: give an integer of at least {least}, or "
            f"{rank} of them"
        )
    return given


class _Convolution(Module):
    """What all share: settings, checks and initial values."""

    rank: ClassVar[int]
    transposed: ClassVar[bool] = False

    def _set_up(
        self,
        channels: tuple[int, int],
        kernel_size: Strides,
        stride: Strides,
        padding: Any,
        dilation: Strides,
        groups: int,
        bias: bool,
        generator: np.random.Generator | None,
        dtype: Any,
    ) -> None:
        name = type(self).__name__
        self.in_channels, self.out_channels, groups = sizes(
            name, in_channels=channels[0], out_channels=channels[1], groups=groups
        )
        channels = self.in_channels, self.out_channels
        self.kernel_size = per_axis(self, "kernel_size", kernel_size, self.rank, 1)
        self.stride = per_axis(self, "stride", stride, self.rank, 1)
        self.dilation = per_axis(self, "dilation", dilation, self.rank, 1)
        self.groups = groups
        if isinstance(padding, str):
            if padding not in ("same", "valid") or self.transposed:
                raise ValueError(f"{name}: padding={padding!r}: give numbers, 'same' or 'valid'")
            if padding == "same" and max(self.stride) > 1:
                raise ValueError(f"{name}: padding='same' needs stride 1, not {self.stride}")
            self.padding: Any = padding
        else:
            self.padding = per_axis(self, "padding", padding, self.rank, 0)
        if any(n % groups for n in channels):
            raise ValueError(
                f"{name}: {channels[0]} to {channels[1]} channels in {groups} groups: both must be "
                "multiples of the number of groups"
            )
        first, second = channels[::-1] if not self.transposed else channels
        weight = (first, second // groups, *self.kernel_size)
        bound = linear_bound(math.prod(weight[1:]))
        self.weight = Parameter(uniform(weight, bound, generator=generator, dtype=dtype))
        self.bias = None
        if bias:
            values = uniform((channels[1],), bound, generator=generator, dtype=dtype)
            self.bias = Parameter(values)

    def extra_repr(self) -> str:
        parts = [f"{self.in_channels}, {self.out_channels}", f"kernel_size={self.kernel_size}"]
        parts.append(f"stride={self.stride}")
        ordinary = {"padding": (0,) * self.rank, "output_padding": (0,) * self.rank,
                    "dilation": (1,) * self.rank, "groups": 1, "padding_mode": "zeros"}  # fmt: skip
        for what, default in ordinary.items():
            value = getattr(self, what, default)
            if value != default:
                parts.append(f"{what}={value!r}")
        return ", ".join(parts + ["bias=False"] * (self.bias is None))


class _Conv(_Convolution):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Strides,
        stride: Strides = 1,
        padding: Any = 0,
        dilation: Strides = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        generator: np.random.Generator | None = None,
        dtype: Any = np.float32,
    ) -> None:
        if padding_mode not in PADDING_MODES:
            raise ValueError(
                f"{type(self).__name__}: padding_mode={padding_mode!r} is unknown: use one of "
                f"{', '.join(map(repr, PADDING_MODES))}"
            )
        self._set_up(
            (in_channels, out_channels), kernel_size, stride, padding, dilation, groups, bias,
            generator, dtype,
        )  # fmt: skip
        self.padding_mode = padding_mode

    def _around(self) -> tuple[tuple[int, int], ...]:
        """How much is added before and after each axis."""
        if self.padding == "valid":
            return ((0, 0),) * self.rank
        if self.padding == "same":
            spans = [d * (k - 1) for k, d in zip(self.kernel_size, self.dilation, strict=True)]
            return tuple((span // 2, span - span // 2) for span in spans)
        return tuple((n, n) for n in self.padding)

    def forward(self, input: Any) -> Any:
        """Shape (batch, in_channels, *size), or without batch, to (batch, out_channels, ...)."""
        padding = self.padding
        if self.padding_mode != "zeros":
            name = type(self).__name__
            input = spatial(name, layer_input(name, input, self.weight), self.rank)
            around = [n for pair in reversed(self._around()) for n in pair]
            input = F.pad(input, around, self.padding_mode)
            padding = 0
        convolve = (F.conv1d, F.conv2d, F.conv3d)[self.rank - 1]
        return convolve(
            input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
        )

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """One for each entry of the output and of the weight of its channel."""
        del inputs
        return int(output.size) * (self.weight.size // self.out_channels)


class _ConvTranspose(_Convolution):
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Strides,
        stride: Strides = 1,
        padding: Strides = 0,
        output_padding: Strides = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Strides = 1,
        padding_mode: str = "zeros",
        *,
        generator: np.random.Generator | None = None,
        dtype: Any = np.float32,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(f"{type(self).__name__}: padding_mode must be 'zeros'")
        self._set_up(
            (in_channels, out_channels), kernel_size, stride, padding, dilation, groups, bias,
            generator, dtype,
        )  # fmt: skip
        self.output_padding = per_axis(self, "output_padding", output_padding, self.rank, 0)

    def forward(self, input: Any, output_size: Strides | None = None) -> Any:
        """Shape (batch, in_channels, *size), or without the batch, to (batch, out_channels, ...).

        Args:
            input: the input.
            output_size: the spatial axes' lengths of the output, which decide the output padding;
                one number, or one for each.
        """
        extra = self.output_padding
        if output_size is not None:
            extra = self._extra(np.shape(input), output_size)
        convolve = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[self.rank - 1]
        return convolve(
            input, self.weight, self.bias, self.stride, self.padding, extra, self.groups,
            self.dilation,
        )  # fmt: skip

    def _extra(self, given: tuple[int, ...], output_size: Strides) -> tuple[int, ...]:
        """The output padding that leads to the `wanted` size."""
        wanted = shape(type(self).__name__, "output_size", output_size)[-self.rank :]
        if not several(output_size):
            wanted *= self.rank
        axes = zip(
            given[-self.rank :], self.stride, self.padding, self.dilation, self.kernel_size,
            strict=True,
        )  # fmt: skip
        least = [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in axes]
        if len(wanted) == self.rank:
            extra = tuple(w - m for w, m in zip(wanted, least, strict=True))
            if all(0 <= e < s for e, s in zip(extra, self.stride, strict=True)):
                return extra
        most = tuple(m + s - 1 for m, s in zip(least, self.stride, strict=True))
        raise ValueError(
            f"{type(self).__name__}: output_size {wanted} for an input of shape {given}: give one "
            f"from {tuple(least)} to {most}"
        )

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """One for each entry of the input and of the weight of its channel."""
        del output
        return int(np.size(inputs[0])) * (self.weight.size // self.in_channels)


_ARGUMENTS = """

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: one number, or one for each spatial axis; so are the next ones.
        stride: steps of the kernel.
        padding: zeros on both sides of each axis{same}.
        {arguments}generator: a NumPy Generator for the initial values, uniform in +-1/sqrt(fan_in).
        dtype: of the parameters.

    Raises:
        ValueError: for settings that do not fit; from `forward` for inputs that do not; TypeError:
            for an input of another dtype.
"""
_CONV = _ARGUMENTS.format(
    same=", or 'same' or 'valid'",
    arguments="""dilation: the distance of the kernel's entries.
        groups: into how many groups, convolved apart, the channels are divided.
        bias: whether to add a bias.
        padding_mode: 'zeros', 'reflect', 'replicate' or 'circular'.
        """,
)
_TRANSPOSE = _ARGUMENTS.format(
    same=" that are cut off",
    arguments="""output_padding: entries more at the end.
        groups: into how many groups, convolved apart, the channels are divided.
        bias: whether to add a bias.
        dilation: the distance of the kernel's entries.
        padding_mode: 'zeros'.
        """,
)


class Conv1d(_Conv):
    __doc__ = f"""Convolution over one axis, see `autograd.conv`.{_CONV}
    >>> import numpy as np
    >>> import nn
    >>> nn.Conv1d(2, 4, 3)(np.zeros((8, 2, 10), np.float32)).shape
    (8, 4, 8)
    """
    rank = 1


class Conv2d(_Conv):
    __doc__ = f"""Convolution over two axes, see `autograd.conv`.{_CONV}
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.Conv2d(1, 16, 3, padding=1)
    >>> layer
    Conv2d(1, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    >>> layer(np.zeros((8, 1, 28, 28), np.float32)).shape
    (8, 16, 28, 28)
    """
    rank = 2


class Conv3d(_Conv):
    __doc__ = f"""Convolution over three axes, see `autograd.conv`.{_CONV}
    >>> import numpy as np
    >>> import nn
    >>> nn.Conv3d(1, 2, 3)(np.zeros((4, 1, 5, 6, 7), np.float32)).shape
    (4, 2, 3, 4, 5)
    """
    rank = 3


class ConvTranspose1d(_ConvTranspose):
    __doc__ = f"""The transpose of `Conv1d`, see `autograd.conv_transpose`.{_TRANSPOSE}
    >>> import numpy as np
    >>> import nn
    >>> nn.ConvTranspose1d(2, 4, 3, stride=2)(np.zeros((8, 2, 10), np.float32)).shape
    (8, 4, 21)
    """
    rank = 1


class ConvTranspose2d(_ConvTranspose):
    __doc__ = f"""The transpose of `Conv2d`, see `autograd.conv_transpose`.{_TRANSPOSE}
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.ConvTranspose2d(2, 4, 3, stride=2, padding=1)
    >>> layer(np.zeros((8, 2, 5, 5), np.float32), output_size=(10, 9)).shape
    (8, 4, 10, 9)
    """
    rank = 2


class ConvTranspose3d(_ConvTranspose):
    __doc__ = f"""The transpose of `Conv3d`, see `autograd.conv_transpose`.{_TRANSPOSE}
    >>> import numpy as np
    >>> import nn
    >>> nn.ConvTranspose3d(1, 2, 2, stride=2)(np.zeros((4, 1, 2, 3, 4), np.float32)).shape
    (4, 2, 4, 6, 8)
    """
    rank = 3
