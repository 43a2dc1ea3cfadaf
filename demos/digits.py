"""Train a small network on scikit-learn's 1,797 handwritten digits, and look at the result."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import matplotlib

matplotlib.use("Agg")  # pictures go to files; no screen is needed

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from tqdm import tqdm

import autograd
import nn

EPOCHS = 40
BATCH = 32
SEED = 0


class Data(NamedTuple):
    """Images as rows of 64 numbers from 0 to 1, and the digits they show."""

    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


class History(NamedTuple):
    """Loss and accuracies after each epoch."""

    loss: list[float]
    accuracy: list[float]
    test_accuracy: list[float]


def load(dtype: type = np.float32) -> Data:
    """The digits in a seeded random order, the last fifth held out."""
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(SEED).permutation(len(x))
    x, y = (x / 16).astype(dtype)[order], y[order]
    n = len(x) - len(x) // 5
    return Data(x[:n], y[:n], x[n:], y[n:])


def build(dtype: type = np.float32) -> nn.Sequential:
    """64 inputs, two hidden layers, 10 logits."""
    rng = np.random.default_rng(SEED)
    return nn.Sequential(
        nn.Linear(64, 64, generator=rng, dtype=dtype),
        nn.ReLU(),
        nn.Linear(64, 32, generator=rng, dtype=dtype),
        nn.ReLU(),
        nn.Linear(32, 10, generator=rng, dtype=dtype),
    )


def predict(model: nn.Module, x: np.ndarray) -> np.ndarray:
    """The most likely digit for each row of `x`."""
    with autograd.no_grad():
        digits: np.ndarray = model(x).argmax(axis=1)
    return digits


def train(model: nn.Module, data: Data, epochs: int = EPOCHS) -> History:
    """Mini-batches, Adam, cross-entropy."""
    optimizer = nn.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss()
    batches = nn.DataLoader(
        (data.x, data.y), BATCH, shuffle=True, generator=np.random.default_rng(SEED)
    )
    history = History([], [], [])
    progress = tqdm(range(1, epochs + 1), desc="training", unit="epoch")
    for epoch in progress:
        total = 0.0
        for x, y in batches:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        history.loss.append(total / len(data.x))
        history.accuracy.append(float(np.mean(predict(model, data.x) == data.y)))
        history.test_accuracy.append(float(np.mean(predict(model, data.x_test) == data.y_test)))
        progress.set_postfix_str(
            f"epoch {epoch}, loss {history.loss[-1]:.4f}, accuracy {history.test_accuracy[-1]:.1%}"
        )
    return history


def check(model: nn.Module, data: Data) -> autograd.GradientReport:
    """Compare the gradient of the loss by every weight with finite differences.

    In double precision, as differences of single precision numbers would say little.
    """
    twin = build(np.float64)
    for parameter, trained in zip(twin.parameters(), model.parameters(), strict=True):
        parameter.data = trained.data
    x, y = data.x[:16].astype(float), data.y[:16]
    criterion = nn.CrossEntropyLoss()
    return autograd.check_gradients(lambda *_: criterion(twin(x), y), *twin.parameters())


def draw_curves(history: History, path: Path) -> None:
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
    figure.savefig(path, dpi=120)
    plt.close(figure)


def draw_sheet(model: nn.Module, data: Data, path: Path, rows: int = 8, columns: int = 12) -> None:
    """Held-out digits with their predictions: the mistakes first, framed in red."""
    guesses = predict(model, data.x_test)
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
    figure.savefig(path, dpi=120)
    plt.close(figure)


def draw_graph(path: Path) -> None:
    """The computation graph of the forward pass and loss of one small network."""
    rng = np.random.default_rng(SEED)
    model = nn.Sequential(
        nn.Linear(64, 8, generator=rng), nn.ReLU(), nn.Linear(8, 10, generator=rng)
    )
    for name, parameter in model.named_parameters():
        parameter.label = name
    data = load()
    images = autograd.Tensor(data.x[:4], label="4 digits")
    loss = nn.CrossEntropyLoss()(model(images), data.y[:4])
    loss.label = "loss"
    autograd.draw(loss).save(path)


def main() -> None:
    """Train, check, draw, and name the files written."""
    out = Path("out")
    out.mkdir(exist_ok=True)
    data = load()
    model = build()
    weights = sum(parameter.size for parameter in model.parameters())
    print(f"{len(data.x)} digits to train on, {len(data.x_test)} held out; {weights} weights")
    history = train(model, data)
    print(f"held-out accuracy: {history.test_accuracy[-1]:.1%}")
    report = check(model, data)
    print(
        f"gradients checked against finite differences: all {weights} agree, largest relative "
        f"error {report.worst.error:.0e}"
    )
    files = {name: out / f"digits_{name}" for name in ("curves.png", "sheet.png", "graph.svg")}
    draw_curves(history, files["curves.png"])
    draw_sheet(model, data, files["sheet.png"])
    draw_graph(files["graph.svg"])
    print("written:", *map(str, files.values()))
