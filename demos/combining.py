"""Two linear models into a curve: the sum of two probabilities through another sigmoid."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import autograd
import nn
from autograd import sigmoid

from . import plotting

FIRST = np.array([5.0, -2.0, 8.0])
SECOND = np.array([7.0, -3.0, -1.0])
"""Weights and bias of two linear models, 5 x1 - 2 x2 + 8 and 7 x1 - 3 x2 - 1."""

WEIGHTS, BIAS = np.array([7.0, 5.0]), -6.0
"""How the output unit weighs them."""


def combine(p: float, q: float, weights: np.ndarray, bias: float) -> tuple[float, float]:
    """The weighted sum of two probabilities, and the probability it gives."""
    z = float(weights @ [p, q] + bias)
    return z, float(sigmoid(z))


def by_hand(x: np.ndarray) -> np.ndarray:
    """The network of the four numbers above, for points (rows, 2): two sigmoids into a third."""
    ones = np.ones((len(x), 1))
    hidden = sigmoid(np.hstack([x, ones]) @ np.stack([FIRST, SECOND]).T)
    probability: np.ndarray = sigmoid(hidden @ WEIGHTS + BIAS)
    return probability


def wedge(rows: int = 120, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Points that are 1 in the corner above two lines, so that no single line separates them."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (2 * rows, 2))
    height = x[:, 1] + 0.3 - 1.2 * abs(x[:, 0])
    keep = np.flatnonzero(abs(height) > 0.1)[:rows]
    return x[keep], (height[keep] > 0).astype(int)


def build(seed: int = 1) -> nn.Sequential:
    """Two inputs, two sigmoid units, one output: the shape of the network above."""
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Linear(2, 2, generator=rng, dtype=float),
        nn.Sigmoid(),
        nn.Linear(2, 1, generator=rng, dtype=float),
    )


def train(model: nn.Module, x: np.ndarray, y: np.ndarray, epochs: int = 500) -> list[float]:
    """Adam on the mean cross-entropy of all points; the error before each step."""
    optimizer = nn.optim.Adam(model.parameters(), lr=0.1)
    criterion = nn.BCEWithLogitsLoss()
    errors = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = criterion(model(x), y[:, None].astype(float))
        loss.backward()
        optimizer.step()
        errors.append(loss.item())
    return errors


def probability(model: nn.Module, x: np.ndarray) -> np.ndarray:
    """The model's probability of class 1 for points (rows, 2)."""
    with autograd.no_grad():
        p: np.ndarray = sigmoid(model(x)).data[:, 0]
    return p


def draw_sum(path: Path) -> None:
    """Two models that give the point (1, 1) the probabilities 0.7 and 0.8, and their sums."""
    bounds = (-4.0, 4.0, -4.0, 4.0)

    def models(x: np.ndarray) -> np.ndarray:
        scores = x @ [[1.5, -0.5], [-0.5, 2.0]] + [np.log(0.7 / 0.3) - 1, np.log(0.8 / 0.2) - 1.5]
        return sigmoid(scores)

    panels = {
        "first: 0.70": lambda x: models(x)[:, 0],
        "second: 0.80": lambda x: models(x)[:, 1],
        "first + second: 0.82": lambda x: sigmoid(models(x).sum(axis=1)),
        "7 first + 5 second - 6: 0.95": lambda x: sigmoid(models(x) @ WEIGHTS + BIAS),
    }
    figure, grid = plt.subplots(1, 4, figsize=(13, 3.6), layout="constrained", sharey=True)
    for axes, (title, function) in zip(grid, panels.items(), strict=True):
        plotting.region(axes, function, bounds)
        axes.scatter(1, 1, s=60, c="black", zorder=3)
        axes.set(title=title, xlabel="x1")
    grid[0].set_ylabel("x2")
    plotting.save(figure, path)


def draw_learned(model: nn.Sequential, x: np.ndarray, y: np.ndarray, path: Path) -> None:
    """The learned region with the two lines of the hidden units."""
    bounds = (-1.05, 1.05, -1.05, 1.05)
    figure, axes = plt.subplots(figsize=(5.2, 4.8), layout="constrained")
    plotting.region(axes, lambda p: probability(model, p), bounds)
    for i, (w, b) in enumerate(zip(model[0].weight.data, model[0].bias.data, strict=True)):
        style = {"color": "tab:green", "linestyle": ":", "linewidth": 2}
        plotting.line(axes, w, b, bounds, label=None if i else "the two hidden units", **style)
    plotting.scatter(axes, x, y)
    axes.set(title="A boundary that the network found", xlabel="x1", ylabel="x2")
    axes.legend(loc="lower left")
    plotting.save(figure, path)


def main(out: Path) -> None:
    """Two sums by hand, the network they make, and one that finds such a boundary."""
    print("Two models give one point the probabilities 0.7 and 0.8. A sum is no probability,")
    print("the sigmoid of the sum is:")
    z, p = combine(0.7, 0.8, np.ones(2), 0.0)
    print(f"  0.7 + 0.8 = {z:.6f} -> {p:.6f}")
    print("But a sum of probabilities is positive everywhere, so it says 1 of every point. With")
    print("weights and a bias there is a boundary, and the first model has more of a say:")
    z, p = combine(0.7, 0.8, WEIGHTS, BIAS)
    print(f"  7 * 0.7 + 5 * 0.8 - 6 = {z:.6f} -> {p:.6f}")

    print("\nWith 5 x1 - 2 x2 + 8 and 7 x1 - 3 x2 - 1 for the two models, that is a network:")
    corners = np.array([[0.0, 0.0], [-2.0, -3.0], [-1.0, 4.0], [1.0, 1.0]])
    for (x1, x2), p in zip(corners, by_hand(corners), strict=True):
        print(f"  at ({x1:4.1f}, {x2:4.1f}) its probability is {p:.6f}")
    draw_sum(out / "sum.png")

    x, y = wedge()
    model = build()
    errors = train(model, x, y)
    right = np.sum((probability(model, x) > 0.5) == y)
    print(f"\nA network of that shape, started at random, on {len(x)} points in a corner:")
    for i in (0, 10, 50, 100, 200, len(errors) - 1):
        print(f"  after {i:3} steps: error {errors[i]:.6f}")
    print(f"It has {right} of {len(x)} points right. Its two lines and their combination:")
    for (w1, w2), b in zip(model[0].weight.data, model[0].bias.data, strict=True):
        print(f"  sigmoid({w1:.6f} x1 {w2:+.6f} x2 {b:+.6f})")
    (v1, v2), c = model[2].weight.data[0], model[2].bias.item()
    print(f"  output: sigmoid({v1:.6f} first {v2:+.6f} second {c:+.6f})")
    draw_learned(model, x, y, out / "learned.png")
