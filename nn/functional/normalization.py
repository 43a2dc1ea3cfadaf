"""Normalisation over batches, features and groups; PyTorch's names and defaults.

float16 is computed in float32, as in PyTorch: its squares and sums leave its range.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import mean, operation, reshape, sqrt, square

from ..settings import number
from ..settings import shape as lengths
from .checks import array, plain, wider

Axes = tuple[int, ...]
_HALF = np.dtype(np.float16)

# --- the operation all share ------------------------------------------------------------


def _mean(x: np.ndarray, axes: Axes) -> Any:
    """The mean over `axes`, which stay as length 1; over the last axis at BLAS's speed."""
    if axes == (-1,) and x.shape[-1]:
        return (x @ np.full(x.shape[-1], 1 / x.shape[-1], x.dtype))[..., None]
    return np.mean(x, axis=axes, keepdims=True)


def _moments(x: np.ndarray, axes: Axes) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance over `axes`, which stay as length 1."""
    average = _mean(x, axes)
    spread = x - average
    spread *= spread
    return average, _mean(spread, axes)


def _scale(x: Any, axes: Axes, eps: float, centred: bool) -> Any:
    """1 / sqrt(variance + eps), or of the mean square where not centred."""
    if centred:
        x = x - mean(x, axis=axes, keepdims=True)
    return 1 / sqrt(mean(square(x), axis=axes, keepdims=True) + eps)


def _standard(x: Any, axes: Axes, eps: float, centred: bool) -> Any:
    """`x` normalised, with recorded operations."""
    scale = _scale(x, axes, eps, centred)
    return (x - mean(x, axis=axes, keepdims=True)) * scale if centred else x * scale


def _normalize_x(g: Any, weight: Any, standard: Any, scale: Any, axes: Axes, centred: bool) -> Any:
    # Ioffe & Szegedy (2015), arXiv:1502.03167, section 3, simplified: the part of the cotangent
    # along the ones (the mean) and along the normalised input (the variance) is projected out.
    g = g * weight
    if not isinstance(g, np.ndarray):
        along = mean(g * standard, axis=axes, keepdims=True)
        share = g - standard * along
        return (share - mean(g, axis=axes, keepdims=True) if centred else share) * scale
    along = _mean(g * standard, axes)
    if centred:
        g -= _mean(g, axes)
    g -= standard * along
    g *= scale
    return g


@operation(
    _normalize_x,
    lambda g, standard: g * standard,
    lambda g: g,
    name="normalize",
    kept={"standard": _standard, "scale": _scale},
)
def _normalize(
    x: Any,
    weight: Any,
    bias: Any,
    /,
    axes: Axes,
    eps: float,
    centred: bool,
    moments: tuple[np.ndarray, np.ndarray] | None,
) -> Any:
    """`x` less its mean, by its standard deviation, times weight, plus bias."""
    if moments is not None:
        average, variance = moments
        standard = x - average
    elif centred:
        standard = x - _mean(x, axes)
        variance = _mean(np.square(standard), axes)
    else:
        variance = _mean(np.square(x), axes)
        standard = x
    scale = 1 / np.sqrt(variance + eps)
    standard = standard * scale if standard is x else np.multiply(standard, scale, out=standard)
    out = standard * weight
    out += bias
    return out, standard, scale


# --- batches ----------------------------------------------------------------------------


def batch_norm(
    input: Any,
    running_mean: np.ndarray | None,
    running_var: np.ndarray | None,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Each channel normalised over batch and space (Ioffe & Szegedy, 2015, arXiv:1502.03167).

    Args:
        input: shape (batch, channels, ...).
        running_mean: the running mean of each channel, updated in place where `training`.
        running_var: the same of the variance (with one lost degree of freedom).
        weight: a factor for each channel, or None.
        bias: a summand for each channel, or None.
        training: whether to use the moments of the batch, not the running ones.
        momentum: the share of the batch in the running moments.
        eps: added to the variance.

    Raises:
        ValueError: for a single value per channel in training, or moments that do not fit.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.batch_norm(np.array([[1.0], [3.0]]), None, None, training=True, eps=0.0).tolist()
    [[-1.0], [1.0]]
    """
    input = array(input)
    if input.ndim < 2:
        raise ValueError(
            f"batch_norm: an input of shape {input.shape}: give (batch, channels, ...)"
        )
    channels = input.shape[1]
    for what, given in {"running_mean": running_mean, "running_var": running_var,
                        "weight": weight, "bias": bias}.items():  # fmt: skip
        if given is not None and given.shape != (channels,):
            raise ValueError(
                f"batch_norm: {what} of shape {given.shape} for an input of shape {input.shape}: "
                f"give one number for each of its {channels} channels"
            )
    if input.dtype == _HALF:
        return batch_norm(
            wider(input), running_mean, running_var, wider(weight), wider(bias), training,
            momentum, eps,
        ).astype(np.float16)  # fmt: skip
    shape = (channels,) + (1,) * (input.ndim - 2)
    factor = 1.0 if weight is None else reshape(weight, shape)
    summand = 0.0 if bias is None else reshape(bias, shape)
    if not training:
        if running_mean is None or running_var is None:
            raise ValueError("batch_norm: not training, and no running moments to use: give both")
        running_mean = running_mean.astype(input.dtype, copy=False)
        running_var = running_var.astype(input.dtype, copy=False)
        scale = factor * np.reshape(1 / np.sqrt(running_var + number(eps)), shape)
        shift = summand - np.reshape(running_mean, shape) * scale
        return input * scale + shift
    axes = (0, *range(2, input.ndim))
    count = math.prod(input.shape[a] for a in axes)
    if count < 2:
        raise ValueError(
            f"batch_norm: an input of shape {input.shape} has {count} values per channel: more "
            "than one is needed for a variance in training"
        )
    moments = _moments(plain(input), axes)
    if running_mean is not None and running_var is not None:
        average, variance = (np.reshape(m, -1) for m in moments)
        running_mean *= 1 - momentum
        running_mean += momentum * average
        running_var *= 1 - momentum
        running_var += momentum * (count / (count - 1)) * variance
    return _normalize(input, factor, summand, axes, number(eps), True, moments)


