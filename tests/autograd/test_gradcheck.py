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
from autograd import (
    GradientCheckError,
    Tensor,
    Value,
    check_adjoint,
    check_gradients,
    elementwise,
    numerical_gradient,
    numerical_jacobian,
    operation,
)

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


# --- kinks and jumps ---------------------------------------------------------------------


def test_kinks_are_reported_with_both_slopes() -> None:
    (entry,) = check_gradients(lambda x: x.relu() * 3, np.array([1.0, 0.0, -1.0, 0.0])).entries
    assert entry.passed
    assert [(k.index, k.ours) for k in entry.kinks] == [((1,), 0.0), ((3,), 0.0)]
    for kink in entry.kinks:
        assert kink.left == pytest.approx(0.0, abs=1e-12)
        assert kink.right == pytest.approx(3.0)
    shown = str(check_gradients(lambda x: x.relu() * 3, np.zeros(2)))
    assert "kink at (0,): slopes 0 and 3" in shown


@pytest.mark.parametrize(("slope", "passes"), [(0.0, True), (0.7, True), (1.0, True),
                                               (1.001, False), (-0.001, False)])  # fmt: skip
def test_a_slope_at_a_kink_lies_between_the_two(slope: float, passes: bool) -> None:
    step = elementwise(
        lambda x: np.maximum(x, 0.0),
        None,
        lambda g, x: g * np.where(x == 0, slope, x > 0),
        name="my_relu",
    )
    if passes:
        assert check_gradients(step, 0.0).entries[0].verdict == "kink"
    else:
        with pytest.raises(GradientCheckError):
            check_gradients(step, 0.0)


def test_a_wrong_rule_beside_a_kink_is_found() -> None:
    f = wrong(WRONG["factor 1.001"])
    for x in (1e-5, 1e-7, 1e-9):
        with pytest.raises(GradientCheckError):
            check_gradients(lambda x: f(x + 1.0) + abs(x), x)


def test_a_wrong_rule_behind_a_kink_is_found() -> None:
    """At the kink itself anything between the slopes is right: a point beside shows it."""
    f = wrong(WRONG["factor 1.001"])
    with refuses(GradientCheckError, "beside the kink"):
        check_gradients(lambda x: f(x) + abs(x), 0.0)
    x = np.round(np.random.default_rng(0).normal(size=2000))
    place = int(np.flatnonzero(x)[100])
    g = wrong(lambda g, x: g * autograd.cos(x) * (1 + 1e-3 * (np.arange(2000) == place)))
    with pytest.raises(GradientCheckError) as caught:
        check_gradients(lambda x: (x.relu() + g(x)).sum(), x)
    assert caught.value.report.worst.index == (place,)


def test_a_tangent_that_is_no_number() -> None:
    f = operation(
        lambda g, x: g * autograd.cos(x), pushes=[lambda t, x: t * np.nan], name="nan_sin"
    )(lambda x, /: np.sin(x))
    with refuses(GradientCheckError, "nan"):
        check_gradients(f, V, modes="both")


def test_a_function_that_differs_where_it_is_recorded() -> None:
    def f(x: Any) -> Any:
        return x.sin() if (x * 1).requires_grad else x

    with refuses(ValueError, "no_grad"):
        check_gradients(f, V)


def test_a_discontinuity_has_its_own_message() -> None:
    for x in (0.0, np.array([1.0, 0.0])):
        with refuses(GradientCheckError, "discontinuous"):
            check_gradients(lambda x: x + autograd.where(x.data > 0, 1.0, 0.0), x)
    assert check_gradients(lambda x: x + autograd.where(x.data > 0, 1.0, 0.0), 1e-3).passed


# --- both modes, two orders --------------------------------------------------------------


def test_both_modes_and_two_orders() -> None:
    report = check_gradients(lambda x, y: (x * y).sin(), V, 0.5, modes="both", order=2)
    names = [(e.name, e.order) for e in report.entries]
    assert names == [
        ("input 0", 1), ("input 1", 1), ("input 0", 2), ("input 1", 2), ("cotangent 0", 2)
    ]  # fmt: skip
    assert "input 0, order 2" in str(report)


def test_a_rule_that_is_wrong_in_forward_mode_only() -> None:
    @operation(lambda g, x: g * autograd.cos(x), pushes=[lambda t, x: 1.001 * t * autograd.cos(x)])
    def one_sided_sin(x: Any, /) -> Any:
        return np.sin(x)

    assert check_gradients(one_sided_sin, V).passed
    for modes in ("forward", "both"):
        with refuses(GradientCheckError, "forward"):
            check_gradients(one_sided_sin, V, modes=modes)
    with refuses(GradientCheckError, "disagree"):
        check_adjoint(one_sided_sin, V)


def test_a_rule_that_is_wrong_in_the_second_order_only() -> None:
    def rule(g: Any, x: Any) -> Any:
        if isinstance(g, Tensor):
            return 1.01 * g * autograd.cos(x) - 0.01 * (g * autograd.cos(x)).detach()
        return g * autograd.cos(x)

    f = wrong(rule)
    assert check_gradients(f, V).passed
    with refuses(GradientCheckError, "second derivative"):
        check_gradients(f, V, order=2)


def test_complex_inputs_and_outputs() -> None:
    z = V + 1j * V[::-1]
    f = lambda z: autograd.exp(z) * z  # noqa: E731
    assert check_gradients(f, z, modes="both", order=2).passed
    conjugated = elementwise(np.exp, None, lambda g, out: g * np.conj(out), name="conjugated_exp")
    with pytest.raises(GradientCheckError):
        check_gradients(conjugated, z)


