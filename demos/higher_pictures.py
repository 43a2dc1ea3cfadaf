"""The pictures of the lesson on higher derivatives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from . import plotting


def draw_ways(f: Callable[[Any], Any], ways: dict[str, list[np.ndarray]], path: Path) -> None:
    """A function of the plane with the ways down it."""
    x, y = np.meshgrid(np.linspace(-1.6, 1.6, 161), np.linspace(-3.5, 2, 161))
    figure, axes = plt.subplots(figsize=(6, 4.6), layout="constrained")
    levels = np.geomspace(0.05, 4000, 15)
    axes.contourf(x, y, np.maximum(f([x, y]), levels[0]), levels=levels, norm="log")
    for (label, way), style in zip(ways.items(), ("w-", "C1o-"), strict=True):
        axes.plot(*np.transpose(way), style, label=label, linewidth=2)
    axes.set(title="Two ways to the floor of a valley", xlabel="x", ylabel="y")
    axes.legend(loc="lower left", facecolor="0.3", labelcolor="white")
    plotting.save(figure, path)


def draw_taylor(f: Callable[[Any], Any], coefficients: list[float], path: Path) -> None:
    """A function and its Taylor polynomials of some orders."""
    x = np.linspace(-3, 3, 301)
    figure, axes = plt.subplots(figsize=(6, 3.8), layout="constrained")
    axes.plot(x, f(x), color="black", linewidth=2.5, label="e^(sin x)")
    for order in (1, 2, 5, 10):
        axes.plot(x, np.polyval(coefficients[order::-1], x), "--", label=f"order {order}")
    axes.set(title="Taylor polynomials by repeated grad", xlabel="x", ylim=(-0.5, 4))
    axes.legend()
    axes.grid(alpha=0.3)
    plotting.save(figure, path)


def draw_pendulum(angles: np.ndarray, energies: np.ndarray, dt: float, path: Path) -> None:
    """The way of the lower weight of a double pendulum, and how well its energy is kept."""
    x = np.cumsum(np.sin(angles), axis=1)
    y = -np.cumsum(np.cos(angles), axis=1)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4.2), layout="constrained")
    left.plot(x[:, 1], y[:, 1], color="tab:blue", linewidth=1)
    left.plot([0, *x[0]], [0, *y[0]], "o-", color="black", label="at the start")
    left.set(title="The lower weight of a double pendulum", xlabel="m", ylabel="m", aspect="equal")
    left.legend()
    right.plot(dt * np.arange(len(energies)), energies - energies[0], color="tab:green")
    right.set(title="Change of the energy", xlabel="s", ylabel="J")
    right.grid(alpha=0.3)
    plotting.save(figure, path)
