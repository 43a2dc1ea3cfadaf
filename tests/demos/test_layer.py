"""Layers: the texts' outputs and cost, Jacobians, and the count of weights."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from demos import layer

from .conftest import Run

ROUNDING = 1e-14
"""Some tens of roundings of numbers of size 1."""


def test_the_outputs_of_the_texts() -> None:
    a = layer.layer(*layer.SMALL, layer.SMALL_INPUT)
    assert a == pytest.approx([0.76159416, -0.76159416], abs=5e-9)
    assert a == pytest.approx(np.tanh([1.0, -1.0]), rel=1e-15)


def test_the_cost_of_the_texts() -> None:
    w, b = layer.RANDOM
    d = layer.layer(w, b, layer.INPUT) - layer.TARGET
    assert d == pytest.approx([-1.27261408, 0.39910838], abs=5e-9)
    for cost in (layer.cost, layer.cost_by_numbers):
        found = cost(w, b, layer.INPUT, layer.TARGET)
        assert float(found) == pytest.approx(1.7788340952508743, rel=1e-15)


def test_jacobians() -> None:
    args = (*layer.RANDOM, layer.INPUT)
    formula, engine = layer.jacobians_by_formula(*args), layer.jacobians_by_engine(*args)
    for (name, block), shape in zip(formula.items(), [(2, 2, 3), (2, 2), (2, 3)], strict=True):
        assert block.shape == shape
        assert engine[name] == pytest.approx(block, abs=ROUNDING)
    h = 1e-6
    for j in range(3):
        shift = h * np.eye(3)[j]
        w, b, x = args
        slope = (layer.layer(w, b, x + shift) - layer.layer(w, b, x - shift)) / (2 * h)
        assert formula["da/dx"][:, j] == pytest.approx(slope, abs=1e-9)


def test_descent() -> None:
    w, b, costs = layer.descend(101)
    assert costs == sorted(costs, reverse=True)
    assert costs[0] == pytest.approx(1.7788340952508743, rel=1e-15)
    assert layer.cost(w, b, layer.INPUT, layer.TARGET) < costs[-1] < 0.17


def test_18_weights_and_5_biases() -> None:
    assert layer.count(layer.network()) == {"weight": 18, "bias": 5}


def test_the_network_is_the_product_of_its_stages() -> None:
    model, x = layer.network(), np.array([0.5, -1.0, 2.0, 0.1])
    whole = autograd.jacobian(model)(x)
    assert whole.shape == (2, 4)
    assert layer.product_of_jacobians(model, x) == pytest.approx(whole, abs=ROUNDING)


def test_the_run(run: Run) -> None:
    text = run(layer)
    for words in (
        "[ 0.76159416 -0.76159416]",
        "[-1.27261408  0.39910838]",
        "1.77883409525087",
        "18 weights, 5 biases",
    ):
        assert words in text
