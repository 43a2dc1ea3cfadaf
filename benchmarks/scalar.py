"""micrograd's moons example: one forward and backward pass of a scalar-valued network."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

import nn
from autograd import Value
from benchmarks import peers, scalar_nets
from benchmarks.harness import Contestant, check_agreement
from benchmarks.report import Goal, compare

ROUNDS = 9
POINTS = 100
NOISE = 0.1
INPUTS, OUTPUTS = 2, [16, 16, 1]
ALPHA = 1e-4  # of the L2 penalty

MICROGRAD = "micrograd"
SAME_CODE = "chainrule Value, same code"
OUR_MLP = "chainrule nn.MLP"
GOALS = (
    Goal(
        f"{MICROGRAD} takes at least 4 times as long as {SAME_CODE}",
        MICROGRAD,
        SAME_CODE,
        at_least=4,
    ),
    Goal(
        f"{MICROGRAD} takes at least 12 times as long as {OUR_MLP}", MICROGRAD, OUR_MLP, at_least=12
    ),
)


class Example:
    """The demo's training step without its update, from weights that are always the same."""

    def __init__(self, value: Callable[[float], Any], model: Any) -> None:
        rng = np.random.default_rng(0)
        self.points, self.labels = _moons(rng)
        self.value, self.model = value, model
        for parameter in model.parameters():
            parameter.data = rng.uniform(-1, 1)

    def step(self) -> Any:
        """Compute and return the regularised hinge loss, and its gradients."""
        inputs = [list(map(self.value, point)) for point in self.points]
        scores = list(map(self.model, inputs))
        losses = [
            (1 + -label * score).relu() for label, score in zip(self.labels, scores, strict=True)
        ]
        data_loss = sum(losses) * (1.0 / len(losses))
        penalty = ALPHA * sum(p * p for p in self.model.parameters())
        loss = data_loss + penalty
        self.model.zero_grad()
        loss.backward()
        return loss


def _micrograd() -> Example:
    model = peers.load("micrograd.nn").MLP(INPUTS, OUTPUTS)
    return Example(peers.load("micrograd.engine").Value, model)


def _same_code() -> Example:
    return Example(Value, scalar_nets.MLP(Value, INPUTS, OUTPUTS))


def _our_mlp() -> Example:
    return Example(Value, nn.MLP(INPUTS, OUTPUTS))


EXAMPLES: dict[str, tuple[str | None, Callable[[], Example]]] = {
    MICROGRAD: ("micrograd", _micrograd),
    SAME_CODE: (None, _same_code),
    OUR_MLP: (None, _our_mlp),
}


def run(rounds: int) -> None:
    """Check and time micrograd, our Value under the same network code, and our nn.MLP."""
    title = f"scalar {INPUTS}-{'-'.join(map(str, OUTPUTS))}, {POINTS} points: forward and backward"
    _check(title)
    compare(title, [_contestant(name) for name in EXAMPLES], MICROGRAD, GOALS, rounds)


def _contestant(name: str) -> Contestant:
    peer, make = EXAMPLES[name]
    return Contestant(name, lambda: make().step, peer=peer)


def _check(title: str) -> None:
    results: dict[str, list[ArrayLike]] = {}
    for name, (peer, make) in EXAMPLES.items():
        if peers.installed(peer):
            example = make()
            loss = example.step()
            results[name] = [loss.data, [p.grad for p in example.model.parameters()]]
    check_agreement(f"{title}: loss and gradients", results, tolerance=1e-9)


def _moons(rng: np.random.Generator) -> tuple[list[list[float]], list[int]]:
    """Return points on two interleaving half circles, and which circle: 1 or -1."""
    angle = np.linspace(0, np.pi, POINTS // 2)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    points = np.concatenate([upper, lower]) + rng.normal(scale=NOISE, size=(2 * len(angle), 2))
    return points.tolist(), [-1] * len(angle) + [1] * len(angle)
