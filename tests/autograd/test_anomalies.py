"""detect_anomaly: where a nan or inf first arises, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, detect_anomaly, grad, hvp, jacobian, jvp
from autograd.recording import Mode, mode

from .helpers import leaf, refuses

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def test_a_nan_in_the_forward_pass_names_operation_shapes_and_line() -> None:
    x = leaf([[1.0, -1.0]])
    with detect_anomaly(), refuses(FloatingPointError, "log", "nan", "(1, 2)", "log(x)"):
        autograd.log(x)


def test_an_inf_in_the_forward_pass() -> None:
    x = leaf([0.0, 1.0])
    with detect_anomaly(), refuses(FloatingPointError, "divide", "inf", "test_anomalies.py"):
        1 / x


def test_a_nan_in_the_backward_pass_names_the_line_it_was_recorded_at() -> None:
    x = leaf([0.0, 4.0])
    with detect_anomaly():
        y = autograd.sqrt(x) * 0.0
        with refuses(FloatingPointError, "sqrt", "operand 0", "nan", "backward", "y = autograd"):
            y.sum().backward()
    assert x.grad is None


def test_an_inf_in_the_backward_pass() -> None:
    x = leaf(0.0)
    with detect_anomaly(), refuses(FloatingPointError, "sqrt", "inf", "backward"):
        autograd.sqrt(x).backward()


def test_a_nan_that_was_given_is_told_from_one_that_arose() -> None:
    with detect_anomaly(), refuses(FloatingPointError, "operand 1", "already"):
        leaf([1.0]) * np.array([np.nan])


def test_inf_that_was_given_may_stay() -> None:
    x = leaf([1.0, 2.0])
    with detect_anomaly():
        scores = autograd.where(np.array([True, False]), x, -np.inf)
        autograd.softmax(scores).sum().backward()
    np.testing.assert_array_equal(x.grad, [0.0, 0.0])


def test_a_masked_branch_is_no_anomaly_backward() -> None:
    x = leaf([0.0, 4.0])
    with detect_anomaly():
        autograd.where(x > 0, autograd.sqrt(x), 0.0).sum().backward()
    np.testing.assert_array_equal(x.grad, [0.0, 0.25])


@pytest.mark.parametrize(
    "f", [lambda v: v.log(), lambda v: 1 / v, lambda v: autograd.dot([v], [v / v])]
)
def test_values_forward(f: Any) -> None:
    with detect_anomaly(), refuses(FloatingPointError, "test_anomalies.py"):
        f(Value(0.0))


def test_values_backward() -> None:
    v = Value(0.0)
    with detect_anomaly():
        w = v.sqrt() * 3.0
        with refuses(FloatingPointError, "sqrt", "v.sqrt()"):
            w.backward()
    assert v.grad == 0.0


def test_values_that_are_fine_have_the_same_gradients() -> None:
    gradients = []
    for context in (detect_anomaly(), autograd.enable_grad()):
        a, b = Value(2.0), Value(3.0)
        with context:
            (a * b + a**2).tanh().backward()
        gradients.append((a.grad, b.grad))
    assert gradients[0] == gradients[1]


def test_transforms_are_watched_too() -> None:
    with detect_anomaly(), refuses(FloatingPointError, "sqrt"):
        grad(lambda x: autograd.sqrt(x) * 2.0)(0.0)


# --- forward mode -----------------------------------------------------------------------

ZERO = np.array([0.0, 4.0])
ONES = np.ones(2)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda: jvp(lambda x: autograd.sqrt(x), (ZERO,), (ONES,)), "inf"),
        (lambda: jvp(lambda x: autograd.sqrt(x) @ ONES, (ZERO,), (ONES,)), "inf"),
        (lambda: jvp(lambda x: autograd.sqrt(x) * 0.0, (ZERO,), (ONES,)), "inf"),
        (lambda: jvp(lambda x: autograd.sqrt(x) * 0.0, (ZERO,), (0 * ONES,)), "nan"),
        (lambda: jvp(lambda v: v.sqrt() * 3.0, (Value(0.0),), (1.0,)), "inf"),
        (lambda: jacobian(lambda x: autograd.sqrt(x) * ONES)(0.0), "inf"),
        (lambda: autograd.deriv(lambda x: autograd.sqrt(x) ** 3)(leaf(0.0)), "inf"),
        (lambda: jvp(autograd.checkpoint(lambda x: autograd.sqrt(x)), (0.0,), (1.0,)), "inf"),
    ],
)
def test_what_arises_in_a_tangent(call: Any, kind: str) -> None:
    with detect_anomaly(), refuses(FloatingPointError, "tangent", kind, "forward", "test_anomal"):
        call()


def test_the_tangent_that_arose_first_is_named() -> None:
    def f(x: Any) -> Any:
        root = autograd.sqrt(x[0])
        return autograd.exp(root) * 0.0 + x[1]

    with detect_anomaly(), refuses(FloatingPointError, "sqrt", "inf", "()", "root = autograd"):
        jvp(f, (ZERO,), (ONES,))


def test_a_masked_branch_is_no_anomaly_in_any_pass() -> None:
    def h(x: Any) -> Any:
        return autograd.where(x > 0, autograd.sqrt(x), 0.0).sum()

    expected = [0.0, -1 / 32]
    with detect_anomaly():
        assert jvp(h, (ZERO,), (ONES,)) == (2.0, 0.25)
        np.testing.assert_array_equal(hvp(h, (ZERO,), (ONES,)), expected)
        np.testing.assert_array_equal(grad(lambda x: grad(h)(x).sum())(ZERO), expected)


def test_second_derivatives_name_the_users_line() -> None:
    def f(x: Any) -> Any:
        return (x**1.5).sum()

    for call in (lambda: hvp(f, (ZERO,), (ONES,)), lambda: grad(lambda x: grad(f)(x).sum())(ZERO)):
        with detect_anomaly(), refuses(FloatingPointError, "power", "inf", "test_anomalies.py"):
            call()


def test_a_tangent_that_is_given_may_be_anything() -> None:
    with detect_anomaly():
        _, t = jvp(lambda x: x * 2.0, (ZERO,), (np.array([np.inf, np.nan]),))
    np.testing.assert_array_equal(t, [np.inf, np.nan])
    with detect_anomaly(), refuses(FloatingPointError, "subtract", "nan"):
        jvp(lambda x: x - x * 2.0, (ZERO,), (np.array([np.inf, 0.0]),))


def test_nothing_is_kept_after_the_block() -> None:
    with detect_anomaly():
        leaf(1.0) * 2.0
        assert len(mode.sources) == 1
        with detect_anomaly():
            pass
        assert len(mode.sources) == 1
    assert not mode.sources
    assert Mode.watchers == 0
    Tensor([0.0], requires_grad=True).log()
