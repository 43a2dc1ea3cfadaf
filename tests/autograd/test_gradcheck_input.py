"""The gradient check: bad input is refused, and everything is left as it was."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import (
    GradientCheckError,
    Tensor,
    Value,
    check_gradients,
)

from .helpers import leaf, refuses, wrong_sine
from .numeric import spread

V = spread((4,), 1)


class BrokenError(Exception):
    pass


@pytest.mark.parametrize("calls", [0, 1, 2, 20, 51, None])
def test_inputs_are_restored(calls: int | None) -> None:
    """After success (None), and after an exception in any evaluation."""
    x, single, v, array = leaf(V), leaf(V, np.float32), Value(0.1), V.copy()
    parts = [x.data, single.data]
    x.grad = np.ones(4)
    count = 0

    def f(a: Any, b: Any, c: Any, d: Any) -> Any:
        nonlocal count
        if count == calls:
            raise BrokenError
        count += 1
        return (a + b + c).sum(), d * 2

    if calls is None:
        check_gradients(f, x, single, array, v)
    else:
        with pytest.raises(BrokenError):
            check_gradients(f, x, single, array, v)
    assert x.data is parts[0]
    assert single.data is parts[1]
    assert single.dtype == np.float32
    np.testing.assert_array_equal(x.data, V)
    np.testing.assert_array_equal(single.data, V.astype(np.float32))
    np.testing.assert_array_equal(array, V)
    assert (v.data, type(v.data), v.grad) == (0.1, float, 0.0)
    assert x.grad.tolist() == [1.0] * 4
    assert single.grad is None


def test_inputs_are_restored_after_a_wrong_gradient() -> None:
    x = leaf(V)
    data = x.data
    with pytest.raises(GradientCheckError):
        check_gradients(wrong_sine(lambda g, x: -g * autograd.cos(x)), x)
    assert x.data is data
    np.testing.assert_array_equal(x.data, V)


def test_a_graph_recorded_before_the_check_stays_usable() -> None:
    x = leaf(V)
    loss = (x * x).sum()
    check_gradients(lambda x: x**2, x)
    loss.backward()
    np.testing.assert_array_equal(x.grad, 2 * V)


def test_parameters_of_a_module_are_restored() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.Tanh())
    before = [p.data for p in model.parameters()]
    check_gradients(model, np.ones((2, 3), np.float32))
    assert all(p.data is x for p, x in zip(model.parameters(), before, strict=True))


@pytest.mark.parametrize("within", [True, False])
def test_buffers_of_a_module_are_restored(within: bool) -> None:
    """Running means, which every call in training updates."""
    layer = nn.BatchNorm1d(3, dtype=float)
    before = {name: array.copy() for name, array in layer.named_buffers()}
    layer(spread((4, 3), 2))
    started = {name: array.copy() for name, array in layer.named_buffers()}
    assert any((started[name] != before[name]).any() for name in before)
    check_gradients((lambda x: layer(x) * 2) if within else layer, spread((4, 3), 1), order=2)
    for name, array in layer.named_buffers():
        np.testing.assert_array_equal(array, started[name])


def test_recording_goes_on_after_the_check() -> None:
    check_gradients(lambda x: x**2, V)
    assert (leaf(V) * 2).requires_grad


@pytest.mark.parametrize("inputs", [(), (3,), (np.array([1, 2]),), ("x", None), (Tensor([1, 2]),)])
def test_nothing_floating(inputs: tuple[Any, ...]) -> None:
    with refuses(TypeError, "check_gradients", "floating"):
        check_gradients(lambda *x: leaf(1.0) * 2, *inputs)


def test_empty_inputs() -> None:
    with refuses(ValueError, "check_gradients", "input 1", "(0, 3)", "empty"):
        check_gradients(lambda x, y: x + y.sum(), 1.0, np.zeros((0, 3)))


@pytest.mark.parametrize("result", [3.0, None, np.ones(3), "text"])
def test_a_result_of_another_kind(result: Any) -> None:
    with refuses(TypeError, "check_gradients", type(result).__name__):
        check_gradients(lambda x: result, V)


def test_a_result_that_is_cut_off_from_the_inputs() -> None:
    with refuses(GradientCheckError, "ours 0", "records"):
        check_gradients(lambda x: Tensor(x.numpy()), V)


def test_a_result_that_is_not_finite() -> None:
    with refuses(ValueError, "check_gradients", "input 0"), np.errstate(all="ignore"):
        check_gradients(lambda x: x.log(), np.array([1.0, 0.0]))
    with refuses(ValueError, "check_gradients", "nan"), np.errstate(all="ignore"):
        check_gradients(lambda x: x + np.nan, V)


def test_a_function_that_changes_its_inputs() -> None:
    def f(x: Any) -> Any:
        x.data[0] += 1.0
        return x * 2

    def plain(x: Any) -> Any:
        x[0] += 1.0
        return x.sum()

    with refuses(ValueError, "changes input 0"):
        check_gradients(f, V)
    with refuses(ValueError, "changes input 0"):
        check_gradients(plain, V, gradient=np.ones_like)


def test_shapes_that_change() -> None:
    with refuses(ValueError, "shape"):
        check_gradients(lambda x: x[: 2 if x.data[0] <= V[0] else 3], V)


def test_an_exception_shows_the_input_that_caused_it() -> None:
    with pytest.raises(BrokenError) as caught:
        check_gradients(lambda x: (_ for _ in ()).throw(BrokenError), 0.25)
    assert "input 0 = 0.25" in caught.value.__notes__[0]


def test_no_function() -> None:
    with refuses(TypeError, "check_gradients", "[1.0]", "no function"):
        check_gradients([1.0], 0.5)  # type: ignore[arg-type]


@pytest.mark.parametrize("option", [{"modes": "both ways"}, {"order": 3}, {"rtol": 0.0},
                                    {"rtol": np.nan}, {"rtol": "1e-6"}, {"directions": -1},
                                    {"directions": 2.5},
                                    {"gradient": math.cos, "order": 2}])  # fmt: skip
def test_options_that_are_none(option: dict[str, Any]) -> None:
    with refuses(ValueError, "check_gradients"):
        check_gradients(math.sin, 0.5, **option)
