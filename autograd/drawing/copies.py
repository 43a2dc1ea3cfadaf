"""Leaves that are used from many or far places, drawn anew beside each use.

Edges from one box across the whole picture would be unreadable, and any layout takes minutes to
route them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from .description import Graph

MOST_USES = 4
FARTHEST_USES = 12
"""A leaf with more uses, or with uses farther apart, is drawn anew beside each of them."""


def repeat_leaves(graph: Graph) -> Graph:
    """The graph with a copy of such leaves before each item that uses them."""
    uses = _uses(graph)
    repeated = {
        leaf
        for leaf, depths in uses.items()
        if len(depths) > MOST_USES or max(depths) - min(depths) > FARTHEST_USES
    }
    if not repeated:
        return graph
    result = Graph(scopes=graph.scopes, notes=graph.notes)
    place: dict[int, int] = {}
    beside: dict[tuple[int, int], int] = {}  # the copy of a leaf at an item
    copies: Counter[int] = Counter()
    names: dict[int, str] = {}
    for i, item in enumerate(graph.items):
        if i in repeated:
            continue
        for source in dict.fromkeys(operand.source for operand in item.operands):
            if source in repeated:
                leaf = graph.items[source]
                copies[source] += 1
                name = ""  # one without a label gets a name, so that its copies are known
                if not leaf.label:
                    name = names.setdefault(source, f"leaf {len(names) + 1}, ")
                note = f"{name}copy {copies[source]} of {len(uses[source])}"
                copy = replace(leaf, scope=item.scope, note=note, leaf=source)
                beside[source, i] = result.add(copy)
        place[i] = result.add(item)
    for i, new in place.items():
        item = graph.items[i]
        result.items[new] = replace(
            item,
            operands=[
                replace(
                    operand,
                    source=beside[operand.source, i]
                    if operand.source in repeated
                    else place[operand.source],
                )
                for operand in item.operands
            ],
        )
    return result


def _uses(graph: Graph) -> dict[int, list[int]]:
    """How deep in the graph the items are that use each leaf."""
    uses: dict[int, list[int]] = {}
    depth: list[int] = []
    for i, item in enumerate(graph.items):
        sources = {operand.source for operand in item.operands if operand.source < i}
        depth.append(1 + max((depth[source] for source in sources), default=-1))
        for source in sources:
            if graph.items[source].given and graph.items[source].times == 1:
                uses.setdefault(source, []).append(depth[i])
    return uses
