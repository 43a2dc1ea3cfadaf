"""The chain rule spelled out: paths, products, their sum, and the texts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, explain, gradients


def test_a_graph_of_two_paths() -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    c = a * b
    c.label = "c"
    y = c + a.tanh()
    found = explain(y, a)
    slope = 1 - math.tanh(2.0) ** 2
    assert [path.product for path in found.paths] == [-3.0, pytest.approx(slope)]
    assert found.gradient == pytest.approx(-3.0 + slope)
    assert str(found) == (
        "dy/da, the sum over 2 paths\n"
        "where c = a * b = -6.0000\n"
        "      v1 = tanh(a) = 0.9640\n"
        "      y = c + v1 = -5.0360\n"
        "\n"
        "1.  y -> c -> a\n"
        "    dy/dc * dc/da = 1.0000 * (-3.0000) = -3.0000\n"
        "2.  y -> v1 -> a\n"
        "    dy/dv1 * dv1/da = 1.0000 * 0.0707 = 0.0707\n"
        "\n"
        "dy/da = (-3.0000) + 0.0707 = -2.9293"
    )


def test_latex() -> None:
    x = Value(3.0, label="x")
    y = x * x
    y.label = "the_loss"
    partial = r"\frac{\partial \mathrm{the\_loss}}{\partial x}"
    assert explain(y, x).latex == (
        "\\begin{aligned}\n"
        f"{partial} &= {partial} \\\\\n&\\quad + {partial} \\\\\n"
        "&= 3.0000 \\\\\n&\\quad + 3.0000 \\\\\n"
        "&= 3.0000 + 3.0000 \\\\\n"
        "&= 6.0000\n"
        "\\end{aligned}"
    )
    assert explain(y, x)._repr_latex_() == f"$$\n{explain(y, x).latex}\n$$"


@pytest.mark.parametrize("name", ["a_b", "50%", "$x$", "x^2", "{}", "back\\slash", "w1", "∂"])
def test_latex_is_accepted_by_matplotlib_for_any_label(name: str) -> None:
    mathtext = pytest.importorskip("matplotlib.mathtext")
    x = Value(3.0, label=name)
    for line in explain(x.exp(), x).latex.splitlines()[1:-1]:
        line = line.replace("&", "").replace("\\\\", "").replace(r"\quad", " ")
        mathtext.MathTextParser("path").parse(f"${line}$")


@st.composite
def computations(draw: st.DrawFn) -> tuple[Value, Value]:
    """A result and an input of a random computation of a few steps."""
    values = [Value(draw(st.floats(-2, 2)), label=name) for name in "xyz"]
    start = values[0]
    for _ in range(draw(st.integers(1, 8))):
        left, right = (draw(st.sampled_from(values)) for _ in range(2))
        kind = draw(st.sampled_from(["add", "mul", "sub", "tanh", "dot", "number"]))
        values.append({
            "add": lambda a, b: a + b, "mul": lambda a, b: a * b, "sub": lambda a, b: a - b,
            "tanh": lambda a, _: a.tanh(), "number": lambda a, _: 3 * a**2,
            "dot": lambda a, b: autograd.dot([a, b, a], [b, b, a]),
        }[kind](left, right))  # fmt: skip
    return values[-1], start


@given(computations())
def test_the_sum_is_the_gradient(computation: tuple[Value, Value]) -> None:
    y, x = computation
    (expected,) = gradients(y, x, allow_unused=True)
    found = explain(y, x, max_paths=10**6)
    assert found.gradient == pytest.approx(expected or 0.0, rel=1e-9, abs=1e-9)
    assert all(path.steps[0].result is y for path in found.paths if y is not x)
    assert all(path.steps[-1].operand is x for path in found.paths if y is not x)
    assert (y.grad, x.grad) == (0.0, 0.0)


def test_no_path() -> None:
    found = explain(Value(1.0, label="a").exp(), Value(2.0, label="b"))
    assert (found.paths, found.gradient) == ([], 0.0)
    assert str(found) == "dy/db = 0, as y does not depend on b"
    assert found.latex == r"\frac{\partial y}{\partial b} = 0"


def test_a_value_by_itself() -> None:
    x = Value(2.0, label="x")
    assert explain(x, x).gradient == 1.0
    assert "dx/dx = 1.0000" in str(explain(x, x))
    assert explain(x, x).latex


def test_equal_labels_are_told_apart() -> None:
    x, h = Value(1.0, label="h"), Value(1.0, label="h")
    y = x * h
    y.label = "h"
    text = str(explain(y, x))
    assert "dv1/dh" in text


def test_a_long_chain_is_no_limit() -> None:
    y = x = Value(1.0)
    for _ in range(20_000):
        y = y + 1
    assert explain(y, x).gradient == 1.0


def test_too_many_paths_are_counted_not_walked() -> None:
    y = x = Value(0.5)
    for _ in range(200):
        y = y * y
    with pytest.raises(ValueError, match=r"explain: 1,606,938,044,258,990,275,541.* max_paths=100"):
        explain(y, x)


def test_ways_that_do_not_lead_to_x_are_not_walked() -> None:
    x, z = Value(2.0, label="x"), Value(1.0, label="z")
    for _ in range(200):
        z = z * z
    assert explain(z * x, x).gradient == 1.0


@pytest.mark.parametrize("wrong", [1.0, None, Tensor(1.0, requires_grad=True)])
def test_only_values_are_explained(wrong: object) -> None:
    with pytest.raises(TypeError, match="explain: x is of type"):
        explain(Value(1.0), wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="explain: y is of type"):
        explain(wrong, Value(1.0))  # type: ignore[arg-type]


def test_the_text_stays_as_it_was() -> None:
    x = Value(3.0, label="x")
    found = explain(x.exp(), x)
    before = str(found)
    x.data, x.label = 5.0, "other"
    assert str(found) == before
