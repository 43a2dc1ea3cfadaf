"""The perceptron: one unit with a step for its activation, and the rule that trained it."""

from __future__ import annotations

from typing import Any

import numpy as np

from .module import Module, Parameter
from .settings import sizes


class Perceptron(Module):
    """A unit that answers 1 where `x @ weight + bias >= 0` and 0 elsewhere.

    The step is flat, so it has no slope to descend: the parameters record nothing, and `fit`
    follows Rosenblatt's rule instead of a gradient.

    Args:
        n: how many inputs.
        weight: n numbers to start from; zeros by default.
        bias: the number to start from.

    Raises:
        ValueError: for another number of weights, or numbers that are not finite.

    >>> import nn
    >>> either = nn.Perceptron(2, weight=[2, 2], bias=-2)
    >>> either.predict([[0, 0], [0, 1], [1, 0], [1, 1]])
    array([0, 1, 1, 1])
    >>> both = nn.Perceptron(2)
    >>> both.fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1])
    [2, 3, 3, 2, 1, 0]
    >>> both.predict([1, 1]).item()
    1
    """

    def __init__(self, n: int, *, weight: Any = None, bias: float = 0.0) -> None:
        (n,) = sizes("Perceptron", 0, n=n)
        start = np.zeros(n) if weight is None else np.array(weight, float)
        if start.shape != (n,) or not (np.isfinite(start).all() and np.isfinite(bias)):
            raise ValueError(
                f"Perceptron: weight {weight!r:.60} and bias {bias!r} for {n} inputs: give one "
                "finite number for each input, and one for the bias"
            )
        self.weight = Parameter(start, requires_grad=False)
        self.bias = Parameter(float(bias), requires_grad=False)

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803  (the field's name for it)
        """Inputs of shape (..., n) to integers 0 or 1 of shape (...).

        Raises:
            ValueError: for inputs of another width, or that are infinite or nan.
        """
        rows = np.asarray(X, float)
        weight = self.weight.data
        if not np.isfinite(rows).all():
            raise ValueError("Perceptron: inputs that are infinite or nan are on neither side")
        if rows.ndim == 0 or rows.shape[-1] != weight.size:
            raise ValueError(
                f"Perceptron: inputs of shape {rows.shape} for {weight.size} weights: give "
                f"(..., {weight.size})"
            )
        answers: np.ndarray = np.asarray(rows @ weight + self.bias.data >= 0, int)
        return answers

    def forward(self, x: Any) -> np.ndarray:
        """As `predict`."""
        return self.predict(x)

    def fit(self, X: Any, y: Any, lr: float = 1.0, epochs: int = 1000) -> list[int]:  # noqa: N803
        """Rosenblatt's rule: add `lr * (y - prediction)` times the input, one row after another.

        A row that is classified right changes nothing. Training ends after the first epoch
        without a mistake, which comes if a line (plane, ...) separates the classes, or after
        `epochs`. It goes on from the present weights.

        Args:
            X: shape (rows, n).
            y: the labels, 0 or 1, shape (rows,).
            lr: the learning rate.
            epochs: how many passes over the rows at most.

        Returns:
            The number of mistakes met in each epoch; the last is 0 if the classes are separated.

        Raises:
            ValueError: for other shapes or labels, inputs that are not finite, a learning rate
                that is not positive, a negative number of epochs, or weights that become
                infinite; the weights stay as they were then.

        Source: F. Rosenblatt, "The perceptron: a probabilistic model for information storage
        and organization in the brain", Psychological Review 65 (1958).
        """
        rows, labels = _examples(X, y, self.weight.size)
        if not (np.isfinite(lr) and lr > 0 and epochs >= 0):
            raise ValueError(
                f"Perceptron.fit: lr {lr!r}, epochs {epochs!r}: give a positive lr, and "
                "epochs of at least 0"
            )
        weight, bias = self.weight.data.copy(), float(self.bias.data)
        mistakes: list[int] = []
        for _ in range(epochs):
            mistakes.append(0)
            for row, label in zip(rows, labels, strict=True):
                error = label - int(row @ weight + bias >= 0)
                if error:
                    weight += lr * error * row
                    bias += lr * error
                    mistakes[-1] += 1
            if not (np.isfinite(weight).all() and np.isfinite(bias)):
                raise ValueError(
                    f"Perceptron.fit: the weights are infinite after epoch {len(mistakes)}: scale "
                    "the inputs, or give a smaller lr"
                )
            if not mistakes[-1]:
                break
        self.weight.data, self.bias.data = weight, np.array(bias)
        return mistakes

    def extra_repr(self) -> str:
        return str(self.weight.size)


def _examples(X: Any, y: Any, n: int) -> tuple[np.ndarray, list[int]]:  # noqa: N803
    rows, labels = np.asarray(X, float), np.asarray(y)
    if rows.ndim != 2 or rows.shape[1] != n or labels.shape != rows.shape[:1]:
        raise ValueError(
            f"Perceptron.fit: inputs of shape {rows.shape} and labels of shape {labels.shape}: "
            f"give (rows, {n}) and (rows,)"
        )
    if not np.isfinite(rows).all():
        bad = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
        raise ValueError(f"Perceptron.fit: row {bad} is not finite: {rows[bad]}")
    wrong = np.flatnonzero((labels != 0) & (labels != 1))
    if wrong.size:
        raise ValueError(
            f"Perceptron.fit: label {labels[wrong[0]]} of row {wrong[0]}: labels are 0 and 1"
        )
    return rows, labels.astype(int).tolist()
