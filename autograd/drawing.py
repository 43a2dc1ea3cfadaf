"""Graphs as pictures: first a plain model of boxes and edges, then DOT text, then Graphviz.

The model knows the graph and nothing of DOT, the writer knows the model and nothing of graphs,
and the renderer only takes text. Nothing here changes what it draws.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from .graph import Constant, Node, topological_order
from .tensor import Tensor
from .value import Value

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal["leaf", "constant", "number", "operation", "result", "output"]

DIRECTIONS = ("LR", "TB", "RL", "BT")
FORMATS = ("svg", "png", "pdf", "dot")
MOST_USES = 4
FARTHEST_USES = 12
"""A leaf with more uses, or with uses farther apart, is drawn anew beside each of them."""


def draw(node: Any, *, direction: str = "LR") -> Drawing:
    """The computation graph that led to `node`, as a picture with `.svg` and `.save("g.png")`.

    Operations are ellipses. What they compute and what they are given are boxes: a scalar's with
    its label, data and gradient, a tensor's with its label, shape and dtype. Leaves have sharp
    corners, results round ones, constants a dashed border, the outputs a heavy one. Where
    their order matters, the operands enter from the top down, or from left to right.

    The picture shows the graph as it is now and works after `backward()` too. A leaf that more
    than 4 operations use, or operations more than 12 steps apart, is repeated beside each of
    them and says which copy it is ("copy 2 of 60"): edges from one box across the whole picture
    would be unreadable, and Graphviz takes minutes to route them. Layouts of thousands of nodes
    take long nevertheless; the DOT text does not.

    Args:
        node: a Value, a Tensor, or a list or tuple of them to draw in one picture.
        direction: where the edges lead: "LR" (left to right), "TB" (top to bottom), "RL", "BT".

    Raises:
        TypeError: for anything but Values and Tensors.
        ValueError: for an empty list or an unknown direction.

    >>> from autograd import Value
    >>> from autograd.drawing import draw
    >>> x = Value(2.0, label="x")
    >>> y = x * x
    >>> y.backward()
    >>> drawing = draw(y)
    >>> "{ x | data 2.0000 | grad 4.0000 }" in drawing.dot
    True
    >>> drawing
    Drawing(boxes=3, edges=3)
    """
    if direction not in DIRECTIONS:
        raise ValueError(
            f"draw: direction {direction!r} is unknown: use one of {', '.join(DIRECTIONS)}"
        )
    return Drawing(_picture(_roots(node)), direction)


class Drawing:
    """A picture of a graph; what `draw` returns.

    `svg` and `save` need Graphviz: its `dot` program, or else the library that comes with
    `pip install pygraphviz`. They raise RuntimeError where neither is installed; `dot` and
    saving it always work.
    """

    def __init__(self, picture: Picture, direction: str) -> None:
        self._picture = picture
        self._direction = direction

    @cached_property
    def dot(self) -> str:
        """The picture in Graphviz's language; the same text for the same graph."""
        return _dot_text(self._picture, self._direction)

    @cached_property
    def svg(self) -> str:
        """The picture as the text of an SVG file."""
        return self._rendered("svg").decode()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a file ending in .svg, .png, .pdf or .dot, whole or not at all; its path.

        Raises:
            ValueError: for another ending; OSError: where the file cannot be written.
        """
        from pathlib import Path  # here, as with the others, to keep `import autograd` fast

        path = Path(path)
        suffix = path.suffix[1:].lower()
        if suffix not in FORMATS:
            raise ValueError(
                f"save: the format of {str(path)!r} is unknown: let the name end in "
                f"{', '.join('.' + name for name in FORMATS)}"
            )
        _write_whole(path, self._rendered(suffix))
        return path

    def _rendered(self, format: str) -> bytes:
        if format == "dot":
            return self.dot.encode()
        if format == "png":  # in pixels, of which Graphviz's 96 an inch are coarse today
            return _render(_dot_text(self._picture, self._direction, dpi="144"), format)
        return _render(self.dot, format)

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        # IPython itself drops what `include` and `exclude` do not want.
        return {"text/plain": repr(self), "image/svg+xml": self.svg}

    def __repr__(self) -> str:
        return f"Drawing(boxes={len(self._picture.boxes)}, edges={len(self._picture.edges)})"


def _roots(node: Any) -> list[Any]:
    """What was given to `draw` as a list of Values and Tensors."""
    given = list(node) if isinstance(node, (list, tuple)) else [node]
    if not given:
        raise ValueError("draw: the list is empty: give at least one Value or Tensor")
    for root in given:
        if not isinstance(root, (Value, Tensor)):
            raise TypeError(
                f"draw: {type(root).__name__} has no graph: give a Value, a Tensor, "
                "or a list or tuple of them"
            )
    return given


# --- the model of a picture -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Box:
    """One thing in the picture: what it is and the texts in it."""

    kind: Kind
    cells: tuple[str, ...]
    stacked: bool = False  # cells one below the other, whatever the direction
    operands: int = 0  # of an operation: how many it has, where their order matters


@dataclass(frozen=True, slots=True)
class Edge:
    """From one box to another, by their positions; `place` counts an operation's operands."""

    tail: int
    head: int
    place: int = 0


