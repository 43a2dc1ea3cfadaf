"""Layers as matrices: outputs, cost, and the full Jacobian by formula and by engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

import autograd
import nn
from autograd import jacobian, tanh

from . import plotting

SMALL = np.array([[-2.0, 4.0, -1.0], [6.0, 0.0, -3.0]]), np.array([0.1, -2.5])
SMALL_INPUT = np.array([0.3, 0.4, 0.1])
"""Weights and biases of a 3-to-2 layer, and an input."""

RANDOM = (
    np.array([[-0.94529712, -0.2667356, -0.91219181], [2.05529992, 1.21797092, 0.22914497]]),
    np.array([0.61273249, 1.6422662]),
)
INPUT, TARGET = np.array([0.7, 0.6, 0.2]), np.array([0.9, 0.6])
"""A layer with random weights, and the example it is to learn."""


def layer(w: Any, b: Any, x: Any) -> Any:
    """tanh of the weighted sums: as many outputs as W has rows."""
    return tanh(w @ x + b)


def cost(w: Any, b: Any, x: Any, y: Any) -> Any:
    """The squared distance from the target."""
    d = layer(w, b, x) - y
    return d @ d


def cost_by_numbers(w: np.ndarray, b: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    """The same, one number after another: math.tanh may round otherwise than NumPy's."""
    return sum([(tanh(z) - t) ** 2 for z, t in zip((w @ x + b).tolist(), y.tolist(), strict=True)])


def jacobians_by_formula(w: np.ndarray, b: np.ndarray, x: np.ndarray) -> dict[str, np.ndarray]:
    """The outputs' derivatives by W, b and x; tanh' = 1 - tanh^2 scales the rows of each."""
    slope = 1 - layer(w, b, x) ** 2
    m = len(b)
    by_w = np.zeros((m, *w.shape))
    by_w[range(m), range(m)] = slope[:, None] * x  # output i depends on row i of W only
    return {"da/dW": by_w, "da/db": np.diag(slope), "da/dx": slope[:, None] * w}


def jacobians_by_engine(w: np.ndarray, b: np.ndarray, x: np.ndarray) -> dict[str, np.ndarray]:
    """The same three from the engine."""
    names = ("da/dW", "da/db", "da/dx")
    return {name: jacobian(layer, i)(w, b, x) for i, name in enumerate(names)}


def descend(steps: int, rate: float = 0.1) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """The random layer after some steps down the cost of its example, and the costs."""
    w, b = RANDOM
    costs = []
    for _ in range(steps):
        costs.append(float(cost(w, b, INPUT, TARGET)))
        by_w, by_b = autograd.grad(cost, (0, 1))(w, b, INPUT, TARGET)
        w, b = w - rate * by_w, b - rate * by_b
    return w, b, costs


def network() -> nn.Sequential:
    """4 inputs, 3 hidden units, 2 outputs."""
    rng = np.random.default_rng(0)
    return nn.Sequential(
        nn.Linear(4, 3, generator=rng, dtype=float),
        nn.Tanh(),
        nn.Linear(3, 2, generator=rng, dtype=float),
        nn.Tanh(),
    )


def count(model: nn.Module) -> dict[str, int]:
    """How many weights and how many biases a model has."""
    sizes = {"weight": 0, "bias": 0}
    for name, parameter in model.named_parameters():
        sizes[name.rpartition(".")[2]] += parameter.size
    return sizes


def product_of_jacobians(model: nn.Sequential, x: np.ndarray) -> np.ndarray:
    """The network's Jacobian as the product of its stages', the last on the left."""
    product = np.eye(len(x))
    for i in range(len(model)):
        product = jacobian(model[i])(x) @ product
        x = model[i](x).data
    return product


def draw(path: Path) -> None:
    """All derivatives of the layer's two outputs, as a table of colours and numbers."""
    w, b = RANDOM
    found = jacobians_by_engine(w, b, INPUT)
    table = np.hstack([block.reshape(2, -1) for block in found.values()])
    columns = [f"W{i}{j}" for i in (0, 1) for j in (0, 1, 2)] + ["b0", "b1", "x0", "x1", "x2"]
    figure, axes = plt.subplots(figsize=(9.5, 2.2), layout="constrained")
    size = abs(table).max()
    axes.imshow(table, cmap="RdBu", vmin=-size, vmax=size, aspect="auto")
    for (row, column), number in np.ndenumerate(table):
        color = "white" if abs(number) > 0.6 * size else "black"
        axes.text(column, row, f"{number:.3f}", ha="center", va="center", color=color, fontsize=9)
    axes.set_xticks(range(11), columns)
    axes.set_yticks([0, 1], ["a0", "a1"])
    axes.set_title("The Jacobian of a 3-to-2 layer by its weights, biases and inputs")
    plotting.save(figure, path)


def main(out: Path) -> None:
    """Forward, cost, Jacobian, descent, and a deeper network."""
    w, b = SMALL
    print("A layer of two tanh units on three inputs is a = tanh(W x + b):")
    print(f"  W x + b = {w @ SMALL_INPUT + b}")
    print(f"  a       = {layer(w, b, SMALL_INPUT)}")

    w, b = RANDOM
    d = layer(w, b, INPUT) - TARGET
    print("\nAnother, with random weights, and an example to learn:")
    print(f"  d = a - y = {d}")
    print(f"  C = d . d = {cost(w, b, INPUT, TARGET)} as arrays,")
    print(f"              {cost_by_numbers(w, b, INPUT, TARGET)} number by number: rounding")

    print("\nEvery derivative of its outputs, by formula; the engine's differ by at most")
    formula, engine = jacobians_by_formula(w, b, INPUT), jacobians_by_engine(w, b, INPUT)
    for name, block in formula.items():
        print(f"  {abs(block - engine[name]).max():.0e} for {name}, shape {block.shape}:")
        print("    " + str(block).replace("\n", "\n    "))
    print("The chain rule adds dC/da = 2 d on the left; dC/dW by the product and by the engine:")
    print("    " + str(2 * np.tensordot(d, formula["da/dW"], 1)).replace("\n", "\n    "))
    print("    " + str(autograd.grad(cost)(w, b, INPUT, TARGET)).replace("\n", "\n    "))

    w, b, costs = descend(101)
    print("\nDescent at rate 0.1:")
    for i in (0, 1, 10, 100):
        print(f"  after {i:3} steps C = {costs[i]:.6f}")
    print(f"  outputs now {layer(w, b, INPUT)}, targets {TARGET}")

    model = network()
    counted = count(model)
    print(
        f"\nA network of 4, 3 and 2 units: {counted['weight']} weights, {counted['bias']} biases."
    )
    x = np.array([0.5, -1.0, 2.0, 0.1])
    print("Its Jacobian is the product of its stages', and the engine's in one go:")
    for matrix in (product_of_jacobians(model, x), jacobian(model)(x)):
        print("    " + str(matrix).replace("\n", "\n    "))
    draw(out / "jacobian.png")
