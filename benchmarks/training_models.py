"""The models whose training is compared with PyTorch's: each is built of either library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import nn
from benchmarks import peers

CHARACTERS = 44
"""Of the text of the demonstration with a transformer."""
CONTEXT = 48


def cnn(library: Any) -> Any:
    """On digits of 8x8: 8 and 16 channels, with batch normalisation."""
    return library.Sequential(
        library.Conv2d(1, 8, 3, padding=1), library.BatchNorm2d(8), library.ReLU(),
        library.MaxPool2d(2), library.Conv2d(8, 16, 3), library.ReLU(),
        library.Flatten(), library.Linear(64, 10),
    )  # fmt: skip


def wide_cnn(library: Any) -> Any:
    """On digits of 8x8: 16 and 32 channels."""
    return library.Sequential(
        library.Conv2d(1, 16, 3, padding=1), library.ReLU(), library.MaxPool2d(2),
        library.Conv2d(16, 32, 3, padding=1), library.ReLU(), library.MaxPool2d(2),
        library.Flatten(), library.Linear(128, 10),
    )  # fmt: skip


def lstm(library: Any) -> Any:
    """On the sunspots: two layers of 16 units, whose every state forecasts the next number."""

    class Forecaster(library.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.lstm = library.LSTM(1, 16, num_layers=2, batch_first=True)
            self.head = library.Linear(16, 1)

        def forward(self, x: Any) -> Any:
            return self.head(self.lstm(x)[0])

    return Forecaster()


def wide_lstm(library: Any) -> Any:
    """On sequences of eight numbers: 64 units, whose last state tells ten classes apart."""

    class Classifier(library.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.lstm = library.LSTM(8, 64, batch_first=True)
            self.head = library.Linear(64, 10)

        def forward(self, x: Any) -> Any:
            return self.head(self.lstm(x)[0][:, -1])

    return Classifier()


def transformer(library: Any) -> Any:
    """On characters: two causal layers of 32 features, normalised behind each part."""
    return _transformer(library, CHARACTERS, CONTEXT, 32, 64, norm_first=False)


def wide_transformer(library: Any) -> Any:
    """On characters: two causal layers of 64 features, normalised before each part."""
    return _transformer(library, 40, 64, 64, 256, norm_first=True)


def _transformer(
    library: Any, characters: int, context: int, features: int, inner: int, norm_first: bool
) -> Any:
    layer = library.TransformerEncoderLayer(
        features, 4, inner, dropout=0.0, batch_first=True, norm_first=norm_first
    )
    mask = nn.generate_square_subsequent_mask(context)
    if library is not nn:
        mask = peers.load("torch").tensor(mask)
    options = {} if library is nn else {"enable_nested_tensor": False}

    class Transformer(library.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.embedding = library.Embedding(characters, features)
            self.encoder = library.TransformerEncoder(layer, 2, **options)
            self.head = library.Linear(features, characters)

        def forward(self, x: Any) -> Any:
            x = self.encoder(self.embedding(x), mask=mask, is_causal=True)
            return self.head(x).reshape((-1, characters))

    return Transformer()


# --- a batch of each, in its shapes: how long a step takes does not depend on the numbers ---

Batch = tuple[Any, Any]


def digits(rng: np.random.Generator, count: int) -> Batch:
    """Images and their classes."""
    return rng.standard_normal((count, 1, 8, 8), dtype=np.float32), rng.integers(0, 10, count)


def series(rng: np.random.Generator, count: int) -> Batch:
    """Stretches of 33 numbers, and the numbers after each."""
    numbers = np.cumsum(rng.standard_normal((count, 34, 1), dtype=np.float32), axis=1) / 6
    return np.ascontiguousarray(numbers[:, :-1]), np.ascontiguousarray(numbers[:, 1:])


def sequences(rng: np.random.Generator, count: int) -> Batch:
    """Sequences of 32 times 8 numbers, and a class of each."""
    return rng.standard_normal((count, 32, 8), dtype=np.float32), rng.integers(0, 10, count)


def _texts(characters: int, context: int) -> Callable[[np.random.Generator, int], Batch]:
    def texts(rng: np.random.Generator, count: int) -> Batch:
        text = rng.integers(0, characters, (count, context + 1))
        return text[:, :-1], text[:, 1:].ravel()

    return texts


@dataclass(frozen=True)
class Problem:
    """A model, a batch for it, its loss, and the steps timed at a stretch."""

    make: Callable[[Any], Any]
    batch: Callable[[np.random.Generator, int], Batch]
    count: int
    block: int
    loss: str = "CrossEntropyLoss"


# The first three are trained on the real data of the demonstrations in
# tests/nn/test_real_data_against_torch.py; the wide ones have more to compute.
PROBLEMS = {
    "CNN of 8 and 16, 28 digits": Problem(cnn, digits, 28, 30),
    "LSTM of 2 layers of 16, 16 series of 33 steps": Problem(lstm, series, 16, 20, "MSELoss"),
    "transformer of 32, 16 texts of 48": Problem(transformer, _texts(CHARACTERS, CONTEXT), 16, 8),
    "wide CNN of 16 and 32, 64 digits": Problem(wide_cnn, digits, 64, 20),
    "wide LSTM of 64, 32 sequences of 32 steps": Problem(wide_lstm, sequences, 32, 10),
    "wide transformer of 64, 16 texts of 64": Problem(wide_transformer, _texts(40, 64), 16, 5),
}
