"""One tanh neuron learns NOT: its cost, the two derivatives by hand and by engine, the descent."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import autograd
from autograd import Value, tanh

from . import plotting

EXAMPLES = [(0.0, 1.0), (1.0, 0.0)]
"""NOT: inputs with their targets."""


def activation(w: float, b: float, x: float) -> float:
    """The neuron's output."""
    return float(tanh(w * x + b))


def cost(w: float, b: float, x: float, y: float) -> float:
    """The squared distance of the output from the target."""
    return (activation(w, b, x) - y) ** 2


def slopes_by_hand(w: float, b: float, x: float, y: float) -> tuple[float, float]:
    """dC/dw and dC/db as products along the chain z = w x + b, a = tanh z, C = (a - y)^2."""
    z = w * x + b
    dc_da = 2 * (np.tanh(z) - y)
    da_dz = 1 / np.cosh(z) ** 2
    dz_dw, dz_db = x, 1
    return dc_da * da_dz * dz_dw, dc_da * da_dz * dz_db


def slopes_by_engine(w: float, b: float, x: float, y: float) -> tuple[float, float]:
    """The same from a recorded computation."""
    weight, bias = Value(w), Value(b)
    c = ((weight * x + bias).tanh() - y) ** 2
    c.backward()
    return weight.grad, bias.grad


def descend(w: float, b: float, rate: float = 0.5, steps: int = 400) -> list[tuple[float, ...]]:
    """Steps down the mean cost of both examples: (w, b, cost) before each step and at the end."""
    weight, bias = Value(w), Value(b)
    path: list[tuple[float, ...]] = []
    for _ in range(steps + 1):
        costs = [((weight * x + bias).tanh() - y) ** 2 for x, y in EXAMPLES]
        mean = (costs[0] + costs[1]) / 2
        path.append((weight.data, bias.data, mean.data))
        weight.grad = bias.grad = 0.0
        mean.backward()
        weight.data -= rate * weight.grad
        bias.data -= rate * bias.grad
    return path


def draw(path: list[tuple[float, ...]], file: Path) -> None:
    """The mean cost over the plane of w and b with the path down, and the trained output."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.2), layout="constrained")
    w, b = np.meshgrid(np.linspace(-6, 3, 181), np.linspace(-3, 6, 181))
    c = sum((np.tanh(w * x + b) - y) ** 2 for x, y in EXAMPLES) / 2
    levels = np.geomspace(0.002, 2.5, 16)
    surface = left.contourf(w, b, np.maximum(c, 0.002), levels=levels, norm="log", cmap="viridis")
    figure.colorbar(surface, ax=left, label="mean cost", format="%.3f", ticks=levels[::3])
    ws, bs, _ = zip(*path, strict=True)
    left.plot(ws, bs, "-", color="white")
    left.plot(ws[:10], bs[:10], "o", color="white", markersize=4, label="the first ten steps")
    left.plot(-5, 5, "*", color="tab:orange", markersize=13, label="w = -5, b = 5")
    left.set(title="The way down", xlabel="w", ylabel="b")
    left.legend(loc="lower left", facecolor="0.3", labelcolor="white")
    x = np.linspace(-0.2, 1.2, 200)
    for (v, d), label in (((ws[0], bs[0]), "at the start"), ((ws[-1], bs[-1]), "after descent")):
        right.plot(x, np.tanh(v * x + d), label=f"{label}: w = {v:.3f}, b = {d:.3f}")
    right.plot(x, np.tanh(-5 * x + 5), "--", color="tab:orange", label="w = -5, b = 5")
    right.plot(*zip(*EXAMPLES, strict=True), "o", color="black", label="NOT")
    right.set(title="The neuron's output", xlabel="input", ylabel="output")
    right.legend(fontsize=8)
    right.grid(alpha=0.3)
    plotting.save(figure, file)


def draw_graph(path: Path) -> None:
    """The neuron and its cost as the engine records them, with the slopes."""
    weight, bias = Value(2.3, label="w"), Value(-1.2, label="b")
    z = weight * Value(0.0, label="x") + bias
    a = z.tanh()
    c = (a - 1.0) ** 2
    z.label, a.label, c.label = "z", "a", "C"
    c.backward()
    print(f"written: {autograd.draw(c).save(path)}")


def main(out: Path) -> None:
    """Outputs, cost, slopes, descent."""
    w, b = 1.3, -0.1
    print(f"A neuron a = tanh(w x + b) with w = {w}, b = {b} is no NOT yet:")
    for x, y in EXAMPLES[::-1]:
        a, c = activation(w, b, x), cost(w, b, x, y)
        print(f"  a({x:.0f}) = {a}, should be {y:.0f}: cost {c}")

    w, b = 2.3, -1.2
    print(f"\nHow the cost changes with w and b, at w = {w}, b = {b}:")
    print("  dC/dw = 2 (a - y) * 1 / cosh(z)^2 * x,   dC/db = 2 (a - y) * 1 / cosh(z)^2 * 1")
    for x, y in EXAMPLES:
        hand, engine = slopes_by_hand(w, b, x, y), slopes_by_engine(w, b, x, y)
        print(f"  x = {x:.0f}, y = {y:.0f}")
        for how, (dw, db) in (("by hand", hand), ("by engine", engine)):
            print(f"    {how:9}  dC/dw {dw + 0.0:19.16f}   dC/db {db:19.16f}")
    print("At x = 0 the weight has no effect, and so no slope.")

    path = descend(1.3, -0.1)
    print("\nDescent on the mean of both costs, at rate 0.5:")
    for i in (0, 1, 2, 5, 10, 50, 100, len(path) - 1):
        print(f"  after {i:3} steps: w {path[i][0]:.6f}, b {path[i][1]:.6f}, cost {path[i][2]:.6f}")
    w, b = -5.0, 5.0
    print(f"A choice by eye, w = {w:.0f}, b = {b:.0f}:")
    print(f"  a(0) = {activation(w, b, 0):.16f}, a(1) = {activation(w, b, 1):.16f}")
    draw(path, out / "descent.png")
    draw_graph(out / "neuron.svg")
