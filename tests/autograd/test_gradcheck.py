"""The gradient check: right gradients pass, wrong ones are found and named."""

from __future__ import annotations

import math
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import GradientCheckError, Tensor, Value, check_gradients, elementwise, operation

from .helpers import leaf, refuses
from .numeric import spread


def wrong(rule: Callable[..., Any]) -> Any:
    """A sine with a derivative of one's own."""
    return elementwise(np.sin, math.sin, rule, name="wrong_sin")


# --- right gradients ---------------------------------------------------------------------

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


# --- wrong gradients ---------------------------------------------------------------------

WRONG: dict[str, Callable[..., Any]] = {
    "sign": lambda g, x: -g * autograd.cos(x),
    "factor 2": lambda g, x: 2 * g * autograd.cos(x),
    "factor 1.001": lambda g, x: 1.001 * g * autograd.cos(x),
    "factor 1.00001": lambda g, x: 1.00001 * g * autograd.cos(x),
    "zero": lambda g, x: 0 * g * x,
    "offset": lambda g, x: g * (autograd.cos(x) + 1e-4),
}


@pytest.mark.parametrize("scale", [1e-7, 1.0, 1e9])
@pytest.mark.parametrize("rule", WRONG.values(), ids=WRONG)
def test_wrong_rules_are_found(rule: Callable[..., Any], scale: float) -> None:
    f = wrong(rule)
    for x in (0.5, np.array([0.5, -0.3]), Value(0.5)):
        with pytest.raises(GradientCheckError):
            check_gradients(lambda x: scale * f(x), x)


@pytest.mark.parametrize("frequency", [1, 10, 30, 100, 300, 600, 1000, 3000, 10_000])
def test_a_small_error_is_found_at_any_frequency(frequency: float) -> None:
    """The uncertainty of the differences must not hide what a smaller step would show."""
    f = wrong(WRONG["factor 1.001"])
    with pytest.raises(GradientCheckError):
        check_gradients(lambda x: f(frequency * x), np.array([0.1, 0.2]))


@pytest.mark.parametrize("reduce", [lambda x: (x * x).sum(), lambda x: x * x])
def test_a_rule_that_ignores_its_cotangent(reduce: Callable[[Any], Any]) -> None:
    """Also in a loss, whose only cotangent in training is 1."""

    @operation(lambda g, x: 2 * x)
    def careless(x: Any, /) -> Any:
        return reduce(x)

    with pytest.raises(GradientCheckError):
        check_gradients(careless, V)


def test_a_wrong_rule_in_float32() -> None:
    f = wrong(lambda g, x: np.float32(1.01) * g * autograd.cos(x))
    with pytest.raises(GradientCheckError):
        check_gradients(f, V.astype(np.float32))


def test_one_wrong_entry() -> None:
    @operation(lambda g: g * (1 + 1e-3 * (np.arange(6).reshape(2, 3) == 4)))
    def same(x: Any, /) -> Any:
        return x * 1

    x = np.arange(6.0).reshape(2, 3)
    with pytest.raises(GradientCheckError) as caught:
        check_gradients(lambda y, x: same(x) + 0 * y, 1.0, x)
    report = caught.value.report
    assert not report.passed
    assert [e.failures for e in report.entries] == [0, 1]
    assert (report.worst.name, report.worst.index) == ("input 1", (1, 1))
    assert report.worst.shape == (2, 3)
    assert report.worst.error == pytest.approx(1e-3, rel=0.01)


def test_a_wrong_axis() -> None:
    """The cotangent of a sum over rows, spread over columns: right for a constant one only."""

    @operation(lambda g, x_shape: np.broadcast_to(g[:, None], x_shape))
    def row_sum(x: Any, /) -> Any:
        return x.sum(0)

    for f in (row_sum, lambda x: row_sum(x) * V):
        with pytest.raises(GradientCheckError):
            check_gradients(f, spread((4, 4), 1))


def test_a_wrong_output_among_several() -> None:
    f = wrong(WRONG["sign"])
    with pytest.raises(GradientCheckError):
        check_gradients(lambda x: (x * 2, x.exp(), f(x)), V)


def test_a_detached_part() -> None:
    for x in (leaf(V), V):
        with pytest.raises(GradientCheckError):
            check_gradients(lambda x: x * x.detach(), x)


