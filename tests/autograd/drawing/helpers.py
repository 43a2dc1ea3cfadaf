"""Graphs to draw, and what a drawing's DOT text says."""

from __future__ import annotations

import re

import numpy as np

import autograd
from autograd import Drawing, Tensor, Value


def neuron() -> Value:
    """tanh(w1*x1 + w2*x2 + b), labelled, with its gradients."""
    x1, x2, w1, w2, b = (
        Value(number, label=label)
        for label, number in [("x1", 2.0), ("x2", 0.0), ("w1", -3.0), ("w2", 1.0), ("b", 6.88)]
    )
    out = (x1 * w1 + x2 * w2 + b).tanh()
    out.label = "o"
    out.backward()
    return out


def layers() -> Tensor:
    """The loss of a classifier of two layers."""
    rng = np.random.default_rng(0)
    w1, b1, w2 = (
        Tensor(rng.normal(size=shape), requires_grad=True, label=label)
        for label, shape in [("W1", (4, 8)), ("b1", (8,)), ("W2", (8, 3))]
    )
    x = Tensor(rng.normal(size=(5, 4)), label="x")
    hidden = autograd.relu(x @ w1 + b1)
    scores = autograd.log_softmax(hidden @ w2, axis=1)
    return -autograd.sum(scores[np.arange(5), np.array([0, 1, 2, 0, 1])]) / 5


def boxes(drawing: Drawing) -> dict[str, str]:
    """The label of each box by its id."""
    return dict(re.findall(r'^ +([no]\d+) \[label="(.*?)" shape=', drawing.dot, re.MULTILINE))


def edges(drawing: Drawing) -> list[tuple[str, str]]:
    """The edges as pairs of labels, in order."""
    label = boxes(drawing)
    pairs = re.findall(r"^ +([no]\d+) -> ([no]\d+)", drawing.dot, re.MULTILINE)
    return [(label[tail], label[head]) for tail, head in pairs]


def operands(drawing: Drawing, operation: str) -> list[str]:
    return [tail for tail, head in edges(drawing) if head == operation]