def test_the_adjoint_identity() -> None:
    assert check_adjoint(lambda x, y: x.T @ y, M, spread((3, 4), 3)).passed
    assert check_adjoint(lambda x: 1e-7 * x.sin(), V).passed
    assert check_adjoint(lambda x: x.exp(), V.astype(np.float32)).passed


# --- gradients written by hand -----------------------------------------------------------


def test_a_gradient_by_hand() -> None:
    def f(w: Any, x: Any, b: float) -> Any:
        return float(((w @ x + b) ** 2).sum())

    def gradient(w: Any, x: Any, b: float) -> Any:
        r = 2 * (w @ x + b)
        return np.outer(r, x), w.T @ r, r.sum()

    inputs = (M, V[:2], 0.5)
    assert check_gradients(f, *inputs, gradient=gradient).passed
    assert check_gradients(math.sin, 0.5, gradient=math.cos).passed
    assert check_gradients(np.sin, V, gradient=lambda x: np.diag(np.cos(x))).passed
    with refuses(GradientCheckError, "input 1", "ours"):
        check_gradients(f, *inputs, gradient=lambda w, x, b: (gradient(w, x, b)[0], x, 3.0))
    with refuses(ValueError, "input 0", "shape (2,)"):
        check_gradients(f, *inputs, gradient=lambda w, x, b: (x, x, 0.0))
    with refuses(ValueError, "2 parts"):
        check_gradients(f, *inputs, gradient=lambda w, x, b: (w, x))


def test_numeric_gradients_have_honest_errors() -> None:
    for f, x, exact in [
        (math.exp, 1.0, math.exp(1.0)),
        (math.log, 1e-6, 1e6),
        (lambda x: 1e-7 * math.sin(x), 0.5, 1e-7 * math.cos(0.5)),
        (lambda x: math.sin(1e4 * x), 0.3, 1e4 * math.cos(3e3)),
    ]:
        value, error = numerical_gradient(f, x)
        assert abs(value - exact) <= error <= 1e-6 * abs(exact)
    value, error = numerical_gradient(abs, 0.0)
    assert (value, error >= 1) == (0.0, True)
    assert numerical_gradient(np.sign, 0.0).error == np.inf
    tree, _ = numerical_gradient(lambda p: (p["w"] * p["b"]).sum(), {"w": V, "b": 2.0})
    np.testing.assert_allclose(tree["w"], np.full(4, 2.0))
    assert tree["b"] == pytest.approx(V.sum())
    jacobian, _ = numerical_jacobian(lambda x: x[:, None] * V[None, :3], V[:2])
    assert jacobian.shape == (2, 3, 2)
    with refuses(ValueError, "numerical_jacobian"):
        numerical_gradient(np.sin, V)
    z = 0.5 + 0.25j
    value, _ = numerical_gradient(lambda z: (z * z).real, z)
    assert value == pytest.approx(2 * z)


# --- structures, many inputs, randomness -------------------------------------------------


def test_nested_inputs_and_outputs() -> None:
    parameters = {"w": [V, Tensor(M)], "b": 0.5}
    report = check_gradients(
        lambda p, n: {"a": p["w"][0] * p["b"], "rest": (p["w"][1].sum() * n, 3.0 * p["b"])},
        parameters,
        2,
    )
    names = [e.name for e in report.entries]
    assert names == ["input 0['w'][0]", "input 0['w'][1]", "input 0['b']"]


@pytest.mark.parametrize("place", [0, 4321, 9999])
def test_one_wrong_entry_among_ten_thousand_is_found_and_named(place: int) -> None:
    """Off by a thousandth in one entry: a millionth of the sum that the directions see."""
    off = 1 + 1e-3 * (np.arange(10_000) == place)
    x = np.random.default_rng(1).uniform(0.5, 1.5, 10_000)
    f = wrong(lambda g, x: g * autograd.cos(x) * off)
    for g in (f, lambda x: f(x).sum()):
        with pytest.raises(GradientCheckError) as caught:
            check_gradients(g, x)
        assert caught.value.report.worst.index == (place,)
        assert caught.value.report.worst.error == pytest.approx(1e-3, rel=0.01)
    report = check_gradients(autograd.sin, x)
    assert report.entries[0].directions == 3
    assert 0 < report.entries[0].missed < 1e-6
    assert "unseen with probability" in str(report)
    assert check_gradients(autograd.sin, x[:100], directions=0).entries[0].index is not None


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


def test_an_input_without_influence_is_mentioned() -> None:
    report = check_gradients(lambda x, y: x * 1, V, M)
    assert [e.influences for e in report.entries] == [True, False]
    assert "input 1" in report.notes()[0]


def test_an_exception_shows_the_input_that_caused_it() -> None:
    with pytest.raises(BrokenError) as caught:
        check_gradients(lambda x: (_ for _ in ()).throw(BrokenError), 0.25)
    assert "input 0 = 0.25" in caught.value.__notes__[0]


@pytest.mark.parametrize("option", [{"modes": "both ways"}, {"order": 3},
                                    {"gradient": math.cos, "order": 2}])  # fmt: skip
def test_options_that_are_none(option: dict[str, Any]) -> None:
    with refuses(ValueError, "check_gradients"):
        check_gradients(math.sin, 0.5, **option)


def test_our_nan_is_an_error_of_ours() -> None:
    f = wrong(lambda g, x: g * np.nan)
    with refuses(GradientCheckError, "nan", "input 0"):
        check_gradients(f, V)


def test_the_report_renders_in_a_notebook() -> None:
    html = check_gradients(lambda x, y: x * y, V, 2.0)._repr_html_()
    assert html.count("<tr>") == 3
    assert "input 1" in html
