"""`draw` and what it returns."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import Node, backpropagate, topological_order
from ..scopes import scope
from ..tensor import Tensor, own_gradient, seed_of
from ..value import Value
from . import captions
from .copies import repeat_far
from .description import Graph
from .dot import DIRECTIONS, Writer
from .folding import close, summarise
from .observing import Observer
from .reading import fill, node_of, read
from .repeats import fold_repeats as folded_repeats
from .themes import THEMES

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = ("svg", "png", "pdf", "dot", "html")


def draw(
    what: Any,
    *inputs: Any,
    direction: str = "LR",
    depth: int | None = None,
    show: Collection[str] | None = None,
    max_nodes: int | None = 1000,
    theme: str = "light",
    legend: bool = True,
    backward: bool = False,
    fold_repeats: bool = True,
) -> Drawing:
    """A computation graph as a picture, with `.svg`, `.dot` and `.save("graph.svg")`.

    Drawn is the graph that led to Values and Tensors, or the one that a module or a function
    records when it is called. Operations are ellipses. What they compute and what they are given
    are boxes; the legend tells inputs, parameters, constants, results and outputs apart. Where
    their order matters, the operands enter from the top down, or from left to right.

    A module or function is run once, as by a call of your own, and its backward pass with it, but
    no gradient is stored. Modules are then boxes named by their attribute path, parameters are
    called by theirs, and the picture knows the data and the gradients of all intermediate
    Tensors. Else it shows what the graph has: the data of Values, of outputs, and of those
    Tensors that a rule keeps, and the gradients that backward passes have stored.

    A leaf that more than 4 operations use, or operations more than 12 steps apart, is repeated
    beside each of them and says which copy it is ("copy 2 of 60"); in pictures with very many
    long edges so is a result. The graph is not changed, can be of any depth, and can be drawn
    before and after `backward()`.

    Args:
        what: a Value, a Tensor, or a list or tuple of them; or a module or function.
        inputs: example inputs for a module or function; or more Values and Tensors.
        direction: where the edges lead: "LR" (left to right), "TB" (top to bottom), "RL", "BT".
        depth: how many levels of modules to open; deeper ones are one box each. None: all.
        show: what the boxes say, out of "data", "grad", "shape", "dtype", and "derivatives" for
            the local derivative on each edge between Values. By default data and grad of Values,
            shape and dtype of Tensors.
        max_nodes: above so many, modules are drawn closed, or the graph by operation, and a line
            below the picture says so. None: no limit.
        theme: "light", "dark", or "print" (black and grey on white).
        legend: whether a row below the picture explains the boxes.
        backward: whether to draw also the graph of the gradients by all leaves, in a box.
        fold_repeats: whether modules that are called three times or more in a row on the same
            shapes are drawn once, with "× 12".

    Raises:
        TypeError: for anything without a graph; ValueError: for an empty list or an unknown
            option; whatever the function itself raises.

    >>> from autograd import Value, draw
    >>> x = Value(2.0, label="x")
    >>> y = x * x
    >>> y.backward()
    >>> drawing = draw(y)
    >>> "{ x | data 2.0000 | grad 4.0000 }" in drawing.dot
    True
    >>> drawing
    Drawing(boxes=3, edges=3)
    """
    _check_options(direction, depth, max_nodes, theme, show)
    observer = Observer()
    is_function = callable(what) and not isinstance(what, (Value, Tensor))
    if is_function:
        roots = _results(what, observer.run(what, inputs))
    else:
        roots = _roots([what, *inputs] if inputs else what)
    outputs = roots
    names: dict[Any, str] = {}
    if backward:
        gradients = observer.run(lambda: _gradient_graph(outputs, observer, names), ())
        roots = [*outputs, *gradients]
    graph = read(roots, observer, names)
    _check_derivatives(show, graph)
    if fold_repeats:
        graph = folded_repeats(graph)
    if depth is not None:
        graph = close(graph, depth)
    if max_nodes is not None:
        graph = summarise(graph, max_nodes)
    scalar = all([isinstance(root, Value) for root in roots])
    cotangents = _cotangents(outputs) if is_function or scalar else {}
    fill(graph, roots, observer, cotangents, traced=is_function)
    return Drawing(repeat_far(graph), direction, theme, show, legend)


class Drawing:
    """A picture of a graph; what `draw` returns.

    `svg` and `save` need Graphviz: its `dot` program, or else the library that comes with
    `pip install pygraphviz`. They raise RuntimeError where neither is installed; `dot`, and
    saving it or the HTML page, always work.
    """

    def __init__(
        self,
        graph: Graph,
        direction: str,
        theme: str,
        show: Collection[str] | None,
        legend: bool,
    ) -> None:
        self._graph = graph
        self._direction = direction
        self._theme = theme
        self._writer = Writer(graph, THEMES[theme], direction, show, legend)

    @cached_property
    def dot(self) -> str:
        """The picture in Graphviz's language; the same text for the same graph."""
        return self._writer.text()

    @cached_property
    def svg(self) -> str:
        """The picture as the text of an SVG file."""
        return self._rendered("svg").decode()

    @cached_property
    def html(self) -> str:
        """A page to explore the graph in: one text, which needs no network.

        Pan and zoom, search, click a node for its data, gradient, shape and source line; step
        through the forward and the backward pass with the buttons or the keyboard.
        """
        from .page import page

        return page(self._graph, THEMES[self._theme], self._direction)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a file ending in .svg, .png, .pdf, .dot or .html, whole or not at all; its path.

        Raises:
            ValueError: for another ending; OSError: where the file cannot be written.
        """
        from pathlib import Path  # here, as with the others, to keep `import autograd` fast

        from .rendering import write_whole

        path = Path(path)
        suffix = path.suffix[1:].lower()
        if suffix not in FORMATS:
            raise ValueError(
                f"save: the format of {str(path)!r} is unknown: let the name end in "
                f"{', '.join('.' + name for name in FORMATS)}"
            )
        write_whole(path, self._rendered(suffix))
        return path

    def _rendered(self, format: str) -> bytes:
        from .rendering import render

        if format == "dot":
            return self.dot.encode()
        if format == "html":
            return self.html.encode()
        if format == "png":  # in pixels, of which Graphviz's 96 an inch are coarse today
            return render(self._writer.text(dpi="144"), format)
        return render(self.dot, format)

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        # IPython itself drops what `include` and `exclude` do not want.
        return {"text/plain": repr(self), "image/svg+xml": self.svg}

    def __repr__(self) -> str:
        ellipses = sum(captions.has_ellipse(item) for item in self._graph.items)
        edges = sum(len(item.operands) for item in self._graph.items) + ellipses
        return f"Drawing(boxes={len(self._graph.items) + ellipses}, edges={edges})"


# --- what is asked for ------------------------------------------------------------------


def _check_options(
    direction: str, depth: Any, max_nodes: Any, theme: str, show: Collection[str] | None
) -> None:
    choices: list[tuple[str, Any, Iterable[str]]] = [
        ("direction", direction, DIRECTIONS),
        ("theme", theme, THEMES),
    ]
    if isinstance(show, str):
        raise TypeError(f"draw: show={show!r} is text: give a tuple, as in show=({show!r},)")
    choices += [("show", word, captions.SHOW) for word in show or ()]
    for option, given, known in choices:
        if given not in known:
            raise ValueError(f"draw: {option} {given!r} is unknown: use one of {', '.join(known)}")
    for option, number, least in (("depth", depth, 0), ("max_nodes", max_nodes, 1)):
        if number is not None and (not isinstance(number, int) or number < least):
            raise ValueError(f"draw: {option}={number!r}: give an integer from {least} on, or None")


def _roots(given: Any) -> list[Any]:
    """What was given to `draw` as a list of Values and Tensors."""
    roots = list(given) if isinstance(given, (list, tuple)) else [given]
    if not roots:
        raise ValueError("draw: the list is empty: give at least one Value or Tensor")
    for root in roots:
        if not isinstance(root, (Value, Tensor)):
            raise TypeError(
                f"draw: {type(root).__name__} has no graph: give a Value, a Tensor, "
                "a list or tuple of them, or a module or function with its inputs"
            )
    return roots


def _results(function: Callable[..., Any], result: Any) -> list[Any]:
    """The Values and Tensors in what a function returned."""
    found: list[Any] = []
    stack = [result]
    while stack:
        x = stack.pop()
        if isinstance(x, (list, tuple)):
            stack += reversed(x)
        elif isinstance(x, dict):
            stack += reversed(x.values())
        elif isinstance(x, (Value, Tensor)):
            found.append(x)
    if not found:
        name = getattr(function, "__name__", type(function).__name__)
        raise TypeError(
            f"draw: {name} returned {type(result).__name__}, which has no graph: let its "
            "parameters or its inputs be Values, or Tensors with requires_grad=True"
        )
    return found


def _check_derivatives(show: Collection[str] | None, graph: Graph) -> None:
    if show is not None and "derivatives" in show and not any(i.scalar for i in graph.items):
        raise ValueError(
            "draw: derivatives on the edges are those of Values, and there is none in this graph: "
            "leave them out of show"
        )


# --- gradients --------------------------------------------------------------------------


def _seeds(roots: Sequence[Any], create_graph: bool) -> dict[Node, Any]:
    """The cotangent 1 for every entry of every output that records."""
    seeds: dict[Node, Any] = {}
    for root in roots:
        if isinstance(root, Value):
            seeds[root] = 1.0
        elif root.requires_grad:
            seeds |= seed_of(root, np.ones(root.shape, root.dtype), create_graph, "draw")
    return seeds


def _cotangents(roots: Sequence[Any]) -> dict[Any, Any]:
    """The derivative of the sum of all outputs by each node; nothing where a graph was freed."""
    seeds = _seeds(roots, create_graph=False)
    nodes = topological_order(seeds)
    if any(node.operation is not None and node.saved is None for node in nodes):
        return {}
    return dict(backpropagate(seeds, wanted=set(nodes), retain_graph=True))


def _gradient_graph(roots: Sequence[Any], observer: Observer, names: dict[Any, str]) -> list[Any]:
    """The gradients by all leaves, recorded, with names for their nodes."""
    seeds = _seeds(roots, create_graph=True)
    leaves = [node for node in topological_order(seeds) if node.operation is None]
    with scope("backward"):
        found = backpropagate(seeds, wanted=set(leaves), create_graph=True, retain_graph=True)
    gradients: list[Any] = []
    output = roots[0].label if len(roots) == 1 else ""
    for i, leaf in enumerate(reversed(leaves), 1):
        if leaf not in found:
            continue
        g = found[leaf]
        if isinstance(leaf, Value):
            g = g if isinstance(g, Value) else Value(g)
        else:
            g = own_gradient(g)
        known = observer.name_of(leaf)
        name = (known[1] if known else "") or leaf.label or f"leaf {i}"
        title = f"∂{output or 'output'}/∂{name}"
        gradients.append(g)
        names[node_of(g) or g] = title
    return gradients
