"""The tanh neuron: outputs, cost, slopes and descent."""

from __future__ import annotations

import pytest

from demos import neuron

from .conftest import Run


def test_outputs_and_cost_of_the_texts() -> None:
    assert neuron.activation(1.3, -0.1, 1) == pytest.approx(0.8336546070121552, rel=2e-16)
    assert neuron.activation(1.3, -0.1, 0) == pytest.approx(-0.09966799462495582, rel=2e-16)
    assert neuron.cost(1.3, -0.1, 0, 1) == pytest.approx(1.209269698402472, rel=4e-16)
    assert neuron.activation(-5, 5, 1) == 0
    assert neuron.activation(-5, 5, 0) == pytest.approx(0.9999092042625951, rel=2e-16)


def test_slopes_at_the_unfit_weight() -> None:
    assert neuron.slopes_by_hand(2.3, -1.2, 0, 1) == pytest.approx((0, -1.1186026425530913))
    for x, y in neuron.EXAMPLES:
        hand = neuron.slopes_by_hand(2.3, -1.2, x, y)
        # 1 / cosh^2 against 1 - tanh^2: some roundings of tanh^2, here below 0.8.
        assert neuron.slopes_by_engine(2.3, -1.2, x, y) == pytest.approx(hand, rel=1e-14)


def test_slopes_against_differences() -> None:
    def c(w: float, b: float) -> float:
        return neuron.cost(w, b, 1, 0)

    w, b, h = 2.3, -1.2, 1e-5
    differences = (c(w + h, b) - c(w - h, b)) / (2 * h), (c(w, b + h) - c(w, b - h)) / (2 * h)
    assert neuron.slopes_by_engine(w, b, 1, 0) == pytest.approx(differences, rel=1e-9)


def test_descent_learns_not() -> None:
    path = neuron.descend(1.3, -0.1)
    costs = [cost for _, _, cost in path]
    assert costs == sorted(costs, reverse=True)
    w, b, cost = path[-1]
    assert cost < 1e-3
    assert round(neuron.activation(w, b, 0), 1) == 1
    assert abs(neuron.activation(w, b, 1)) < 0.01


def test_the_run(run: Run) -> None:
    text = run(neuron)
    assert "cost 1.209269698402472\n" in text
    assert "a(1) = 0.833654607012155" in text
    assert "dC/db -1.11860264255309" in text
