"""micrograd's own programs, with the import changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograd import Value


def test_the_example_of_micrograds_readme() -> None:
    a, b = Value(-4.0), Value(2.0)
    total = a + b
    other = a * b + b**3
    total += total + 1
    total += 1 + total + (-a)
    other += other * 2 + (b + a).relu()
    other += 3 * other + (b - a).relu()
    squared = (total - other) ** 2
    out = squared / 2.0
    out += 10.0 / squared
    assert f"{out.data:.4f}" == "24.7041"
    out.backward()
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def test_micrograds_first_test_program() -> None:
    """By hand at x = -4: z = 2x + 2 + x = -10, q = relu(z) + z x = 40, h = relu(z²) = 100,
    y = h + q + q x = -20; dy/dx = 2z·3 + (1 + x)(3x + z) + q = -60 + 66 + 40 = 46."""
    x = Value(-4.0)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    y = (z * z).relu() + q + q * x
    y.backward()
    assert (y.data, x.grad) == (-20.0, 46.0)


def test_micrograds_second_test_program() -> None:
    """The same formula as the README's on plain numbers, differentiated by finite differences."""

    def formula(a: Any, b: Any, relu: Callable[[Any], Any]) -> Any:
        c, d = a + b, a * b + b**3
        c = c + (c + 1)
        c = c + (1 + c + (-a))
        d = d + (d * 2 + relu(b + a))
        d = d + (3 * d + relu(b - a))
        f = (c - d) ** 2
        return f / 2.0 + 10.0 / f

    a, b = Value(-4.0), Value(2.0)
    out = formula(a, b, Value.relu)
    out.backward()

    def at(x: float, y: float) -> float:
        return float(formula(x, y, lambda z: max(z, 0.0)))

    h = 1e-5  # central differences: error h²/6 f''' plus eps |f| / h, both below 1e-6 here
    assert out.data == at(-4.0, 2.0)
    assert a.grad == pytest.approx((at(-4 + h, 2) - at(-4 - h, 2)) / (2 * h), rel=1e-6)
    assert b.grad == pytest.approx((at(-4, 2 + h) - at(-4, 2 - h)) / (2 * h), rel=1e-6)


def test_a_training_loop_as_written_for_micrograd() -> None:
    """Gradients zeroed with an int, data updated in place: one step of descent on (w - 3)²."""
    w = Value(1.0)
    for _ in range(100):
        loss = (w - 3) ** 2
        w.grad = 0
        loss.backward()
        w.data += -0.1 * w.grad
    assert w.data == pytest.approx(3.0)


def test_prev_and_op_read_as_micrograds() -> None:
    a, b = Value(2.0), Value(3.0)
    assert (a + b)._prev == {a, b}
    assert [(a + b)._op, (a * b)._op, (a**2)._op, a.relu()._op, a._op] == [
        "+",
        "*",
        "**2",
        "ReLU",
        "",
    ]
    assert (a**2)._prev == {a}
    assert a._prev == set()
    (constant,) = (a + 5)._prev - {a}
    assert constant.data == 5.0


def test_a_graph_can_be_traced_by_prev() -> None:
    """What micrograd's own drawing program does."""
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    root = (a * b + a).tanh()
    nodes: set[Value] = set()
    edges: set[tuple[Value, Value]] = set()

    def build(v: Value) -> None:
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    assert len(nodes) == 5
    assert len(edges) == 5
