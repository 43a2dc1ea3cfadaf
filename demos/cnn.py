"""A convolutional network on the handwritten digits, and what it makes of them when they shift."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

import autograd
import nn

from . import digits, plotting

EPOCHS = 20
BATCH = 32
SEED = 0


def images(rows: np.ndarray) -> np.ndarray:
    """Rows of 64 numbers as images of one channel, shape (n, 1, 8, 8)."""
    return rows.reshape(-1, 1, 8, 8)


def build() -> nn.Sequential:
    """Two convolutions that look at 3 by 3 pixels, a pooling, and a layer for the ten digits."""
    rng = np.random.default_rng(SEED)
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, generator=rng),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1, generator=rng),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.25, generator=rng),
        nn.Linear(512, 10, generator=rng),
    )


def train(model: nn.Module, data: digits.Data, epochs: int = EPOCHS) -> nn.History:
    """Adam on the cross-entropy, its rate falling to a hundredth along a cosine."""
    optimizer = nn.optim.Adam(model.parameters(), lr=2e-3)
    return nn.fit(
        model,
        (images(data.x), data.y),
        nn.CrossEntropyLoss(),
        optimizer,
        epochs,
        batch_size=BATCH,
        seed=SEED,
        validation=(images(data.x_test), data.y_test),
        metrics=["accuracy"],
        scheduler=nn.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS, eta_min=2e-5),
    )


def predict(model: nn.Module, rows: np.ndarray) -> np.ndarray:
    """The most likely digit of each row of 64 numbers; the network in evaluation mode."""
    model.eval()
    return digits.predict(model, images(rows))


def shifted(rows: np.ndarray, right: int, down: int) -> np.ndarray:
    """The images moved by whole pixels; what enters at an edge is blank."""
    padded = np.pad(images(rows)[:, 0], ((0, 0), (1, 1), (1, 1)))
    moved = padded[:, 1 - down : 9 - down, 1 - right : 9 - right]
    return moved.reshape(len(rows), 64)


def draw(model: nn.Sequential, history: nn.History, data: digits.Data, path: Path) -> None:
    """The filters of the first layer with what they find in one digit, and which are confused."""
    figure = plt.figure(figsize=(11, 4.6), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1.6, 1))
    left.suptitle("A digit, the 16 filters of 3 by 3, and what each finds")
    grid = left.subplots(4, 9)
    image = images(data.x_test[:1])
    with autograd.no_grad():
        found: Any = model[1](model[0](image)).data[0]
    filters = model[0].weight.data[:, 0]
    bound = abs(filters).max()
    for i in range(16):
        row, column = divmod(i, 4)
        axes = grid[row, 1 + 2 * column], grid[row, 2 + 2 * column]
        axes[0].imshow(filters[i], cmap="RdBu", vmin=-bound, vmax=bound)
        axes[1].imshow(found[i], cmap="gray_r", vmin=0, vmax=found.max())
    grid[0, 0].imshow(image[0, 0], cmap="gray_r")
    for axes in grid[1:, 0]:
        axes.set_visible(False)
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])

    axes = right.subplots()
    counts = nn.metrics.confusion_matrix(predict(model, data.x_test), data.y_test)
    axes.imshow(np.sqrt(counts), cmap="Blues")
    for i, j in zip(*np.nonzero(counts), strict=True):
        color = "white" if i == j else "tab:red"
        axes.text(j, i, counts[i, j], ha="center", va="center", color=color)
    accuracy = history["val_accuracy"][-1]
    axes.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="is")
    axes.set_title(f"Held-out digits: {accuracy:.1%} right")
    plotting.save(figure, path)


def main(out: Path) -> None:
    """The network and its table, the training, and the dense network beside it on moved digits."""
    data = digits.load()
    model, dense = build(), digits.build()
    print(nn.summary(model, images(data.x[:1])))

    print("\nepoch  training loss  held-out loss  held-out accuracy")
    history = train(model, data)
    for i in sorted({0, 1, history.epochs // 2, history.epochs - 1}):
        losses = f"{history['loss'][i]:13.6f}  {history['val_loss'][i]:13.6f}"
        print(f"{i + 1:5}  {losses}  {history['val_accuracy'][i]:17.1%}")
    print(f"held-out accuracy: {100 * history['val_accuracy'][-1]:.1f} %")

    print("\nThe dense network of the lesson on digits, on the same images, and both on images")
    print("moved by one pixel, which neither has been shown:")
    digits.train(dense, data)
    moves = {"as they are": (0, 0), "left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
    print("  held-out digits  convolutions  dense")
    for name, move in moves.items():
        rows = shifted(data.x_test, *move)
        guesses = predict(model, rows), digits.predict(dense, rows)
        shares = [f"{np.mean(guess == data.y_test):.1%}" for guess in guesses]
        print(f"  {name:15}  {shares[0]:>12}  {shares[1]:>5}")
    print("A filter finds its stroke wherever it is. What depends on the place is the last layer.")
    draw(model, history, data, out / "cnn.png")
