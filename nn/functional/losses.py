"""Losses of one number per element, and of pairs of rows; PyTorch's names and defaults."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import abs as absolute
from autograd import exp, log, maximum, operation, relu, sigmoid, softplus, sqrt, square, sum, where

from ..settings import not_negative, number, positive
from .activations import hardtanh
from .checks import REDUCTIONS, check_reduction, plain, reduced, same_shape, weights

# --- distances --------------------------------------------------------------------------


def mse_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """The squared difference, averaged over all elements.

    Args:
        input: predictions of any shape.
        target: the same shape.
        reduction: "mean", "sum", or "none" for one loss per element.

    Raises:
        ValueError: for different shapes.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> float(F.mse_loss(np.array([1.0, 3.0]), np.array([1.0, 1.0])))
    2.0
    """
    input, target = same_shape("mse_loss", input, target)
    return reduced(square(input - target), reduction)


def l1_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """The absolute difference, averaged over all elements; arguments as those of `mse_loss`.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> float(F.l1_loss(np.array([1.0, 3.0]), np.array([2.0, 1.0])))
    1.5
    """
    input, target = same_shape("l1_loss", input, target)
    return reduced(absolute(input - target), reduction)


def _huber(difference: Any, delta: float) -> Any:
    # With z the difference cut at +-delta: d**2 / 2 inside, delta (|d| - delta / 2) outside.
    cut = hardtanh(difference, -delta, delta)
    return cut * (difference - 0.5 * cut)


def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0) -> Any:
    """Half the squared difference up to `delta`, a straight line beyond (Huber, 1964).

    Args:
        input: predictions of any shape.
        target: the same shape.
        reduction: "mean", "sum" or "none".
        delta: where the line begins; its slope.

    Raises:
        ValueError: for different shapes, or a delta that is not positive.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.huber_loss(np.array([0.5, 3.0]), np.array([0.0, 0.0]), reduction="none")
    array([0.125, 2.5  ])
    """
    delta = positive("huber_loss", "delta", delta)
    input, target = same_shape("huber_loss", input, target)
    return reduced(_huber(input - target, delta), reduction)


def smooth_l1_loss(input: Any, target: Any, *, reduction: str = "mean", beta: float = 1.0) -> Any:
    """`huber_loss` divided by its delta, here `beta`; for 0 the absolute difference.

    Girshick, 2015, arXiv:1504.08083.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.smooth_l1_loss(np.array([0.5, 3.0]), np.zeros(2), reduction="none", beta=2.0)
    array([0.0625, 2.    ])
    """
    beta = not_negative("smooth_l1_loss", "beta", beta)
    input, target = same_shape("smooth_l1_loss", input, target)
    difference = input - target
    losses = _huber(difference, beta) / beta if beta else absolute(difference)
    return reduced(losses, reduction)


# --- probabilities ----------------------------------------------------------------------


def _weighted(name: str, losses: Any, weight: Any) -> Any:
    return (
        losses
        if weight is None
        else losses * weights(name, "weight", weight, losses.shape, losses.dtype)
    )


_SMALLEST = math.exp(-100)


@operation(
    # As in PyTorch: the logarithms are cut at -100, the denominator at 1e-12.
    lambda g, x, y: g * (x - y) / maximum(x * (1 - x), 1e-12),
    lambda g, x: g * (log(maximum(1 - x, _SMALLEST)) - log(maximum(x, _SMALLEST))),
    name="binary_cross_entropy",
)
def _binary_cross_entropy(x: Any, y: Any, /) -> Any:
    with np.errstate(divide="ignore"):
        return -(y * np.maximum(np.log(x), -100) + (1 - y) * np.maximum(np.log1p(-x), -100))


def _check_probabilities(what: str, x: np.ndarray, remedy: str) -> None:
    if not x.size:
        return
    least, most = np.minimum.reduce(x, axis=None), np.maximum.reduce(x, axis=None)
    if not 0 <= least <= most <= 1:
        raise ValueError(
            f"binary_cross_entropy: {what} from {least} to {most} are not probabilities: {remedy}"
        )


def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, *, reduction: str = "mean"
) -> Any:
    """The negative log-likelihood of `target` under probabilities `input`.

    Args:
        input: probabilities of any shape.
        target: 0 or 1, or probabilities, the same shape.
        weight: of each loss, a shape that broadcasts to that of `input`.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: for different shapes, or inputs or targets outside 0 to 1.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> round(float(F.binary_cross_entropy(np.array([0.5]), np.array([1.0]))), 6)
    0.693147
    """
    input, target = same_shape("binary_cross_entropy", input, target)
    remedy = "apply sigmoid, or use binary_cross_entropy_with_logits"
    _check_probabilities("inputs", plain(input), remedy)
    _check_probabilities("targets", plain(target), "give 0, 1 or numbers between them")
    losses = _binary_cross_entropy(input, target)
    return reduced(_weighted("binary_cross_entropy", losses, weight), reduction)


@operation(
    lambda g, x, y: g * (sigmoid(x) - y),
    lambda g, x: -g * x,
    name="binary_cross_entropy_with_logits",
)
def _binary_cross_entropy_with_logits(x: Any, y: Any, /) -> Any:
    # softplus(x) - x * y without the difference of two large numbers.
    return np.maximum(x, 0) - x * y + np.log1p(np.exp(-np.abs(x)))


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """The negative log-likelihood of `target` under sigmoid(input), finite for any logit.

    Args:
        input: logits of any shape.
        target: 0 or 1, or probabilities, the same shape.
        weight: of each loss, a shape that broadcasts to that of `input`.
        reduction: "mean", "sum" or "none".
        pos_weight: of the part of each loss that belongs to the target 1, likewise.

    Raises:
        ValueError: for different shapes.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> float(F.binary_cross_entropy_with_logits(np.array([-1000.0]), np.array([1.0])))
    1000.0
    """
    name = "binary_cross_entropy_with_logits"
    input, target = same_shape(name, input, target)
    if pos_weight is None:
        losses = _binary_cross_entropy_with_logits(input, target)
    else:
        times = weights(name, "pos_weight", pos_weight, input.shape, input.dtype)
        losses = times * target * softplus(-input) + (1 - target) * softplus(input)
    return reduced(_weighted(name, losses, weight), reduction)


def kl_div(input: Any, target: Any, *, reduction: str = "mean", log_target: bool = False) -> Any:
    """The Kullback-Leibler divergence of exp(input) from target: target (log target - input).

    Args:
        input: logarithms of probabilities, any shape.
        target: probabilities, or their logarithms where `log_target`; the same shape.
        reduction: "batchmean", the sum divided by the number of rows, which is the divergence;
            "mean" over all elements, "sum" or "none".
        log_target: what the target is.

    Raises:
        ValueError: for different shapes, or targets below 0 that are no logarithms.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> p, q = np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]])
    >>> round(float(F.kl_div(np.log(p), q, reduction="batchmean")), 6)
    0.693147
    """
    check_reduction(reduction, (*REDUCTIONS, "batchmean"))
    input, target = same_shape("kl_div", input, target)
    if log_target:
        losses = exp(target) * (target - input)
    else:
        if plain(target).size and plain(target).min() < 0:
            raise ValueError(
                "kl_div: a target below 0 is no probability: for logarithms give log_target=True"
            )
        # 0 log 0 is 0, whatever number the input there.
        none, one, zero = plain(target) == 0, np.ones((), input.dtype), np.zeros((), input.dtype)
        none &= ~np.isnan(plain(input))
        target = where(none, one, target)
        losses = where(none, zero, target * (log(target) - input))
    if reduction == "batchmean":
        return sum(losses) / max(input.shape[0] if input.ndim else 1, 1)
    return reduced(losses, reduction)


# --- margins ----------------------------------------------------------------------------


def hinge_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """max(0, 1 - target * input), for targets -1 and 1.

    Raises:
        ValueError: for different shapes, or targets other than -1 and 1.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> float(F.hinge_loss(np.array([0.5, -2.0]), np.array([1.0, -1.0])))
    0.25
    """
    input, target = same_shape("hinge_loss", input, target)
    if not np.all(np.abs(plain(target)) == 1):
        raise ValueError("hinge_loss: targets must be -1 or 1: map 0 and 1 with 2 * y - 1")
    return reduced(relu(1 - target * input), reduction)


def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, *, reduction: str = "mean"
) -> Any:
    """1 - cosine of pairs that belong together, max(0, cosine - margin) of those that do not.

    Args:
        input1: shape (rows, features), or (features,).
        input2: the same shape.
        target: 1 for pairs that belong together, else -1; shape (rows,), or ().
        margin: the cosine from which pairs that do not belong together count, from -1 to 1.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: for shapes that do not fit, or targets other than -1 and 1.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> x, y = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    >>> float(F.cosine_embedding_loss(x, y, np.array([1])))
    1.0
    """
    input1, input2 = same_shape("cosine_embedding_loss", input1, input2)
    labels = plain(target)
    if input1.ndim not in (1, 2) or labels.shape != input1.shape[:-1]:
        raise ValueError(
            f"cosine_embedding_loss: inputs of shape {input1.shape}, targets of shape "
            f"{labels.shape}: give (rows, features) and (rows,)"
        )
    if not np.all(np.abs(labels) == 1):
        raise ValueError("cosine_embedding_loss: targets must be -1 or 1: map 0 to -1")
    tiny = 1e-12  # as in PyTorch; it keeps rows of zeros from dividing by 0
    lengths = (sum(square(input1), axis=-1) + tiny) * (sum(square(input2), axis=-1) + tiny)
    cosines = sum(input1 * input2, axis=-1) / sqrt(lengths)
    return reduced(where(labels > 0, 1 - cosines, relu(cosines - number(margin))), reduction)
