"""Gradients written by hand, and numeric ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd import (
    GradientCheckError,
    check_gradients,
    numerical_gradient,
    numerical_jacobian,
)

from .helpers import refuses
from .numeric import spread

V = spread((4,), 1)
M = spread((3, 2), 2)


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
