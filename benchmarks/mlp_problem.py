"""The training problems of the mlp benchmark, and what every contestant has to offer."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LEARNING_RATE = 1e-3
BETA1, BETA2 = 0.9, 0.999
EPSILON = 1e-8


@dataclass(frozen=True)
class Problem:
    """A ReLU network's first weights (inputs by outputs) and biases, and one batch."""

    sizes: tuple[int, ...]
    x: Floats
    y: NDArray[np.int64]
    layers: tuple[tuple[Floats, Floats], ...]


def make_problem(sizes: tuple[int, ...], rows: int) -> Problem:
    """Draw a batch and PyTorch-like first weights, the same in every run."""
    rng = np.random.default_rng(0)

    def layer(fan_in: int, fan_out: int) -> tuple[Floats, Floats]:
        bound = 1 / math.sqrt(fan_in)
        weight = rng.uniform(-bound, bound, (fan_in, fan_out)).astype(np.float32)
        bias = rng.uniform(-bound, bound, fan_out).astype(np.float32)
        return weight, bias

    return Problem(
        sizes=sizes,
        x=rng.standard_normal((rows, sizes[0]), dtype=np.float32),
        y=rng.integers(0, sizes[-1], rows),
        layers=tuple(layer(i, o) for i, o in pairwise(sizes)),
    )


class Trainer(Protocol):
    """A network on a problem's first weights with an Adam optimizer."""

    def step(self) -> None:
        """Train once on the batch."""

    def last_loss(self) -> float:
        """Return the loss the last step found before its update."""

    def gradients(self) -> list[Floats]:
        """Return the last step's gradients as weight (inputs by outputs), bias, weight, ..."""
