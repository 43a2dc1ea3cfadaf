"""Normalisation layers; PyTorch's names, arguments, shapes and initial values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from . import functional as F  # noqa: N812  (the field's name for it)
from .functional.checks import layer_input
from .module import Module, Parameter
from .settings import shape, sizes


def _matching(layer: Module, input: Any, weight: Any) -> Any:
    """`input`, once it has the dtype of the layer's parameters, where there are any."""
    return input if weight is None else layer_input(type(layer).__name__, input, weight)


class _BatchNorm(Module):
    """What both share.

    Attributes:
        running_mean, running_var, num_batches_tracked: buffers, or None without tracking.
    """

    optional_state = ("num_batches_tracked",)
    ranks: ClassVar[tuple[int, ...]]

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        (num_features,) = sizes(type(self).__name__, 0, num_features=num_features)
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self.weight = Parameter(np.ones(num_features, dtype)) if affine else None
        self.bias = Parameter(np.zeros(num_features, dtype)) if affine and bias else None
        tracked = track_running_stats
        self.register_buffer("running_mean", np.zeros(num_features, dtype) if tracked else None)
        self.register_buffer("running_var", np.ones(num_features, dtype) if tracked else None)
        self.register_buffer("num_batches_tracked", np.array(0) if tracked else None)

    running_mean: np.ndarray | None
    running_var: np.ndarray | None
    num_batches_tracked: np.ndarray | None

    def forward(self, input: Any) -> Any:
        """Shape (batch, num_features, ...) to the same."""
        input = _matching(self, input, self.weight)
        given = np.shape(input)
        if len(given) not in self.ranks or given[1] != self.num_features:
            axes = {2: "", 3: ", length", 4: ", height, width", 5: ", depth, height, width"}
            wanted = " or ".join([f"(batch, {self.num_features}{axes[n]})" for n in self.ranks])
            raise ValueError(f"{type(self).__name__}: an input of shape {given}: give {wanted}")
        momentum = 0.0 if self.momentum is None else self.momentum
        count = None
        if self.training and self.num_batches_tracked is not None:
            count = self.num_batches_tracked + 1
            if self.momentum is None:  # the average over all batches
                momentum = 1 / float(count)
        tracked = self.running_mean is not None
        output = F.batch_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not tracked,
            momentum,
            self.eps,
        )
        if count is not None:  # behind what may refuse the batch
            self.num_batches_tracked = count
        return output

    def reset_running_stats(self) -> None:
        """Forget the running moments."""
        if self.running_mean is not None and self.running_var is not None:
            self.running_mean = np.zeros_like(self.running_mean)
            self.running_var = np.ones_like(self.running_var)
            self.num_batches_tracked = np.array(0)

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, track_running_stats={self.track_running_stats}"
            + ", bias=False"
            * (self.affine and self.bias is None)
        )


