"""The chain rule: four ways to one number, and a chain of Jacobians."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from demos import chain_rule

from .conftest import Run


@pytest.mark.parametrize("t", chain_rule.TIMES)
def test_four_ways_to_one_number(t: float) -> None:
    ways = chain_rule.four_ways(t)
    # Ten operations a way, on terms up to some times the sum.
    assert list(ways.values()) == pytest.approx([ways["direct"]] * 4, rel=1e-13)
    h = 1e-5
    above, below = (chain_rule.f(chain_rule.x_of_t(np.array(s))) for s in (t + h, t - h))
    assert ways["direct"] == pytest.approx((above - below) / (2 * h), rel=1e-7, abs=1e-7)


def test_the_number_at_one() -> None:
    # x = (2, 0, e): f' = 3*4*e^e*2 - 8*0*(-2) + 8*e^e*e.
    expected = (24 + 8 * np.e) * np.exp(np.e)
    assert chain_rule.direct(1.0) == pytest.approx(expected, rel=1e-15)


def test_intermediate_jacobians() -> None:
    for t in chain_rule.TIMES:
        row, column = chain_rule.jacobians(t)
        point = chain_rule.x_of_t(np.array(t))
        assert autograd.jacobian(chain_rule.f)(point) == pytest.approx(row, rel=1e-13)
        found = autograd.jacobian(chain_rule.x_of_t)(np.array(t))
        assert found == pytest.approx(column, rel=1e-13)


def test_the_longer_chain() -> None:
    for t in (0.1, 0.7, 2.0):
        row, matrix, column = chain_rule.three_links(t)
        assert [x.shape for x in (row, matrix, column)] == [(2,), (2, 2), (2,)]
        u1, u2 = np.cos(t), t**2
        assert matrix == pytest.approx(np.array([[u2, u1], [1, -2 * u2]]), rel=1e-14)
        x1, x2 = u1 * u2, u1 - u2**2
        assert row == pytest.approx([2 * x1 * x2, x1**2 + np.cos(x2)], rel=1e-13)
        assert column == pytest.approx([-np.sin(t), 2 * t], rel=1e-14)
        whole = autograd.grad(
            lambda s: chain_rule.f_of_two(chain_rule.x_of_u(chain_rule.u_of_t(s)))
        )(np.array(t))
        assert row @ matrix @ column == pytest.approx(float(whole), rel=1e-13)


def test_the_recorded_graph() -> None:
    recorded = chain_rule.record(0.5)
    assert recorded["t"].grad == pytest.approx(chain_rule.direct(0.5), rel=1e-13)
    assert chain_rule.local_derivatives(recorded["x1^3"]) == "+3.0000"
    assert chain_rule.local_derivatives(recorded["x2"]) == "-1.0000"


def test_the_run(run: Run) -> None:
    text = run(chain_rule)
    assert text.count("32.64828466096") == 5
    assert "their product -1.7311295264195" in text
