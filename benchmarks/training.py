"""Training steps of small models in float32: a CNN, two LSTMs, a causal transformer."""

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

ROUNDS = 15
CHECKED_STEPS = 20
MEASURED_STEPS = 30

OURS, TORCH = "chainrule", "PyTorch"
PEERS: dict[str, str | None] = {OURS: None, TORCH: "torch"}
VOCABULARY = 40


class Last:
    """The last state of a recurrent network."""

    def __init__(self, library: Any) -> None:
        class Module(library.Module):  # type: ignore[misc,name-defined]
            def forward(self, x: Any) -> Any:
                return x[0][:, -1]

        self.module = Module()


def _cnn(library: Any) -> list[Any]:
    return [
        library.Conv2d(1, 16, 3, padding=1), library.ReLU(), library.MaxPool2d(2),
        library.Conv2d(16, 32, 3, padding=1), library.ReLU(), library.MaxPool2d(2),
        library.Flatten(), library.Linear(128, 10),
    ]  # fmt: skip


def _lstm(library: Any, units: int = 64) -> list[Any]:
    lstm = library.LSTM(8, units, batch_first=True)
    return [lstm, Last(library).module, library.Linear(units, 10)]


def _small_lstm(library: Any) -> list[Any]:
    return _lstm(library, 32)


def _transformer(library: Any) -> list[Any]:
    layer = library.TransformerEncoderLayer(
        64, 4, 256, dropout=0.0, batch_first=True, norm_first=True
    )
    mask = nn.generate_square_subsequent_mask(64)
    if library is not nn:
        mask = peers.load("torch").tensor(mask)
    options = {} if library is nn else {"enable_nested_tensor": False}

    class Encoder(library.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.encoder = library.TransformerEncoder(layer, 2, **options)

        def forward(self, x: Any) -> Any:
            return self.encoder(x, mask=mask, is_causal=True)

    class Rows(library.Module):  # type: ignore[misc,name-defined]
        def forward(self, x: Any) -> Any:
            return x.reshape((-1, VOCABULARY))

    embedding = library.Embedding(VOCABULARY, 64)
    return [embedding, Encoder(), library.Linear(64, VOCABULARY), Rows()]


def _images(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.standard_normal((64, 1, 8, 8), dtype=np.float32), rng.integers(0, 10, 64)


def _sequences(rng: np.random.Generator, count: int = 32) -> tuple[Any, Any]:
    return rng.standard_normal((count, 32, 8), dtype=np.float32), rng.integers(0, 10, count)


def _few_sequences(rng: np.random.Generator) -> tuple[Any, Any]:
    return _sequences(rng, 16)


def _texts(rng: np.random.Generator) -> tuple[Any, Any]:
    text = rng.integers(0, VOCABULARY, (16, 65))
    return text[:, :-1], text[:, 1:].ravel()


# The model, its data, and the steps timed at a stretch.
MODELS: dict[str, tuple[Callable[[Any], list[Any]], Callable[..., tuple[Any, Any]], int]] = {
    "CNN, 64 digits of 8x8": (_cnn, _images, 20),
    "LSTM of 64, 32 sequences of 32 steps": (_lstm, _sequences, 10),
    "LSTM of 32, 16 sequences of 32 steps": (_small_lstm, _few_sequences, 20),
    "transformer of 2 layers, 16 texts of 64": (_transformer, _texts, 5),
}


def run(rounds: int) -> None:
    """Check and time every model, and measure its memory."""
    for name in MODELS:
        title = f"training {name}: one Adam step"
        _check(title, name)
        contestants = [
            Contestant(library, _starter(library, name), MODELS[name][-1], 3, peer)
            for library, peer in PEERS.items()
        ]
        goal = Goal(f"{OURS} at most the time of {TORCH}", OURS, TORCH, at_most=1.0)
        compare(title, contestants, TORCH, [goal], rounds)
        _memory(name)


class Trainer:
    """A model with its loss, optimizer and batch, in one of the libraries."""

    def __init__(self, library: str, name: str) -> None:
        make, data, _ = MODELS[name]
        x, y = data(np.random.default_rng(1))
        nn.manual_seed(0)
        ours = nn.Sequential(*make(nn))
        if library == OURS:
            self.x, self.y = x, y
            self.model, modules = ours, nn
            self.optimizer: Any = nn.optim.Adam(ours.parameters(), lr=1e-3)
        else:
            torch = peers.load("torch")
            self.x, self.y = torch.tensor(x), torch.tensor(y)
            modules = torch.nn
            self.model = torch.nn.Sequential(*make(torch.nn))
            state = {k: torch.tensor(v) for k, v in ours.state_dict().items()}
            self.model.load_state_dict(state)
            self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        self.criterion = modules.CrossEntropyLoss()

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
