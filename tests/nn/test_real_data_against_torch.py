"""A CNN on digits, an LSTM on a time series, a causal transformer on characters, as in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import nn
from benchmarks import training_models as models
from demos import cnn, digits, timeseries, transformer

torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")

STEPS = 50


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """So small a model is slow on several."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def _digits() -> tuple[Any, Any]:
    data = digits.load()
    return cnn.images(data.x), data.y


def _sunspots() -> tuple[Any, Any]:
    return timeseries.examples(timeseries.scaled(timeseries.load().numbers))


def _tale() -> tuple[Any, Any]:
    text = transformer.load()
    assert (len(text.characters), transformer.CONTEXT) == (models.CHARACTERS, models.CONTEXT)
    return transformer.windows(text.train, 3)


CASES: dict[str, tuple[Callable[[Any], Any], Callable[[], tuple[Any, Any]], str, int]] = {
    "cnn": (models.cnn, _digits, "CrossEntropyLoss", 28),
    "lstm": (models.lstm, _sunspots, "MSELoss", 16),
    "transformer": (models.transformer, _tale, "CrossEntropyLoss", 16),
}


def _batches(name: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Another batch of real data for each step."""
    x, y = CASES[name][1]()
    order = np.random.default_rng(0)
    rows = [order.choice(len(x), CASES[name][3], replace=False) for _ in range(STEPS)]
    # A transformer gives a row for each character.
    after = [y[r].ravel() if name == "transformer" else y[r] for r in rows]
    return [(np.ascontiguousarray(x[r]), y) for r, y in zip(rows, after, strict=True)]


def _losses(library: Any, optim: Any, model: Any, name: str, batches: list[Any]) -> list[float]:
    criterion = getattr(library, CASES[name][2])()
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    losses = []
    for x, y in batches:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("name", CASES)
def test_losses_are_pytorchs(name: str) -> None:
    """Fifty mini-batches in float32: to 1e-4, as roundings of 6e-8 grow with every step."""
    nn.manual_seed(0)
    ours, theirs = CASES[name][0](nn), CASES[name][0](torch.nn)
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    batches = _batches(name)
    tensors = [(torch.tensor(x), torch.tensor(y)) for x, y in batches]
    found = _losses(nn, nn.optim, ours, name, batches)
    expected = _losses(torch.nn, torch.optim, theirs, name, tensors)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert np.mean(found[-5:]) < 0.9 * found[0]
