"""micrograd's demonstration in scalars and in tensors."""

from __future__ import annotations

import pytest

from demos import moons

from .conftest import Run


def test_the_first_steps_in_scalars() -> None:
    model = moons.build()
    twin = model.to_tensors()
    scalars = moons.train(model, moons.scalar_loss, 4)
    tensors = moons.train(twin, moons.tensor_loss, 4)
    assert scalars.loss[0] == pytest.approx(moons.MICROGRAD[0], rel=1e-14)
    assert scalars.loss == pytest.approx(tensors.loss, rel=1e-13)
    assert scalars.accuracy == tensors.accuracy
    assert scalars.accuracy[0] == 0.5


def test_all_steps_in_tensors() -> None:
    run = moons.train(moons.build().to_tensors(), moons.tensor_loss)
    assert len(run.loss) == 100
    # A hundred steps of descent with kinks carry roundings on.
    assert run.loss[99] == pytest.approx(moons.MICROGRAD[99], rel=1e-8)
    assert run.accuracy[99] == 1.0


def test_the_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moons, "STEPS", 10)
    train = moons.train
    monkeypatch.setattr(moons, "train", lambda model, loss_of: train(model, loss_of, 10))
    text = run(moons)
    assert "337 scalar parameters" in text
    assert "0.895844102868322" in text
    assert "times as fast" in text
