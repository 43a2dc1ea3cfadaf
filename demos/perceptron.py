"""The perceptron trick on one point, and the perceptron algorithm on a set of them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

import nn

from . import plotting, points

Line = tuple[Any, Any, Any]
"""w1, w2, b of the line w1 x1 + w2 x2 + b = 0."""


def trick(line: Line, point: tuple[int, int], rate: Any, sign: int) -> Line:
    """The line one step closer to a point that should be positive (sign 1) or negative (-1)."""
    (w1, w2, b), (p, q) = line, point
    return w1 + sign * rate * p, w2 + sign * rate * q, b + sign * rate


def height(line: Line, point: tuple[int, int]) -> Any:
    """Positive where the point is on the positive side, 0 on the line."""
    (w1, w2, b), (p, q) = line, point
    return w1 * p + w2 * q + b


def steps_until_right(line: Line, point: tuple[int, int], rate: Any) -> list[Any]:
    """The heights of the point after 0, 1, 2, ... steps, up to the first that is not negative."""
    heights = [height(line, point)]
    while heights[-1] < 0:
        line = trick(line, point, rate, 1)
        heights.append(height(line, point))
    return heights


def train(
    x: np.ndarray, y: np.ndarray, rate: float = 0.01, epochs: int = 200
) -> tuple[list[Line], list[int]]:
    """The algorithm from a random line: the lines before and after each epoch, the mistakes."""
    rng = np.random.default_rng(0)
    unit = nn.Perceptron(2, weight=rng.uniform(0, 1, 2), bias=rng.uniform(0, 1) + x[:, 0].max())
    lines: list[Line] = [(*unit.weight.data, unit.bias.item())]
    mistakes: list[int] = []
    while len(mistakes) < epochs and (not mistakes or mistakes[-1]):
        mistakes += unit.fit(x, y, lr=rate, epochs=1)
        lines.append((*unit.weight.data, unit.bias.item()))
    return lines, mistakes


def draw(x: np.ndarray, y: np.ndarray, lines: list[Line], mistakes: list[int], path: Path) -> None:
    """The points with the boundary after each epoch, and the mistakes met in it."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    low, high = x.min(axis=0), x.max(axis=0)
    margin = 0.08 * (high - low) + 1e-9
    bounds = tuple(np.stack([low - margin, high + margin], axis=1).ravel())
    for i, (*w, b) in enumerate(lines[:-1]):
        color = plt.cm.viridis_r(i / len(lines))
        plotting.line(left, w, b, bounds, color=color, linewidth=0.9)
    *w, b = lines[-1]
    plotting.line(left, w, b, bounds, color="black", linewidth=2, label="the last")
    plotting.scatter(left, x, y)
    left.set(title="The boundary after each epoch, later ones darker", xlabel="x1", ylabel="x2")
    left.legend(loc="lower left")
    right.plot(range(1, len(mistakes) + 1), mistakes, "o-", markersize=4, color="tab:purple")
    right.set(title="Mistakes met in each epoch", xlabel="epoch", ylabel="points")
    right.set_ylim(bottom=0)
    right.grid(alpha=0.3)
    plotting.save(figure, path)


def main(out: Path, data: tuple[np.ndarray, np.ndarray] | None = None) -> None:
    """The trick by hand, in two arithmetics; then the algorithm on `data` or the shipped set."""
    print("The line 3 x1 + 4 x2 - 10 = 0 has a point (4, 5) on its positive side that should be")
    print("negative. Taking the point's coordinates off the weights moves the line towards it:")
    for rate in (1, 0.1):
        w1, w2, b = trick((3, 4, -10), (4, 5), rate, -1)
        print(f"  rate {rate:3}: {w1:.6f} x1 {w2:+.6f} x2 {b:+.6f} = 0")

    print("\nThe point (1, 1) should be positive. At rate 1/10 each step adds 0.3 to its height:")
    exact = steps_until_right((3, 4, -10), (1, 1), Fraction(1, 10))
    floats = steps_until_right((3.0, 4.0, -10.0), (1, 1), 0.1)
    for i in (0, 1, 9, 10, 11):
        fraction = str(exact[i]) if i < len(exact) else "(already right)"
        print(f"  after {i:2} steps: exactly {fraction:>15}   in floats {floats[i]: .16e}")
    print(f"Right after {len(exact) - 1} steps in exact arithmetic, {len(floats) - 1} in floats:")
    print(f"  the float called 0.1 is {Fraction(0.1)} = {0.1:.20f}")
    print("  and every sum is rounded, so ten of them leave the height just below 0.")

    x, y = points.read(points.SHIPPED) if data is None else data
    lines, mistakes = train(x, y)
    print(f"\nThe algorithm: for each of {len(x)} points that is wrong, one such step (rate 0.01).")
    for i in sorted({0, 1, 2, 5, 10, 20, len(mistakes)} & set(range(len(lines)))):
        w1, w2, b = lines[i]
        met = f"   mistakes {mistakes[i - 1]}" if i else ""
        print(f"  after epoch {i:3}: {w1:+.6f} x1 {w2:+.6f} x2 {b:+.6f} = 0{met}")
    if mistakes[-1]:
        print(f"After {len(mistakes)} epochs there are still mistakes: no line may separate them.")
    draw(x, y, lines, mistakes, out / "boundary.png")
