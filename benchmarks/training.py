"""Training steps of small models in float32: CNNs, LSTMs and causal transformers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import nn
from benchmarks import peers
from benchmarks.harness import Contestant, DisagreementError, Step, check_agreement
from benchmarks.report import Goal, compare
from benchmarks.training_models import PROBLEMS

ROUNDS = 15
CHECKED_STEPS = 20
MEASURED_STEPS = 30

OURS, TORCH = "chainrule", "PyTorch"
PEERS: dict[str, str | None] = {OURS: None, TORCH: "torch"}


def run(rounds: int) -> None:
    """Check and time every model, and measure its memory."""
    for name, problem in PROBLEMS.items():
        title = f"training {name}: one Adam step"
        _check(title, name)
        contestants = [
            Contestant(library, _starter(library, name), problem.block, 3, peer)
            for library, peer in PEERS.items()
        ]
        goal = Goal(f"{OURS} at most the time of {TORCH}", OURS, TORCH, at_most=1.0)
        compare(title, contestants, TORCH, [goal], rounds)
        _memory(name)


class Trainer:
    """A model with its loss, optimizer and batch, in one of the libraries."""

    def __init__(self, library: str, name: str) -> None:
        problem = PROBLEMS[name]
        x, y = problem.batch(np.random.default_rng(1), problem.count)
        nn.manual_seed(0)
        ours = problem.make(nn)
        if library == OURS:
            self.x, self.y = x, y
            self.model, modules = ours, nn
            self.optimizer: Any = nn.optim.Adam(ours.parameters(), lr=1e-3)
        else:
            torch = peers.load("torch")
            self.x, self.y = torch.tensor(x), torch.tensor(y)
            modules = torch.nn
            self.model = problem.make(torch.nn)
            state = {k: torch.tensor(v) for k, v in ours.state_dict().items()}
            self.model.load_state_dict(state)
            self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        self.criterion = getattr(modules, problem.loss)()

    def step(self) -> float:
        """Train once on the batch."""
        self.optimizer.zero_grad()
        loss = self.criterion(self.model(self.x), self.y)
        loss.backward()
        self.optimizer.step()
        return float(loss.item())


def _starter(library: str, name: str) -> Callable[[], Step]:
    return lambda: Trainer(library, name).step


def _check(title: str, name: str) -> None:
    losses = {}
    for library, peer in PEERS.items():
        if peers.installed(peer):
            trainer = Trainer(library, name)
            losses[library] = [[trainer.step() for _ in range(CHECKED_STEPS)]]
    check_agreement(f"{title}: losses", losses, tolerance=1e-4)


# --- memory -----------------------------------------------------------------------------

# Peak of the process, less what it held before the model was made.
MEASURE = """
import sys
sys.path.insert(0, ".")
from benchmarks import peers, training
if {library!r} == training.TORCH:
    peers.load("torch").ones(2).sum()
def peak():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
before = peak()
trainer = training.Trainer({library!r}, {name!r})
for _ in range({steps}):
    trainer.step()
print(before, peak() - before)
"""


def _memory(name: str) -> None:
    """Print how much each library's process grows while it trains, and how large it gets."""
    if not Path("/proc/self/status").exists():
        print("  memory is measured on Linux only")
        return
    for library, peer in PEERS.items():
        if not peers.installed(peer):
            continue
        program = MEASURE.format(library=library, name=name, steps=MEASURED_STEPS)
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise DisagreementError(f"{name}: {library} did not run: {done.stderr[-300:]}")
        before, growth = map(float, done.stdout.split())
        print(f"  {library:<28}{growth:8.1f} MB while training, {before + growth:.0f} MB in all")
