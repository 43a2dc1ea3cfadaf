"""Modules and functions: boxes, names, what is seen while they run, and repeats."""

from __future__ import annotations

import random
import re
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value, draw

from .helpers import boxes, operands

X = np.ones((5, 8), np.float32)


class Block(nn.Module):
    """A linear layer and a tanh."""

    def __init__(self, width: int = 8) -> None:
        self.linear = nn.Linear(width, width)

    def forward(self, x: Any) -> Any:
        return np.tanh(self.linear(x))


class Deep(nn.Module):
    """Equal blocks and a head."""

    def __init__(self, depth: int = 12) -> None:
        self.blocks = [Block() for _ in range(depth)]
        self.head = nn.Linear(8, 3)

    def forward(self, x: Any) -> Any:
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def titles(drawing: autograd.Drawing) -> list[str]:
    """The titles of the boxes around modules, from the outside in."""
    return re.findall(r'subgraph cluster_\d+ \{\n\s+graph \[label="([^"]*)"', drawing.dot)


# --- boxes ------------------------------------------------------------------------------


def test_modules_are_nested_boxes_named_by_their_path() -> None:
    assert titles(draw(Deep(2), X)) == [
        "Deep, 171 parameters",
        "blocks.0: Block, 72 parameters",
        "blocks.0.linear: Linear, 72 parameters",
        "blocks.1: Block, 72 parameters",
        "blocks.1.linear: Linear, 72 parameters",
        "head: Linear, 27 parameters",
    ]


def test_parameters_have_their_paths_and_inputs_their_argument_s_name() -> None:
    drawing = draw(Deep(1), X, show=("shape",))
    assert operands(drawing, "linear")[:3] == [
        "x | (5, 8)", "blocks.0.linear.weight | (8, 8)", "blocks.0.linear.bias | (8,)",
    ]  # fmt: skip


def test_parameters_are_inside_the_box_of_their_module_and_inputs_outside() -> None:
    before, inside = draw(nn.Linear(2, 1), np.ones((3, 2), np.float32)).dot.split("subgraph")
    assert 'label="input |' in before
    assert 'label="weight |' in inside.split("}\n")[0]


def test_depth_closes_modules() -> None:
    drawing = draw(Deep(2), X, depth=1, show=("shape",))
    assert titles(drawing) == ["Deep, 171 parameters"]
    closed = "blocks.0: Block | 72 parameters | gives (5, 8) float32 | 2 operations"
    assert set(boxes(drawing).values()) == {
        "x | (5, 8)", closed, closed.replace("0: ", "1: "),
        "head: Linear | 27 parameters | gives (5, 3) float32", "(5, 3)",
    }  # fmt: skip
    whole = "Deep | 171 parameters | gives (5, 3) float32 | 5 operations"
    assert whole in boxes(draw(Deep(2), X, depth=0)).values()
    assert draw(Deep(2), X, depth=9).dot == draw(Deep(2), X).dot


def test_a_parameter_of_several_closed_modules_is_not_drawn() -> None:
    shared = nn.Linear(8, 8)
    model = nn.Sequential(shared, nn.ReLU(), shared)
    texts = boxes(draw(model, X, depth=1)).values()
    assert not any("weight" in text for text in texts)
    assert sum("weight" in text for text in boxes(draw(model, X)).values()) == 1


def test_scopes_are_boxes_too() -> None:
    def f(x: Value) -> Value:
        with autograd.scope("squares"):
            y = x * x
            with autograd.scope("inner"):
                y = y + 1
        return y.exp()

    assert titles(draw(f, Value(1.0))) == ["squares", "inner"]
    assert titles(draw(f, Value(1.0), depth=1)) == ["squares"]


def test_a_scope_needs_a_name_or_a_module() -> None:
    with pytest.raises(TypeError, match="scope: int 3 is no part of a model"):
        autograd.scope(3)


def test_scopes_do_nothing_outside_of_pictures() -> None:
    with autograd.scope("nothing"):
        x = Value(1.0) + 1
    assert titles(draw(x)) == []
    assert autograd.scope.active == 0


def test_a_failing_function_leaves_no_trace() -> None:
    def f(x: Value) -> Value:
        with autograd.scope("half"):
            raise ZeroDivisionError("on purpose")

    with pytest.raises(ZeroDivisionError, match="on purpose"):
        draw(f, Value(1.0))
    assert autograd.scope.active == 0
    assert autograd.recording.mode.observer is None


