"""Pooling layers; PyTorch's names, arguments and shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from . import functional as F  # noqa: N812  (the field's name for it)
from .module import Module
from .settings import several, shape

Strides = int | Sequence[int]


class _Pool(Module):
    """`function` with the attributes named in `settings`."""

    function: ClassVar[Callable[..., Any]]
    settings: ClassVar[tuple[str, ...]]

    def _set(self, **sizes: Any) -> None:
        """Sizes as they are given, once none is below 1."""
        for what, given in sizes.items():
            each: Any = given if several(given) else (given,)
            shape(type(self).__name__, what, [1 if n is None else n for n in each], 1)
            setattr(self, what, given)

    def forward(self, input: Any) -> Any:
        """Shape (batch, channels, *size), or without the batch, to (batch, channels, ...)."""
        settings = {name: getattr(self, name) for name in self.settings}
        return type(self).function(input, **settings)

    def extra_repr(self) -> str:
        return ", ".join([f"{name}={getattr(self, name)}" for name in self.settings])


class _MaxPool(_Pool):
    settings = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")

    def __init__(
        self,
        kernel_size: Strides,
        stride: Strides | None = None,
        padding: Strides = 0,
        dilation: Strides = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        if return_indices:
            raise NotImplementedError(
                f"{type(self).__name__}: return_indices is not supported: ties share the gradient, "
                "so there is not one index for each window"
            )
        stride = kernel_size if stride is None else stride
        self._set(kernel_size=kernel_size, stride=stride, dilation=dilation)
        self.padding = padding
        self.ceil_mode = ceil_mode


class _AvgPool(_Pool):
    settings: ClassVar[tuple[str, ...]] = (
        "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad",
    )  # fmt: skip

    def __init__(
        self,
        kernel_size: Strides,
        stride: Strides | None = None,
        padding: Strides = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        self._set(kernel_size=kernel_size, stride=kernel_size if stride is None else stride)
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad


class _AvgPoolWithDivisor(_AvgPool):
    settings = (*_AvgPool.settings, "divisor_override")

    def __init__(
        self,
        kernel_size: Strides,
        stride: Strides | None = None,
        padding: Strides = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)
        self.divisor_override = divisor_override


class _AdaptiveAvgPool(_Pool):
    settings = ("output_size",)

    def __init__(self, output_size: int | Sequence[int | None]) -> None:
        self._set(output_size=output_size)


class MaxPool1d(_MaxPool):
    """The maximum of each window of one axis; arguments as those of `autograd.max_pool`.

    >>> import numpy as np
    >>> import nn
    >>> nn.MaxPool1d(2)(np.array([[[1.0, 3.0, 2.0, 0.0]]]))
    array([[[3., 2.]]])
    """

    function = F.max_pool1d


class MaxPool2d(_MaxPool):
    """The maximum of each window of two axes; arguments as those of `autograd.max_pool`.

    >>> import numpy as np
    >>> import nn
    >>> nn.MaxPool2d(2)(np.zeros((8, 3, 6, 7), np.float32)).shape
    (8, 3, 3, 3)
    """

    function = F.max_pool2d


class MaxPool3d(_MaxPool):
    """The maximum of each window of three axes; arguments as those of `autograd.max_pool`.

    >>> import numpy as np
    >>> import nn
    >>> nn.MaxPool3d(2)(np.zeros((8, 3, 6, 6, 6), np.float32)).shape
    (8, 3, 3, 3, 3)
    """

    function = F.max_pool3d


class AvgPool1d(_AvgPool):
    """The mean of each window of one axis; arguments as those of `autograd.avg_pool`.

    >>> import numpy as np
    >>> import nn
    >>> nn.AvgPool1d(2)(np.array([[[1.0, 3.0, 2.0, 0.0]]]))
    array([[[2., 1.]]])
    """

    function = F.avg_pool1d


class AvgPool2d(_AvgPoolWithDivisor):
    """The mean of each window of two axes; arguments as those of `autograd.avg_pool`.

    >>> import numpy as np
    >>> import nn
    >>> nn.AvgPool2d(3, stride=2, padding=1)(np.zeros((8, 3, 6, 7), np.float32)).shape
    (8, 3, 3, 4)
    """

    function = F.avg_pool2d


class AvgPool3d(_AvgPoolWithDivisor):
    """The mean of each window of three axes; arguments as those of `autograd.avg_pool`.

    >>> import numpy as np
    >>> import nn
    >>> nn.AvgPool3d(2)(np.zeros((8, 3, 6, 6, 6), np.float32)).shape
    (8, 3, 3, 3, 3)
    """

    function = F.avg_pool3d


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """Means of as many windows as asked for; see `autograd.adaptive_avg_pool`.

    >>> import numpy as np
    >>> import nn
    >>> nn.AdaptiveAvgPool1d(2)(np.array([[[1.0, 3.0, 2.0, 0.0]]]))
    array([[[2., 1.]]])
    """

    function = F.adaptive_avg_pool1d


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """Means of as many windows as asked for; see `autograd.adaptive_avg_pool`.

    >>> import numpy as np
    >>> import nn
    >>> nn.AdaptiveAvgPool2d((1, None))(np.zeros((8, 3, 6, 7), np.float32)).shape
    (8, 3, 1, 7)
    """

    function = F.adaptive_avg_pool2d


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """Means of as many windows as asked for; see `autograd.adaptive_avg_pool`.

    >>> import numpy as np
    >>> import nn
    >>> nn.AdaptiveAvgPool3d(1)(np.zeros((8, 3, 6, 7, 5), np.float32)).shape
    (8, 3, 1, 1, 1)
    """

    function = F.adaptive_avg_pool3d