class BatchNorm1d(_BatchNorm):
    """Each feature normalised over the batch, see `functional.batch_norm`.

    In training mode with the moments of the batch, which go into the running ones; in evaluation
    mode with the running ones.

    Args:
        num_features: the number of features or channels.
        eps: added to the variance.
        momentum: the share of a batch in the running moments; None for the average of all.
        affine: whether there are a weight (1 at first) and a bias (0).
        track_running_stats: whether to keep running moments; without, those of the batch are used
            in evaluation mode as well.
        bias: whether there is a bias, where there is a weight.
        dtype: of the parameters.

    Raises:
        TypeError: for an input of another dtype; ValueError: for shapes that do not fit.

    >>> import numpy as np
    >>> import nn
    >>> layer = nn.BatchNorm1d(2)
    >>> layer(np.array([[1, 2], [3, 6]], np.float32)).numpy().round(2)
    array([[-1., -1.], [ 1.,  1.]], dtype=float32)
    >>> layer.running_mean
    array([0.2, 0.4], dtype=float32)
    """

    ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Each channel normalised over batch and space; arguments as those of `BatchNorm1d`.

    >>> import numpy as np
    >>> import nn
    >>> nn.BatchNorm2d(3)(np.ones((8, 3, 4, 4), np.float32)).shape
    (8, 3, 4, 4)
    """

    ranks = (4,)


class BatchNorm3d(_BatchNorm):
    """Each channel normalised over batch and volume; arguments as those of `BatchNorm1d`.

    >>> import numpy as np
    >>> import nn
    >>> nn.BatchNorm3d(3)(np.ones((8, 3, 4, 4, 2), np.float32)).shape
    (8, 3, 4, 4, 2)
    """

    ranks = (5,)


class LayerNorm(Module):
    """Each example normalised over its last axes, see `functional.layer_norm`.

    Args:
        normalized_shape: the lengths of these axes.
        eps: added to the variance.
        elementwise_affine: whether there are a weight (1 at first) and a bias (0).
        bias: whether there is a bias, where there is a weight.
        dtype: of the parameters.

    Raises:
        TypeError: for an input of another dtype; ValueError: for shapes that do not fit.

    >>> import numpy as np
    >>> import nn
    >>> nn.LayerNorm(2)(np.array([[1, 3]], np.float32)).numpy().round(2)
    array([[-1.,  1.]], dtype=float32)
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
    ) -> None:
        self.normalized_shape = shape("LayerNorm", "normalized_shape", normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        affine = elementwise_affine
        self.weight = Parameter(np.ones(self.normalized_shape, dtype)) if affine else None
        self.bias = Parameter(np.zeros(self.normalized_shape, dtype)) if affine and bias else None

    def forward(self, input: Any) -> Any:
        """Shape (..., *normalized_shape) to the same."""
        input = _matching(self, input, self.weight)
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class RMSNorm(Module):
    """Each example divided by its root mean square, see `functional.rms_norm`.

    Args:
        normalized_shape: the lengths of the last axes, over which the mean is taken.
        eps: added to the mean square; by default the dtype's machine epsilon, of float16 that of
            float32.
        elementwise_affine: whether there is a weight (1 at first).
        dtype: of the parameters.

    Raises:
        TypeError: for an input of another dtype; ValueError: for shapes that do not fit.

    >>> import numpy as np
    >>> import nn
    >>> nn.RMSNorm(2)(np.array([[3, 3]], np.float32)).numpy().round(2)
    array([[1., 1.]], dtype=float32)
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        dtype: Any = np.float32,
    ) -> None:
        self.normalized_shape = shape("RMSNorm", "normalized_shape", normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.weight = None
        if elementwise_affine:
            self.weight = Parameter(np.ones(self.normalized_shape, dtype))

    def forward(self, input: Any) -> Any:
        """Shape (..., *normalized_shape) to the same."""
        input = _matching(self, input, self.weight)
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class GroupNorm(Module):
    """Groups of channels normalised over themselves and space, see `functional.group_norm`.

    Args:
        num_groups: into how many groups the channels are divided.
        num_channels: the number of channels.
        eps: added to the variance.
        affine: whether there are a weight (1 at first) and a bias (0), one number a channel.
        bias: whether there is a bias, where there is a weight.
        dtype: of the parameters.

    Raises:
        TypeError: for an input of another dtype; ValueError: for shapes that do not fit.

    >>> import numpy as np
    >>> import nn
    >>> nn.GroupNorm(2, 4)(np.ones((8, 4, 5), np.float32)).shape
    (8, 4, 5)
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        (num_groups,) = sizes("GroupNorm", num_groups=num_groups)
        (num_channels,) = sizes("GroupNorm", 0, num_channels=num_channels)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: {num_channels} channels do not divide into {num_groups} groups: give "
                "a divisor"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self.weight = Parameter(np.ones(num_channels, dtype)) if affine else None
        self.bias = Parameter(np.zeros(num_channels, dtype)) if affine and bias else None

    def forward(self, input: Any) -> Any:
        """Shape (batch, num_channels, ...) to the same."""
        input = _matching(self, input, self.weight)
        if np.ndim(input) < 2 or np.shape(input)[1] != self.num_channels:
            raise ValueError(
                f"GroupNorm: an input of shape {np.shape(input)}: give (batch, "
                f"{self.num_channels}, ...)"
            )
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"
            + ", bias=False" * (self.affine and self.bias is None)
        )