@dataclass(slots=True)
class Picture:
    """Boxes, and the edges in the order the operands were given."""

    boxes: list[Box] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    def add(self, box: Box) -> int:
        self.boxes.append(box)
        return len(self.boxes) - 1


def _picture(roots: Sequence[Any]) -> Picture:
    """The graph of the roots, oldest node first."""
    recorded = [root if isinstance(root, Value) else root._node for root in roots]
    outputs = dict.fromkeys(node for node in recorded if node is not None)
    nodes = topological_order(outputs)[::-1]
    artist = _Artist(nodes)
    for node in nodes:
        artist.place(node, node in outputs)
    for root in dict.fromkeys(r for r, node in zip(roots, recorded, strict=True) if node is None):
        artist.picture.add(_tensor_box("constant", root))
    return artist.picture


# Operations whose operands may change places.
_SYMMETRIC = {"add", "multiply", "maximum", "minimum", "sum_values"}


class _Artist:
    """Adds one node after the other, parents before children, to a picture."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.picture = Picture()
        self.uses = _uses(nodes)
        self.position: dict[Node, int] = {}
        self.copies: Counter[Node] = Counter()
        self.names: dict[Node, str] = {}

    def place(self, node: Any, is_output: bool) -> None:
        if node.operation is None:
            if not self.is_repeated(node):
                self.position[node] = self.picture.add(_node_box("leaf", node))
            return
        name, operands = _operation(node)
        ordered = 0 if node.operation.name in _SYMMETRIC else len(operands)
        sources = self.sources(operands)
        operation = self.picture.add(Box("operation", (name,), operands=ordered))
        result = self.picture.add(_node_box("output" if is_output else "result", node))
        self.position[node] = result
        edges = [Edge(source, operation, place) for place, source in enumerate(sources)]
        self.picture.edges += [*edges, Edge(operation, result)]

    def is_repeated(self, leaf: Node) -> bool:
        depths = self.uses.get(leaf, [0])
        return len(depths) > MOST_USES or max(depths) - min(depths) > FARTHEST_USES

    def sources(self, operands: Sequence[Any]) -> list[int]:
        """The positions of an operation's operands; constants and copies are placed here."""
        beside: dict[Any, int] = {}
        for operand in operands:
            if isinstance(operand, Constant):
                beside[operand] = self.picture.add(_constant_box(operand))
            elif operand not in self.position and operand not in beside:
                beside[operand] = self.picture.add(self.copy(operand))
        return [beside[x] if x in beside else self.position[x] for x in operands]

    def copy(self, leaf: Node) -> Box:
        """The next copy of a leaf. One without a label gets a name, so that they are known."""
        self.copies[leaf] += 1
        name = "" if leaf.label else self.names.setdefault(leaf, f"leaf {len(self.names) + 1}, ")
        return _node_box("leaf", leaf, f"{name}copy {self.copies[leaf]} of {len(self.uses[leaf])}")


def _uses(nodes: Sequence[Node]) -> dict[Node, list[int]]:
    """How deep in the graph the operations are that use each leaf."""
    uses: dict[Node, list[int]] = {}
    depth: dict[Node, int] = {}
    for node in nodes:
        parents = {parent for parent in node.parents if parent.number}
        depth[node] = 1 + max((depth[parent] for parent in parents), default=-1)
        for parent in parents:
            if parent.operation is None:
                uses.setdefault(parent, []).append(depth[node])
    return uses


def _operation(node: Any) -> tuple[str, Sequence[Any]]:
    """The text in an operation's ellipse and the operands to draw."""
    if not isinstance(node, Value):
        return node.operation.name, node.parents
    has_exponent = node._op != node.operation.symbol  # "**2" says it all
    return node._op, node.parents[:1] if has_exponent else node.parents


def _node_box(kind: Kind, node: Any, note: str = "") -> Box:
    if not isinstance(node, Value):
        return _tensor_box(kind, node, note)
    cells = (node.label, f"data {_decimal(node.data)}", f"grad {_decimal(node.grad)}", note)
    return Box(kind, _filled(cells))


def _tensor_box(kind: Kind, x: Any, note: str = "") -> Box:
    """The box of a Tensor, of its node or of a Constant: whatever has label, shape and dtype."""
    return Box(kind, _filled((x.label, f"{x.shape} {x.dtype}", note)), stacked=True)


def _constant_box(constant: Constant) -> Box:
    if constant.value is None:
        return _tensor_box("constant", constant)
    form = "d" if isinstance(constant.value, int) else "g"
    return Box("number", (format(constant.value, form),))


def _filled(cells: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(cell) for cell in cells if cell not in ("", None))


def _decimal(x: Any) -> str:
    """Four decimals as micrograd shows them, or four digits where those would say too little."""
    return str(x) if x is None else f"{x:.4f}" if x == 0 or 1e-3 <= abs(x) < 1e6 else f"{x:.4g}"


# --- DOT --------------------------------------------------------------------------------

