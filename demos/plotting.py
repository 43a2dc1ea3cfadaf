"""What the lessons' pictures share: where they go, and how two classes of points look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")  # pictures go to files; no screen is needed

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

RED, BLUE = "tab:red", "tab:blue"
"""The colours of the classes 0 and 1."""

_PROBABILITY = LinearSegmentedColormap.from_list("probability", ["#f0a8a4", "#ffffff", "#9cc3e6"])


def save(figure: Any, path: Path) -> None:
    """Write the figure, say so, and forget it."""
    figure.savefig(path, dpi=110)
    plt.close(figure)
    print(f"written: {path}")


def scatter(axes: Any, x: np.ndarray, y: np.ndarray, **style: Any) -> None:
    """Points of shape (rows, 2), red where the label is 0 and blue where it is 1."""
    colors = np.where(np.asarray(y) > 0, BLUE, RED)
    style = {"s": 28, "edgecolors": "white", "linewidths": 0.6, "zorder": 3} | style
    axes.scatter(x[:, 0], x[:, 1], c=colors, **style)


def region(axes: Any, probability: Callable[[np.ndarray], np.ndarray], bounds: Any) -> None:
    """Shade the plane by the probability of class 1 and draw the curve where it is one half.

    `probability` takes points of shape (rows, 2); `bounds` are x from, x to, y from, y to.
    """
    x, y = np.meshgrid(np.linspace(*bounds[:2], 300), np.linspace(*bounds[2:], 300))
    p = np.reshape(probability(np.stack([x.ravel(), y.ravel()], axis=1)), x.shape)
    axes.contourf(x, y, p, levels=np.linspace(0, 1, 11), cmap=_PROBABILITY)
    axes.contour(x, y, p, levels=[0.5], colors="black", linewidths=1.5)


def line(axes: Any, w: Any, b: float, bounds: Any, **style: Any) -> None:
    """The part of the line w[0] x + w[1] y + b = 0 inside `bounds`, which become the limits."""
    axes.set(xlim=bounds[:2], ylim=bounds[2:])
    if not np.any(w):
        return  # all of the plane is on one side
    point = -b * np.asarray(w, float) / np.dot(w, w)
    axes.axline(point, (point[0] - w[1], point[1] + w[0]), **style)
