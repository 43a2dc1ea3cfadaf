"""The forward pass on 8 by 8 digits with random weights: what a network says before it learns."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from autograd import Tensor, sigmoid
from nn import functional as F  # noqa: N812  (the field's name for it)

from . import plotting


class Layers(NamedTuple):
    """Everything between the images and the predictions; a column for each image."""

    w1: Tensor
    z1: Tensor
    a1: Tensor
    w2: Tensor
    y: Tensor


def images() -> tuple[np.ndarray, np.ndarray]:
    """The images as columns of 64 brightnesses from 0 to 16, and 1 for even digits, else 0."""
    x, digits = load_digits(return_X_y=True)
    return x.T, (digits % 2 == 0).astype(float)


def weights(*shape: int) -> Tensor:
    """Uniform between -0.1 and 0.1, from the start of NumPy's old generator with seed 42."""
    rng = np.random.RandomState(42)
    return Tensor(rng.uniform(-0.1, 0.1, shape), requires_grad=True)


def one_neuron(x: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    """One unit's weights (64, 1), its sums (1, images) and their sigmoids."""
    w = weights(64, 1)
    z = w.T @ x
    return w, z, sigmoid(z)


def forward(x: np.ndarray, activated: bool = False) -> Layers:
    """Four hidden units, then one output unit; every bias is 0.

    The output reads the hidden sums z1 as they are, or their sigmoids if `activated`.
    """
    w1 = weights(64, 4)
    z1 = w1.T @ x
    a1 = sigmoid(z1)
    w2 = weights(4, 1)
    return Layers(w1, z1, a1, w2, sigmoid(w2.T @ (a1 if activated else z1)))


def even_predictions(layers: Layers) -> int:
    """How many images the network calls even."""
    return int(np.sum(layers.y > 0.5))


def draw(x: np.ndarray, layers: Layers, path: Path) -> None:
    """The first image, what the four units weigh, and what they answer to ten images."""
    layout = [["image", "unit0", "unit1", "unit2", "unit3", "answers"]]
    ratios = {"width_ratios": [1, 1, 1, 1, 1, 1.9]}
    figure, panels = plt.subplot_mosaic(
        layout, figsize=(12.5, 2.5), gridspec_kw=ratios, layout="constrained"
    )
    panels["image"].imshow(x[:, 0].reshape(8, 8), cmap="gray_r")
    panels["image"].set_title("the first image")
    for i in range(4):
        w = layers.w1.data[:, i].reshape(8, 8)
        panels[f"unit{i}"].imshow(w, cmap="RdBu", vmin=-0.1, vmax=0.1)
        panels[f"unit{i}"].set_title(f"weights of unit {i}")
    panels["answers"].imshow(layers.a1.data[:, :10], cmap="gray_r", vmin=0, vmax=1, aspect="auto")
    panels["answers"].set_title("their outputs for images 0 to 9")
    panels["answers"].set(xticks=range(10), yticks=range(4), ylabel="unit")
    for name in layout[0][:-1]:
        panels[name].set(xticks=[], yticks=[])
    plotting.save(figure, path)


def main(out: Path) -> None:
    """One unit, four units, an output, and the first gradient."""
    x, even = images()
    print(f"{x.shape[1]} images as columns of {x.shape[0]} brightnesses. The first:")
    print(x[:, 0].reshape(8, 8).astype(int))

    w, z, a = one_neuron(x)
    ends = [0, 1, 2, -3, -2, -1]
    print("\nOne neuron with 64 random weights, the first ten of them:")
    print(f"  {np.array2string(w.data[:10, 0], precision=8, max_line_width=90)}")
    print("  its sums over the first and last three images, and their sigmoids:")
    print(f"  z {np.array2string(z.data[0, ends], precision=8)}")
    print(f"  a {np.array2string(a.data[0, ends], precision=8)}")

    layers = forward(x)
    print(
        f"\nFour neurons have {64 * 4} connections to the pixels of an image ({28 * 28 * 4} if it"
    )
    print("were 28 by 28). To the first image they answer")
    print("  " + ", ".join(f"{a:.9g}" for a in layers.a1.data[:, 0]))
    print("and one output neuron, reading their sums, calls")
    print(f"  {even_predictions(layers)} images even, of {int(even.sum())} that are.")
    activated = forward(x, activated=True)
    print(f"Reading their sigmoids instead, which all are positive: {even_predictions(activated)}.")

    loss = F.binary_cross_entropy(activated.y[0], even)
    loss.backward()
    size = activated.w1.size + activated.w2.size
    print(f"\nThe error of these guesses is {loss.item():.6f}; a coin's would be {np.log(2):.6f}.")
    print(f"{size} weights (and 5 biases) can lower it; the engine has the slope by each:")
    for name, weight in (("hidden", activated.w1), ("output", activated.w2)):
        print(f"  {name}: shape {weight.shape}, length of the gradient {norm(weight.grad):.6f}")
    print("The next lesson follows them down.")
    draw(x, layers, out / "forward.png")


def norm(x: np.ndarray) -> float:
    """The Euclidean length of all entries."""
    return float(np.linalg.norm(x))
