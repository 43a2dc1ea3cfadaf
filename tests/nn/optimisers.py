"""What the tests of optimisers share: one problem, and every optimiser with its settings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
import nn

from ..autograd.strategies import Array
from .trajectories import SETTINGS, START, X, Y, loss


def made(name: str, params: list[Any]) -> Any:
    kind, settings = SETTINGS[name]
    return getattr(nn.optim, kind)(params, **settings)


every = pytest.mark.parametrize("name", SETTINGS)


def started(dtype: Any = float) -> list[nn.Parameter]:
    return [nn.Parameter(x.astype(dtype)) for x in START]


def train(optimizer: Any, params: list[Any], steps: int = 1, dtype: Any = float) -> None:
    for _ in range(steps):
        optimizer.zero_grad()
        loss(autograd.tanh, X.astype(dtype), Y.astype(dtype), *params).backward()
        optimizer.step()


def contents(params: list[Any]) -> Array:
    return np.concatenate([np.ravel(p.data) for p in params])
