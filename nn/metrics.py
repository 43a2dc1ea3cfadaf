"""How good predictions are: accuracy, confusion matrix, precision, recall, F1, R2.

Predictions of classes are class indices of the target's shape, or scores (rows, classes, ...),
of which the largest counts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .functional.checks import plain


def _classes(
    name: str, output: Any, target: Any, ignore_index: int | None
) -> tuple[np.ndarray, np.ndarray, int]:
    """The predicted and the true classes, each as one row, and how many have scores."""
    predicted, true = plain(output), plain(target)
    if true.dtype.kind not in "iub":
        raise TypeError(
            f"{name}: targets of dtype {true.dtype}: class indices are integers: give "
            "target.astype(int), and of one logit a row (output > 0).astype(int)"
        )
    classes = 0
    undecided = np.zeros(true.shape, bool)
    if predicted.ndim == true.ndim + 1 > 1 and predicted.shape[1] > 1:
        classes = predicted.shape[1]
        undecided = np.isnan(predicted).any(axis=1)
        predicted = predicted.argmax(axis=1)
    elif predicted.dtype.kind not in "iub":
        raise TypeError(
            f"{name}: scores of shape {predicted.shape} for targets of shape {true.shape}: give "
            "scores (rows, classes), or classes: of one logit a row, (output > 0).astype(int)"
        )
    if predicted.shape != true.shape:
        raise ValueError(
            f"{name}: predictions of shape {predicted.shape}, targets of shape {true.shape}: give "
            "one class index for each"
        )
    if ignore_index is not None:
        counted = true != ignore_index
        predicted, true, undecided = predicted[counted], true[counted], undecided[counted]
    if not true.size:
        raise ValueError(f"{name}: no predictions")
    if undecided.any():
        raise ValueError(
            f"{name}: {undecided.sum()} of {undecided.size} predictions have scores that are nan"
        )
    return predicted.ravel().astype(np.intp), true.ravel().astype(np.intp), classes


def _number_of_classes(
    name: str, predicted: np.ndarray, true: np.ndarray, classes: int, num_classes: int | None = None
) -> int:
    """How many classes there are, once all are among them."""
    low, high = min(predicted.min(), true.min()), max(predicted.max(), true.max())
    limit = num_classes if num_classes is not None else classes or high + 1
    if low < 0 or max(high + 1, classes) > limit:
        raise IndexError(
            f"{name}: classes from {low} to {high}, where they are 0 to {limit - 1}: leave out "
            "targets that do not count with ignore_index="
        )
    return int(limit)


def accuracy(output: Any, target: Any, *, ignore_index: int | None = None) -> float:
    """The share of predictions that are right.

    Args:
        output: class indices or other integer labels, or scores (rows, classes, ...).
        target: class indices, or the same labels.
        ignore_index: targets with this index are left out, as by the losses.

    Raises:
        TypeError: for what is neither; ValueError: for shapes that do not fit, or scores that
            are nan; IndexError: for a class that has no score.

    >>> import nn
    >>> nn.metrics.accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    0.5
    """
    predicted, true, classes = _classes("accuracy", output, target, ignore_index)
    if classes:  # without scores any two labels compare, as -1 and 1
        _number_of_classes("accuracy", predicted, true, classes)
    return float(np.mean(predicted == true))


def confusion_matrix(
    output: Any, target: Any, num_classes: int | None = None, *, ignore_index: int | None = None
) -> np.ndarray:
    """How often class i (row) was predicted as class j (column).

    Args:
        output: class indices, or scores (rows, classes, ...).
        target: class indices.
        num_classes: the side of the matrix; by default what occurs, or the number of scores.
        ignore_index: see `accuracy`, as for errors.

    >>> import nn
    >>> nn.metrics.confusion_matrix([0, 1, 1], [0, 0, 1])
    array([[1, 1],
           [0, 1]])
    """
    return _matrix("confusion_matrix", output, target, ignore_index, num_classes)


def _matrix(
    name: str, output: Any, target: Any, ignore_index: int | None, num_classes: int | None = None
) -> np.ndarray:
    predicted, true, classes = _classes(name, output, target, ignore_index)
    n = _number_of_classes(name, predicted, true, classes, num_classes)
    counts: np.ndarray = np.bincount(true * n + predicted, minlength=n * n).reshape(n, n)
    return counts


def precision(
    output: Any, target: Any, average: str | None = "macro", *, ignore_index: int | None = None
) -> Any:
    """Of what was predicted as a class, the share that is of it; 0 where nothing was.

    Args:
        output: class indices, or scores (rows, classes, ...).
        target: class indices.
        average: "macro", the mean over the classes that occur; "binary", class 1 alone; None,
            an array with one number for each class.
        ignore_index: see `accuracy`, as for errors.

    >>> import nn
    >>> nn.metrics.precision([0, 1, 1, 1], [0, 0, 1, 1], average="binary")
    0.6666666666666666
    """
    matrix = _matrix("precision", output, target, ignore_index)
    return _averaged("precision", _shares(np.diagonal(matrix), matrix.sum(0)), matrix, average)


def recall(
    output: Any, target: Any, average: str | None = "macro", *, ignore_index: int | None = None
) -> Any:
    """Of what is of a class, the share that was predicted as it; arguments as `precision`.

    >>> import nn
    >>> nn.metrics.recall([0, 1, 1, 1], [0, 0, 1, 1], average=None)
    array([0.5, 1. ])
    """
    matrix = _matrix("recall", output, target, ignore_index)
    return _averaged("recall", _shares(np.diagonal(matrix), matrix.sum(1)), matrix, average)


def f1(
    output: Any, target: Any, average: str | None = "macro", *, ignore_index: int | None = None
) -> Any:
    """The harmonic mean of precision and recall; arguments as `precision`.

    >>> import nn
    >>> nn.metrics.f1([0, 1, 1, 1], [0, 0, 1, 1], average="binary")
    0.8
    """
    matrix = _matrix("f1", output, target, ignore_index)
    both = matrix.sum(0) + matrix.sum(1)
    return _averaged("f1", _shares(2 * np.diagonal(matrix), both), matrix, average)


def _shares(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    shares: np.ndarray = part / np.maximum(whole, 1)
    return shares


def _averaged(name: str, scores: np.ndarray, matrix: np.ndarray, average: str | None) -> Any:
    if average is None:
        return scores
    if average == "macro":
        return float(scores[(matrix.sum(0) + matrix.sum(1)) > 0].mean())
    if average != "binary":
        raise ValueError(f"{name}: average {average!r}: give 'macro', 'binary' or None")
    if len(matrix) > 2:
        raise ValueError(f"{name}: average 'binary' for {len(matrix)} classes: give 'macro'")
    return float(scores[1]) if len(scores) == 2 else 0.0


def r2(output: Any, target: Any) -> float:
    """The share of the targets' variance that the predictions explain, at most 1.

    Of several columns the mean. Where targets do not vary it is 1 for exact predictions, else 0.

    Args:
        output: predictions.
        target: the same shape, at least two rows.

    Raises:
        TypeError: for what are no real numbers; ValueError: for different shapes, fewer rows, or
            numbers that are not finite.

    >>> import nn
    >>> nn.metrics.r2([1.0, 2.0, 4.0], [1.0, 2.0, 3.0])
    0.5
    """
    predicted, true = (_real(what, x) for what, x in (("predictions", output), ("targets", target)))
    if predicted.shape != true.shape or true.ndim == 0 or len(true) < 2:
        raise ValueError(
            f"r2: predictions of shape {predicted.shape}, targets of shape {true.shape}: give two "
            "or more rows, in the same shape"
        )
    left = ((predicted - true) ** 2).sum(0)
    whole = ((true - true.mean(0)) ** 2).sum(0)
    varied = true.max(0) > true.min(0)  # the mean of equal numbers may be another one
    scores = np.where(varied, 1 - left / np.where(varied, whole, 1.0), (left == 0).astype(float))
    return float(scores.mean())


def _real(what: str, x: Any) -> np.ndarray:
    array = plain(x)
    if array.dtype.kind not in "iufb":
        raise TypeError(f"r2: {what} of dtype {array.dtype}: give real numbers")
    if not np.isfinite(array).all():
        raise ValueError(f"r2: {what} that are infinite or nan: leave such rows out")
    return array.astype(float)
