"""Steps of an optimiser never change what was handed out, kept by a graph, or copied."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, gradients
from nn.optim import SGD, Adam

from ..autograd.helpers import unless_refused
from ..autograd.strategies import Array
from .optimisers import contents, every, made, started, train
from .trajectories import SETTINGS, START, X, Y

# --- what was handed out -----------------------------------------------------------------

HOLDS: dict[str, Callable[[nn.Parameter], Any]] = {
    "data": lambda p: p.data,
    "row": lambda p: p.data[0],
    "transposed": lambda p: p.data.T,
    "reshaped": lambda p: p.data.reshape(-1),
    "memoryview": lambda p: memoryview(p.data),  # type: ignore[arg-type]
    "detached": lambda p: p.detach(),
    "recorded view": lambda p: p.reshape(-1),
    "recorded transpose": lambda p: p.T,
    "recorded index": lambda p: p[0],
}


def plain(held: Any) -> Array:
    return np.array(held.detach() if isinstance(held, Tensor) else held)


@pytest.mark.parametrize("kind", [SGD, Adam])
@pytest.mark.parametrize("hold", HOLDS.values(), ids=HOLDS)
@pytest.mark.parametrize("warm_up", [0, 1, 3])
def test_what_data_handed_out_never_changes(
    kind: Any, hold: Callable[[nn.Parameter], Any], warm_up: int
) -> None:
    """Whether the steps before worked in place or not."""
    params = [nn.Linear(3, 2, dtype=float).weight, nn.Parameter(START[1])]
    optimizer = kind(params, lr=0.1)
    train(optimizer, params, warm_up)
    held = hold(params[0])
    before = plain(held)
    for _ in range(3):
        train(optimizer, params)
        np.testing.assert_array_equal(plain(held), before)
    del held
    train(optimizer, params, 2)
    assert not np.array_equal(plain(hold(params[0])), before)


@every
def test_every_array_handed_out_on_the_way_stays(name: str) -> None:
    params = started()
    optimizer = made(name, params)
    held = []
    for _ in range(8):
        train(optimizer, params)
        for p in params:
            held += [(x, x.copy()) for x in (p.data, p.grad)]
        train(optimizer, params)
        for x, before in held:
            np.testing.assert_array_equal(x, before)


def test_the_gradient_is_not_used_up() -> None:
    for name in SETTINGS:
        params = started()
        optimizer = made(name, params)
        train(optimizer, params)
        before = [p.grad.copy() for p in params]
        optimizer.step()
        for p, g in zip(params, before, strict=True):
            np.testing.assert_array_equal(p.grad, g)


def test_arrays_given_as_gradients_and_data_stay() -> None:
    p, g, x = nn.Parameter([1.0, 2.0]), np.array([1.0, -1.0]), np.array([5.0, 6.0])
    optimizer = Adam([p], lr=0.1)
    p.data = x
    for _ in range(3):
        p.grad = g
        optimizer.step()
    assert g.tolist() == [1.0, -1.0]
    assert x.tolist() == [5.0, 6.0]


# --- a step between forward and backward -------------------------------------------------


@pytest.mark.parametrize("kind", [SGD, Adam])
@pytest.mark.parametrize("warm_up", [0, 3])
@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_step_between_forward_and_backward(
    kind: Any, warm_up: int, steps: int, create_graph: bool
) -> None:
    model = nn.Sequential(
        nn.Linear(3, 4, dtype=float), nn.Tanh(), nn.Linear(4, 2, bias=False, dtype=float)
    )
    params = model.parameters()
    optimizer = kind(params, lr=0.1)
    criterion = nn.MSELoss()
    for _ in range(warm_up):
        optimizer.zero_grad()
        criterion(model(X), Y).backward()
        optimizer.step()
    expected = gradients(criterion(model(X), Y), params)
    pending = criterion(model(X), Y)
    for p, g in zip(params, expected, strict=True):
        p.grad = g
    for _ in range(steps):
        optimizer.step()
    found = unless_refused(
        lambda: gradients(pending, params, create_graph=create_graph), RuntimeError, "written to"
    )
    if found is not None:
        for g, e in zip(found, expected, strict=True):
            np.testing.assert_allclose(g.numpy() if create_graph else g, e, rtol=1e-12, atol=1e-15)


def test_a_step_between_forward_and_backward_of_values() -> None:
    """The factors are kept as numbers, so the gradient is that of the original contents."""
    model = nn.MLP(2, [3, 1])
    optimizer = SGD(model.parameters(), lr=0.5)
    out: Any = model([1.0, -2.0])
    out.backward()
    expected = [p.grad for p in model.parameters()]
    optimizer.step()
    optimizer.zero_grad()
    out.backward()
    assert [p.grad for p in model.parameters()] == expected


# --- copies ------------------------------------------------------------------------------


def by_pickle(x: Any) -> Any:
    return pickle.loads(pickle.dumps(x))


copied = pytest.mark.parametrize("twin_of", [copy.deepcopy, by_pickle])


@every
@copied
@pytest.mark.parametrize("before", [0, 3])
def test_copies_of_parameters_and_optimiser_go_on_alike_and_apart(
    name: str, twin_of: Callable[[Any], Any], before: int
) -> None:
    params = [nn.Linear(3, 2, dtype=float).weight, nn.Parameter(START[1])]
    optimizer = made(name, params)
    train(optimizer, params, before)
    twins, twin = twin_of((params, optimizer))
    assert all(p is q for p, q in zip(twin.params, twins, strict=True))
    here = contents(params)
    train(twin, twins, 4)
    np.testing.assert_array_equal(contents(params), here)
    train(optimizer, params, 4)
    np.testing.assert_array_equal(contents(params), contents(twins))
    train(optimizer, params)
    assert not np.array_equal(contents(params), contents(twins))


@copied
def test_copies_of_a_scalar_model_and_its_optimiser(twin_of: Callable[[Any], Any]) -> None:
    def step(model: Any, optimizer: Any) -> list[float]:
        optimizer.zero_grad()
        (model([0.5, -1.0]) - 1).backward()
        optimizer.step()
        return [p.data for p in model.parameters()]

    model = nn.MLP(2, [3, 1])
    optimizer = Adam(model.parameters(), lr=0.1)
    step(model, optimizer)
    here = [p.data for p in model.parameters()]
    model_twin, twin = twin_of((model, optimizer))
    expected = [step(model_twin, twin) for _ in range(3)]
    assert [p.data for p in model.parameters()] == here
    assert [step(model, optimizer) for _ in range(3)] == expected


@copied
def test_a_copied_model_alone_is_not_trained(twin_of: Callable[[Any], Any]) -> None:
    params = started()
    optimizer = Adam(params, lr=0.1)
    train(optimizer, params, 3)
    twins = twin_of(params)
    here = contents(twins)
    train(optimizer, params, 3)
    np.testing.assert_array_equal(contents(twins), here)
    twins[0].data += 1.0
    reached = contents(params)
    train(SGD(twins, lr=0.1), twins, 2)
    np.testing.assert_array_equal(contents(params), reached)
