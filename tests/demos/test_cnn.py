"""The convolutional network reaches 98 % on held-out digits; what is shifted is what is said."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from demos import cnn, digits

from .conftest import Run

Trained = tuple[nn.Sequential, nn.History]


@pytest.fixture(scope="module")
def data() -> digits.Data:
    return digits.load()


@pytest.fixture(scope="module")
def trained(data: digits.Data) -> Trained:
    model = cnn.build()
    return model, cnn.train(model, data, epochs=6)


def test_98_percent(trained: Trained, data: digits.Data) -> None:
    model, history = trained
    accuracy = float(np.mean(cnn.predict(model, data.x_test) == data.y_test))
    assert accuracy >= 0.98
    assert history["val_accuracy"][-1] == accuracy


def test_shifting_moves_whole_pixels() -> None:
    image = np.zeros((1, 64))
    image[0, 8 * 3 + 4] = 1.0  # row 3, column 4
    for right, down in [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]:
        moved = cnn.shifted(image, right, down)
        assert np.flatnonzero(moved[0]).tolist() == [8 * (3 + down) + 4 + right]
    corner = np.zeros((1, 64))
    corner[0, 0] = 1.0
    assert not cnn.shifted(corner, -1, 0).any()


def test_the_same_seed_trains_the_same_model(trained: Trained, data: digits.Data) -> None:
    again = cnn.train(cnn.build(), data, epochs=1)
    assert again["loss"][0] == trained[1]["loss"][0]


def test_the_run(trained: Trained, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the trainings cut short."""
    model, history = trained
    monkeypatch.setattr(cnn, "build", lambda: model)
    monkeypatch.setattr(cnn, "train", lambda *_: history)
    monkeypatch.setattr(digits, "train", lambda *_: None)
    text = run(cnn)
    assert "9,930 parameters" in text
    assert f"held-out accuracy: {100 * history['val_accuracy'][-1]:.1f} %" in text