_GRAPH = {"bgcolor": "white", "nodesep": "0.2", "ranksep": "0.35"}
_NODE = {"fontname": "Helvetica,Arial,sans-serif", "fontsize": "11", "height": "0.3"}
_EDGE = {"color": "#6b7280", "arrowsize": "0.6"}


def _style(shape: str, style: str, fill: str, line: str, **more: str) -> dict[str, str]:
    return {"shape": shape, "style": style, "fillcolor": fill, "color": line, **more}


# Each kind differs in shape or border as well as in colour, for readers in greyscale.
_STYLES: dict[Kind, dict[str, str]] = {
    "leaf": _style("record", "filled", "#dbeafe", "#1d4ed8"),
    "constant": _style("record", "filled,dashed", "#f3f4f6", "#6b7280"),
    "number": _style("ellipse", "filled,dashed", "#f3f4f6", "#6b7280", margin="0.05,0.02",
                     fontsize="10", width="0.3", height="0.25"),
    "operation": _style("ellipse", "filled", "#fde68a", "#b45309", margin="0.08,0.03", width="0.4"),
    "result": _style("Mrecord", "filled", "white", "#374151"),
    "output": _style("Mrecord", "filled,bold", "#bbf7d0", "#15803d"),
}  # fmt: skip
# Where the first and the second operand enter an operation that tells them apart.
_PORTS = {"LR": ("nw", "sw"), "RL": ("ne", "se"), "TB": ("nw", "ne"), "BT": ("sw", "se")}
# From the side of a wide box, as edges from its top and bottom would cross its neighbours.
_SIDEWAYS = {"LR": {"tailport": "e"}, "RL": {"tailport": "w"}}
_SPECIAL = str.maketrans({"\\": "\\\\", '"': '\\"', "&": "&amp;", "\n": "\\n"})
_RECORD = str.maketrans({c: "\\" + c for c in "{}|<>"})


def _dot_text(picture: Picture, direction: str, **attributes: str) -> str:
    lines = [
        "digraph {",
        f"  graph{_list(_GRAPH | {'rankdir': direction} | attributes)}",
        f"  node{_list(_NODE)}",
        f"  edge{_list(_EDGE | _SIDEWAYS.get(direction, {}))}",
    ]
    for i, box in enumerate(picture.boxes, 1):
        label = {"label": _label(box, direction)}
        # Graphviz then lays out the operands in their order. Two of them have ports instead.
        order = {"ordering": "in"} if box.operands > 2 else {}
        lines.append(f"  n{i}{_list(label | _STYLES[box.kind] | order)}")
    for edge in picture.edges:
        head = picture.boxes[edge.head]
        how = {} if head.kind == "operation" else {"weight": "3"}  # a result beside its operation
        if head.operands == 2:
            how = {"headport": _PORTS[direction][edge.place]}
        lines.append(f"  n{edge.tail + 1} -> n{edge.head + 1}{_list(how)}")
    return "\n".join([*lines, "}", ""])


def _list(attributes: dict[str, str]) -> str:
    text = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    return f" [{text}]" if text else ""


def _label(box: Box, direction: str) -> str:
    """The texts of a box; braces turn the cells of a record across the graph's direction."""
    cells = [_escaped(cell) for cell in box.cells]
    if not _STYLES[box.kind]["shape"].endswith("record"):
        return cells[0]
    text = " | ".join(cell.translate(_RECORD) for cell in cells)
    return text if box.stacked and direction in _SIDEWAYS else f"{{ {text} }}"


def _escaped(text: str) -> str:
    """`text` for a quoted string, shown as it is: no escapes, no entities, nothing invisible."""
    visible = "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text
    )
    return visible.translate(_SPECIAL)


# --- rendering --------------------------------------------------------------------------


def _render(dot: str, format: str) -> bytes:
    """The picture by the `dot` program or, without one, by the Graphviz inside pygraphviz."""
    import shutil

    if shutil.which("dot") is not None:
        import graphviz  # here, as importing it takes a while

        try:
            return bytes(graphviz.pipe("dot", format, dot.encode(), quiet=True))
        except graphviz.CalledProcessError as error:
            raise RuntimeError(
                f"draw: Graphviz could not make the {format}: {error}; try another format, or "
                "save the .dot and run `dot` on it"
            ) from error
    try:
        import pygraphviz
    except ImportError as error:
        raise RuntimeError(
            "draw: no Graphviz to make a picture with: run `pip install pygraphviz`, or install "
            "the system's graphviz package, which has the `dot` program; .dot works without"
        ) from error
    return bytes(pygraphviz.AGraph(string=dot).draw(format=format, prog="dot"))


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside the target first, so that no reader and no failure sees half a file."""
    target = type(path)(os.path.realpath(path))  # through a link, rather than in its place
    beside = target.with_name(f".{os.urandom(8).hex()}.tmp")
    try:
        try:
            beside.write_bytes(content)
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(
            error.errno,
            f"save: cannot write the picture: {error.strerror}; give a path in a folder that "
            "exists and can be written to",
            str(path),
        ) from error
