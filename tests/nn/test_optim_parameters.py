"""Parameters of optimisers: without a gradient, frozen, tied, changed by others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor
from nn.optim import SGD, Adam

from ..autograd.helpers import refuses
from ..autograd.numeric import spread
from .optimisers import contents, every, made, started, train

# --- parameters without a gradient -------------------------------------------------------


@every
def test_a_parameter_without_a_gradient_stays_and_so_does_its_state(name: str) -> None:
    """Three parameters with gradients at different steps go as they would alone."""
    together = [nn.Parameter([1.0, 2.0]), nn.Parameter([[3.0]]), nn.Parameter([4.0, 5.0, 6.0])]
    alone = [nn.Parameter(p.data) for p in together]
    optimizer, single = made(name, together), [made(name, [p]) for p in alone]
    for step in range(12):
        optimizer.zero_grad()
        for i, (p, q) in enumerate(zip(together, alone, strict=True)):
            if step % (i + 1) == 0:
                p.grad = q.grad = spread(p.shape, step)
                single[i].step()
        optimizer.step()
        for p, q in zip(together, alone, strict=True):
            np.testing.assert_allclose(p.data, q.data, rtol=1e-14)


def test_no_gradient_at_all_changes_nothing() -> None:
    p = nn.Parameter([1.0, 2.0])
    before = p.data
    optimizer = Adam([p])
    optimizer.step()
    assert p.data is before
    p.grad = np.ones(2)
    optimizer.step()
    np.testing.assert_allclose(p.data, [1.0 - 1e-3, 2.0 - 1e-3], rtol=1e-9)  # a first step


def test_a_zero_gradient_is_a_gradient() -> None:
    p = nn.Parameter([1.0])
    optimizer = SGD([p], lr=1.0, momentum=0.5)
    p.grad = np.array([1.0])
    optimizer.step()
    p.grad = np.array([0.0])
    optimizer.step()
    assert p.tolist() == [-0.5]


def test_frozen_and_thawed() -> None:
    layer: Any = nn.Linear(2, 1, dtype=float)
    start = layer.weight.numpy()
    layer.weight.requires_grad = False
    optimizer = SGD(layer.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        layer(np.ones((1, 2))).sum().backward()
        optimizer.step()
    np.testing.assert_array_equal(layer.weight.data, start)
    layer.weight.requires_grad = True
    optimizer.zero_grad()
    layer(np.ones((1, 2))).sum().backward()
    optimizer.step()
    np.testing.assert_allclose(layer.weight.data, start - 0.1, rtol=1e-14)
    layer.weight.requires_grad = False
    optimizer.step()
    np.testing.assert_allclose(layer.weight.data, start - 0.1, rtol=1e-14)


def test_tied_parameters_are_updated_once() -> None:
    a, b = nn.Linear(1, 1, bias=False, dtype=float), nn.Linear(1, 1, bias=False, dtype=float)
    b.weight = a.weight
    a.weight.data = np.array([[3.0]])
    model = nn.Sequential(a, b)
    optimizer = SGD(model.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        model(np.array([[1.0]])).sum().backward()  # w**2, slope 2 w
        optimizer.step()
    assert b.weight is a.weight
    np.testing.assert_allclose(a.weight.data, [[3.0 * 0.8**2]], rtol=1e-15)


def test_a_gradient_with_a_graph() -> None:
    p = nn.Parameter([2.0])
    (p**2).sum().backward(create_graph=True)
    assert isinstance(p.grad, Tensor)
    SGD([p], lr=0.25).step()
    assert p.tolist() == [1.0]
    p.grad = None


# --- parameters changed by others --------------------------------------------------------


def _assign(p: Any) -> None:
    p.data = p.data * 2 + 1


def _in_place(p: Any) -> None:
    p.data *= 2
    p.data += 1


def _by_index(p: Any) -> None:
    p.data[...] = p.data * 2 + 1


def _one_entry(p: Any) -> None:
    p.data[0] = p.data[0] * 2 + 1
    p.data[1:] = p.data[1:] * 2 + 1


def _no_grad(p: Any) -> None:
    with autograd.no_grad():
        p *= 2
        p += 1


changes = pytest.mark.parametrize("change", [_assign, _in_place, _by_index, _one_entry, _no_grad])


@changes
@pytest.mark.parametrize("held", [False, True])
def test_a_step_starts_from_what_the_parameters_hold(
    change: Callable[[Any], None], held: bool
) -> None:
    params = started()
    optimizer = SGD(params, lr=0.1)
    train(optimizer, params, 3)
    keep = params[0].data if held else None
    expected = params[0].numpy() * 2 + 1
    change(params[0])
    np.testing.assert_allclose(params[0].data, expected, rtol=1e-15)
    g = spread((2, 3), 5)
    params[0].grad = g
    optimizer.step()
    np.testing.assert_allclose(params[0].data, expected - 0.1 * g, rtol=1e-14)
    del keep


@every
@changes
def test_the_state_outlives_a_change(name: str, change: Callable[[Any], None]) -> None:
    """As with an assignment to `.data`, after which the arrays are gathered anew."""
    params, mirrors = started(), started()
    optimizer, other = made(name, params), made(name, mirrors)
    for step in range(6):
        train(optimizer, params)
        train(other, mirrors)
        if step % 2:
            change(params[0])
            _assign(mirrors[0])
        np.testing.assert_allclose(contents(params), contents(mirrors), rtol=1e-12)


def test_two_optimisers_share_a_parameter() -> None:
    p = nn.Parameter([8.0])
    first, second = SGD([p], lr=1.0), SGD([p, nn.Parameter([1.0])], lr=0.5)
    for _ in range(3):
        p.grad = np.array([1.0])
        first.step()
        second.step()
    assert p.tolist() == [3.5]


def test_a_parameter_swapped_for_another_in_the_model_is_left_alone() -> None:
    model = nn.Sequential(nn.Linear(2, 1, dtype=float))
    optimizer = SGD(model.parameters(), lr=0.1)
    fresh = nn.Parameter([[1.0, 1.0]])
    model[0].weight = fresh
    model(np.ones((1, 2))).sum().backward()
    optimizer.step()
    assert fresh.tolist() == [[1.0, 1.0]]


def test_settings_may_change_on_the_way() -> None:
    p = nn.Parameter([1.0])
    optimizer = SGD([p], lr=0.1)
    for lr in (0.5, 0.25):
        optimizer.lr = lr
        p.grad = np.array([1.0])
        optimizer.step()
    assert p.tolist() == [0.25]


@pytest.mark.parametrize(("name", "lr"), [("SGD", 0.1), ("Adam", 0.1), ("LBFGS", 1.0)])
def test_complex_parameters_are_refused_and_their_parts_are_trained(name: str, lr: float) -> None:
    """Down the gradient dL/dx - i dL/dy the imaginary part would climb.

    L-BFGS is there in its second iteration, SGD comes nearer by a fifth in each step, and Adam
    swings in: all to what rounding leaves.
    """
    optimizer = getattr(nn.optim, name)
    with refuses(TypeError, name, "complex128", "two parameters"):
        optimizer([nn.Parameter([0.5 + 0.5j])])
    real, imag = nn.Parameter([0.5]), nn.Parameter([0.5])
    descent = optimizer([real, imag], lr=lr)

    def loss() -> Any:
        descent.zero_grad()
        distance = real + 1j * imag - (1 + 2j)
        square = (distance * distance.conj()).real.sum()
        square.backward()
        return square

    for _ in range(800):
        descent.step(loss)
    np.testing.assert_allclose([real.item(), imag.item()], [1.0, 2.0], rtol=1e-14)
