"""A checkpointed function that gives another result when it is run again is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, checkpoint, jvp

from .helpers import refuses
from .numeric import spread


def leaf(*shape: int) -> Tensor:
    return Tensor(spread(shape, 1), requires_grad=True)


@pytest.mark.parametrize("shape", [(3, 5), (70, 64)])
def test_dropout_inside(shape: tuple[int, ...]) -> None:
    drop = checkpoint(lambda x: 2 * nn.functional.dropout(x, 0.5))
    with refuses(RuntimeError, "another result", "dropout"):
        drop(leaf(*shape)).sum().backward()
    with refuses(RuntimeError, "another result"):
        jvp(drop, (spread(shape, 1),), (spread(shape, 1),))
    drop = checkpoint(nn.Sequential(nn.Linear(5, 5, dtype=float), nn.Dropout()).eval())
    drop(leaf(3, 5)).sum().backward()


def test_parameters_stepped_before_the_derivative() -> None:
    layer = nn.Linear(4, 4, dtype=float)
    optimizer = nn.optim.SGD(layer.parameters(), lr=0.1)
    loss = checkpoint(lambda x: autograd.tanh(layer(x)).sum())(leaf(2, 4))
    loss.backward(retain_graph=True)
    loss.backward(retain_graph=True)
    optimizer.step()
    with refuses(RuntimeError, "another result", "parameters"):
        loss.backward()


@pytest.mark.parametrize(
    "x",
    [
        np.array([1.0, np.nan, np.inf, -np.inf]),
        np.zeros((0, 3)),
        np.array(2.0),
        np.array([1 + 2j, 3j]),
        np.asfortranarray(spread((50, 60), 1)),
        spread((4, 6), 1).astype(np.float16)[:, ::2],
    ],
)
def test_the_same_result_passes(x: Any) -> None:
    tensor = Tensor(x, requires_grad=True)
    (3 * checkpoint(lambda x: x * 2)(tensor)).real.sum().backward()
    assert tensor.grad is not None
    np.testing.assert_array_equal(tensor.grad, np.full(x.shape, 6))


def test_roundings_are_no_other_result() -> None:
    factors = iter([1.0, 1.0 + 1e-12])
    x = leaf(4)
    checkpoint(lambda x: x * next(factors))(x).sum().backward()
    np.testing.assert_allclose(x.grad, np.ones(4))
