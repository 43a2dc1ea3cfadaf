"""Pictures of graphs: the model in DOT, its escaping and order, and the rendered files."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value
from autograd.drawing import Drawing, draw

MAGIC = {"svg": b"<?xml", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "dot": b"digraph"}


def neuron() -> Value:
    """tanh(w1*x1 + w2*x2 + b), labelled, with its gradients."""
    x1, x2, w1, w2, b = (
        Value(number, label=label)
        for label, number in [("x1", 2.0), ("x2", 0.0), ("w1", -3.0), ("w2", 1.0), ("b", 6.88)]
    )
    out = (x1 * w1 + x2 * w2 + b).tanh()
    out.label = "o"
    out.backward()
    return out


def layers() -> Tensor:
    """The loss of a classifier of two layers."""
    rng = np.random.default_rng(0)
    w1, b1, w2 = (
        Tensor(rng.normal(size=shape), requires_grad=True, label=label)
        for label, shape in [("W1", (4, 8)), ("b1", (8,)), ("W2", (8, 3))]
    )
    x = Tensor(rng.normal(size=(5, 4)), label="x")
    hidden = autograd.relu(x @ w1 + b1)
    scores = autograd.log_softmax(hidden @ w2, axis=1)
    return -autograd.sum(scores[np.arange(5), np.array([0, 1, 2, 0, 1])]) / 5


def boxes(drawing: Drawing) -> dict[str, str]:
    """The label of each box by its id."""
    return dict(re.findall(r'^  (n\d+) \[label="(.*?)" shape=', drawing.dot, re.MULTILINE))


def edges(drawing: Drawing) -> list[tuple[str, str]]:
    """The edges as pairs of labels, in order."""
    label = boxes(drawing)
    pairs = re.findall(r"^  (n\d+) -> (n\d+)", drawing.dot, re.MULTILINE)
    return [(label[tail], label[head]) for tail, head in pairs]


def operands(drawing: Drawing, operation: str) -> list[str]:
    return [tail for tail, head in edges(drawing) if head == operation]


# --- golden texts -----------------------------------------------------------------------

HEAD = """\
digraph {
  graph [bgcolor="white" nodesep="0.2" ranksep="0.35" rankdir="LR"]
  node [fontname="Helvetica,Arial,sans-serif" fontsize="11" height="0.3"]
  edge [color="#6b7280" arrowsize="0.6" tailport="e"]
"""
LEAF = 'shape="record" style="filled" fillcolor="#dbeafe" color="#1d4ed8"'
CONSTANT = 'shape="record" style="filled,dashed" fillcolor="#f3f4f6" color="#6b7280"'
NUMBER = (
    'shape="ellipse" style="filled,dashed" fillcolor="#f3f4f6" color="#6b7280" '
    'margin="0.05,0.02" fontsize="10" width="0.3" height="0.25"'
)
OPERATION = (
    'shape="ellipse" style="filled" fillcolor="#fde68a" color="#b45309" '
    'margin="0.08,0.03" width="0.4"'
)
RESULT = 'shape="Mrecord" style="filled" fillcolor="white" color="#374151"'
OUTPUT = 'shape="Mrecord" style="filled,bold" fillcolor="#bbf7d0" color="#15803d"'


def test_a_scalar_graph_in_dot() -> None:
    x = Value(2.0, label="x")
    y = x * x - 3
    y.label = "y"
    y.backward()
    assert draw(y).dot == HEAD + (
        f'  n1 [label="{{ x | data 2.0000 | grad 4.0000 }}" {LEAF}]\n'
        f'  n2 [label="*" {OPERATION}]\n'
        f'  n3 [label="{{ data 4.0000 | grad 1.0000 }}" {RESULT}]\n'
        f'  n4 [label="3" {NUMBER}]\n'
        f'  n5 [label="-" {OPERATION}]\n'
        f'  n6 [label="{{ y | data 1.0000 | grad 1.0000 }}" {OUTPUT}]\n'
        "  n1 -> n2\n"
        "  n1 -> n2\n"
        '  n2 -> n3 [weight="3"]\n'
        '  n3 -> n5 [headport="nw"]\n'
        '  n4 -> n5 [headport="sw"]\n'
        '  n5 -> n6 [weight="3"]\n'
        "}\n"
    )


def test_a_tensor_graph_in_dot() -> None:
    w = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, dtype=np.float32, label="W")
    y = autograd.sum(Tensor([1.0, 2.0], dtype=np.float32, label="x") @ w) * 0.5
    assert draw(y).dot == HEAD + (
        f'  n1 [label="W | (2, 2) float32" {LEAF}]\n'
        f'  n2 [label="x | (2,) float32" {CONSTANT}]\n'
        f'  n3 [label="matmul" {OPERATION}]\n'
        f'  n4 [label="(2,) float32" {RESULT}]\n'
        f'  n5 [label="sum" {OPERATION}]\n'
        f'  n6 [label="() float32" {RESULT}]\n'
        f'  n7 [label="0.5" {NUMBER}]\n'
        f'  n8 [label="multiply" {OPERATION}]\n'
        f'  n9 [label="() float32" {OUTPUT}]\n'
        '  n2 -> n3 [headport="nw"]\n'
        '  n1 -> n3 [headport="sw"]\n'
        '  n3 -> n4 [weight="3"]\n'
        "  n4 -> n5\n"
        '  n5 -> n6 [weight="3"]\n'
        "  n6 -> n8\n"
        "  n7 -> n8\n"
        '  n8 -> n9 [weight="3"]\n'
        "}\n"
    )


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
    assert f'"(2, 1) float64" {CONSTANT}' in draw(t).dot


def test_a_tensor_without_a_graph_is_a_single_constant() -> None:
    drawing = draw(Tensor([[1, 2]], label="pixels"))
    assert list(boxes(drawing).values()) == ["pixels | (1, 2) int64"]
    assert CONSTANT in drawing.dot
    assert edges(drawing) == []


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
    assert operands(draw(x * x), "multiply") == ["x | (2,) float64"] * 2


def test_a_leaf_of_many_uses_is_repeated_beside_them() -> None:
    x, unnamed, out = Value(1.0, label="x"), Value(2.0), Value(3.0, label="start")
    for _ in range(5):
        out = out * x * x + unnamed
    labels = [label for label in boxes(draw(out)).values() if "copy" in label]
    assert len(labels) == 15
    assert labels[0] == "{ x | data 1.0000 | grad 0.0000 | copy 1 of 10 }"
    assert labels[2] == "{ data 2.0000 | grad 0.0000 | leaf 1, copy 1 of 5 }"


def test_a_repeated_leaf_used_twice_by_one_operation_is_one_copy() -> None:
    x = Value(1.0, label="x")
    drawing = draw([x * x for _ in range(5)])
    assert sum("copy" in label for label in boxes(drawing).values()) == 5
    assert len(operands(drawing, "*")) == 10


def test_a_leaf_is_repeated_where_its_uses_are_far_apart() -> None:
    x = Value(1.0, label="x")
    near, far = x, x
    for _ in range(10):
        near = near.tanh()
    for _ in range(20):
        far = far.tanh()
    assert "copy" not in draw(near * x).dot
    assert "copy 2 of 2" in draw(far * x).dot


def test_few_uses_draw_a_leaf_once() -> None:
    x = Tensor([1.0], requires_grad=True, label="x")
    drawing = draw([x * 2, x * 3, x * 4, x * 5])
    assert list(boxes(drawing).values()).count("x | (1,) float64") == 1


def test_layouts_of_long_chains_that_share_leaves_take_no_time() -> None:
    w, x = [Value(0.5, label=f"w{i}") for i in range(25)], Value(1.0)
    for i in range(100):
        x = x * w[i * 7 % 25]  # four uses each, all over the chain
    start = time.perf_counter()
    assert "</svg>" in draw(x).svg
    assert time.perf_counter() - start < 10  # minutes, were the leaves drawn once


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
    for _ in range(100_000):
        x = autograd.tanh(x)
    assert draw(x).dot.count("->") == 200_000


# --- directions, escaping ---------------------------------------------------------------


@pytest.mark.parametrize("direction", ["LR", "TB", "RL", "BT"])
def test_directions(direction: str) -> None:
    drawing = draw(neuron() / 2, direction=direction)
    assert f'rankdir="{direction}"' in drawing.dot
    assert "</svg>" in drawing.svg


def test_cells_of_tensors_are_stacked_in_every_direction() -> None:
    t = Tensor([1.0], requires_grad=True, label="t")
    assert '"t | (1,) float64"' in draw(t).dot
    assert '"{ t | (1,) float64 }"' in draw(t, direction="TB").dot


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
    drawing = draw(Value(1.0, label=label))
    drawing.dot.encode()
    found = ElementTree.fromstring(drawing.svg).iter("{http://www.w3.org/2000/svg}text")
    shown = "".join(text.text or "" for text in found).removesuffix("data 1.0000grad 0.0000")
    visible = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in label)
    assert shown.replace(" ", "") == "".join(visible).replace(" ", "")


def test_labels_that_are_no_text_are_shown() -> None:
    assert "{ 7 | data" in draw(Value(1.0, label=7)).dot  # type: ignore[arg-type]


# --- rendering --------------------------------------------------------------------------


@pytest.mark.parametrize("build", [neuron, layers])
@pytest.mark.parametrize("ending", ["svg", "png", "pdf", "dot", "PNG"])
def test_files_are_of_their_format(build: Any, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"graph.{ending}"
    assert draw(build()).save(path) == path
    assert path.read_bytes().startswith(MAGIC[ending.lower()])
    assert os.listdir(tmp_path) == [path.name]


def test_a_name_as_text_gives_a_path(tmp_path: Path) -> None:
    assert draw(neuron()).save(f"{tmp_path}/graph.svg") == tmp_path / "graph.svg"


def test_saving_replaces_and_follows_links(tmp_path: Path) -> None:
    target, link = tmp_path / "target.dot", tmp_path / "link.dot"
    target.write_text("old")
    link.symlink_to(target)
    drawing = draw(neuron())
    drawing.save(link)
    assert link.is_symlink()
    assert target.read_text() == drawing.dot


def test_notebooks_show_the_svg() -> None:
    drawing = draw(neuron())
    assert drawing.svg == drawing._repr_svg_()
    assert drawing.svg.rstrip().endswith("</svg>")
    bundle = drawing._repr_mimebundle_(include=None, exclude=None)
    assert bundle == {"image/svg+xml": drawing.svg, "text/plain": "Drawing(boxes=15, edges=14)"}


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the `dot` program, first on the PATH; what is run is up to the test."""
    folder = tmp_path / "bin"
    folder.mkdir()
    path = folder / "dot"
    path.write_text('#!/bin/sh\necho "$@"\ncat\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
def test_the_dot_program_is_used_where_it_is_there(program: Path) -> None:
    drawing = draw(neuron())
    assert drawing.svg == f"-Kdot -Tsvg\n{drawing.dot}"


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
def test_a_failing_dot_program_is_an_error(program: Path) -> None:
    program.write_text("#!/bin/sh\ncat >/dev/null\necho 'no pdf here' >&2\nexit 1\n")
    with pytest.raises(RuntimeError, match=r"could not make the pdf.*no pdf here"):
        draw(neuron()).save(program.with_name("graph.pdf"))
    assert os.listdir(program.parent) == ["dot"]


def test_without_graphviz_the_error_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    drawing = draw(neuron())
    with pytest.raises(RuntimeError, match=r"pip install pygraphviz.*system's graphviz package"):
        drawing.save(tmp_path / "graph.svg")
    with pytest.raises(RuntimeError, match="no Graphviz"):
        drawing._repr_svg_()
    assert drawing.save(tmp_path / "graph.dot").read_text() == drawing.dot
    assert os.listdir(tmp_path) == ["graph.dot"]


def test_importing_the_engine_imports_no_graphviz() -> None:
    code = "import sys, autograd.drawing; print({'graphviz', 'pygraphviz'} & {*sys.modules})"
    assert os.popen(f'"{sys.executable}" -c "{code}"').read().strip() == "set()"


# --- errors -----------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [1.0, "x", None, np.ones(2), [Value(1.0), 2.0], [[Value(1.0)]]])
def test_what_has_no_graph_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"draw: \w+ has no graph: give a Value, a Tensor, or a"):
        draw(wrong)


@pytest.mark.parametrize("empty", [[], ()])
def test_an_empty_list_is_refused(empty: Any) -> None:
    with pytest.raises(ValueError, match="draw: the list is empty"):
        draw(empty)


@pytest.mark.parametrize("direction", ["lr", "", "UP", None])
def test_unknown_directions_are_refused(direction: Any) -> None:
    with pytest.raises(ValueError, match=r"direction .* is unknown: use one of LR, TB, RL, BT"):
        draw(Value(1.0), direction=direction)


@pytest.mark.parametrize("name", ["graph", "graph.gif", "graph.svg.", ".png", "graph.svgz"])
def test_unknown_formats_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"save: .* let the name end in .svg, .png, .pdf, .dot"):
        draw(Value(1.0)).save(tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "graph.svg"
    with pytest.raises(FileNotFoundError, match="save: cannot write the picture") as caught:
        draw(Value(1.0)).save(path)
    assert caught.value.filename == str(path)


def test_a_folder_or_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    folder, file = tmp_path / "folder.svg", tmp_path / "file"
    folder.mkdir()
    file.write_text("")
    with pytest.raises(IsADirectoryError, match="save: cannot write the picture"):
        draw(Value(1.0)).save(folder)
    with pytest.raises(NotADirectoryError, match="save: cannot write the picture"):
        draw(Value(1.0)).save(file / "graph.svg")
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.svg"]


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "graph.dot"
    path.write_text("old")

    def full(beside: Path, *_: Any) -> None:
        with open(beside, "wb") as file:
            file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path if step == "write_bytes" else os, step, full)
    with pytest.raises(OSError, match="save: cannot write the picture: No space left"):
        draw(Value(1.0)).save(path)
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["graph.dot"]
