"""The computations of layers and losses as functions; PyTorch's names and defaults."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from autograd import (
    Tensor,
    expand_dims,
    log,
    log_softmax,
    matmul,
    maximum,
    mean,
    operation,
    relu,
    reshape,
    sigmoid,
    softmax,
    softplus,
    square,
    sum,
    tanh,
    transpose,
)

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "hinge_loss",
    "linear",
    "log_softmax",
    "mse_loss",
    "relu",
    "sigmoid",
    "softmax",
    "softplus",
    "tanh",
]


# --- linear -----------------------------------------------------------------------------


def _rows(x: Any) -> Any:
    """`x` with its leading axes as one."""
    return x if x.ndim == 2 else x.reshape((math.prod(x.shape[:-1]), x.shape[-1]))


def _check_input(x: Any, weight: Any) -> None:
    if x.dtype is not weight.dtype and x.dtype != weight.dtype:
        raise TypeError(
            f"an input of dtype {x.dtype} for parameters of {weight.dtype}: convert the input "
            f"with .astype({weight.dtype.name!r}), or make the layer with dtype={x.dtype.name!r}"
        )
    if x.ndim == 0:
        raise ValueError(
            f"an input of shape () for a weight of shape {weight.shape}: give rows of "
            f"{weight.shape[-1]} numbers"
        )


@lru_cache(maxsize=16)
def _ones(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """As many ones as `shape` has rows."""
    return np.ones(math.prod(shape[:-1]), dtype)


@operation(
    lambda g, weight: g @ weight,
    lambda g, x: (_rows(x).T @ _rows(g)).T,  # in the memory order of a Linear's weight
    lambda g: _ones(g.shape, g.dtype) @ _rows(g),  # a sum over the rows, at BLAS's speed
    name="linear",
    hint="the last axis of the input must be as long as the weight's last, in_features",
)
def _linear(x: Any, weight: Any, bias: Any, /) -> Any:
    _check_input(x, weight)
    out = np.dot(x, weight.T)  # for a matrix on the right the same as matmul, and sooner there
    out += bias
    return out


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """`input @ weight.T + bias` as one operation.

    Args:
        input: shape (..., in_features).
        weight: shape (out_features, in_features).
        bias: shape (out_features,), or None.

    Returns:
        Shape (..., out_features).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.linear(np.array([1.0, 2.0]), np.array([[3.0, 4.0]]), np.array([5.0]))
    array([16.])
    """
    if bias is None:
        input = input if isinstance(input, Tensor) else np.asarray(input)
        _check_input(input, weight)
        return matmul(input, transpose(weight))
    if isinstance(weight, Tensor):
        return _linear.on_tensors((input, weight, bias))
    return _linear(input, weight, bias)


# --- losses -----------------------------------------------------------------------------


def _reduced(losses: Any, reduction: str) -> Any:
    if reduction == "mean":
        return mean(losses)
    if reduction == "sum":
        return sum(losses)
    _check_reduction(reduction)
    return losses


def _check_reduction(reduction: str) -> None:
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction {reduction!r} is unknown: use 'mean', 'sum' or 'none'")


def _same_shape(name: str, input: Any, target: Any) -> tuple[Any, Any]:
    """Both as arrays or Tensors of one shape; broadcasting would average the wrong things."""
    if not isinstance(input, Tensor):
        input = np.asarray(input)
    if not isinstance(target, Tensor):
        target = np.asarray(target)
    if target.dtype.kind in "iub":
        target = target.astype(input.dtype)
    if input.shape != target.shape:
        raise ValueError(
            f"{name}: input of shape {input.shape}, target of shape {target.shape}: give them the "
            "same shape, for instance with reshape or target[:, None]"
        )
    return input, target


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
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
    input, target = _same_shape("mse_loss", input, target)
    return _reduced(square(input - target), reduction)


def _softmax_minus_one_hot(x: Any, labels: Any) -> Any:
    """softmax(x) - one_hot(labels): the derivative of the cross-entropy by the logits."""
    one_hot = np.zeros(x.shape, x.dtype)
    one_hot[np.arange(len(labels)), labels] = 1
    return softmax(x) - one_hot


def _cross_entropy_rule(g: Any, difference: Any, reduction: str) -> Any:
    if reduction == "mean":
        return difference * (g / max(len(difference), 1))
    return difference * (expand_dims(g, -1) if reduction == "none" else g)


@lru_cache(maxsize=16)
def _numbers(n: int) -> np.ndarray:
    return np.arange(n)


@operation(
    _cross_entropy_rule,
    name="cross_entropy",
    kept={"difference": _softmax_minus_one_hot},
)
def _cross_entropy(x: np.ndarray, /, labels: np.ndarray, reduction: str) -> tuple[Any, Any]:
    n = len(labels)
    # Class by class in memory: maximum and sum over the classes then run over many rows at once.
    shifted = x.T.copy()
    shifted -= np.maximum.reduce(shifted, axis=0)
    difference = np.exp(shifted)
    total = np.add.reduce(difference, axis=0)
    at_labels = labels * n + _numbers(n)
    losses = np.log(total)
    losses -= shifted.ravel().take(at_labels)
    difference /= total
    flat = difference.ravel()  # the same memory
    flat[at_labels] = flat.take(at_labels) - 1
    if reduction == "none":
        return losses, difference.T
    loss = np.add.reduce(losses)
    return (loss / n if reduction == "mean" else loss), difference.T


def _labels(labels: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The class indices as np.intp, once they fit logits of `shape` (rows, classes)."""
    rows, classes = shape
    if labels.shape != (rows,):
        raise ValueError(
            f"cross_entropy: {labels.size} labels of shape {labels.shape} for {rows} rows of "
            "logits: give one class index for each row; of one-hot rows .argmax(axis=1)"
        )
    if labels.dtype != np.intp:
        labels = labels.astype(np.intp)
    # As unsigned numbers the negative ones are the largest: one pass finds both errors.
    if rows and np.maximum.reduce(labels.view(np.uintp)) >= classes:
        wrong = int(np.flatnonzero((labels < 0) | (labels >= classes))[0])
        raise IndexError(
            f"cross_entropy: label {labels[wrong]} of row {wrong} is not in 0 to {classes - 1}: "
            f"the logits of shape {shape} have {classes} classes"
        )
    return labels


