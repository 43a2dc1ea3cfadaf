"""The gradient check: wrong gradients are found, in both modes and two orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import (
    GradientCheckError,
    Tensor,
    Value,
    check_adjoint,
    check_gradients,
    elementwise,
    operation,
)

from .helpers import leaf, refuses, wrong_sine
from .numeric import spread

V = spread((4,), 1)
M = spread((3, 2), 2)


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
    f = wrong_sine(rule)
    for x in (0.5, np.array([0.5, -0.3]), Value(0.5)):
        with pytest.raises(GradientCheckError):
            check_gradients(lambda x: scale * f(x), x)


@pytest.mark.parametrize("frequency", [1, 10, 30, 100, 300, 600, 1000, 3000, 10_000])
def test_a_small_error_is_found_at_any_frequency(frequency: float) -> None:
    """The uncertainty of the differences must not hide what a smaller step would show."""
    f = wrong_sine(WRONG["factor 1.001"])
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
    f = wrong_sine(lambda g, x: np.float32(1.01) * g * autograd.cos(x))
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
    f = wrong_sine(WRONG["sign"])
    with pytest.raises(GradientCheckError):
        check_gradients(lambda x: (x * 2, x.exp(), f(x)), V)


def test_a_detached_part() -> None:
    for x in (leaf(V), V):
        with pytest.raises(GradientCheckError):
            check_gradients(lambda x: x * x.detach(), x)


def test_a_wrong_gradient_of_a_module_is_named_by_its_parameter() -> None:
    f = wrong_sine(WRONG["sign"])

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


def test_rtol() -> None:
    f = wrong_sine(WRONG["factor 1.001"])
    assert check_gradients(f, V, rtol=1e-2).passed
    with pytest.raises(GradientCheckError):
        check_gradients(f, V, rtol=1e-4)
    assert check_gradients(autograd.sin, V).tolerance == 1e-6


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

    f = wrong_sine(rule)
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


@pytest.mark.parametrize("place", [0, 4321, 9999])
def test_one_wrong_entry_among_ten_thousand_is_found_and_named(place: int) -> None:
    """Off by a thousandth in one entry: a millionth of the sum that the directions see."""
    off = 1 + 1e-3 * (np.arange(10_000) == place)
    x = np.random.default_rng(1).uniform(0.5, 1.5, 10_000)
    f = wrong_sine(lambda g, x: g * autograd.cos(x) * off)
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


def test_our_nan_is_an_error_of_ours() -> None:
    f = wrong_sine(lambda g, x: g * np.nan)
    with refuses(GradientCheckError, "nan", "input 0"):
        check_gradients(f, V)