def test_drawing_inside_of_a_drawing() -> None:
    inner = []

    def f(x: Value) -> Value:
        with autograd.scope("outer"):
            inner.append(draw(lambda z: z.exp(), Value(1.0)))
            return x * x

    assert titles(draw(f, Value(2.0))) == ["outer"]
    assert titles(inner[0]) == []


# --- what is seen -----------------------------------------------------------------------


def test_data_and_gradients_of_intermediate_tensors_are_those_of_the_passes() -> None:
    model, x = Block(2), np.array([[0.5, -1.0]], np.float32)
    drawing = draw(lambda x: model(x).sum(), x, show=("data", "grad"))
    hidden = model.linear(x)
    hidden.retain_grad()
    np.tanh(hidden).sum().backward()
    one, two = hidden.data.ravel().tolist()
    g, h = hidden.grad.ravel().tolist()
    assert f"data [{one:.4f}, {two:.4f}] | grad [{g:.4f}, {h:.4f}]" in boxes(drawing).values()


def test_no_gradient_is_stored_and_none_is_changed() -> None:
    model = Block()
    model.linear.bias.grad = np.full(8, 7.0, np.float32)
    draw(model, X)
    assert model.linear.weight.grad is None
    assert (model.linear.bias.grad == 7.0).all()


def test_functions_run_under_no_grad_are_recorded_for_the_picture() -> None:
    with autograd.no_grad():
        assert len(boxes(draw(Block(), X))) > 1
        assert not Block()(X).requires_grad


def test_frozen_parameters_are_still_called_by_their_path() -> None:
    model = Block()
    model.linear.weight.requires_grad = False
    assert any(t.startswith("linear.weight |") for t in boxes(draw(model, X)).values())


def test_lists_of_inputs_are_named_by_their_place() -> None:
    random.seed(0)
    drawing = draw(nn.Neuron(2), [Value(1.0), Value(2.0)], show=("data",))
    assert operands(drawing, "dot")[2:] == ["{ x[0] | data 1.0000 }", "{ x[1] | data 2.0000 }"]


def test_a_plain_array_used_twice_is_one_box() -> None:
    w = Tensor(np.ones((5, 8)), requires_grad=True)
    x, other = np.ones((5, 8)), np.ones(8)
    drawing = draw(lambda x: x * w + x * other * w + autograd.maximum(w, other), x, show=("data",))
    texts = list(boxes(drawing).values())
    assert texts.count("x | data all 1.0000") == 1
    assert texts.count("data all 1.0000") >= 2  # w, and the other array once


def test_the_first_block_on_the_input_is_a_repeat_too() -> None:
    class Residual(nn.Module):
        def __init__(self) -> None:
            self.linear = nn.Linear(8, 8)

        def forward(self, x: Any) -> Any:
            return x + np.tanh(self.linear(x))

    drawing = draw(nn.Sequential(*[Residual() for _ in range(12)]), X)
    assert titles(drawing)[1] == "0 … 11: Residual × 12, 72 parameters each"


def test_a_function_with_several_results_in_a_dict() -> None:
    def f(x: Tensor) -> dict[str, Any]:
        return {"a": x * 2, "b": [x * 3, "text"]}

    assert draw(f, Tensor([1.0], requires_grad=True)).dot.count('penwidth="2.2"') == 3


def test_a_function_without_a_graph_is_refused() -> None:
    with pytest.raises(TypeError, match="draw: <lambda> returned ndarray, which has no graph"):
        draw(lambda x: x + 1, np.ones(3))
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        draw(Block())


def test_values_and_tensors_after_the_first_are_drawn_as_well() -> None:
    x = Value(1.0)
    assert draw(x.exp(), x.tanh()).dot == draw([x.exp(), x.tanh()]).dot


# --- repeats ----------------------------------------------------------------------------


def test_repeated_blocks_are_drawn_once_with_their_number() -> None:
    drawing = draw(Deep(12), X)
    assert titles(drawing) == [
        "Deep, 891 parameters",
        "blocks.0 … blocks.11: Block × 12, 72 parameters each",
        "blocks.0.linear: Linear, 72 parameters",
        "head: Linear, 27 parameters",
    ]
    assert list(boxes(drawing).values()).count("linear") == 2
    every = draw(Deep(12), X, fold_repeats=False)
    assert list(boxes(every).values()).count("linear") == 13


def test_two_blocks_are_drawn_twice() -> None:
    assert list(boxes(draw(Deep(2), X)).values()).count("tanh") == 2


