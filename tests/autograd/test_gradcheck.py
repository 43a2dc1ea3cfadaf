"""The gradient check: right gradients pass, of every kind of function and input."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import (
    Tensor,
    Value,
    check_gradients,
)

from .helpers import leaf, refuses
from .numeric import spread

V, M = spread((4,), 1), spread((3, 2), 2)


RIGHT: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "a float": (lambda x: x**3, (2.0,)),
    "a NumPy number": (lambda x: x.exp(), (np.float64(0.5),)),
    "a 0-d array": (lambda x: x.sin(), (np.array(0.5),)),
    "a Value": (lambda v: v.tanh() * v, (Value(0.7),)),
    "several Values": (lambda a, b: a**b + b.sin(), (Value(1.5), Value(-0.5))),
    "an array": (lambda x: (x**2).sum(), (V,)),
    "a Tensor that records": (lambda x: (x * x.exp()).sum(), (leaf(V),)),
    "a Tensor that does not": (lambda x: (x**2).sum(), (Tensor(V),)),
    "an output of several entries": (lambda x: x.sin(), (M,)),
    "several outputs": (lambda x: (x.sin(), [1.0, 2.0] * x.sum(0)), (M,)),
    "a list of outputs": (lambda v: [v * 2, v.exp()], (Value(0.3),)),
    "a constant among the outputs": (lambda x: (x * 2, Tensor(3.0)), (V,)),
    "several inputs": (lambda x, y: x.T @ y, (M, spread((3, 4), 3))),
    "an input that does not matter": (lambda x, y: x * 1, (V, M)),
    "an integer array passed on": (lambda x, i: x[i] ** 2, (V, np.array([0, 0, 2]))),
    "other arguments passed on": (lambda x, axis, name: x.sum(axis), (M, 0, "rows")),
    "broadcasting": (lambda x, y: x * y, (M, spread((2,), 4))),
    "a tiny gradient": (lambda x: 1e-7 * x.sin(), (V,)),
    "a tiny gradient on a large offset": (lambda x: 1.0 + 1e-7 * x.sin(), (V,)),
    "a huge gradient": (lambda x: 1e9 * x.sin(), (V,)),
    "gradients of many magnitudes": (lambda x: x * 10.0 ** np.arange(-8, 8, 4), (V,)),
    "large inputs": (lambda x: (x / 1e6).sin(), (1e6 * V,)),
    "fast oscillation": (lambda x: (300 * x).sin(), (V,)),
    "a zero gradient": (lambda x: x * 0.0, (V,)),
    "a stationary point": (lambda x: x**2, (np.zeros(3),)),
    "beside a kink": (lambda x: x.relu(), (np.array([1e-3, -1e-3, 1e-5, -1e-5, 1e-6]),)),
    "beside an edge": (lambda x: abs(x) + autograd.maximum(x, 1.0), (np.array([1e-4, 1.0001]),)),
    "float32": (lambda x: (x.exp() * x).sum(), (V.astype(np.float32),)),
    "both precisions": (lambda x, y: x.sum() * y, (V.astype(np.float32), V)),
    "cross-entropy": (lambda x: nn.functional.cross_entropy(x, [0, 1, 1]), (M,)),
    "softmax": (lambda x: x.softmax() ** 2, (M,)),
}  # fmt: skip


@pytest.mark.parametrize(("f", "inputs"), RIGHT.values(), ids=RIGHT)
def test_right_gradients_pass(f: Callable[..., Any], inputs: tuple[Any, ...]) -> None:
    report = check_gradients(f, *inputs)
    assert report.passed
    assert all(entry.passed and entry.failures == 0 for entry in report.entries)
    assert report.worst in report.entries


@given(st.integers(0, 10_000))
def test_right_gradients_pass_wherever(seed: int) -> None:
    x = 3 * spread((5,), seed)
    assert check_gradients(lambda x: (x.sin() * x.exp()).sum() / (1 + (x * x).sum()), x).passed


@pytest.mark.parametrize("x", [1e-2, 1e-3, 5e-4, 1e-5])
@pytest.mark.parametrize("name", ["log", "sqrt", "reciprocal"])
def test_near_the_end_of_a_domain(name: str, x: float) -> None:
    """Smooth functions at points inside their domain: no error, and no warning of NumPy's."""
    f: Any = {"log": autograd.log, "sqrt": autograd.sqrt, "reciprocal": lambda x: 1 / x}[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check_gradients(f, x).passed
        assert check_gradients(f, Value(x)).passed


@given(st.integers(0, 10_000))
def test_relu_nets_of_any_weights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    model = nn.Sequential(
        nn.Linear(3, 5, generator=rng, dtype=float),
        nn.ReLU(),
        nn.Linear(5, 2, generator=rng, dtype=float),
    )
    report = check_gradients(model, spread((4, 3), seed))
    assert [e.name for e in report.entries] == [
        "input 0", "0.weight", "0.bias", "2.weight", "2.bias"
    ]  # fmt: skip


def test_modules_of_values() -> None:
    model = nn.MLP(2, [3, 1])
    report = check_gradients(model, [1.0, -2.0])
    assert len(report.entries) == 2 + 13
    assert [e.name for e in report.entries][1:4] == [
        "input 0[1]",
        "layers.0.neurons.0.w.0",
        "layers.0.neurons.0.w.1",
    ]


def test_frozen_parameters_are_not_varied() -> None:
    layer = nn.Linear(3, 2, dtype=float)
    layer.weight.requires_grad = False
    assert [e.name for e in check_gradients(layer, V[:3]).entries] == ["input 0", "bias"]


def test_modules_in_float32() -> None:
    assert check_gradients(nn.Linear(3, 2), np.ones((4, 3), np.float32)).passed


def test_a_float32_layer_behind_a_function() -> None:
    """The layer's own parameters are not among the inputs, and stay what they are."""
    layer, x = nn.Linear(3, 2), np.ones((4, 3), np.float32)
    assert check_gradients(lambda x: layer(x).tanh(), x).passed
    assert check_gradients(lambda w: layer(x).tanh(), layer.weight).passed


@pytest.mark.parametrize(
    "f", [autograd.tanh, autograd.softmax, lambda x: (-x * x).exp()], ids=["tanh", "softmax", "exp"]
)
def test_saturated_entries_in_float32(f: Callable[..., Any]) -> None:
    """float32 rounds 1 - tanh(10)**2 to 0: an error of one part in 10**8 of the largest entry."""
    assert check_gradients(f, np.array([0.5, -0.25, 10.0, -12.0], np.float32)).passed


def test_one_tensor_given_twice() -> None:
    x = leaf(V)
    report = check_gradients(lambda a, b: a * b, x, x)
    assert len(report.entries) == 1


def test_a_tensor_reached_another_way() -> None:
    x, v = leaf(V), Value(0.5)
    assert check_gradients(lambda *_: x**2 * v.data, x).passed
    assert check_gradients(lambda *_: v.exp() * v, v).passed


def test_the_result_of_an_operation_as_input() -> None:
    x = leaf(V) * 2
    assert check_gradients(lambda y: y**2, x).passed


def test_nested_inputs_and_outputs() -> None:
    parameters = {"w": [V, Tensor(M)], "b": 0.5}
    report = check_gradients(
        lambda p, n: {"a": p["w"][0] * p["b"], "rest": (p["w"][1].sum() * n, 3.0 * p["b"])},
        parameters,
        2,
    )
    names = [e.name for e in report.entries]
    assert names == ["input 0['w'][0]", "input 0['w'][1]", "input 0['b']"]


def test_random_layers_run_from_one_state() -> None:
    class Noise(nn.Module):
        def __init__(self) -> None:
            self.rng = np.random.default_rng(0)
            self.scale = nn.Parameter([1.0, 2.0])

        def forward(self, x: Any) -> Any:
            return x * self.scale * self.rng.normal(size=2)

    layer = Noise()
    state = layer.rng.bit_generator.state
    assert check_gradients(layer, V[:2]).passed
    assert check_gradients(lambda x: layer(x).sum(), V[:2]).passed
    assert layer.rng.bit_generator.state == state
    with refuses(ValueError, "not deterministic"):
        check_gradients(lambda x: x * np.random.default_rng().normal(), V)


def test_an_input_without_influence_is_mentioned() -> None:
    report = check_gradients(lambda x, y: x * 1, V, M)
    assert [e.influences for e in report.entries] == [True, False]
    assert "input 1" in report.notes()[0]
