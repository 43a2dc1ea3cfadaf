"""What fit refuses before it trains, where nothing but the arguments shows it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn

from ..autograd.helpers import refuses

X = np.ones((4, 2), np.float32)
Y = np.array([0, 1, 0, 1])


def fitted(**settings: Any) -> nn.History:
    model = settings.pop("model", None) or nn.Linear(2, 2)
    optimizer = nn.optim.SGD(nn.Linear(2, 2).parameters())
    if isinstance(model, nn.Module):
        optimizer = nn.optim.SGD(model.parameters())
    return nn.fit(model, (X, Y), nn.CrossEntropyLoss(), optimizer, **settings)


def one(output: Any, target: Any) -> float:
    del output, target
    return 1.0


@pytest.mark.parametrize(
    ("metrics", "name"),
    [
        ([lambda output, target: 1.0, lambda output, target: 2.0], "'<lambda>'"),
        (["accuracy", nn.metrics.accuracy], "'accuracy'"),
        ({"loss": one}, "'loss'"),
        ({"lr": one}, "'lr'"),
        ({"val_loss": one}, "'val_loss'"),
        ({"mine": one, "val_mine": one}, "'val_mine'"),
    ],
)
def test_no_metric_takes_the_place_of_another_column(metrics: Any, name: str) -> None:
    with refuses(ValueError, name, "dict with other names"):
        fitted(metrics=metrics, validation=(X, Y))


def test_a_metric_may_have_any_name_that_is_free() -> None:
    history = fitted(metrics={"val_mine": one, "other": one}, validation=(X, Y))
    assert {"val_mine", "val_val_mine", "other", "val_other", "loss"} <= set(history.last)


@pytest.mark.parametrize("name", ["epochs", "batch_size", "patience", "checkpoint_every"])
def test_counts_are_integers(name: str) -> None:
    with refuses(TypeError, name, "1.5", "integer"):
        fitted(**{name: 1.5})
    assert fitted(**{name: np.int64(1)}).epochs == 1


@pytest.mark.parametrize("callbacks", [3, [3], [None]])
def test_callbacks_are_a_list_of_functions(callbacks: Any) -> None:
    with refuses(TypeError, "callbacks", "list of functions"):
        fitted(callbacks=callbacks)


def test_what_is_no_model_or_no_schedule() -> None:
    with refuses(TypeError, "the model is", "nn.Module"):
        fitted(model=lambda x: x)
    with refuses(TypeError, "StepLR", "give one"):
        fitted(scheduler=nn.optim.lr_scheduler.StepLR)


@pytest.mark.parametrize("target", [None, 3.0, np.array(3.0)])
def test_a_batch_has_a_target_for_each_example(target: Any) -> None:
    data = nn.DataLoader([0], 1, collate_fn=lambda examples: (X, target))
    with refuses(TypeError, "targets are", "one for each"):
        nn.fit(model := nn.Linear(2, 2), data, one, nn.optim.SGD(model.parameters()))
