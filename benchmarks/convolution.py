"""One convolution forward and back, in float32, for typical layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

import autograd
from benchmarks import peers
from benchmarks.harness import Contestant, Step, check_agreement
from benchmarks.report import Goal, compare

ROUNDS = 15

# Input, outputs, kernel, padding, and steps timed at a stretch.
LAYERS: dict[str, tuple[tuple[int, ...], int, int, int, int]] = {
    "2-d, 8 images of 28x28": ((8, 1, 28, 28), 16, 3, 0, 50),
    "2-d, 64 images of 8x8": ((64, 1, 8, 8), 16, 3, 1, 50),
    "2-d, 64 maps of 4x4": ((64, 16, 4, 4), 32, 3, 1, 50),
    "2-d, 32 maps of 14x14": ((32, 16, 14, 14), 32, 3, 1, 20),
    "1-d, 16 signals of 128": ((16, 8, 128), 16, 5, 2, 50),
    "3-d, 4 volumes of 8x16x16": ((4, 4, 8, 16, 16), 8, 3, 1, 20),
}

OURS, TORCH = "chainrule", "PyTorch"
PEERS: dict[str, str | None] = {OURS: None, TORCH: "torch"}
Arrays = tuple[Any, Any, Any]


def run(rounds: int) -> None:
    """Check and time every layer."""
    for name in LAYERS:
        title = f"convolution {name}: value and both gradients"
        _check(title, name)
        contestants = [
            Contestant(library, _starter(library, name), LAYERS[name][-1], 5, peer)
            for library, peer in PEERS.items()
        ]
        goal = Goal(f"{OURS} at most the time of {TORCH}", OURS, TORCH, at_most=1.0)
        compare(title, contestants, TORCH, [goal], rounds)


def _arrays(name: str) -> Arrays:
    """The input, the weight, and a cotangent, the same for all."""
    shape, outputs, kernel, padding, _ = LAYERS[name]
    rng = np.random.default_rng(0)
    size = tuple(n + 2 * padding - kernel + 1 for n in shape[2:])
    shapes = (shape, (outputs, shape[1], *(kernel,) * len(size)), (shape[0], outputs, *size))
    x, weight, cotangent = (rng.standard_normal(s, dtype=np.float32) for s in shapes)
    return x, weight, cotangent


def _ours(name: str) -> Callable[[], list[ArrayLike]]:
    x, weight, cotangent = _arrays(name)
    padding = LAYERS[name][3]
    order = autograd.conv(x, weight, padding=padding)
    if x.shape[1] > 1:
        x = _ordered(x, order)  # not the data but another layer's output
    cotangent = _ordered(cotangent, order)
    leaves = [autograd.Tensor(a, requires_grad=True) for a in (x, weight)]

    def step() -> list[ArrayLike]:
        out = autograd.conv(*leaves, padding=padding)
        return [out.data, *autograd.gradients(out, leaves, cotangent)]

    return step


def _ordered(array: Any, like: Any) -> Any:
    """The array as a layer before or after would give it: in the memory order of an output."""
    found = np.empty_like(like, shape=array.shape)
    found[...] = array
    return found


def _torch(name: str) -> Callable[[], list[ArrayLike]]:
    torch = peers.load("torch")
    x, weight, cotangent = map(torch.tensor, _arrays(name))
    padding = LAYERS[name][3]
    leaves = [x.requires_grad_(), weight.requires_grad_()]
    convolve = getattr(torch.nn.functional, f"conv{x.ndim - 2}d")

    def step() -> list[ArrayLike]:
        out = convolve(*leaves, padding=padding)
        return [out.detach(), *torch.autograd.grad(out, leaves, cotangent)]

    return step


STARTS = {OURS: _ours, TORCH: _torch}


def _starter(library: str, name: str) -> Callable[[], Step]:
    return lambda: STARTS[library](name)


def _check(title: str, name: str) -> None:
    results = {n: STARTS[n](name)() for n, peer in PEERS.items() if peers.installed(peer)}
    check_agreement(title, results, tolerance=1e-4)
