"""The same model, data and seed trained here and in PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")

STEPS = 50


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """So small a model is slow on several."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW", "RMSprop"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_mlp(kind: str, dtype: str) -> None:
    """Losses to 1e-4 relative over 50 steps; in float64 to 1e-10."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50 * 20, 8)).astype(dtype)
    y = np.abs(x[:, 0] + np.sin(3 * x[:, 1])).astype(int) % 4
    weight = np.array([1.0, 2.0, 0.5, 1.5])
    settings: dict[str, Any] = {"lr": 0.05, "momentum": 0.9} if kind == "SGD" else {"lr": 0.005}

    ours = nn.Sequential(
        nn.Linear(8, 32, generator=rng, dtype=dtype), nn.GELU(),
        nn.Linear(32, 16, generator=rng, dtype=dtype), nn.PReLU(dtype=dtype), nn.Tanh(),
        nn.Linear(16, 4, generator=rng, dtype=dtype),
    )  # fmt: skip
    theirs = torch.nn.Sequential(
        torch.nn.Linear(8, 32), torch.nn.GELU(), torch.nn.Linear(32, 16), torch.nn.PReLU(),
        torch.nn.Tanh(), torch.nn.Linear(16, 4),
    ).to(getattr(torch, dtype))  # fmt: skip
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    optimizer = getattr(nn.optim, kind)(ours.parameters(), **settings)
    other = getattr(torch.optim, kind)(theirs.parameters(), **settings)
    scheduler = nn.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(other, STEPS)
    loss = nn.CrossEntropyLoss(weight, label_smoothing=0.1)
    criterion = torch.nn.CrossEntropyLoss(
        torch.tensor(weight, dtype=getattr(torch, dtype)), label_smoothing=0.1
    )
    found, expected = [], []
    for step in range(STEPS):
        rows = slice(20 * step, 20 * step + 20)
        optimizer.zero_grad()
        value = loss(ours(x[rows]), y[rows])
        value.backward()
        nn.utils.clip_grad_norm_(ours.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        found.append(value.item())
        other.zero_grad()
        number = criterion(theirs(torch.tensor(x[rows])), torch.tensor(y[rows]))
        number.backward()
        torch.nn.utils.clip_grad_norm_(theirs.parameters(), 1.0)
        other.step()
        schedule.step()
        expected.append(number.item())
    assert expected[-1] < expected[0]
    np.testing.assert_allclose(found, expected, rtol=1e-4 if dtype == "float32" else 1e-10)
