"""What a picture says: its DOT text, golden and in parts, its order, its escaping."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, draw
from autograd.drawing.themes import THEMES

from .helpers import boxes, edges, layers, neuron, operands

# --- golden texts -----------------------------------------------------------------------

FONT = 'fontname="Helvetica,Arial,sans-serif"'
HEAD = f"""\
digraph {{
  graph [bgcolor="#ffffff" {FONT} nodesep="0.2" ranksep="0.35" rankdir="LR"]
  node [{FONT} fontsize="11" height="0.3" fontcolor="#111827"]
  edge [color="#6b7280" arrowsize="0.6" {FONT} fontsize="9" fontcolor="#4b5563" tailport="e"]
"""
LEAF = 'shape="record" style="filled" fillcolor="#cfe3f7" color="#0b5cad"'
INPUT = 'shape="record" style="filled" fillcolor="#ffffff" color="#7c2d92" penwidth="2.2"'
CONSTANT = 'shape="record" style="filled,dashed" fillcolor="#f3f4f6" color="#6b7280"'
NUMBER = (
    'shape="ellipse" margin="0.05,0.02" width="0.3" height="0.25" fontsize="10" '
    'style="filled,dashed" fillcolor="#f3f4f6" color="#6b7280"'
)
OPERATION = (
    'shape="ellipse" margin="0.08,0.03" width="0.4" style="filled" '
    'fillcolor="#fff3d6" color="#b45309"'
)
RESULT = 'shape="Mrecord" style="filled" fillcolor="#ffffff" color="#374151"'
OUTPUT = 'shape="Mrecord" style="filled" fillcolor="#b9e6d0" color="#00704f" penwidth="2.2"'


def test_a_scalar_graph_in_dot() -> None:
    x = Value(2.0, label="x")
    y = x * x - 3
    y.label = "y"
    y.backward()
    assert draw(y, legend=False).dot == HEAD + (
        f'  n1 [label="{{ x | data 2.0000 | grad 4.0000 }}" {LEAF}]\n'
        f'  o2 [label="*" {OPERATION}]\n'
        f'  n2 [label="{{ data 4.0000 | grad 1.0000 }}" {RESULT}]\n'
        f'  n3 [label="3" {NUMBER}]\n'
        f'  o4 [label="-" {OPERATION}]\n'
        f'  n4 [label="{{ y | data 1.0000 | grad 1.0000 }}" {OUTPUT}]\n'
        "  n1 -> o2\n"
        "  n1 -> o2\n"
        '  o2 -> n2 [weight="3"]\n'
        '  n2 -> o4 [headport="nw"]\n'
        '  n3 -> o4 [headport="sw"]\n'
        '  o4 -> n4 [weight="3"]\n'
        "}\n"
    )


def test_a_tensor_graph_in_dot() -> None:
    w = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, dtype=np.float32, label="W")
    y = autograd.sum(Tensor([1.0, 2.0], dtype=np.float32, label="x") @ w) * 0.5
    assert draw(y, legend=False).dot == HEAD + (
        f'  n1 [label="W | (2, 2) float32, 16 B" {LEAF}]\n'
        f'  n2 [label="x | (2,) float32, 8 B" {INPUT}]\n'
        f'  o3 [label="matmul" {OPERATION}]\n'
        f'  n3 [label="(2,) float32, 8 B" {RESULT}]\n'
        f'  o4 [label="sum" {OPERATION}]\n'
        f'  n4 [label="() float32, 4 B" {RESULT}]\n'
        f'  n5 [label="0.5" {NUMBER}]\n'
        f'  o6 [label="multiply" {OPERATION}]\n'
        f'  n6 [label="() float32, 4 B" {OUTPUT}]\n'
        '  n2 -> o3 [headport="nw"]\n'
        '  n1 -> o3 [headport="sw"]\n'
        '  o3 -> n3 [weight="3"]\n'
        "  n3 -> o4\n"
        '  o4 -> n4 [weight="3"]\n'
        "  n4 -> o6\n"
        "  n5 -> o6\n"
        '  o6 -> n6 [weight="3"]\n'
        "}\n"
    )


# --- the legend and the themes ----------------------------------------------------------


def test_the_legend_explains_the_kinds_that_are_there_and_no_others() -> None:
    def legend(drawing: autograd.Drawing) -> list[str]:
        return re.findall(r"<td[^>]*><font[^>]*>([^<]*)</font></td>", drawing.dot)

    x = Tensor([1.0], requires_grad=True)
    assert legend(draw(x)) == ["leaf with a gradient"]
    y = x * Tensor([2.0], label="x") + np.array([1.0])
    kinds = ["input", "leaf with a gradient", "constant", "result", "output", "operation"]
    assert legend(draw(y)) == kinds
    assert "<table" not in draw(y, legend=False).dot


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_themes(theme: str) -> None:
    drawing = draw(neuron(), theme=theme)
    assert f'bgcolor="{THEMES[theme].background}"' in drawing.dot
    assert "</svg>" in drawing.svg


def luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance of a colour like "#rrggbb"."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_text_can_be_read_on_every_box(theme: str) -> None:
    colours = THEMES[theme]
    pairs = [(colours.text, style.fill) for style in colours.kinds.values()]
    pairs += [(colours.muted, colours.background), (colours.muted, colours.scope)]
    for pair in pairs:
        dark, light = sorted(map(luminance, pair))
        assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG's level AA


def test_kinds_differ_without_colour() -> None:
    looks = {
        kind: (style.round, style.dashed, style.width)
        for kind, style in THEMES["print"].kinds.items()
        if kind in ("input", "parameter", "constant", "result", "output", "module")
    }
    assert len(set(looks.values())) == len(looks)
    for theme in THEMES.values():
        shapes = {k: (s.round, s.dashed, s.width) for k, s in theme.kinds.items() if k in looks}
        assert shapes == looks


# --- what is shown ----------------------------------------------------------------------


def test_derivatives_on_the_edges() -> None:
    a, b = Value(2.0), Value(-3.0)
    dot = draw(a * b + a**2, show=("data", "derivatives"), legend=False).dot
    assert re.findall(r'label=" (∂ [^"]*) "', dot) == [
        "∂ -3.0000", "∂ 2.0000", "∂ 4.0000", "∂ 1.0000", "∂ 1.0000",
    ]  # fmt: skip
    assert "grad" not in dot
    assert "∂" not in draw(a * b).dot


def test_data_and_gradients_of_tensors() -> None:
    w = Tensor([[1.0, -2.0]], requires_grad=True, label="w")
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    drawing = draw(loss, show=("data", "grad"))
    assert "w | data [1.0000, -2.0000] | grad [2.0000, -4.0000]" in boxes(drawing).values()
    assert "data 5.0000" in boxes(drawing).values()
    large = Tensor(np.arange(6.0), requires_grad=True)
    assert "data 0.0000 … 5.0000" in boxes(draw(large, show=("data",))).values()


@pytest.mark.parametrize(
    ("array", "text"),
    [
        ([1.0, np.nan, 3.0, np.inf, -2.0], "-2.0000 … 3.0000, 2 not finite"),
        ([np.nan] * 5, "5 not finite"),
        ([True, False] * 4, "False … True"),
        ([3j, 0, 0, 0, 4], "up to 4.0000 in size"),
        ([2] * 9, "all 2"),
        ([], "[]"),
        (7.0, "7.0000"),
    ],
)
def test_arrays_in_short(array: Any, text: str) -> None:
    assert boxes(draw(Tensor(array), show=("data",)))["n1"] == f"data {text}"


def test_memory_is_part_of_the_dtype() -> None:
    x = Tensor(np.zeros((1000, 300)), requires_grad=True, label="x")
    assert boxes(draw(x))["n1"] == "x | (1000, 300) float64, 2.3 MB"
    assert boxes(draw(x, show=("shape",)))["n1"] == "x | (1000, 300)"
    assert boxes(draw(x, show=("dtype",)))["n1"] == "x | float64, 2.3 MB"


def test_a_box_without_anything_to_say_has_its_kind() -> None:
    assert boxes(draw(Value(1.0), show=("shape",)))["n1"] == "{ leaf }"


# --- the backward graph -----------------------------------------------------------------


@pytest.mark.parametrize("x", [Value(2.0, label="x"), Tensor(2.0, requires_grad=True, label="x")])
def test_the_backward_graph_is_drawn_beside_the_forward_one(x: Any) -> None:
    y = x**3
    y.label = "y"
    drawing = draw(y, backward=True)
    inside = drawing.dot.split("subgraph")[1]
    assert "∂y/∂x" in inside
    assert '"backward"' in inside
    assert '"y' not in inside
    assert x.grad in (None, 0.0)
    y.backward()  # still there
    assert np.asarray(x.grad) == 12.0


# --- what is in a box -------------------------------------------------------------------


def test_symbols_of_scalars_are_those_of_micrograd() -> None:
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    drawing = draw((a**2 + a**b).relu())
    symbols = [label for label in boxes(drawing).values() if "data" not in label]
    assert symbols == ["**2", "**", "+", "ReLU"]
    assert operands(drawing, "**2") == ["{ a | data 2.0000 | grad 0.0000 }"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0.0000"),
        (0.70710678, "0.7071"),
        (-123.45678, "-123.4568"),
        (1.5e-07, "1.5e-07"),
        (-2.5e9, "-2.5e+09"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_data_is_short_but_never_shown_as_zero(number: float, text: str) -> None:
    assert f"data {text} |" in draw(Value(number)).dot


def test_a_gradient_that_was_set_to_none_is_shown() -> None:
    x = Value(1.0)
    x.grad = None
    assert "grad None" in draw(x).dot


@pytest.mark.parametrize(("constant", "text"), [(2, "2"), (0.25, "0.25"), (1e-8, "1e-08")])
def test_constants_are_small_nodes(constant: float, text: str) -> None:
    assert operands(draw(constant + Value(1.0)), "+")[0] == text
    assert operands(draw(constant + Tensor([1.0], requires_grad=True)), "add")[0] == text


def test_arrays_that_record_nothing_are_constants() -> None:
    t = Tensor([1.0, 2.0], requires_grad=True) * np.array([[1.0], [2.0]])
    assert f'"(2, 1) float64, 16 B" {CONSTANT}' in draw(t).dot


def test_a_tensor_without_a_graph_is_a_single_box() -> None:
    drawing = draw(Tensor([[1, 2]], label="pixels"))
    assert list(boxes(drawing).values()) == ["pixels | (1, 2) int64, 16 B"]
    assert INPUT in drawing.dot
    assert edges(drawing) == []
    assert CONSTANT in draw(Tensor([1.0])).dot


@pytest.mark.parametrize("leaf", [Value(1.0), Tensor([1.0], requires_grad=True)])
def test_a_leaf_is_a_single_box(leaf: Any) -> None:
    drawing = draw(leaf)
    assert len(boxes(drawing)) == 1
    assert LEAF in drawing.dot


def test_several_roots_share_one_picture() -> None:
    x = Value(1.0, label="x")
    drawing = draw([x.exp(), x.tanh(), Tensor([1.0])])
    assert drawing.dot.count(OUTPUT) == 2
    assert drawing.dot.count(LEAF) == 1
    assert drawing.dot.count(CONSTANT) == 1


def test_a_root_given_twice_is_drawn_once() -> None:
    y, plain = Value(1.0).exp(), Tensor([1.0])
    assert draw((y, y, plain, plain)).dot == draw((y, plain)).dot


# --- order and repetition ---------------------------------------------------------------


def test_operands_keep_their_order() -> None:
    a, b = Value(1.0, label="a"), Value(2.0, label="b")
    assert [x[2] for x in operands(draw(b - a), "-")] == ["b", "a"]
    assert [x[2] for x in operands(draw(autograd.dot([a, b, b], [b, a, a])), "dot")] == [*"abbbaa"]


def test_graphviz_is_told_the_order_only_where_it_matters() -> None:
    a, b = Value(1.0), Value(2.0)
    assert "headport" not in draw(a * b + a).dot
    assert draw(a / b, direction="TB").dot.count('headport="nw"') == 1
    assert draw(autograd.dot([a, b], [b, a])).dot.count('ordering="in"') == 1
    assert "ordering" not in draw(autograd.sum([a, b, a])).dot


def test_an_operand_used_twice_has_two_edges() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, label="x")
    assert operands(draw(x * x), "multiply") == ["x | (2,) float64, 16 B"] * 2


# --- determinism, depth, and leaving the graph alone ------------------------------------


@pytest.mark.parametrize("build", [neuron, layers])
def test_the_same_graph_gives_the_same_text(build: Any) -> None:
    first = build()
    assert draw(first).dot == draw(first).dot == draw(build()).dot


def test_a_picture_stays_as_it_was_drawn() -> None:
    x = Value(1.0, label="x")
    drawing = draw(x * 2)
    x.data, x.label = 5.0, "other"
    assert "{ x | data 1.0000" in drawing.dot


def test_a_scalar_graph_is_drawn_with_its_gradients() -> None:
    drawing = draw(neuron())
    assert "{ o | data 0.7064 | grad 1.0000 }" in boxes(drawing).values()
    assert "{ x1 | data 2.0000 | grad -1.5029 }" in boxes(drawing).values()


def test_a_freed_tensor_graph_is_drawn_as_before() -> None:
    loss = layers()
    before = draw(loss).dot
    loss.backward()
    assert draw(loss).dot == before


@pytest.mark.parametrize("build", [neuron, layers])
def test_drawing_leaves_the_graph_differentiable(build: Any) -> None:
    drawn, untouched = build(), build()
    draw(drawn).svg  # noqa: B018
    drawn.backward()
    untouched.backward()
    assert draw(drawn).dot == draw(untouched).dot


def test_derivatives_of_derivatives_are_drawn() -> None:
    x = Tensor(2.0, requires_grad=True)
    (x**3).backward(create_graph=True)
    assert "power" in boxes(draw(x.grad)).values()
    x.grad = None


@pytest.mark.parametrize("leaf", [Value(1.0), Tensor(1.0, requires_grad=True)])
def test_depth_is_no_limit(leaf: Any) -> None:
    x = leaf
    for _ in range(20_000):
        x = autograd.tanh(x)
    assert draw(x, max_nodes=None).dot.count("->") == 40_000


# --- directions, escaping ---------------------------------------------------------------


@pytest.mark.parametrize("direction", ["LR", "TB", "RL", "BT"])
def test_directions(direction: str) -> None:
    drawing = draw(neuron() / 2, direction=direction)
    assert f'rankdir="{direction}"' in drawing.dot
    assert "</svg>" in drawing.svg


def test_cells_of_tensors_are_stacked_in_every_direction() -> None:
    t = Tensor([1.0], requires_grad=True, label="t")
    assert '"t | (1,) float64, 8 B"' in draw(t).dot
    assert '"{ t | (1,) float64, 8 B }"' in draw(t, direction="TB").dot


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ('say "hi"', r"say \"hi\""),
        ("back\\slash\\", r"back\\slash\\"),
        ("\\N \\l", r"\\N \\l"),
        ("{a|b}", r"\{a\|b\}"),
        ("<b>x</b>", r"\<b\>x\</b\>"),
        ("R&D &lt;", r"R&amp;D &amp;lt;"),
        ("two\nlines", r"two\nlines"),
        ("tab\t and \x00", r"tab\\t and \\x00"),
        ("half \ud800", r"half \\ud800"),
        ("∂L/∂ü", "∂L/∂ü"),
    ],
)
def test_labels_are_escaped(label: str, text: str) -> None:
    assert f'label="{{ {text} | data 1.0000 | ' in draw(Value(1.0, label=label)).dot


@given(st.text(alphabet=st.characters(exclude_characters="\n"), min_size=1))
@example('"\\')
@example("\\n{|}<i>&amp;&#38;%s")
def test_the_picture_shows_any_label_as_it_is(label: str) -> None:
    drawing = draw(Value(1.0, label=label), legend=False)
    drawing.dot.encode()
    found = ElementTree.fromstring(drawing.svg).iter("{http://www.w3.org/2000/svg}text")
    shown = "".join(text.text or "" for text in found).removesuffix("data 1.0000grad 0.0000")
    visible = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in label)
    assert shown.replace(" ", "") == "".join(visible).replace(" ", "")


def test_labels_that_are_no_text_are_shown() -> None:
    assert "{ 7 | data" in draw(Value(1.0, label=7)).dot  # type: ignore[arg-type]
