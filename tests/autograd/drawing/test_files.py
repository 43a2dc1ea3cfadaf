"""Files: formats, Graphviz or none, whole files or none at all, and bad input."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value, draw

from .helpers import layers, neuron

MAGIC = {
    "svg": b"<?xml",
    "png": b"\x89PNG\r\n\x1a\n",
    "pdf": b"%PDF-",
    "dot": b"digraph",
    "html": b"<!doctype html>",
}

# --- rendering --------------------------------------------------------------------------


@pytest.mark.parametrize("build", [neuron, layers])
@pytest.mark.parametrize("ending", ["svg", "png", "pdf", "dot", "html", "PNG"])
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
    assert "</html>" in drawing.save(tmp_path / "graph.html").read_text()
    assert sorted(os.listdir(tmp_path)) == ["graph.dot", "graph.html"]


def test_importing_the_engine_imports_no_graphviz() -> None:
    code = "import sys, autograd.drawing; print({'graphviz', 'pygraphviz'} & {*sys.modules})"
    assert os.popen(f'"{sys.executable}" -c "{code}"').read().strip() == "set()"


# --- errors -----------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [1.0, "x", None, np.ones(2), [Value(1.0), 2.0], [[Value(1.0)]]])
def test_what_has_no_graph_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"draw: \w+ has no graph: give a Value, a Tensor, a list"):
        draw(wrong)


@pytest.mark.parametrize("empty", [[], ()])
def test_an_empty_list_is_refused(empty: Any) -> None:
    with pytest.raises(ValueError, match="draw: the list is empty"):
        draw(empty)


@pytest.mark.parametrize("direction", ["lr", "", "UP", None])
def test_unknown_directions_are_refused(direction: Any) -> None:
    with pytest.raises(ValueError, match=r"direction .* is unknown: use one of LR, TB, RL, BT"):
        draw(Value(1.0), direction=direction)


@pytest.mark.parametrize(
    ("option", "wrong", "message"),
    [
        ("theme", "solarized", "theme 'solarized' is unknown: use one of light, dark, print"),
        ("show", ("data", "value"), "show 'value' is unknown: use one of data, grad, shape, dtype"),
        ("depth", -1, "depth=-1: give an integer from 0 on, or None"),
        ("depth", 1.5, "depth=1.5: give an integer from 0 on, or None"),
        ("max_nodes", 0, "max_nodes=0: give an integer from 1 on, or None"),
    ],
)
def test_unknown_options_are_refused(option: str, wrong: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"draw: {message}"):
        draw(Value(1.0), **{option: wrong})


def test_a_text_is_no_tuple_of_words() -> None:
    with pytest.raises(TypeError, match="draw: show='data' is text: give a tuple"):
        draw(Value(1.0), show="data")


def test_derivatives_are_those_of_values() -> None:
    with pytest.raises(ValueError, match="draw: derivatives on the edges are those of Values"):
        draw(Tensor([1.0], requires_grad=True), show=("derivatives",))


@pytest.mark.parametrize("name", ["graph", "graph.gif", "graph.svg.", ".png", "graph.svgz"])
def test_unknown_formats_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"save: .* let the name end in .svg, .png, .pdf, .dot, .html"
    ):
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