def test_a_pattern_of_modules_and_operations_repeats() -> None:
    layers = [module for _ in range(5) for module in (nn.Linear(8, 8), nn.Tanh())]
    drawing = draw(nn.Sequential(*layers, nn.Linear(8, 1)), X)
    assert titles(drawing) == [
        "Sequential, 369 parameters",
        "repeated × 5",
        "0 … 8: Linear, 72 parameters",
        "1 … 9: Tanh",
        "10: Linear, 9 parameters",
    ]
    assert "repeated × 5" in titles(draw(nn.Sequential(*layers), X, depth=1))


def test_blocks_on_other_shapes_are_not_repeats() -> None:
    layers = [nn.Linear(8 - i, 7 - i) for i in range(4)]
    assert "×" not in draw(nn.Sequential(*layers), X).dot


def test_blocks_wired_in_another_way_are_not_repeats() -> None:
    cell = nn.Linear(8, 8)

    def f(x: Any, squares: Any) -> Any:
        for square in squares:
            c = cell(x)
            x = c * (c if square else x)
        return x

    w = Tensor(X, requires_grad=True)
    assert "repeated × 4" in titles(draw(lambda x: f(x, [True] * 4), w))
    assert "repeated × 4" in titles(draw(lambda x: f(x, [False] * 4), w))
    assert "repeated" not in "".join(titles(draw(lambda x: f(x, [True, False] * 2), w)))


def test_the_last_of_the_repeated_blocks_may_give_the_output() -> None:
    drawing = draw(nn.Sequential(*[Block() for _ in range(12)]), X)
    assert titles(drawing)[1] == "0 … 11: Block × 12, 72 parameters each"
    assert 'penwidth="2.2"' in re.findall(r".*tanh.*\n(.*)", drawing.dot)[0]


def test_steps_of_a_loop_over_inputs_are_one() -> None:
    cell = nn.Linear(8, 8)

    def f(xs: Any) -> Any:
        h = np.zeros((5, 8), np.float32)
        for x in xs:
            h = np.tanh(cell(x) + h)
        return h

    drawing = draw(f, [X.copy() for _ in range(20)])
    assert titles(drawing) == [
        "Linear, 72 parameters", "repeated × 19", "Linear, 72 parameters",
    ]  # fmt: skip
    assert "xs[1] × 19 | (5, 8) float32" in boxes(drawing).values()


def test_scalar_neurons_repeat() -> None:
    random.seed(0)
    drawing = draw(nn.MLP(2, [16, 16, 1]), [Value(1.0), Value(2.0)])
    assert "layers.1.neurons.0 … layers.1.neurons.15: Neuron × 16, 17 parameters each" in titles(
        drawing
    )
    assert "× 16" in re.findall(r'label=" ([^"]*) "', drawing.dot)


def test_repeats_in_calls_that_repeat() -> None:
    random.seed(0)
    model = nn.MLP(2, [4, 1])
    drawing = draw(lambda xs: [model(x) for x in xs], [[1.0, 2.0]] * 50)
    assert titles(drawing)[:3] == [
        "MLP × 50, 17 parameters each",
        "layers.0: Layer, 12 parameters",
        "layers.0.neurons.0 … layers.0.neurons.3: Neuron × 4, 3 parameters each",
    ]
    assert len(boxes(drawing)) < 40


# --- a large graph ----------------------------------------------------------------------


def test_above_max_nodes_modules_are_closed_and_a_line_says_so() -> None:
    drawing = draw(Deep(12), X, fold_repeats=False, max_nodes=40)
    assert titles(drawing) == [
        "Deep, 891 parameters", *(f"blocks.{i}: Block, 72 parameters" for i in range(12)),
        "head: Linear, 27 parameters",
    ]  # fmt: skip
    assert (
        "52 nodes are more than max_nodes=40: modules are drawn closed, as with depth=2. depth=… "
        "opens more, max_nodes=None shows all."
    ) in drawing.dot


def test_a_large_graph_without_modules_is_drawn_by_operation() -> None:
    x = leaf = Value(0.5)
    for _ in range(50_000):
        x = (x * leaf).tanh()
    drawing = draw(x)
    assert set(boxes(drawing).values()) == {
        "{ data 0.5000 | grad 0.0000 }", "{ * × 50,000 }", "{ tanh × 49,999 }", "tanh",
        "{ data 0.0000 | grad 0.0000 }",
    }  # fmt: skip
    assert "100,001 nodes are more than max_nodes=1,000" in drawing.dot
    assert "× 50,001" in drawing.dot
    assert "</svg>" in drawing.svg


def test_max_nodes_counts_what_would_be_drawn() -> None:
    x = Value(1.0)
    for _ in range(9):
        x = x.tanh()
    assert "more than" not in draw(x, max_nodes=10).dot
    assert "10 nodes are more than max_nodes=9" in draw(x, max_nodes=9).dot
