"""Activations and their slopes, what ten layers of each leave of a gradient, and dropout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

import autograd
import nn
from autograd import Tensor, relu, sigmoid, tanh

from . import plotting

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"sigmoid": sigmoid, "tanh": tanh, "ReLU": relu}
LAYERS, WIDTH, ROWS = 10, 64, 256
SCALES = {"small": 0.5, "larger": 2**0.5}
"""The standard deviation of the weights, times the square root of the layer's width."""


def slope(activation: Callable[[Any], Any], z: np.ndarray) -> np.ndarray:
    """The derivative at each z, by the engine: entries do not mix, so their sum's gradient."""
    x = Tensor(z, requires_grad=True)
    activation(x).sum().backward()
    gradient: np.ndarray = x.grad
    return gradient


def gradients_by_layer(
    activation: Callable[[Any], Any], scale: float, seed: int = 0
) -> list[float]:
    """The length of the loss's gradient by the input of each layer, from the first to the last."""
    rng = np.random.default_rng(seed)
    a = Tensor(rng.normal(size=(ROWS, WIDTH)), requires_grad=True)
    inputs = []
    for _ in range(LAYERS):
        inputs.append(a)
        w = rng.normal(0, scale / np.sqrt(WIDTH), (WIDTH, WIDTH))
        a = activation(a @ w)
    loss = (a * rng.normal(size=a.shape)).mean()
    return [float(np.linalg.norm(g)) for g in autograd.gradients(loss, inputs)]


def dropout(p: float = 0.5, passes: int = 4000) -> dict[str, np.ndarray]:
    """A dropout layer on (1, 2, ..., 8): one pass with its gradient, the mean of many, and eval."""
    layer = nn.Dropout(p, generator=np.random.default_rng(0))
    x = Tensor(np.arange(1.0, 9.0), requires_grad=True)
    once = layer(x)
    once.sum().backward()
    many = layer(np.tile(x.data, (passes, 1)))
    return {
        "one pass": once.data,
        "its gradient": x.grad,
        f"mean of {passes}": np.asarray(many).mean(axis=0),
        "evaluation": layer.eval()(x).data,
    }


def draw_shapes(path: Path) -> None:
    """Each activation with its slope."""
    z = np.linspace(-5, 5, 501)
    figure, grid = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained", sharex=True)
    for axes, (name, activation) in zip(grid, ACTIVATIONS.items(), strict=True):
        axes.plot(z, activation(z), label=name)
        axes.plot(z, slope(activation, z), "--", label="its slope")
        axes.set(title=name, xlabel="z", ylim=(-1.2, 2.2))
        axes.legend(loc="upper left")
        axes.grid(alpha=0.3)
    plotting.save(figure, path)


def draw_vanishing(found: dict[tuple[str, str], list[float]], path: Path) -> None:
    """The gradient's length at each layer, for each activation and scale."""
    figure, grid = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained", sharey=True)
    for axes, scale in zip(grid, SCALES, strict=True):
        for name in ACTIVATIONS:
            axes.plot(range(1, LAYERS + 1), found[name, scale], "o-", markersize=4, label=name)
        title = f"{scale} weights: deviation {SCALES[scale]:.3g} / sqrt({WIDTH})"
        axes.set(title=title, xlabel="layer", yscale="log", xticks=range(1, LAYERS + 1))
        axes.grid(alpha=0.3)
    grid[0].set_ylabel("length of the gradient")
    grid[1].legend()
    plotting.save(figure, path)


def main(out: Path) -> None:
    """Slopes, ten layers, dropout."""
    z = np.array([-10.0, -2.0, 0.0, 2.0, 10.0])
    print("The slopes of three activations, by the engine:")
    print("  at z =    " + "".join(f"{number:12g}" for number in z))
    for name, activation in ACTIVATIONS.items():
        print(f"  {name:9} " + "".join(f"{number:12.6g}" for number in slope(activation, z)))
    print("Far from 0 the first two are flat. The sigmoid's slope is nowhere above 1/4.")

    print(f"\nA gradient on its way back through {LAYERS} layers of {WIDTH} units:")
    found = {}
    for scale, factor in SCALES.items():
        print(f"  {scale} weights, standard deviation {factor:.6g} / sqrt({WIDTH}):")
        for name, activation in ACTIVATIONS.items():
            lengths = found[name, scale] = gradients_by_layer(activation, factor)
            share = lengths[0] / lengths[-1]
            print(
                f"    {name:8} at layer 10: {lengths[-1]:.6e}, at layer 1: {lengths[0]:.6e}, "
                f"which is {share:.6e} of it"
            )
    print("Each layer multiplies by its weights and its slopes. Where both are small, the first")
    print(
        "layers have next to nothing to learn from. Weights of deviation sqrt(2 / width) keep the"
    )
    print("length for ReLU, whose slope is 1 on half of its inputs, but not for the sigmoid.")

    print("\nDropout, p = 1/2: in training half of the entries are 0 and the others doubled, so")
    print("that the mean stays; a dropped entry gets no gradient. In evaluation nothing happens.")
    for name, numbers in dropout().items():
        print(f"  {name:12} " + "".join(f"{number:10.6f}" for number in numbers))
    draw_shapes(out / "shapes.png")
    draw_vanishing(found, out / "vanishing.png")
