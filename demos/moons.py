"""micrograd's demonstration, two moons told apart: in scalars, and the same network in tensors."""

from __future__ import annotations

import random
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons
from tqdm import tqdm

import autograd
import nn

from . import plotting

STEPS = 100
DECAY = 1e-4
"""The weight of the squared parameters in the loss."""

MICROGRAD = {0: 0.8958441028683222, 99: 0.010978370135492717}
"""The loss at two steps as micrograd's notebook demo.ipynb has it."""


class Run(NamedTuple):
    """Loss and accuracy before each step, and the seconds all steps took."""

    loss: list[float]
    accuracy: list[float]
    seconds: float


def data() -> tuple[np.ndarray, np.ndarray]:
    """100 points (100, 2) and their labels -1 or 1 (100,)."""
    x, y = make_moons(n_samples=100, noise=0.1, random_state=1337)
    return x, 2 * y - 1


def build() -> nn.MLP:
    """2 inputs, two layers of 16, 1 score; the weights drawn as micrograd draws them."""
    random.seed(1337)
    return nn.MLP(2, [16, 16, 1])


def scalar_loss(model: nn.MLP, x: np.ndarray, y: np.ndarray) -> tuple[Any, float]:
    """The hinge loss with weight decay, number by number; and the share of points right."""
    scores: list[Any] = [model(point) for point in x.tolist()]
    losses = [(1 - label * s).relu() for label, s in zip(y.tolist(), scores, strict=True)]
    decay = sum([p * p for p in model.parameters()])
    right = [(s.data > 0) == (label > 0) for label, s in zip(y, scores, strict=True)]
    return sum(losses) / len(losses) + DECAY * decay, float(np.mean(right))


def tensor_loss(model: nn.Module, x: np.ndarray, y: np.ndarray) -> tuple[Any, float]:
    """The same for all points at once."""
    scores = model(x)[:, 0]
    decay = sum([(p * p).sum() for p in model.parameters()])
    loss = nn.functional.hinge_loss(scores, y) + DECAY * decay
    return loss, float(np.mean((scores.data > 0) == (y > 0)))


def train(model: Any, loss_of: Any, steps: int = STEPS) -> Run:
    """Descent on all points, the rate falling from 1 to 0.1 over STEPS."""
    x, y = data()
    optimizer = nn.optim.SGD(model.parameters(), lr=1.0)
    run = Run([], [], 0.0)
    start = perf_counter()
    for i in tqdm(range(steps), desc=loss_of.__name__, unit="step"):
        optimizer.zero_grad()
        loss, accuracy = loss_of(model, x, y)
        loss.backward()
        optimizer.lr = 1.0 - 0.9 * i / STEPS
        optimizer.step()
        run.loss.append(loss.item())
        run.accuracy.append(accuracy)
    return run._replace(seconds=perf_counter() - start)


def draw(model: nn.Module, runs: dict[str, Run], path: Path) -> None:
    """The region the network learned, and the loss by step."""
    x, y = data()

    def probability(points: np.ndarray) -> np.ndarray:
        with autograd.no_grad():
            scores: np.ndarray = model(points).data[:, 0]
        return autograd.sigmoid(4 * scores)  # for the shading only: a score of +-1 is sure

    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.2), layout="constrained")
    plotting.region(left, probability, (-1.6, 2.6, -1.1, 1.6))
    plotting.scatter(left, x, y)
    left.set(title="The boundary between the moons", xlabel="x1", ylabel="x2")
    for (name, run), style in zip(runs.items(), ("-", "--"), strict=True):
        right.plot(run.loss, style, label=name, linewidth=2)
    right.set(title="Loss", xlabel="step", yscale="log")
    right.legend()
    right.grid(alpha=0.3)
    plotting.save(figure, path)


def main(out: Path) -> None:
    """Both networks from the same weights."""
    scalars = build()
    tensors = scalars.to_tensors()
    print(f"{len(scalars.parameters())} scalar parameters; as tensors:")
    print(f"  {[p.shape for p in tensors.parameters()]}")
    runs = {"scalars": train(scalars, scalar_loss), "tensors": train(tensors, tensor_loss)}
    print("          scalars                     tensors")
    print("  step    loss               right    loss               right")
    for i in sorted({*range(0, STEPS, 10), STEPS - 1}):
        columns = [f"{run.loss[i]:.16f}  {run.accuracy[i]:4.0%}" for run in runs.values()]
        print(f"  {i:4}    {'    '.join(columns)}")
    difference = max(
        abs(a - b) for a, b in zip(runs["scalars"].loss, runs["tensors"].loss, strict=True)
    )
    print(f"largest difference of the losses: {difference:.1e}")
    print(f"micrograd's own notebook prints {MICROGRAD[0]} at step 0, {MICROGRAD[99]} at 99.")
    for name, run in runs.items():
        print(f"  {name}: {1e3 * run.seconds / STEPS:.6f} ms a step")
    print(f"The tensors are {runs['scalars'].seconds / runs['tensors'].seconds:.0f} times as fast:")
    print("a step records some dozens of arrays, where the scalars record some 11,000 numbers.")
    draw(tensors, runs, out / "moons.png")
