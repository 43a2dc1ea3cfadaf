"""The same model, data and steps as in PyTorch give the same losses."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.training import OURS, TORCH, Trainer
from benchmarks.training_models import PROBLEMS

STEPS = 50


@pytest.mark.parametrize("name", PROBLEMS)
def test_losses_are_pytorchs(name: str) -> None:
    """Fifty steps of Adam in float32: to 1e-4, as roundings of 6e-8 grow with every step."""
    pytest.importorskip("torch", reason="PyTorch is not installed")
    losses = []
    for library in (OURS, TORCH):
        trainer = Trainer(library, name)
        losses.append([trainer.step() for _ in range(STEPS)])
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)
    assert losses[0][-1] < 0.9 * losses[0][0]
