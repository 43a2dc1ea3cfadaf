"""Train networks on scikit-learn's 1,797 handwritten digits: even or odd, ten classes, descents."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import load_digits
from tqdm import tqdm

import autograd
import nn

from . import digits_pictures as pictures

EPOCHS = 40
BATCH = 32
SEED = 0

DESCENTS = {
    "batch": (nn.optim.SGD, 0.3, 1438, 400),
    "mini-batch": (nn.optim.SGD, 0.2, BATCH, 40),
    "stochastic": (nn.optim.SGD, 0.01, 1, 20),
    "mini-batch, Adam": (nn.optim.Adam, 2e-3, BATCH, 40),
}
"""Optimiser, learning rate, images in a step, and epochs of four descents on one network."""


class Data(NamedTuple):
    """Images as rows of 64 numbers from 0 to 1, and the digits they show."""

    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


class History(NamedTuple):
    """After each epoch: training loss, both accuracies, and the seconds of training so far."""

    loss: list[float]
    accuracy: list[float]
    test_accuracy: list[float]
    seconds: list[float]


def load(dtype: type = np.float32) -> Data:
    """The digits in a seeded random order, the last fifth held out."""
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(SEED).permutation(len(x))
    x, y = (x / 16).astype(dtype)[order], y[order]
    n = len(x) - len(x) // 5
    return Data(x[:n], y[:n], x[n:], y[n:])


def even(data: Data) -> Data:
    """The same images with 1 for an even digit and 0 for an odd one."""
    return data._replace(y=1 - data.y % 2, y_test=1 - data.y_test % 2)


def build(outputs: int = 10, dtype: type = np.float32) -> nn.Sequential:
    """64 inputs, two hidden layers, and 10 logits, or the 1 of even against odd."""
    rng = np.random.default_rng(SEED)
    return nn.Sequential(
        nn.Linear(64, 64, generator=rng, dtype=dtype),
        nn.ReLU(),
        nn.Linear(64, 32, generator=rng, dtype=dtype),
        nn.ReLU(),
        nn.Linear(32, outputs, generator=rng, dtype=dtype),
    )


def error(logits: Any, y: np.ndarray) -> Any:
    """Softmax and cross-entropy for ten logits; sigmoid and cross-entropy for a single one."""
    if logits.shape[1] > 1:
        return nn.functional.cross_entropy(logits, y)
    target = y.astype(logits.dtype)
    return nn.functional.binary_cross_entropy_with_logits(logits[:, 0], target)


def predict(model: nn.Module, x: np.ndarray) -> np.ndarray:
    """The most likely class of each row of `x`."""
    with autograd.no_grad():
        logits = model(x).data
    classes: np.ndarray = logits.argmax(axis=1) if logits.shape[1] > 1 else logits[:, 0] > 0
    return classes


def train(
    model: nn.Module, data: Data, epochs: int = EPOCHS, descent: str = "mini-batch, Adam"
) -> History:
    """One of the DESCENTS of the cross-entropy."""
    kind, rate, batch, _ = DESCENTS[descent]
    optimizer = kind(model.parameters(), lr=rate)
    order = np.random.default_rng(SEED)
    batches = nn.DataLoader((data.x, data.y), batch, shuffle=True, generator=order)
    history = History([], [], [], [])
    seconds = 0.0
    progress = tqdm(range(1, epochs + 1), desc=descent, unit="epoch")
    for epoch in progress:
        start = perf_counter()
        for x, y in batches:
            optimizer.zero_grad()
            loss = error(model(x), y)
            loss.backward()
            optimizer.step()
        seconds += perf_counter() - start
        with autograd.no_grad():
            history.loss.append(error(model(data.x), data.y).item())
        history.accuracy.append(float(np.mean(predict(model, data.x) == data.y)))
        history.test_accuracy.append(float(np.mean(predict(model, data.x_test) == data.y_test)))
        history.seconds.append(seconds)
        progress.set_postfix_str(
            f"epoch {epoch}, loss {history.loss[-1]:.4f}, accuracy {history.test_accuracy[-1]:.1%}"
        )
    return history


def check(data: Data) -> autograd.GradientReport:
    """Compare the gradient of the loss by every weight with finite differences.

    In double precision, as differences of single precision numbers would say little; and before
    training, which leaves gradients too small to measure.
    """
    model = build(dtype=np.float64)
    x, y = data.x[:16].astype(float), data.y[:16]
    return autograd.check_gradients(lambda *_: error(model(x), y), *model.parameters())


def compare(data: Data, share: float = 1.0) -> dict[str, History]:
    """Each of the DESCENTS from the same weights, for a share of its epochs."""
    return {
        name: train(build(), data, max(1, round(share * epochs)), name)
        for name, (*_, epochs) in DESCENTS.items()
    }


def main(out: Path) -> None:
    """Even against odd, ten classes, a check of the gradients, four descents."""
    data = load()
    model = build()
    weights = sum(parameter.size for parameter in model.parameters())
    print(f"{len(data.x)} digits to train on, {len(data.x_test)} held out; {weights} weights")

    print("\nEven or odd, one output through a sigmoid:")
    parity = train(build(outputs=1), even(data), EPOCHS // 2)
    print(f"  right about {100 * parity.test_accuracy[-1]:.4f} % of the held-out digits")

    print("\nWhich digit, ten outputs through a softmax:")
    history = train(model, data)
    print(f"  training loss {history.loss[0]:.6f} -> {history.loss[-1]:.6f}")
    print(f"held-out accuracy: {100 * history.test_accuracy[-1]:.1f} %")
    report = check(data)
    print(
        f"gradients checked against finite differences: all {weights} agree, largest relative "
        f"error {report.worst.error:.0e}"
    )

    print("\nAll images in a step, 32, or a single one; plain descent, or Adam:")
    histories = compare(data)
    print("  loss after        1         10        20 epochs      at the end, after    held out")
    for name, h in histories.items():
        losses = "  ".join(f"{h.loss[min(i, len(h.loss)) - 1]:.6f}" for i in (1, 10, 20))
        time = f"{len(h.loss):3} epochs, {h.seconds[-1]:.6f} s"
        accuracy = 100 * h.test_accuracy[-1]
        print(f"  {name:16}  {losses}    {h.loss[-1]:.6f}, {time}  {accuracy:.4f} %")
    print("The more steps in an epoch, the faster the loss falls by epochs. But each step has its")
    print("overhead, which a single image pays in full: by time, mini-batches are the bargain.")
    print("Adam, with a rate for each weight, is ahead of plain mini-batches after one epoch; they")
    print("are after ten, at a rate chosen for this problem.")

    pictures.draw_descents(histories, out / "descents.png")
    pictures.draw_curves(history, out / "curves.png")
    pictures.draw_sheet(predict(model, data.x_test), data, out / "sheet.png")
    pictures.draw_graph(data, out / "graph.svg")
