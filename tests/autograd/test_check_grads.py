"""Gradient checks by HIPS autograd's names: any order, and arrays without entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import elementwise, grad
from autograd.op import OPERATIONS
from autograd.test_util import check_grads

from .helpers import refuses


@pytest.fixture
def cube() -> Iterator[Any]:
    """x**3, whose first two derivatives are right and whose third is not."""
    same = elementwise(lambda x: x, None, lambda g: g * 1.01, name="same for cube")
    square = elementwise(lambda x: x * x, None, lambda g, x: g * 2 * same(x), name="square of cube")
    yield elementwise(lambda x: x**3, None, lambda g, x: g * 3 * square(x), name="wrong cube")
    for name in ("same for cube", "square of cube", "wrong cube"):
        OPERATIONS.pop(name)


@pytest.mark.parametrize("modes", [["rev"], ["fwd"], ["fwd", "rev"]])
def test_a_third_derivative_that_is_wrong(cube: Any, modes: list[str]) -> None:
    check_grads(cube, modes=modes)(2.0)
    with refuses(autograd.GradientCheckError, "ours"):
        check_grads(cube, modes=modes, order=3)(2.0)


@pytest.mark.parametrize("order", [3, 4])
def test_higher_derivatives_that_are_right(order: int) -> None:
    check_grads(lambda x: x**4, order=order)(1.5)
    check_grads(lambda x, y: np.sin(x * y), (0, 1), order=order)(1.5, np.ones(2))
    check_grads(lambda z: z**5 * 1j, order=order)(np.array([1 + 1j]))
    check_grads(lambda d: (d["a"] * d["b"], d["a"] ** 3), order=order)({"a": 2.0, "b": np.ones(2)})
    check_grads(lambda x: x * grad(lambda y: y**4 * x)(x), order=order)(1.0)


def test_arrays_without_entries() -> None:
    empty, full = np.ones((0, 3)), np.ones(2)
    check_grads(np.sum)(empty)
    check_grads(lambda x: x * 2)(empty)
    check_grads(lambda x: x[:0])(full)
    check_grads(lambda x: 3.0)(empty)
    check_grads(lambda x, y: np.sum(x) * y, (0, 1))(empty, full)
    check_grads(lambda d: np.concatenate([d["a"], d["b"] ** 2]))({"a": np.ones(0), "b": full})
    with refuses(autograd.GradientCheckError, "ours"):
        check_grads(lambda d: np.sum(d["a"]) + autograd.stop_gradient(d["b"]) ** 2)(
            {"a": empty, "b": full}
        )


@pytest.mark.parametrize("order", [0, -1, 1.5])
def test_an_order_that_is_none(order: Any) -> None:
    with refuses(ValueError, "order"):
        check_grads(np.sin, order=order)
