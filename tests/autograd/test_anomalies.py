"""detect_anomaly: where a nan or inf first arises, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, detect_anomaly, grad
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
