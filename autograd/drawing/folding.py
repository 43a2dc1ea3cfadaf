"""Less than the whole graph: calls of modules as single boxes, and summaries of large graphs."""

from __future__ import annotations

import math
from dataclasses import replace

from .description import Graph, Item, Operand

MOST_OUTPUTS = 8
"""Up to so many outputs stay apart in a summary by operation."""


def close(graph: Graph, depth: int) -> Graph:
    """The graph with every scope that lies in `depth` others as one box."""
    box_of = _boxes(graph, depth)
    if not any(box_of):
        return graph
    graph = _without_closed_parameters(graph, box_of)
    result = Graph(scopes=graph.scopes, notes=list(graph.notes))
    place: list[int] = []  # of each item; of what is in a box, the box's
    boxes: dict[int, int] = {}
    last = {box_of[item.scope]: i for i, item in enumerate(graph.items)}
    members: dict[int, list[int]] = {}
    for i, item in enumerate(graph.items):
        scope = box_of[item.scope]
        if scope:
            members.setdefault(scope, []).append(i)
            place.append(-1 - scope)  # until the box has one
            if last[scope] == i:
                boxes[scope] = result.add(_box(graph, members[scope], place, boxes, scope))
                for output in members[scope]:
                    if graph.items[output].kind == "output":
                        result.add(_standing_out(graph.items[output], boxes[scope], graph))
        else:
            operands = _outside(graph, [i], place, boxes, own=True)
            place.append(result.add(replace(item, operands=operands)))
    return result


def _without_closed_parameters(graph: Graph, box_of: list[int]) -> Graph:
    """Parameters that only closed modules use go without saying, also those of several calls."""
    open_uses = {
        operand.source
        for item in graph.items
        if not box_of[item.scope]
        for operand in item.operands
    }
    kept = [
        i
        for i, item in enumerate(graph.items)
        if item.kind != "parameter" or i in open_uses or box_of[item.scope]
    ]
    place = {old: new for new, old in enumerate(kept)}
    result = Graph(scopes=graph.scopes, notes=graph.notes)
    for i in kept:
        item = graph.items[i]
        operands = [
            replace(operand, source=place[operand.source])
            for operand in item.operands
            if operand.source in place
        ]
        result.items.append(replace(item, operands=operands))
    return result


def _boxes(graph: Graph, depth: int) -> list[int]:
    """For each scope the one that is closed around it, 0 where none is."""
    depths = graph.depths()
    found = [0] * len(graph.scopes)
    for scope in sorted(range(len(graph.scopes)), key=depths.__getitem__):
        if depths[scope] > depth:
            found[scope] = found[graph.scopes[scope].parent] or scope
    return found


def _outside(
    graph: Graph, members: list[int], place: list[int], boxes: dict[int, int], *, own: bool = False
) -> list[Operand]:
    """The operands of some items from elsewhere, those from one box together."""
    found: list[Operand] = []
    known: dict[int, Operand] = {}
    inside = set() if own else set(members)
    for i in members:
        for operand in graph.items[i].operands:
            if operand.source in inside:
                continue
            source = place[operand.source]
            in_box = source < 0
            source = boxes[-1 - source] if in_box else source
            if source in known and (in_box or not own):
                known[source].times += operand.times if in_box else 0
                continue
            found.append(replace(operand, source=source))
            if not own or in_box:
                found[-1].derivative = None
            known[source] = found[-1]
    return found


def _box(
    graph: Graph, members: list[int], place: list[int], boxes: dict[int, int], scope: int
) -> Item:
    """The item that stands for a closed scope."""
    box = graph.scopes[scope]
    computed = [graph.items[i] for i in members if not graph.items[i].given]
    final = computed[-1]
    several = len({final.shape for item in computed if item.kind == "output"}) > 1
    return Item(
        "module",
        box.name,
        box.kind,
        _outside(graph, members, place, boxes),
        scope=box.parent,
        scalar=final.scalar,
        shape=None if several else final.shape,
        dtype=final.dtype,
        nbytes=final.nbytes,
        source=computed[0].source,
        times=box.times,
        parameters=box.parameters,
        note=f"{len(computed)} operations" if len(computed) > 1 else "",
    )


def _standing_out(output: Item, box: int, graph: Graph) -> Item:
    """An output of the picture that was computed in a closed scope."""
    return replace(output, operation="", static="", operands=[Operand(box)], scope=0)


def summarise(graph: Graph, most: int) -> Graph:
    """A graph of at most `most` items if there are scopes to close; else one by operation."""
    before = len(graph.items)
    if before <= most:
        return graph
    for depth in range(max(graph.depths()) - 1, -1, -1):
        result = close(graph, depth)
        if len(result.items) <= most:
            result.notes.append(
                f"{before:,} nodes are more than max_nodes={most:,}: modules are drawn closed, as "
                f"with depth={depth}. depth=… opens more, max_nodes=None shows all."
            )
            return result
    result = _by_operation(graph)
    result.notes.append(
        f"{before:,} nodes are more than max_nodes={most:,}: they are drawn by operation, with "
        "the number of each. max_nodes=None shows all."
    )
    return result


def _by_operation(graph: Graph) -> Graph:
    """One item for all nodes of an operation, edges with their numbers."""
    result = Graph(notes=list(graph.notes))
    groups: dict[tuple[str, str], int] = {}
    place: list[int] = []
    apart = sum(item.kind == "output" for item in graph.items) <= MOST_OUTPUTS
    edges: list[dict[int, int]] = []
    for item in graph.items:
        key = (item.kind if item.given else "result", item.operation)
        if item.kind == "output" and apart:
            key = ("output", str(len(place)))
        if key not in groups:
            groups[key] = result.add(
                replace(item, scope=0, operands=[], static="", source="", times=0, origin=None)
            )
            edges.append({})
        position = groups[key]
        place.append(position)
        _join(result.items[position], item)
        for operand in item.operands:
            source = place[operand.source]
            if source != position:
                edges[position][source] = edges[position].get(source, 0) + operand.times
    for item, sources in zip(result.items, edges, strict=True):
        item.operands = [Operand(source, times) for source, times in sources.items()]
        if item.times > 1:
            item.kind, item.ordered = ("group" if item.operation else item.kind), False
            item.note = _total(item)
    return result


def _join(group: Item, item: Item) -> None:
    if group.times:
        group.label = ""
        group.nbytes += item.nbytes
        group.shape = group.shape if group.shape == item.shape else None
        group.dtype = group.dtype if group.dtype == item.dtype else ""
        group.data = group.grad = group.origin = None
    else:
        group.origin = item.origin
    group.times += item.times


def _total(group: Item) -> str:
    if group.scalar or group.kind == "number":
        return ""
    return f"{memory(group.nbytes)} in all" if group.times > 1 else ""


def memory(nbytes: int) -> str:
    """Bytes as people read them; 1 KB is 1024 bytes."""
    if nbytes < 1024:
        return f"{nbytes} B"
    power = min(int(math.log(nbytes, 1024)), 4)
    return f"{nbytes / 1024**power:.1f} {' KMGT'[power]}B"
