"""The history of a training: an entry for each epoch in every column, and the plot."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn
from nn.history import History

X = np.linspace(-1, 1, 16, dtype=np.float32)[:, None]


def fitted(callback: Any) -> History:
    model = nn.Linear(1, 1)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    return nn.fit(model, (X, X), nn.MSELoss(), optimizer, epochs=4, callbacks=[callback])


def test_a_callback_adds_to_the_epoch_that_has_ended() -> None:
    history = fitted(lambda history: history.add({"val_auc": float(history.epochs)}))
    assert history["val_auc"] == [1.0, 2.0, 3.0, 4.0]
    assert history.epochs == len(history["loss"]) == 4
    assert history.last["val_auc"] == 4.0


def test_epochs_without_a_number_have_nan() -> None:
    def second(history: History) -> None:
        if history.epochs % 2 == 0 and history.epochs < 4:
            history.add({"seldom": 0.5})

    history = fitted(second)
    np.testing.assert_array_equal(history["seldom"], [math.nan, 0.5])
    assert "seldom" not in history.last
    history.add({"seldom": 0.25})
    np.testing.assert_array_equal(history["seldom"], [math.nan, 0.5, math.nan, 0.25])
    history.add({"loss": 1.0, "late": 2.0})
    assert history.epochs == 5
    assert history["late"][4] == history.last["late"] == 2.0
    assert set(history.last) == {"loss", "late"}


def test_a_plot_of_what_is_there() -> None:
    """A column of the validation alone, and one for which there is another of the training."""
    pytest.importorskip("matplotlib", reason="plots are matplotlib's")
    columns = {"loss": [2.0, 1.0], "auc": [0.5, 0.6], "val_f1": [0.1, 0.2], "val_auc": [0.4, 0.5]}
    losses, metrics = History(columns).plot().axes
    assert [line.get_label() for line in losses.lines] == ["loss"]
    colours = {line.get_label(): line.get_color() for line in metrics.lines}
    assert colours["auc"] == colours["val_auc"] != colours["val_f1"]
    assert [line.get_linestyle() for line in metrics.lines] == ["-", "--", "--"]