# --- features and groups ----------------------------------------------------------------


def _over_features(
    name: str, input: Any, normalized_shape: int | Sequence[int], weight: Any, bias: Any
) -> Axes:
    """The axes that are normalised."""
    given = normalized_shape
    if not isinstance(given, tuple):
        given = lengths(name, "normalized_shape", given)
    if not given or input.shape[-len(given) :] != given:
        raise ValueError(
            f"{name}: an input of shape {input.shape} for features of shape {given}: its last "
            "axes must be these"
        )
    for what, parameter in {"weight": weight, "bias": bias}.items():
        if parameter is not None and parameter.shape != given:
            raise ValueError(
                f"{name}: {what} of shape {parameter.shape} for features of shape {given}: give "
                "one number for each"
            )
    return tuple(range(-len(given), 0))


def layer_norm(
    input: Any,
    normalized_shape: int | Sequence[int],
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Any:
    """Normalised over the last axes (Ba, Kiros & Hinton, 2016, arXiv:1607.06450).

    Args:
        input: shape (..., *normalized_shape).
        normalized_shape: the lengths of the axes to normalise over.
        weight: a factor for each feature, of `normalized_shape`, or None.
        bias: a summand for each feature, or None.
        eps: added to the variance.

    Raises:
        ValueError: for shapes that do not fit.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.layer_norm(np.array([1.0, 3.0]), (2,), eps=0.0).tolist()
    [-1.0, 1.0]
    """
    input = array(input)
    axes = _over_features("layer_norm", input, normalized_shape, weight, bias)
    if input.dtype == _HALF:
        wide = layer_norm(wider(input), normalized_shape, wider(weight), wider(bias), eps)
        return wide.astype(np.float16)
    factor, summand = 1.0 if weight is None else weight, 0.0 if bias is None else bias
    return _normalize(input, factor, summand, axes, number(eps), True, None)


def rms_norm(
    input: Any,
    normalized_shape: int | Sequence[int],
    weight: Any = None,
    eps: float | None = None,
) -> Any:
    """Divided by the root of the mean square over the last axes.

    Zhang & Sennrich, 2019, arXiv:1910.07467.

    Args:
        input: shape (..., *normalized_shape).
        normalized_shape: the lengths of the axes to normalise over.
        weight: a factor for each feature, of `normalized_shape`, or None.
        eps: added to the mean square; by default the dtype's machine epsilon, of float16 that of
            float32.

    Raises:
        ValueError: for shapes that do not fit.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.rms_norm(np.array([3.0, 3.0]), (2,)).round(6).tolist()
    [1.0, 1.0]
    """
    input = array(input)
    axes = _over_features("rms_norm", input, normalized_shape, weight, None)
    if input.dtype == _HALF:
        return rms_norm(wider(input), normalized_shape, wider(weight), eps).astype(np.float16)
    eps = float(np.finfo(input.dtype).eps) if eps is None else number(eps)
    factor = 1.0 if weight is None else weight
    return _normalize(input, factor, 0.0, axes, eps, False, None)


def group_norm(
    input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """Normalised over groups of channels and space (Wu & He, 2018, arXiv:1803.08494).

    Args:
        input: shape (batch, channels, ...).
        num_groups: into how many groups the channels are divided.
        weight: a factor for each channel, or None.
        bias: a summand for each channel, or None.
        eps: added to the variance.

    Raises:
        ValueError: for shapes that do not fit, or, as in PyTorch, for a single example with one
            value in each group.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.group_norm(np.array([[1.0, 3.0, 2.0, 6.0]]), 2, eps=0.0).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """
    input = array(input)
    if input.ndim < 2 or num_groups < 1 or input.shape[1] % num_groups:
        raise ValueError(
            f"group_norm: {num_groups} groups of the channels of an input of shape {input.shape}: "
            "give (batch, channels, ...), and a divisor of the number of channels"
        )
    if input.size == num_groups:
        raise ValueError(
            f"group_norm: an input of shape {input.shape} has one value in each of {num_groups} "
            "groups, which normalised is 0: give fewer groups"
        )
    channels, space = input.shape[1], input.shape[2:]
    for what, given in {"weight": weight, "bias": bias}.items():
        if given is not None and given.shape != (channels,):
            raise ValueError(
                f"group_norm: {what} of shape {given.shape} for {channels} channels: give one "
                "number for each"
            )
    if input.dtype == _HALF:
        wide = group_norm(wider(input), num_groups, wider(weight), wider(bias), eps)
        return wide.astype(np.float16)
    each = (num_groups, channels // num_groups)
    ones = (1,) * len(space)
    grouped = reshape(input, (input.shape[0], *each, *space))
    factor = 1.0 if weight is None else reshape(weight, (*each, *ones))
    summand = 0.0 if bias is None else reshape(bias, (*each, *ones))
    axes = tuple(range(2, grouped.ndim))
    out = _normalize(grouped, factor, summand, axes, number(eps), True, None)
    return reshape(out, input.shape)
