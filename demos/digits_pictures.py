"""The pictures of the lesson on digits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

import autograd
import nn

from . import plotting


def draw_descents(histories: dict[str, Any], path: Path) -> None:
    """Training loss of each descent, against epochs and against time."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4), layout="constrained", sharey=True)
    for name, history in histories.items():
        left.plot(range(1, len(history.loss) + 1), history.loss, label=name)
        right.plot(history.seconds, history.loss, label=name)
    left.set(title="By epochs", xlabel="epoch", ylabel="training loss", xscale="log", yscale="log")
    right.set(title="By time", xlabel="seconds of training", xscale="log")
    left.legend()
    for axes in (left, right):
        axes.grid(alpha=0.3)
    plotting.save(figure, path)


def draw_curves(history: Any, path: Path) -> None:
    """Loss and accuracy against the epoch."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    epochs = range(1, len(history.loss) + 1)
    left.plot(epochs, history.loss, color="tab:blue")
    left.set(title="Training loss", xlabel="epoch", ylabel="cross-entropy", yscale="log")
    right.plot(epochs, history.accuracy, "--", color="tab:gray", label="training digits")
    right.plot(epochs, history.test_accuracy, color="tab:orange", label="held-out digits")
    right.set(title="Accuracy", xlabel="epoch", ylabel="share of digits recognised")
    right.legend()
    for axes in (left, right):
        axes.grid(alpha=0.3)
    plotting.save(figure, path)


def draw_sheet(
    guesses: np.ndarray, data: Any, path: Path, shape: tuple[int, int] = (6, 12)
) -> None:
    """Held-out digits with the guesses: the mistakes first, framed in red."""
    rows, columns = shape
    order = np.argsort(guesses == data.y_test, kind="stable")[: rows * columns]
    figure, grid = plt.subplots(rows, columns, figsize=(columns * 0.8, rows * 1.0 + 0.6))
    for axes, i in zip(grid.flat, order, strict=True):
        axes.imshow(data.x_test[i].reshape(8, 8), cmap="gray_r")
        right = guesses[i] == data.y_test[i]
        title = str(guesses[i]) if right else f"{guesses[i]}, is {data.y_test[i]}"
        axes.set_title(title, fontsize=9, color="black" if right else "tab:red", pad=3)
        axes.set(xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set(color="0.8" if right else "tab:red", linewidth=0.5 if right else 2.5)
    mistakes = int(np.sum(guesses != data.y_test))
    figure.suptitle(f"Held-out digits as the network reads them: {mistakes} mistakes, framed")
    figure.tight_layout(rect=(0, 0, 1, 0.99))
    plotting.save(figure, path)


def draw_graph(data: Any, path: Path) -> None:
    """The computation graph of the forward pass and loss of one small network."""
    rng = np.random.default_rng(0)
    model = nn.Sequential(
        nn.Linear(64, 8, generator=rng), nn.ReLU(), nn.Linear(8, 10, generator=rng)
    )
    for name, parameter in model.named_parameters():
        parameter.label = name
    images = autograd.Tensor(data.x[:4], label="4 digits")
    loss = nn.CrossEntropyLoss()(model(images), data.y[:4])
    loss.label = "loss"
    print(f"written: {autograd.draw(loss).save(path)}")