def test_a_wrong_gradient_of_a_module_is_named_by_its_parameter() -> None:
    f = wrong(WRONG["sign"])

    class Model(nn.Module):
        def __init__(self) -> None:
            self.right = nn.Linear(2, 2, dtype=float)
            self.angle = nn.Parameter([0.5, 0.25])

        def forward(self, x: Any) -> Any:
            return self.right(x) + f(self.angle)

    with refuses(GradientCheckError, "angle", "-"):
        check_gradients(Model(), np.ones((3, 2)))


@pytest.mark.parametrize("noise", [1.0, 1e-3, 1e-5, 1e-7])
def test_a_function_of_chance_does_not_pass(noise: float) -> None:
    rng = np.random.default_rng(0)
    for _ in range(10):
        with pytest.raises((GradientCheckError, ValueError)):
            check_gradients(lambda x: x * (1 + noise * rng.normal(size=3)), np.ones(3))


def test_dropout_does_not_pass() -> None:
    rng = np.random.default_rng(0)
    for _ in range(10):
        with pytest.raises((GradientCheckError, ValueError)):
            check_gradients(lambda x: x * (rng.random(8) < 0.5), np.ones(8))


# --- tolerance ---------------------------------------------------------------------------


def test_rtol() -> None:
    f = wrong(WRONG["factor 1.001"])
    assert check_gradients(f, V, rtol=1e-2).passed
    with pytest.raises(GradientCheckError):
        check_gradients(f, V, rtol=1e-4)
    assert check_gradients(autograd.sin, V).tolerance == 1e-6


# --- the error and the report ------------------------------------------------------------


def test_the_error_names_input_index_and_both_values() -> None:
    f = wrong(lambda g, x: g * autograd.cos(x) * np.array([1.0, 3.0]))
    x = leaf([0.0, 0.0])
    x.label = "angle"
    with pytest.raises(GradientCheckError) as caught:
        check_gradients(lambda a, b: a + f(b), leaf([1.0, 2.0]), x)
    message = str(caught.value)
    ratio = caught.value.report.worst
    assert "input 1 (angle)" in message.splitlines()[0]
    assert "(1,)" in message.splitlines()[0]
    assert f"{ratio.ours:.9g}" in message.splitlines()[0]
    assert f"{ratio.numeric:.9g}" in message.splitlines()[0]
    assert ratio.ours / ratio.numeric == pytest.approx(3.0, rel=1e-6)
    assert isinstance(caught.value, AssertionError)


def test_the_values_of_a_single_number_are_the_derivatives_themselves() -> None:
    f = wrong(WRONG["sign"])
    with refuses(GradientCheckError, "input 0", "()", "ours -1", "differences 1"):
        check_gradients(f, 0.0)
    report = check_gradients(lambda v: v**2, Value(3.0))
    assert report.worst.ours == 6.0
    assert report.worst.numeric == pytest.approx(6.0, rel=1e-9)


def test_the_error_pickles() -> None:
    with pytest.raises(GradientCheckError) as caught:
        check_gradients(wrong(WRONG["sign"]), V)
    twin = pickle.loads(pickle.dumps(caught.value))
    assert str(twin) == str(caught.value)
    assert twin.report == caught.value.report


def test_the_report_prints_a_table() -> None:
    report = check_gradients(lambda x, y: x.sum() * y, V, 2.0)
    head, first, second, verdict = str(report).splitlines()
    assert head.split()[:2] == ["input", "shape"]
    assert first.startswith("input 0  (4,)")
    assert second.startswith("input 1  ()")
    assert first.endswith("ok")
    assert "all gradients agree" in verdict
    assert f"({report.evaluations} evaluations)" in verdict
    assert report.evaluations >= 5 * 4  # every entry at four points


def test_the_report_of_a_failure_prints_the_number_of_wrong_entries() -> None:
    f = wrong(WRONG["sign"])
    with pytest.raises(GradientCheckError) as caught:
        check_gradients(lambda x, y: f(x).sum() + y, V, 1.0)
    text = str(caught.value.report)
    assert "4 WRONG" in text
    assert "DISAGREE" in text
    assert text in str(caught.value)


# --- what is left behind -----------------------------------------------------------------


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
        check_gradients(wrong(WRONG["sign"]), x)
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


def test_recording_goes_on_after_the_check() -> None:
    check_gradients(lambda x: x**2, V)
    assert (leaf(V) * 2).requires_grad


# --- bad input ---------------------------------------------------------------------------


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
