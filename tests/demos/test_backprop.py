"""Back-propagation factor by factor, and the order it needs."""

from __future__ import annotations

import math

import pytest

from demos import backprop

from .conftest import Run


def error(weights: dict[str, float]) -> float:
    """The network in plain floats."""

    def s(z: float) -> float:
        return 1 / (1 + math.exp(-z))

    w = weights
    (x1, x2), y = backprop.X, backprop.Y
    s1 = s(w["W11(1)"] * x1 + w["W21(1)"] * x2 + w["W31(1)"])
    s2 = s(w["W12(1)"] * x1 + w["W22(1)"] * x2 + w["W32(1)"])
    p = s(w["W11(2)"] * s1 + w["W21(2)"] * s2 + w["W31(2)"])
    return -(y * math.log(p) + (1 - y) * math.log(1 - p))


def test_the_forward_pass() -> None:
    net = backprop.forward(backprop.WEIGHTS)
    assert net.error.data == pytest.approx(error(backprop.WEIGHTS), rel=1e-15)


def test_every_factor_and_their_product() -> None:
    net = backprop.forward(backprop.WEIGHTS)
    chain, engine = backprop.chain(net), backprop.factors_by_engine(net)
    assert engine == pytest.approx(chain, rel=1e-14)
    assert chain["dE/dy"] * chain["dy/dh"] == pytest.approx(net.y.data - backprop.Y, rel=1e-14)
    net.error.backward()
    assert net.w["W11(1)"].grad == pytest.approx(math.prod(chain.values()), rel=1e-14)


def test_all_slopes_against_differences() -> None:
    net = backprop.forward(backprop.WEIGHTS)
    net.error.backward()
    h = 1e-5
    for name, weight in net.w.items():
        above, below = (
            error(backprop.WEIGHTS | {name: backprop.WEIGHTS[name] + step}) for step in (h, -h)
        )
        assert weight.grad == pytest.approx((above - below) / (2 * h), rel=1e-8)


def test_a_step_lowers_the_error() -> None:
    net = backprop.forward(backprop.WEIGHTS)
    after = backprop.descend(net)
    assert after.error.data < net.error.data
    changed = {name: w.data for name, w in after.w.items()}
    assert after.error.data == pytest.approx(error(changed), rel=1e-14)


def test_the_naive_order_fails() -> None:
    x, out = backprop.shared()
    backprop.naive_backward(out)
    assert x.grad == 3.0
    assert [node.grad for node in out.parents] == [1 + 2 * 6, 1]  # u has all, but too late
    x, out = backprop.shared()
    out.backward()
    assert x.grad == 39.0


def test_the_naive_order_serves_a_tree() -> None:
    net, again = (backprop.forward(backprop.WEIGHTS) for _ in range(2))
    backprop.naive_backward(net.h)
    again.h.backward()
    assert [w.grad for w in net.w.values()] == [w.grad for w in again.w.values()]


def test_the_run(run: Run) -> None:
    text = run(backprop)
    assert "error 0.454345 -> 0.353764" in text
    assert text.count("-0.05252494259638") == 2
    assert "3.000000" in text
    assert "39.000000" in text
