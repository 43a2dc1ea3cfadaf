"""A graph in plain data: what the pictures are made from.

`reading` writes it, `repeats`, `folding` and `copies` turn it into a shorter one, `dot` and
`page` show it. Once the numbers have been read, nothing in it refers to the graph any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

Kind = Literal[
    "input",
    "parameter",
    "leaf",
    "constant",
    "number",
    "result",
    "output",
    "copy",
    "module",
    "group",
]


class Contents(NamedTuple):
    """Numbers as text: for a box, and for whoever asks for more."""

    short: str
    full: str


@dataclass(slots=True)
class Operand:
    """An edge into an item: where it comes from, how many it stands for, its local derivative."""

    source: int
    times: int = 1
    derivative: float | None = None


@dataclass(slots=True)
class Item:
    """A leaf, an operation with its result, or a box that stands for many of them.

    Attributes:
        kind: which of them.
        label: its name, or "".
        operation: how the operation is written; "" for what is given.
        operands: in the order of the call, one for each argument.
        ordered: whether their order matters.
        scope: the position of the scope it is in.
        scalar: whether it is a Value.
        shape, dtype, nbytes: of a Tensor.
        data, grad: its numbers, where they are known.
        cotangent: the derivative of the sum of the outputs by it.
        static: further arguments of the operation, as text.
        source: the user's line that computed it.
        times: how many nodes it stands for.
        parameters: how many numbers of a module are trained.
        note: what else is to be said.
        leaf: the same number for all copies of a leaf or a result.
        origin: what it was read from, as long as its numbers are still to be read.
    """

    kind: Kind
    label: str = ""
    operation: str = ""
    operands: list[Operand] = field(default_factory=list)
    ordered: bool = False
    scope: int = 0
    scalar: bool = False
    shape: tuple[int, ...] | None = None
    dtype: str = ""
    nbytes: int = 0
    data: Contents | None = None
    grad: Contents | None = None
    cotangent: Contents | None = None
    static: str = ""
    source: str = ""
    times: int = 1
    parameters: int = 0
    note: str = ""
    leaf: int | None = None
    origin: Any = None

    @property
    def given(self) -> bool:
        """Whether it was there before anything was computed."""
        return not self.operands and not self.operation


@dataclass(slots=True)
class Scope:
    """A box around items: one call of a module, or a named part of a function."""

    parent: int
    name: str
    kind: str = ""  # the class of a module
    parameters: int = 0
    times: int = 1
    level: int = 1  # by how many its inside is deeper; 0 for a box that only says "× 12"


@dataclass(slots=True)
class Graph:
    """Items with their scopes; the first scope is the whole picture, without a box."""

    items: list[Item] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=lambda: [Scope(0, "")])
    notes: list[str] = field(default_factory=list)

    def add(self, item: Item) -> int:
        self.items.append(item)
        return len(self.items) - 1

    def depths(self) -> list[int]:
        """How deep the inside of each scope is."""
        found = {0: 0}
        for start in range(len(self.scopes)):
            path = []
            scope = start
            while scope not in found:
                path.append(scope)
                scope = self.scopes[scope].parent
            for below in reversed(path):
                found[below] = found[self.scopes[below].parent] + self.scopes[below].level
        return [found[i] for i in range(len(self.scopes))]


def merged(graph: Graph, into: Mapping[int, int]) -> Graph:
    """The graph with items taken together: `into` leads from each that goes to one that stays.

    Edges that would lead backwards, or from an item to itself, are left out.
    """
    items = graph.items
    final = [i for i in range(len(items)) if i not in into]
    place = {old: new for new, old in enumerate(final)}
    for old, target in into.items():
        while target in into:
            target = into[target]
        place[old] = place[target]
    result = Graph(scopes=graph.scopes, notes=graph.notes)
    for old in final:
        item = replace(items[old], operands=_remapped(items[old].operands, place, place[old]))
        result.items.append(item)
    for old in into:
        kept = result.items[place[old]]
        if items[old].kind == "output":
            kept.kind, kept.label = "output", items[old].label or kept.label
        known = {operand.source for operand in kept.operands}
        for operand in items[old].operands:
            source = place[operand.source]
            if source < place[old] and source not in known:
                known.add(source)
                kept.operands.append(Operand(source, operand.times))
    return result


def _remapped(operands: Sequence[Operand], place: Mapping[int, int], here: int) -> list[Operand]:
    """The operands at their new places, those that fell together as one."""
    found: list[Operand] = []
    first: dict[int, tuple[int, Operand]] = {}
    for operand in operands:
        source = place[operand.source]
        old, same = first.get(source, (operand.source, None))
        if same is not None and old != operand.source:
            same.times += operand.times
            continue
        if source < here:
            found.append(replace(operand, source=source))
            first.setdefault(source, (operand.source, found[-1]))
    return found


def place_given(graph: Graph) -> None:
    """Put what is given into the innermost scope around all its uses; inputs stay outside."""
    depths = graph.depths()
    common: dict[int, int] = {}
    for item in graph.items:
        for operand in item.operands:
            source = graph.items[operand.source]
            if source.given and source.kind != "input":
                seen = common.get(operand.source, item.scope)
                common[operand.source] = _around(graph, depths, seen, item.scope)
    for position, scope in common.items():
        graph.items[position].scope = scope


def _around(graph: Graph, depths: Sequence[int], a: int, b: int) -> int:
    """The innermost scope that holds both."""
    while a != b:
        if depths[a] < depths[b]:
            a, b = b, a
        a = graph.scopes[a].parent
    return a
