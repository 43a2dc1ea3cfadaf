"""Operations that users declare: one line a derivative, to any order."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value, elementwise, gradients, operation
from autograd.op import NUMPY, OPERATIONS

from .helpers import leaf, refuses


def test_an_elementwise_operation_works_everywhere() -> None:
    del OPERATIONS["arctan"], NUMPY[np.arctan]  # as if the engine did not have it
    arctan = elementwise(np.arctan, math.atan, lambda g, x: g / (1 + x * x))
    assert arctan(1.0) == math.atan(1.0)
    np.testing.assert_array_equal(arctan(np.array([1.0, 2.0])), np.arctan([1.0, 2.0]))
    for x in (leaf(0.5), Value(0.5)):
        for y in (arctan(x), np.arctan(x)):
            (slope,) = gradients(y, x, create_graph=True)
            assert slope.item() == pytest.approx(0.8)
            assert gradients(slope, x)[0] == pytest.approx(-2 * 0.5 / 1.25**2)


def test_an_operation_with_parameters_and_shapes() -> None:
    @operation(
        lambda g, x_shape, shift: (
            np.roll(g, -shift) if isinstance(g, np.ndarray) else rolled(g, -shift)
        )
    )
    def rolled(x: Any, /, shift: int = 1) -> Any:
        """Entries moved round."""
        return np.roll(x, shift)

    x = leaf([1.0, 2.0, 3.0])
    assert rolled(x).tolist() == [3.0, 1.0, 2.0]
    assert gradients(rolled(x, 2), x, [1.0, 10.0, 100.0])[0].tolist() == [100.0, 1.0, 10.0]
    assert rolled.__doc__ == "Entries moved round."
    with refuses(TypeError, "rolled", "by"):
        rolled(x, by=1)


def test_an_operation_on_any_number_of_inputs() -> None:
    @operation(lambda g, xs, i: g * math.prod([x for k, x in enumerate(xs) if k != i], start=1.0))
    def product(*xs: Any) -> Any:
        return math.prod(xs)

    leaves = [leaf([1.0, 2.0]), leaf([3.0, 4.0]), leaf([5.0, 6.0])]
    found = gradients(product(*leaves).sum(), leaves, create_graph=True)
    assert [g.tolist() for g in found] == [[15.0, 24.0], [5.0, 12.0], [3.0, 8.0]]
    assert gradients(found[0].sum(), leaves[1])[0].tolist() == [5.0, 6.0]


def test_an_input_without_a_rule_is_constant() -> None:
    @operation(lambda g, y: g * y, None)
    def scaled(x: Any, y: Any, /) -> Any:
        return x * y

    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    assert gradients(scaled(x, y).sum(), x)[0].tolist() == [3.0, 4.0]
    assert not scaled(Tensor([1.0, 2.0]), y).requires_grad


def test_by_products_of_the_forward_pass() -> None:
    @operation(lambda g, out, half: g * out * half, kept={"half": lambda x: 0 * x + 0.5})
    def grown(x: Any, /) -> Any:
        return np.exp(x / 2), np.full_like(x, 0.5)

    x = leaf([2.0])
    assert grown(np.array([2.0])).tolist() == [math.e]
    (slope,) = gradients(grown(x), x, create_graph=True)
    assert slope.tolist() == [math.e / 2]
    assert gradients(slope, x)[0].tolist() == [math.e / 4]


def test_a_rule_that_returns_no_array_is_named_once() -> None:
    @operation(lambda g: [1.0, 2.0])
    def listed_slopes(x: Any, /) -> Any:
        return x * 1

    with pytest.raises(TypeError) as caught:
        listed_slopes(leaf([1.0, 2.0])).sum().backward()
    message = str(caught.value)
    assert message.count("listed_slopes") == 1
    assert "it returned list [1.0, 2.0]: return an array" in message


def test_a_rule_that_returns_another_shape_is_named() -> None:
    @operation(lambda g: np.ones((3, 3)))
    def wrong(x: Any, /) -> Any:
        return x * 1

    with refuses(ValueError, "(3, 3)", "(2,)"):
        wrong(leaf([1.0, 2.0])).sum().backward()


def test_bad_declarations() -> None:
    with refuses(ValueError, "exp", "name"):
        elementwise(np.exp, math.exp, lambda g, out: g * out)
    with refuses(TypeError, "lonely", "rules"):
        elementwise(np.add, None, lambda g: g, lambda g: g, lambda g: g, lambda g: g, name="lonely")
    with refuses(TypeError, "first parameter", "g"):
        elementwise(np.arctan, math.atan, lambda x: x)
    with refuses(TypeError, "misspelt", "colour"):
        operation(lambda g, colour: g)(misspelt)


def misspelt(x: Any, /) -> Any:
    """A forward function without the parameter its rule asks for."""
    return x
