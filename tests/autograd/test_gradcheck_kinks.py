"""The gradient check at kinks and jumps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    GradientCheckError,
    check_gradients,
    elementwise,
    operation,
)

from .helpers import refuses, wrong_sine
from .numeric import spread

V = spread((4,), 1)


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
    f = wrong_sine(lambda g, x: 1.001 * g * autograd.cos(x))
    for x in (1e-5, 1e-7, 1e-9):
        with pytest.raises(GradientCheckError):
            check_gradients(lambda x: f(x + 1.0) + abs(x), x)


def test_a_wrong_rule_behind_a_kink_is_found() -> None:
    """At the kink itself anything between the slopes is right: a point beside shows it."""
    f = wrong_sine(lambda g, x: 1.001 * g * autograd.cos(x))
    with refuses(GradientCheckError, "beside the kink"):
        check_gradients(lambda x: f(x) + abs(x), 0.0)
    x = np.round(np.random.default_rng(0).normal(size=2000))
    place = int(np.flatnonzero(x)[100])
    g = wrong_sine(lambda g, x: g * autograd.cos(x) * (1 + 1e-3 * (np.arange(2000) == place)))
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
