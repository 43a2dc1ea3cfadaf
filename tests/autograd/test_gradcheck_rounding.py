"""What rounding excuses in a gradient check, and what it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import GradientCheckError, Tensor, check_gradients, elementwise, operation

X = np.array([0.3, 0.7, 1.3])

_CHANCE = np.random.default_rng(0)


def zero(rule: Callable[..., Any]) -> Any:
    """A function that is 0 everywhere, with a derivative of one's own."""
    return elementwise(lambda x: 0.0 * x, None, rule, name="zero_with_a_rule")


RULES: dict[str, Callable[..., Any]] = {
    "a tiny number": lambda g, x: g * 1e-17,
    "a number below all": lambda g, x: g * 1e-300,
    "tiny and smooth": lambda g, x: g * 1e-20 * autograd.cos(x),
    "by chance": lambda g, x: g * 1e-17 * _CHANCE.normal(size=np.shape(g)),
    "the cotangent squared": lambda g, x: g * g * 1e-17,
    "in half precision": lambda g, x: g * 1e-3 * np.float64(np.float16(1e-2)),
    "terms that hardly cancel": lambda g, x: g * (1 + 1e-13) - g,
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_a_derivative_of_a_constant_that_is_no_rounding(
    rule: Callable[..., Any], mode: str
) -> None:
    with pytest.raises(GradientCheckError, match="is wrong at index"):
        check_gradients(zero(rule), X, modes=mode)


def test_rounding_of_terms_that_cancel_is_let_pass() -> None:
    report = check_gradients(zero(lambda g, x: 3 * g - g - 2 * g), X, modes="both", order=2)
    assert report.passed


@pytest.mark.parametrize("digits", [np.float16, np.float32])
def test_terms_that_cancel_in_a_coarser_dtype_are_not(digits: Any) -> None:
    def rule(g: Any, x: Any) -> Any:
        return (g.astype(digits) - g) if isinstance(g, np.ndarray) else g * 1e-4

    with pytest.raises(GradientCheckError):
        check_gradients(zero(rule), X)


def test_an_error_beside_terms_that_cancel() -> None:
    """The rounding of 3g - g - 2g is at most 4e-16."""
    wrong = zero(lambda g, x: (3 * g - g - 2 * g) + 1e-13 * g)
    with pytest.raises(GradientCheckError, match="is wrong at index"):
        check_gradients(wrong, X)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_a_wrong_second_derivative_of_a_linear_function(scale: float) -> None:
    """Its second derivative is 0; so small a wrong one shows in no value."""

    @operation(lambda g, x: g * scale * (1.0 + 1e-12 * x) if isinstance(g, Tensor) else g * scale)
    def line_with_a_rule(x: Any, /) -> Any:
        return scale * x

    assert check_gradients(line_with_a_rule, X).passed
    with pytest.raises(GradientCheckError, match="second derivative"):
        check_gradients(line_with_a_rule, X, order=2)


@pytest.mark.parametrize("seed", range(20))
def test_rounding_in_steps_is_seen_in_any_direction(seed: int) -> None:
    """Steps of 2e-6, of which the points looked at may each cross the same number."""
    x = np.array([0.3, 0.7, 1.1])
    assert check_gradients(lambda x: (x.sin() + 1e10) - 1e10, x, seed=seed).passed
