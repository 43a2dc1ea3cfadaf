"""What fit takes for better, and which weights it takes for good."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import tanh

from .test_training import DATA, HELD_OUT, fitted, planned


@pytest.mark.parametrize("mode", ["min", "max"])
def test_an_equal_number_is_no_better(mode: str) -> None:
    """Else patience would never end with a loss that stays as it is."""
    _, history = planned([3.0] * 6, patience=2, mode=mode)
    assert (history.stopped, history.epochs, history.best_epoch) == ("early stopping", 3, 1)


class Bounded(nn.Module):
    """tanh(w x): finite where w is infinite, and nan there where x is 0."""

    def __init__(self) -> None:
        self.w = nn.Parameter([1.0])

    def forward(self, x: Any) -> Any:
        return tanh(self.w * x)


def test_infinite_weights_are_to_blame_though_a_loss_is_finite() -> None:
    """The first step, some 80 times 1e308, makes w infinite; its own batch does not show it."""
    net = Bounded()
    data = nn.DataLoader((np.array([[1.0], [0.0]]), np.array([[100.0], [100.0]])), 1)
    optimizer = nn.optim.SGD([net.w], lr=1e308)
    at_start = pytest.raises(nn.NonFiniteError, match=r"loss of batch 1 .* of the start of epoch 1")
    with np.errstate(all="ignore"), at_start:
        nn.fit(net, data, nn.MSELoss(), optimizer)
    assert net.w.item() == 1.0


def test_a_validation_that_is_nan_ends_no_training() -> None:
    x, y = HELD_OUT
    _, history = fitted(2, validation=(np.full_like(x, np.nan), y), metrics=["accuracy", "f1"])
    assert np.isnan([history[f"val_{name}"] for name in ("loss", "accuracy", "f1")]).all()
    assert np.isfinite(history["accuracy"]).all()


def test_metrics_leave_out_what_the_loss_ignores() -> None:
    """As the padding of sequences of tags."""
    x, y = DATA
    padded = np.where(np.arange(len(y)) % 2, y, -100)
    _, history = fitted(1, data=(x, padded), validation=(x, padded), metrics=["accuracy", "f1"])
    net, _ = fitted(1, data=(x, padded))
    output = net.eval()(x[1::2])
    assert history["val_accuracy"] == [nn.metrics.accuracy(output, y[1::2])]
    assert history["val_f1"] == [nn.metrics.f1(output, y[1::2])]


@pytest.mark.parametrize("rows", [2, -1])
def test_the_epochs_are_counted_by_themselves(rows: int) -> None:
    """Whatever a callback does to the columns."""
    calls: list[int] = []

    def meddle(history: nn.History) -> None:
        calls.append(1)
        assert len(calls) <= 3
        column = history.columns.setdefault("mine", [])
        if rows > 0:
            column.extend([0.0] * rows)
        else:
            history.columns.clear()

    fitted(3, callbacks=meddle)
    assert len(calls) == 3


def test_a_column_with_gaps_is_a_line_through_what_there_is() -> None:
    pytest.importorskip("matplotlib", reason="the pictures are an extra")
    history = nn.History({"loss": [3.0, 2.0, 1.0], "mine": [np.nan, 0.5, np.nan]})
    (line,) = history.plot().axes[1].lines
    assert line.get_xydata().tolist() == [[2, 0.5]]
