"""Logistic regression by gradient descent, beside the perceptron rule on the same points."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np

import nn
from autograd import Tensor, log, sigmoid
from nn import functional as F  # noqa: N812  (the field's name for it)

from . import plotting, points

START = np.array([0.5, -0.5]), 0.2
"""The weights and the bias both methods start from."""


class History(NamedTuple):
    """Weights, bias, points on the wrong side and mean error, at the start and by epoch."""

    w: list[np.ndarray]
    b: list[float]
    wrong: list[int]
    error: list[float]

    def add(self, w: np.ndarray, b: float, x: np.ndarray, y: np.ndarray) -> None:
        """Note where training has come to."""
        z = x @ w + b
        self.w.append(w)
        self.b.append(b)
        self.wrong.append(int(np.sum((z >= 0) != y)))
        self.error.append(F.binary_cross_entropy_with_logits(z, y.astype(float)).item())


def gradient_by_engine(w: np.ndarray, b: float, x: np.ndarray, y: float) -> np.ndarray:
    """The slopes of one point's error by w1, w2 and b: record the computation, walk back."""
    weight, bias = Tensor(w, requires_grad=True), Tensor(b, requires_grad=True)
    probability = sigmoid(x @ weight + bias)
    error = -(y * log(probability) + (1 - y) * log(1 - probability))
    error.backward()
    return np.append(weight.grad, bias.grad)


def gradient_by_formula(w: np.ndarray, b: float, x: np.ndarray, y: float) -> np.ndarray:
    """The derivative done by hand: (probability - y) times the inputs, of which b's is 1."""
    gradient: np.ndarray = (sigmoid(x @ w + b) - y) * np.append(x, 1.0)
    return gradient


def descend(x: np.ndarray, y: np.ndarray, rate: float = 0.1, epochs: int = 60) -> History:
    """Gradient descent on the cross-entropy, one point after another, by the engine."""
    weight, bias = Tensor(START[0], requires_grad=True), Tensor(START[1], requires_grad=True)
    optimizer = nn.optim.SGD([weight, bias], lr=rate)
    history = History([], [], [], [])
    history.add(weight.data, bias.item(), x, y)
    for _ in range(epochs):
        for point, label in zip(x, y.astype(float), strict=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(point @ weight + bias, np.array(label)).backward()
            optimizer.step()
        history.add(weight.data, bias.item(), x, y)
    return history


def perceptron(x: np.ndarray, y: np.ndarray, rate: float = 0.1, epochs: int = 60) -> History:
    """The perceptron rule from the same start, at the same rate, in the same order."""
    unit = nn.Perceptron(2, weight=START[0], bias=START[1])
    history = History([], [], [], [])
    history.add(unit.weight.data, unit.bias.item(), x, y)
    for _ in range(epochs):
        unit.fit(x, y, lr=rate, epochs=1)
        history.add(unit.weight.data, unit.bias.item(), x, y)
    return history


def draw(x: np.ndarray, y: np.ndarray, rule: History, descent: History, path: Path) -> None:
    """What each of the two learned, and their errors by epoch."""
    bounds = (-0.05, 1.05, -0.05, 1.05)
    layout = [["answer", "probability", "wrong"], ["answer", "probability", "size"]]
    figure, panels = plt.subplot_mosaic(layout, figsize=(12.5, 4), layout="constrained")
    (w, b), (v, c) = (rule.w[-1], rule.b[-1]), (descent.w[-1], descent.b[-1])
    plotting.region(panels["answer"], lambda p: p @ w + b >= 0, bounds)
    plotting.region(panels["probability"], lambda p: sigmoid(p @ v + c), bounds)
    panels["answer"].set(title="Perceptron rule: an answer", xlabel="x1", ylabel="x2")
    panels["probability"].set(title="Gradient descent: a probability", xlabel="x1")
    for name in ("answer", "probability"):
        plotting.scatter(panels[name], x, y)
    for history, color, label in ((rule, "tab:orange", "rule"), (descent, "tab:green", "descent")):
        panels["wrong"].plot(history.wrong[:13], "o-", markersize=3, color=color, label=label)
        panels["size"].plot([np.linalg.norm(w) for w in history.w], color=color)
    panels["wrong"].set(title="Points on the wrong side")
    panels["wrong"].legend()
    panels["size"].set(title="Length of the weights", xlabel="epoch")
    for name in ("wrong", "size"):
        panels[name].grid(alpha=0.3)
    plotting.save(figure, path)


def main(out: Path) -> None:
    """One gradient two ways, then the two methods side by side."""
    x, y = points.read(points.SHIPPED)
    print("A point's error is -log of the probability that the model gave to its label.")
    print("Its gradient by (w1, w2, b), by the engine and as (probability - y) (x1, x2, 1):")
    w, b = START
    for i in (0, 1, 2):
        by_engine, by_formula = (
            gradient(w, b, x[i], y[i]) for gradient in (gradient_by_engine, gradient_by_formula)
        )
        print(f"  point {i}, label {y[i]}: engine  {np.array2string(by_engine, precision=16)}")
        print(f"                    formula {np.array2string(by_formula, precision=16)}")
    largest = max(
        abs(gradient_by_engine(w, b, *pair) - gradient_by_formula(w, b, *pair)).max()
        for pair in zip(x, y, strict=True)
    )
    print(f"  largest difference over all {len(x)} points: {largest:.0e}, no more than rounding")

    print("\nSo one step of descent adds rate (y - probability) x to the weights, and the")
    print("perceptron rule adds rate (y - answer) x: the same, but for the step in the answer.")
    rule, descent = perceptron(x, y), descend(x, y)
    print("         perceptron rule                    gradient descent")
    print(
        "  epoch  w1        w2        b         wrong  w1        w2        b         wrong  error"
    )
    for i in (0, 1, 2, 5, 10, 20, 40, 60):
        (r1, r2), (d1, d2) = rule.w[i], descent.w[i]
        print(
            f"  {i:5} {r1:9.6f} {r2:9.6f} {rule.b[i]:9.6f} {rule.wrong[i]:5}  "
            f"{d1:9.6f} {d2:9.6f} {descent.b[i]:9.6f} {descent.wrong[i]:5}  {descent.error[i]:.6f}"
        )
    print("The rule stops once every point is right. Descent goes on: points that are right ask")
    print("to be righter still, so the weights grow and the error keeps falling.")
    draw(x, y, rule, descent, out / "side_by_side.png")
