"""Rates at their lower ends: none is negative, and none is reduced by next to nothing."""

from __future__ import annotations

from typing import Any

import pytest

import nn
from nn.optim import SGD
from nn.optim import lr_scheduler as schedules


def test_no_rate_below_the_floor_gets_negative_where_the_cosine_rises() -> None:
    """Its distance from the floor, 0.009, grows 3.7 fold from step 7 to 8, beyond 0.01."""
    optimizer = SGD([nn.Parameter([1.0])], lr=0.1)
    scheduler = schedules.CosineAnnealingLR(optimizer, 6, eta_min=0.01)
    for _ in range(7):
        scheduler.step()
    optimizer.lr = 0.001
    scheduler.step()
    assert optimizer.lr == 0.0


def test_no_rate_gets_negative_from_the_floor_itself() -> None:
    """Of a cosine upside down, which comes down by 0.006 in the step after its end."""
    optimizer = SGD([nn.Parameter([1.0])], lr=0.01)
    scheduler = schedules.CosineAnnealingLR(optimizer, 6, eta_min=0.1)
    for _ in range(6):
        scheduler.step()
    assert optimizer.lr == 0.1
    optimizer.lr = 0.001
    scheduler.step()
    assert optimizer.lr == 0.0


@pytest.mark.parametrize(
    ("lr", "eps", "rates"),
    [
        (1e-7, 1e-8, [5e-8, 2.5e-8, 1.25e-8, 1.25e-8, 1.25e-8]),  # the default
        (1.0, 0.25, [0.5, 0.5, 0.5, 0.5, 0.5]),
        (1.0, 0.0, [0.5, 0.25, 0.125, 0.0625, 0.03125]),
    ],
)
def test_a_reduction_by_no_more_than_eps_is_left_out(
    lr: float, eps: float, rates: list[float]
) -> None:
    optimizer = SGD([nn.Parameter([1.0])], lr=lr)
    settings: dict[str, Any] = {} if eps == 1e-8 else {"eps": eps}
    scheduler = schedules.ReduceLROnPlateau(optimizer, factor=0.5, patience=0, **settings)
    scheduler.step(1.0)
    found = []
    for _ in rates:
        scheduler.step(1.0)
        found.append(optimizer.lr)
    assert found == rates