def cross_entropy(input: Any, target: Any, reduction: str = "mean") -> Any:
    """The negative log-likelihood of the target classes under softmax(input).

    Args:
        input: logits, shape (rows, classes), or (classes,) for one row.
        target: class indices, integers of shape (rows,); or class probabilities of the shape of
            `input`, floats.
        reduction: "mean" over the rows, "sum", or "none" for one loss per row.

    Raises:
        IndexError: for a label out of range; ValueError: for shapes that do not fit.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> round(float(F.cross_entropy(np.array([[1000.0, 0.0]]), np.array([1]))), 6)
    1000.0
    """
    if not isinstance(input, Tensor):
        input = np.asarray(input, None if hasattr(input, "dtype") else float)
    if not isinstance(target, Tensor):
        target = np.asarray(target)
    if input.ndim == 1:
        one = cross_entropy(expand_dims(input, 0), expand_dims(target, 0), reduction)
        return reshape(one, ()) if reduction == "none" else one
    if input.ndim != 2:
        raise ValueError(
            f"cross_entropy: logits of shape {input.shape}: give (rows, classes), moving further "
            "axes into the rows with transpose and reshape"
        )
    if target.dtype.kind in "iub":
        _check_reduction(reduction)
        static = {"labels": _labels(_plain(target), input.shape), "reduction": reduction}
        if isinstance(input, Tensor):
            return _cross_entropy.on_tensors((input,), static)
        return _cross_entropy(input, **static)
    if target.shape == input.shape[:1]:
        raise TypeError(
            f"cross_entropy: labels of dtype {target.dtype} and shape {target.shape}: class "
            "indices are integers, convert them with .astype(int)"
        )
    input, target = _same_shape("cross_entropy", input, target)
    return _reduced(-sum(target * log_softmax(input), axis=-1), reduction)


def _plain(target: Any) -> np.ndarray:
    return target.data if isinstance(target, Tensor) else np.asarray(target)


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


def binary_cross_entropy(input: Any, target: Any, reduction: str = "mean") -> Any:
    """The negative log-likelihood of `target` under probabilities `input`.

    Args:
        input: probabilities of any shape.
        target: 0 or 1, or probabilities, the same shape.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: for different shapes, or inputs outside 0 to 1.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> round(float(F.binary_cross_entropy(np.array([0.5]), np.array([1.0]))), 6)
    0.693147
    """
    input, target = _same_shape("binary_cross_entropy", input, target)
    values = _plain(input)
    if values.size and not (values.min() >= 0 and values.max() <= 1):
        raise ValueError(
            f"binary_cross_entropy: inputs from {values.min()} to {values.max()} are not "
            "probabilities: apply sigmoid, or use binary_cross_entropy_with_logits"
        )
    return _reduced(_binary_cross_entropy(input, target), reduction)


@operation(
    lambda g, x, y: g * (sigmoid(x) - y),
    lambda g, x: -g * x,
    name="binary_cross_entropy_with_logits",
)
def _binary_cross_entropy_with_logits(x: Any, y: Any, /) -> Any:
    # softplus(x) - x * y without the difference of two large numbers.
    return np.maximum(x, 0) - x * y + np.log1p(np.exp(-np.abs(x)))


def binary_cross_entropy_with_logits(input: Any, target: Any, reduction: str = "mean") -> Any:
    """The negative log-likelihood of `target` under sigmoid(input), finite for any logit.

    Args:
        input: logits of any shape.
        target: 0 or 1, or probabilities, the same shape.
        reduction: "mean", "sum" or "none".

    >>> import numpy as np
    >>> from nn import functional as F
    >>> float(F.binary_cross_entropy_with_logits(np.array([-1000.0]), np.array([1.0])))
    1000.0
    """
    input, target = _same_shape("binary_cross_entropy_with_logits", input, target)
    return _reduced(_binary_cross_entropy_with_logits(input, target), reduction)


def hinge_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """max(0, 1 - target * input), for targets -1 and 1.

    Raises:
        ValueError: for different shapes, or targets other than -1 and 1.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> float(F.hinge_loss(np.array([0.5, -2.0]), np.array([1.0, -1.0])))
    0.25
    """
    input, target = _same_shape("hinge_loss", input, target)
    if not np.all(np.abs(_plain(target)) == 1):
        raise ValueError("hinge_loss: targets must be -1 or 1: map 0 and 1 with 2 * y - 1")
    return _reduced(relu(1 - target * input), reduction)
