"""Losses of scores for classes: cross-entropy, likelihood, multi-class margin."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from autograd import (
    Tensor,
    expand_dims,
    log_softmax,
    operation,
    relu,
    reshape,
    softmax,
    square,
    sum,
    transpose,
    where,
)

from ..settings import chosen, number, probability
from .checks import array, check_reduction, class_weights, operand, plain, reduced, same_shape

# --- cross-entropy with class indices, as one operation ---------------------------------


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


def _labels(
    name: str, labels: np.ndarray, shape: tuple[int, int], ignore_index: int | None = None
) -> tuple[np.ndarray, bool]:
    """The class indices as np.intp, once they fit scores of `shape` (rows, classes).

    The label `ignore_index` becomes -1; the second result says that there is none.
    """
    rows, classes = shape
    if labels.shape != (rows,):
        raise ValueError(
            f"{name}: {labels.size} labels of shape {labels.shape} for {rows} rows of "
            "logits: give one class index for each row; of one-hot rows .argmax(axis=1)"
        )
    if labels.dtype != np.intp:
        labels = labels.astype(np.intp)
    # As unsigned numbers the negative ones are the largest: one pass finds both errors.
    in_range = not rows or np.maximum.reduce(labels.view(np.uintp)) < classes
    if in_range and (ignore_index is None or not 0 <= ignore_index < classes):
        return labels, True
    wrong = (labels < 0) | (labels >= classes)
    if ignore_index is not None:
        ignored = labels == ignore_index
        wrong &= ~ignored
        labels = np.where(ignored, -1, labels)
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise IndexError(
            f"{name}: label {labels[first]} of row {first} is not in 0 to {classes - 1}: "
            f"the logits of shape {shape} have {classes} classes"
        )
    return labels, not (labels < 0).any()


# --- the same with all options ----------------------------------------------------------


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """The negative log-likelihood of the target classes under softmax(input).

    Args:
        input: logits, shape (rows, classes), (classes,) for one row, or (rows, classes, ...)
            with further axes.
        target: class indices, integers of shape (rows,) or (rows, ...); or class probabilities
            of the shape of `input`, floats.
        weight: a weight for each class, shape (classes,).
        ignore_index: the label of rows that do not count; there is none among probabilities.
        reduction: "mean" over the rows that count, by the weights of their classes; "sum", or
            "none" for one loss per row.
        label_smoothing: how much of each target is spread over all classes (Szegedy et al.,
            2015, arXiv:1512.00567).

    Raises:
        IndexError: for a label out of range; ValueError: for shapes that do not fit, or a
            smoothing outside 0 to 1; TypeError: for labels that are no integers.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> round(float(F.cross_entropy(np.array([[1000.0, 0.0]]), np.array([1]))), 6)
    1000.0
    """
    input, target = array(input), operand(target)
    check_reduction(reduction)
    label_smoothing = probability("cross_entropy", label_smoothing, "label_smoothing")
    if input.ndim != 2:
        shape, input, target = _as_rows("cross_entropy", input, target)
        losses = cross_entropy(
            input, target, weight, ignore_index=ignore_index, reduction=reduction,
            label_smoothing=label_smoothing,
        )  # fmt: skip
        return reshape(losses, shape) if reduction == "none" else losses
    if target.dtype.kind not in "iub":
        if ignore_index >= 0:
            raise ValueError(
                f"cross_entropy: ignore_index={ignore_index} for class probabilities: only labels "
                "can be ignored; leave the rows out, or give them probabilities of 0"
            )
        return _of_probabilities(input, target, weight, reduction, label_smoothing)
    labels, all_count = _labels("cross_entropy", plain(target), input.shape, ignore_index)
    if all_count and weight is None and not label_smoothing:
        static = {"labels": labels, "reduction": reduction}
        if isinstance(input, Tensor):
            return _cross_entropy.on_tensors((input,), static)
        return _cross_entropy(input, **static)
    logarithms = log_softmax(input)
    return _of_labels("cross_entropy", logarithms, labels, weight, reduction, label_smoothing)


def _as_rows(name: str, input: Any, target: Any) -> tuple[tuple[int, ...], Any, Any]:
    """Logits (rows, classes) and targets for them; first the shape of unreduced losses."""
    if input.ndim == 0:
        raise ValueError(f"{name}: scores of shape (): give (rows, classes)")
    if input.ndim == 1:
        return (), expand_dims(input, 0), expand_dims(target, 0)
    shape = (input.shape[0], *input.shape[2:])
    order = (0, *range(2, input.ndim), 1)
    if target.shape == input.shape and target.dtype.kind not in "iub":
        target = reshape(transpose(target, order), (-1, input.shape[1]))
    elif target.shape == shape:
        target = reshape(target, (-1,))
    else:
        raise ValueError(
            f"{name}: a target of shape {target.shape} for scores of shape {input.shape}: give "
            f"scores (rows, classes, ...) and class indices of shape {shape}"
        )
    rows = reshape(transpose(input, order), (target.shape[0], input.shape[1]))
    return shape, rows, target


def _of_probabilities(
    input: Any, target: Any, weight: Any, reduction: str, label_smoothing: float
) -> Any:
    if target.shape == input.shape[:1]:
        raise TypeError(
            f"cross_entropy: labels of dtype {target.dtype} and shape {target.shape}: class "
            "indices are integers, convert them with .astype(int)"
        )
    input, target = same_shape("cross_entropy", input, target)
    if label_smoothing:
        target = (1 - label_smoothing) * target + label_smoothing / input.shape[1]
    if weight is not None:
        target = target * class_weights("cross_entropy", weight, input.shape[1], input.dtype)
    return reduced(-sum(target * log_softmax(input), axis=-1), reduction)


def _of_labels(
    name: str,
    logarithms: Any,
    labels: np.ndarray,
    weight: Any,
    reduction: str,
    label_smoothing: float = 0.0,
) -> Any:
    """From the logarithms of the probabilities, with labels of -1 where a row does not count."""
    rows, classes = logarithms.shape
    counts = labels >= 0
    shares = counts.astype(logarithms.dtype)
    each = np.ones(classes, logarithms.dtype)
    if weight is not None:
        each = class_weights(name, weight, classes, logarithms.dtype)
        shares *= each[labels]
    places = (np.flatnonzero(counts), labels[counts])
    by_label = logarithms[places] * -shares[counts]
    if label_smoothing:
        spread = sum(logarithms[counts] * -each, axis=1) * (label_smoothing / classes)
        by_label = (1 - label_smoothing) * by_label + spread
    if reduction == "none":
        losses = Tensor(np.zeros(rows, logarithms.dtype))
        losses[counts] = by_label
        return losses if isinstance(logarithms, Tensor) else losses.numpy()
    total = sum(by_label)
    return total if reduction == "sum" else total / np.asarray(shares.sum(), shares.dtype)


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Any:
    """Minus the entry of the target class, for logarithms of probabilities.

    Args:
        input: shape (rows, classes), (classes,) for one row, or (rows, classes, ...).
        target: class indices, integers of shape (rows,) or (rows, ...).
        weight: a weight for each class, shape (classes,).
        ignore_index: the label of rows that do not count.
        reduction: as in `cross_entropy`.

    Raises:
        IndexError: for a label out of range; ValueError: for shapes that do not fit; TypeError:
            for labels that are no integers.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> float(F.nll_loss(np.array([[-0.5, -2.0]]), np.array([1])))
    2.0
    """
    input, target = array(input), operand(target)
    check_reduction(reduction)
    if target.dtype.kind not in "iub":
        raise TypeError(
            f"nll_loss: labels of dtype {target.dtype}: class indices are integers, convert them "
            "with .astype(int)"
        )
    shape = None
    if input.ndim != 2:
        shape, input, target = _as_rows("nll_loss", input, target)
    labels, _ = _labels("nll_loss", plain(target), input.shape, ignore_index)
    losses = _of_labels("nll_loss", input, labels, weight, reduction)
    return reshape(losses, shape) if shape is not None and reduction == "none" else losses


# --- margins ----------------------------------------------------------------------------


def multi_margin_loss(
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    *,
    reduction: str = "mean",
) -> Any:
    """For each row, the mean over the classes of max(0, margin - x[label] + x[class])**p.

    The class of the label itself counts 0 (Crammer & Singer, 2001).

    Args:
        input: scores, shape (rows, classes), or (classes,) for one row.
        target: class indices, integers of shape (rows,).
        p: 1 or 2.
        margin: by how much the score of the label should be above all others.
        weight: a weight for each class, shape (classes,); that of the label counts.
        reduction: "mean", "sum" or "none".

    Raises:
        IndexError: for a label out of range; ValueError: for shapes that do not fit, or
            another p.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> round(float(F.multi_margin_loss(np.array([[0.1, 0.2, 0.4, 0.8]]), np.array([3]))), 6)
    0.325
    """
    chosen("multi_margin_loss", "p", p, (1, 2))
    input, target = array(input), operand(target)
    if input.ndim == 1:
        one = multi_margin_loss(
            expand_dims(input, 0), expand_dims(target, 0), p, margin, weight, reduction=reduction
        )
        return reshape(one, ()) if reduction == "none" else one
    if input.ndim != 2 or target.dtype.kind not in "iub":
        raise ValueError(
            f"multi_margin_loss: scores of shape {input.shape} and labels of dtype "
            f"{target.dtype}: give (rows, classes) and integers"
        )
    labels, _ = _labels("multi_margin_loss", plain(target), input.shape)
    rows = np.arange(len(labels))
    own = np.zeros(input.shape, bool)
    own[rows, labels] = True
    others = (~own).astype(input.dtype)
    if weight is not None:
        each = class_weights("multi_margin_loss", weight, input.shape[1], input.dtype)
        others *= each[labels][:, None]
    ahead = expand_dims(input[rows, labels], 1) - input  # of an infinite score itself nan
    terms = relu(number(margin) - where(own, np.zeros((), input.dtype), ahead))
    losses = sum(others * (square(terms) if p == 2 else terms), axis=1) / input.shape[1]
    return reduced(losses, reduction)
