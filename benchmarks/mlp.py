"""One Adam step of ReLU networks with cross-entropy, in float32."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from benchmarks import peers
from benchmarks.harness import Contestant, Step, check_agreement
from benchmarks.mlp_floor import Floor
from benchmarks.mlp_problem import Problem, Trainer, make_problem
from benchmarks.mlp_trainers import Chainrule, Jax, MyGrad, Torch
from benchmarks.mlp_tuned_floor import TunedFloor
from benchmarks.report import Goal, compare, ratio_of_times

ROUNDS = 30
CHECKED_STEPS = 5

# Layer sizes, rows of a batch, steps timed at a stretch (some tens of milliseconds),
# and our goal as a multiple of the floor.
NETWORKS = (
    ((2, 16, 16, 2), 100, 100, 1.6),
    ((64, 128, 10), 64, 100, 1.4),
    ((784, 512, 256, 10), 128, 10, 1.15),
)

FLOOR, TUNED, OURS, TORCH = "NumPy floor", "NumPy floor, tuned", "chainrule", "PyTorch"
TRAINERS: dict[str, tuple[str | None, Callable[[Problem], Trainer]]] = {
    FLOOR: (None, Floor),
    TUNED: (None, TunedFloor),
    OURS: (None, Chainrule),
    TORCH: ("torch", Torch),
    "PyTorch Adam(foreach=True)": ("torch", partial(Torch, foreach=True)),
    "PyTorch Adam(fused=True)": ("torch", partial(Torch, fused=True)),
    "JAX jit": ("jax", Jax),
    "MyGrad": ("mygrad", MyGrad),
}


def run(rounds: int) -> None:
    """Check and time every network."""
    for sizes, rows, block, limit in NETWORKS:
        problem = make_problem(sizes, rows)
        title = f"mlp {'-'.join(map(str, sizes))}, {rows} rows: one Adam step"
        _check(title, problem)
        seconds = compare(
            title,
            [_contestant(name, problem, block) for name in TRAINERS],
            FLOOR,
            [
                Goal(f"{OURS} at most {limit} times the floor", OURS, FLOOR, at_most=limit),
                Goal(f"{OURS} faster than {TORCH}", OURS, TORCH, at_most=1.0),
            ],
            rounds,
        )
        ratio = ratio_of_times(seconds[OURS], seconds[TUNED])
        print(f"  {OURS} to the tuned floor: {ratio:.3f}")
        variants = {n: t for n, t in seconds.items() if n.startswith(TORCH)}
        if variants:
            best = min(variants, key=lambda name: float(np.median(variants[name])))
            ratio = ratio_of_times(seconds[OURS], seconds[best])
            print(f"  the best PyTorch here is {best}; {OURS} to it: {ratio:.3f}")


def _contestant(name: str, problem: Problem, block: int) -> Contestant:
    peer, trainer = TRAINERS[name]

    def start() -> Step:
        # From the first weights every time: all blocks do the same steps on the same numbers,
        # and no moment of a dead unit decays until it is a slow denormal number.
        return trainer(problem).step

    return Contestant(name, start, block, uncounted=2 + block // 10, peer=peer)


def _check(title: str, problem: Problem) -> None:
    """Compare the first loss and gradients, and the losses of the steps after them."""
    first: dict[str, list[ArrayLike]] = {}
    later: dict[str, list[ArrayLike]] = {}
    for name, (peer, make) in TRAINERS.items():
        if not peers.installed(peer):
            continue
        trainer = make(problem)
        trainer.step()
        first[name] = [trainer.last_loss(), *(np.array(g) for g in trainer.gradients())]
        for _ in range(CHECKED_STEPS):
            trainer.step()
        later[name] = [trainer.last_loss()]
    check_agreement(f"{title}: loss and gradients", first, tolerance=1e-4)
    check_agreement(f"{title}: loss after {CHECKED_STEPS} steps", later, tolerance=1e-4)
