"""The digits demonstration on the real data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from demos import digits, digits_pictures

from .conftest import Run

EPOCHS = 8
LEAST_ACCURACY = 0.93  # after EPOCHS epochs; 96 % are promised of all 40
PNG, SVG = b"\x89PNG\r\n\x1a\n", b"<svg"


@pytest.fixture(scope="module")
def data() -> digits.Data:
    return digits.load()


@pytest.fixture(scope="module")
def trained(data: digits.Data) -> tuple[nn.Sequential, digits.History]:
    model = digits.build()
    return model, digits.train(model, data, EPOCHS)


Trained = tuple[nn.Sequential, digits.History]


def test_a_fifth_is_held_out(data: digits.Data) -> None:
    assert data.x.shape == (1438, 64)
    assert data.x_test.shape == (359, 64)
    assert (len(data.y), len(data.y_test)) == (1438, 359)
    assert data.x.dtype == np.float32
    assert (data.x.min(), data.x.max()) == (0.0, 1.0)
    assert set(data.y) == set(data.y_test) == set(range(10))


def test_training_and_accuracy(trained: Trained, data: digits.Data) -> None:
    model, history = trained
    assert [len(part) for part in history] == [EPOCHS] * 4
    assert history.loss[-1] < 0.2 * history.loss[0]
    assert history.test_accuracy[-1] >= LEAST_ACCURACY
    right = np.mean(digits.predict(model, data.x_test) == data.y_test)
    assert history.test_accuracy[-1] == right
    assert history.seconds == sorted(history.seconds)


def test_even_or_odd(data: digits.Data) -> None:
    parity = digits.even(data)
    assert set(parity.y) == {0, 1}
    assert parity.y[data.y == 4].all()
    assert not parity.y[data.y == 7].any()
    model = digits.build(outputs=1)
    history = digits.train(model, parity, 5)
    assert history.test_accuracy[-1] >= 0.9
    answers = model(data.x_test).data[:, 0] > 0
    assert history.test_accuracy[-1] == np.mean(answers == (data.y_test % 2 == 0))


def test_the_error_is_that_of_the_probabilities(data: digits.Data) -> None:
    x, y = data.x[:50].astype(float), data.y[:50]
    model = digits.build(dtype=np.float64)
    p = autograd.softmax(model(x).data, axis=1)[np.arange(50), y]
    assert digits.error(model(x), y).item() == pytest.approx(-np.log(p).mean(), rel=1e-12)
    model = digits.build(1, np.float64)
    p = 1 / (1 + np.exp(-model(x).data[:, 0]))
    expected = -np.log(np.where(y % 2 == 0, p, 1 - p)).mean()
    assert digits.error(model(x), 1 - y % 2).item() == pytest.approx(expected, rel=1e-12)


def test_the_descents(data: digits.Data) -> None:
    histories = digits.compare(data, share=0.05)
    assert list(histories) == list(digits.DESCENTS)
    assert [len(h.loss) for h in histories.values()] == [20, 2, 1, 2]
    first = {name: h.loss[0] for name, h in histories.items()}
    # After one epoch: 1 step, 45 steps, 1438 steps; and Adam's 45.
    assert first["batch"] > first["mini-batch"] > first["stochastic"]
    assert first["mini-batch"] > first["mini-batch, Adam"]


def test_batch_descent_is_one_step_an_epoch(data: digits.Data) -> None:
    model, twin = digits.build(), digits.build()
    digits.train(model, data, 1, "batch")
    loss = digits.error(twin(data.x), data.y)
    loss.backward()
    rate = digits.DESCENTS["batch"][1]
    for stepped, parameter in zip(model.parameters(), twin.parameters(), strict=True):
        expected = parameter.data - rate * parameter.grad
        # The rows are summed in another order, in single precision.
        assert stepped.data == pytest.approx(expected, abs=1e-6)


def test_the_same_seed_trains_the_same_model(trained: Trained, data: digits.Data) -> None:
    first = digits.train(digits.build(), data, 1)
    assert first.loss[0] == trained[1].loss[0]


def test_the_gradients_agree(data: digits.Data) -> None:
    report = digits.check(data)
    assert report.passed
    checked = sum(int(np.prod(entry.shape)) for entry in report.entries)
    assert checked == 6570


def test_the_pictures(trained: Trained, data: digits.Data, tmp_path: Path) -> None:
    model, history = trained
    names = ("curves.png", "sheet.png", "descents.png", "graph.svg")
    curves, sheet, descents, graph = (tmp_path / name for name in names)
    digits_pictures.draw_curves(history, curves)
    digits_pictures.draw_sheet(digits.predict(model, data.x_test), data, sheet)
    digits_pictures.draw_descents({"a": history, "b": history}, descents)
    digits_pictures.draw_graph(data, graph)
    for picture in (curves, sheet, descents):
        assert picture.read_bytes().startswith(PNG)
        assert picture.stat().st_size > 10_000
    text = graph.read_text()
    assert SVG.decode() in text
    for word in ("linear", "cross_entropy", "4 digits", "0.weight", "loss"):
        assert word in text


def test_the_run(trained: Trained, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the trainings and the long check cut short."""

    def quick_check(*_: Any) -> Any:
        return autograd.check_gradients(lambda x: x**2, 1.0)

    monkeypatch.setattr(digits, "train", lambda *_: trained[1])
    monkeypatch.setattr(digits, "check", quick_check)
    lines = run(digits).splitlines()
    assert "1438 digits to train on, 359 held out; 6570 weights" in lines
    percentage = 100 * trained[1].test_accuracy[-1]
    assert f"held-out accuracy: {percentage:.1f} %" in lines
    assert any("gradients checked against finite differences" in line for line in lines)
