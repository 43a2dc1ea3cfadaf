"""Value: arithmetic, comparison, formatting, changed data, higher derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, enable_grad, gradients, no_grad

from .helpers import refuses, unless_refused

# --- arithmetic --------------------------------------------------------------------------

NUMBERS = [
    2,
    True,
    2.5,
    np.float64(2.5),
    np.float32(2.5),
    np.int64(2),
    np.bool_(True),
    Fraction(5, 2),
]


@pytest.mark.parametrize("number", NUMBERS, ids=[type(n).__name__ for n in NUMBERS])
def test_a_value_meets_python_and_numpy_numbers_on_both_sides(number: Any) -> None:
    n = float(number)
    v = Value(3.0)
    pairs = [
        (v + number, 3 + n), (number + v, n + 3), (v - number, 3 - n), (number - v, n - 3),
        (v * number, 3 * n), (number * v, n * 3), (v / number, 3 / n), (number / v, n / 3),
        (v**number, 3**n), (number**v, n**3),
    ]  # fmt: skip
    for found, expected in pairs:
        assert type(found) is Value
        assert type(found.data) is float
        assert found.data == pytest.approx(expected)
        v.grad = 0.0
        found.backward()
        assert v.grad != 0.0 or number == 1


@pytest.mark.parametrize("kind", [int, np.float64, np.float32, np.int64, bool])
def test_data_assigned_as_another_number_type_still_gets_its_gradient(kind: Any) -> None:
    """Optimisers with NumPy in them assign NumPy scalars to .data."""
    for program in (lambda v: v * v, lambda v: v.square(), lambda v: autograd.dot([v], [v])):
        v = Value(0.0)
        v.data = kind(1)
        program(v).backward()
        assert v.grad == 2.0
    left, right = Value(3.0), Value(5.0)
    left.data, right.data = kind(1), kind(1)
    (left * right + left / right).backward()
    assert (left.grad, right.grad) == (2.0, 0.0)


def test_the_derivative_by_an_exponent_only_for_a_value() -> None:
    x = Value(-2.0)
    y = x**3
    y.backward()
    assert x.grad == 12.0
    exponent = Value(3.0)
    (Value(-2.0) ** exponent).backward()
    assert math.isnan(exponent.grad)  # the logarithm of a negative number
    (2**exponent).backward()


def test_power_of_two_values() -> None:
    x, y = Value(2.0), Value(3.0)
    (x**y).backward()
    assert x.grad == 12.0
    assert y.grad == pytest.approx(8 * math.log(2))
    z = Value(3.0)
    (2**z).backward()
    assert z.grad == pytest.approx(8 * math.log(2))


@pytest.mark.parametrize(
    ("compute", "data"),
    [
        (lambda: Value(0.0) ** -1, math.inf),
        (lambda: Value(-8.0) ** (1 / 3), math.nan),
        (lambda: Value(0.0).sqrt(), 0.0),
        (lambda: Value(-1.0).sqrt(), math.nan),
        (lambda: Value(1000.0).exp(), math.inf),
        (lambda: Value(0.0).log(), -math.inf),
        (lambda: Value(-1.0).log1p(), -math.inf),
        (lambda: Value(1.0) / 0, math.inf),
        (lambda: 1 / Value(0.0), math.inf),
        (lambda: Value(0.0) / Value(0.0), math.nan),
        (lambda: Value(1e200) * 1e200, math.inf),
        (lambda: Value(1e200) ** 2, math.inf),
        (lambda: Value(math.inf).sin(), math.nan),
        (lambda: Value(1000.0).cosh(), math.inf),
        (lambda: Value(-1000.0).sigmoid(), 0.0),
    ],
)
def test_edges_of_the_domain(compute: Callable[[], Value], data: float) -> None:
    found = compute()
    assert type(found.data) is float
    assert found.data == pytest.approx(data, nan_ok=True)
    found.backward()


def test_derivatives_at_the_edge() -> None:
    x = Value(0.0)
    x.sqrt().backward()
    assert x.grad == math.inf
    x = Value(0.0)
    (x**-1).backward()
    assert x.grad == -math.inf
    x = Value(0.0)
    (x**2).backward()
    assert x.grad == 0.0


# --- backward ----------------------------------------------------------------------------


def test_every_value_has_a_gradient_the_root_too() -> None:
    a = Value(2.0)
    b = a * 3
    c = b * b
    c.backward()
    assert (c.grad, b.grad, a.grad) == (1.0, 12.0, 36.0)


def test_backward_twice_adds_the_same_gradient_twice() -> None:
    a = Value(3.0)
    b = a * a
    c = b * b + b
    c.backward()
    once = [v.grad for v in (a, b, c)]
    c.backward()
    assert [v.grad for v in (a, b, c)] == [2 * g for g in once]


def test_backward_takes_a_gradient() -> None:
    a = Value(3.0)
    (a * a).backward(0.5)
    assert a.grad == 3.0


def test_two_roots_share_a_graph() -> None:
    a = Value(2.0)
    shared = a.exp()
    (shared * 3).backward()
    (shared + a).backward()
    assert a.grad == pytest.approx(4 * math.exp(2) + 1)


def test_a_value_used_many_times() -> None:
    a = Value(1.5)
    (a * a * a + a / a - a).backward()
    assert a.grad == pytest.approx(3 * 1.5**2 - 1)


def test_augmented_assignment_rebinds() -> None:
    a = b = Value(2.0)
    a += 1
    a *= b
    assert b.data == 2.0
    a.backward()
    assert b.grad == 5.0


def test_no_grad_records_nothing() -> None:
    a = Value(2.0)
    with no_grad():
        b = a * a
        with enable_grad():
            c = a * a
        d = autograd.sum([a, a])
    assert (b._prev, d._prev, b.data, d.data) == (set(), set(), 4.0, 4.0)
    b.backward()
    assert a.grad == 0.0
    c.backward()
    assert a.grad == 4.0


@pytest.mark.parametrize("make", [list, tuple, iter])
def test_sum_is_one_node(make: Callable[[Any], Any]) -> None:
    vs = [Value(float(i)) for i in range(5)]
    total = autograd.sum(make([*vs, vs[0], 10]))
    assert total.data == 20.0
    assert {v for v in total._prev if v.data != 10.0} == set(vs)
    total.backward(2.0)
    assert [v.grad for v in vs] == [4.0, 2.0, 2.0, 2.0, 2.0]


@pytest.mark.parametrize("make", [list, tuple, np.array])
def test_dot_is_one_node(make: Callable[[Any], Any]) -> None:
    vs = [Value(float(i)) for i in (1, 2, 3)]
    numbers = [4.0, 5.0, 6.0]
    for found in (autograd.dot(vs, make(numbers)), autograd.dot(make(numbers), vs)):
        assert found.data == 32.0
        assert set(vs) <= found._prev
        for v in vs:
            v.grad = 0.0
        found.backward()
        assert [v.grad for v in vs] == numbers


def test_dot_of_values_with_themselves() -> None:
    vs = [Value(float(i)) for i in (1, 2, 3)]
    autograd.dot(vs, vs).backward()
    assert [v.grad for v in vs] == [2.0, 4.0, 6.0]


def test_dot_of_lists_of_different_lengths() -> None:
    with refuses(ValueError, "dot", "2", "3"):
        autograd.dot([Value(1.0), Value(2.0)], [1.0, 2.0, 3.0])


# --- higher orders -----------------------------------------------------------------------


def test_gradients_leave_grad_alone() -> None:
    x, y = Value(2.0), Value(3.0)
    found = gradients(x * x * y, [x, y])
    assert found == (12.0, 4.0)
    assert all(type(g) is float for g in found)
    assert (x.grad, y.grad) == (0.0, 0.0)


def test_gradients_by_an_intermediate_value() -> None:
    x = Value(2.0)
    h = x * x
    assert gradients(h * h, h) == (8.0,)
    assert gradients(h, h) == (1.0,)


def test_gradients_of_several_outputs_are_summed() -> None:
    x = Value(2.0)
    assert gradients([x * x, 3 * x], x) == (7.0,)
    assert gradients([x * x, 3 * x], x, grad_outputs=[0.5, None]) == (5.0,)
    y = x * x
    assert gradients([y, y], x) == (8.0,)


def test_all_derivatives_of_a_polynomial() -> None:
    x = Value(2.0)
    derivative: Any = x**5
    expected = [80.0, 160.0, 240.0, 240.0, 120.0]
    for number in expected:
        (derivative,) = gradients(derivative, x, create_graph=True)
        assert isinstance(derivative, Value)
        assert derivative.data == pytest.approx(number)


def test_the_derivatives_of_sine_go_round() -> None:
    x = Value(0.7)
    y: Any = x.sin()
    for number in [math.cos(0.7), -math.sin(0.7), -math.cos(0.7), math.sin(0.7), math.cos(0.7)]:
        (y,) = gradients(y, x, create_graph=True)
        assert y.data == pytest.approx(number)


@given(st.floats(0.25, 2.0))
def test_third_derivative_of_tanh(at: float) -> None:
    x = Value(at)
    y: Any = x.tanh()
    for _ in range(3):
        (y,) = gradients(y, x, create_graph=True)
    t = math.tanh(at)  # tanh''' = (1 - t²)(6 t² - 2)
    assert y.data == pytest.approx((1 - t * t) * (6 * t * t - 2), rel=1e-9, abs=1e-12)


def test_mixed_derivatives_are_symmetric() -> None:
    x, y = Value(1.5), Value(0.5)
    z = (x * y).sin() * x**y
    gx, gy = gradients(z, [x, y], create_graph=True)
    assert gradients(gx, y)[0] == pytest.approx(gradients(gy, x)[0], rel=1e-12)


def test_mixed_derivative_of_a_power_where_the_exponent_is_0() -> None:
    """d/dy of y x^(y-1) is x^(y-1) (1 + y log x): 1/2 at x = 2, y = 0."""
    x, y = Value(2.0), Value(0.0)
    gx, gy = gradients(x**y, [x, y], create_graph=True)
    assert gradients(gx, y) == (0.5,)
    assert gradients(gy, x) == (0.5,)


def test_a_gradient_penalty_reaches_grad_through_backward() -> None:
    x = Value(2.0)
    (slope,) = gradients(x**3, x, create_graph=True)
    (slope**2).backward()
    assert x.grad == pytest.approx(2 * 12 * 12)


def test_a_constant_gradient_is_a_value_where_a_graph_was_asked_for() -> None:
    x = Value(2.0)
    (slope,) = gradients(3 * x, x, create_graph=True)
    assert isinstance(slope, Value)
    assert slope.data == 3.0
    assert gradients(slope, x, allow_unused=True) == (None,)


@pytest.mark.parametrize("f", [abs, Value.relu, lambda v: v.maximum(0.5)])
def test_the_second_derivative_of_a_piecewise_linear_function(f: Callable[[Value], Value]) -> None:
    x = Value(2.0)
    (slope,) = gradients(f(x) * x, x, create_graph=True)
    assert slope.data == 4.0
    assert gradients(slope, x) == (2.0,)


def test_gradients_by_an_input_that_is_not_used() -> None:
    x, y = Value(2.0), Value(3.0)
    with refuses(RuntimeError, "input 1", "allow_unused"):
        gradients(x * x, [x, y])
    assert gradients(x * x, [x, y], allow_unused=True) == (4.0, None)


def test_grad_outputs_can_be_differentiated() -> None:
    x, c = Value(3.0), Value(2.0)
    (g,) = gradients(x * x, x, grad_outputs=c, create_graph=True)
    assert gradients(g, [x, c]) == (4.0, 6.0)


# --- changed data ------------------------------------------------------------------------


def test_a_leaf_changed_after_the_forward_pass_keeps_the_original_gradient() -> None:
    x, y = Value(2.0), Value(3.0)
    z = x * y + x.exp()
    x.data = y.data = 100.0
    z.backward()
    assert (x.grad, y.grad) == (pytest.approx(3 + math.exp(2)), 2.0)


CHANGES: list[tuple[Callable[[Value, Value], Value], tuple[float, float], tuple[float, float]]] = [
    (lambda x, y: x * y, (2.0, 3.0), (5.0, 3.0)),
    (lambda x, y: x * y, (2.0, 0.0), (5.0, 0.0)),  # the product stays 0, its derivative not
    (lambda x, y: x * y, (2.0, 3.0), (3.0, 2.0)),
    (lambda x, y: abs(x) + 0 * y, (2.0, 1.0), (-2.0, 1.0)),
    (lambda x, y: x**2 + y, (2.0, 1.0), (-2.0, 1.0)),
    (lambda x, y: x.cos() + y, (2.0, 1.0), (-2.0, 1.0)),
    (lambda x, y: x.maximum(y), (2.0, 1.0), (1.0, 2.0)),
    (lambda x, y: autograd.dot([x, y], [y, x]), (2.0, 0.0), (5.0, 0.0)),
    (lambda x, y: autograd.dot([x], [y]), (2.0, 0.0), (5.0, 0.0)),
    (lambda x, y: x.relu() * y, (-1.0, 2.0), (-5.0, 2.0)),
    (lambda x, y: x.exp() * y, (1.0, 2.0), (3.0, 2.0)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "before", "after"), CHANGES)
def test_changed_data_is_noticed_by_a_pass_that_would_read_it(
    f: Callable[[Value, Value], Value], before: tuple[float, float], after: tuple[float, float]
) -> None:
    """With create_graph the gradient of the original contents, or an error; never a mixture."""
    x, y = Value(before[0]), Value(before[1])
    z = f(x, y)
    expected = gradients(z, [x, y])
    x.data, y.data = after
    found = unless_refused(lambda: gradients(z, [x, y], create_graph=True), RuntimeError, "changed")
    assert found is None or [g.data for g in found] == list(expected)


# --- reading -----------------------------------------------------------------------------


def test_comparison_by_value_and_identity() -> None:
    a, b = Value(1.0), Value(2.0)
    assert a < b <= 2.0 < Value(3.0)
    assert b > a >= 1
    assert max(a, b) is b
    assert sorted([b, a]) == [a, b]
    assert a == a
    assert a != Value(1.0)
    assert len({a, b, Value(1.0)}) == 3
    assert a
    assert not Value(0.0)


@pytest.mark.parametrize("other", ["1", None, [1.0], np.array([1.0]), Tensor([1.0])])
def test_comparison_with_what_is_no_number(other: Any) -> None:
    with pytest.raises(TypeError):
        _ = Value(1.0) < other


def test_formatting() -> None:
    v = Value(3.14159, label="pi")
    assert f"{v:.3f}" == "3.142"
    assert f"{v:8.2e}" == "3.14e+00"
    assert repr(v) == str(v) == f"{v}" == "Value(data=3.14159, grad=0.0, label='pi')"
    assert repr(Value(1)) == "Value(data=1.0, grad=0.0)"


def test_label_and_plain_data() -> None:
    v = Value(2, label="v")
    assert (v.label, v.data, v.grad) == ("v", 2.0, 0.0)
    assert type(v.data) is float
    assert v.item() == 2.0
    w = (v * 2).detach()
    assert (w.data, w._prev) == (4.0, set())


def test_pos_neg_abs() -> None:
    v = Value(-2.0)
    ((+v) + (-v) * 3 + abs(v)).backward()
    assert v.grad == 1 - 3 - 1


def test_the_subgradient_at_a_kink() -> None:
    """0 where abs or relu turns; equal shares at a tie, so that max(x, x) has the slope of x."""
    for f, expected in ((abs, 0.0), (Value.relu, 0.0)):
        v = Value(0.0)
        f(v).backward()
        assert v.grad == expected
    x, y = Value(1.0), Value(1.0)
    (x.maximum(y) + 3 * x.minimum(y)).backward()
    assert (x.grad, y.grad) == (2.0, 2.0)
