"""What is used from many or far places, drawn anew beside each use.

Edges from one box across the whole picture would be unreadable, and any layout takes minutes to
route them. Leaves are repeated whenever their uses are many or far apart; results only far from
where they are computed, and only in pictures in which edges are very long in all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from .description import Graph, Item

MOST_USES = 4
FARTHEST_USES = 12
"""A leaf with more uses, or with uses farther apart, is drawn anew beside each of them."""
LONGEST_IN_ALL = 2_000
"""Of results' edges, in operations passed: beyond, those over FARTHEST_USES start at a copy."""


def repeat_far(graph: Graph) -> Graph:
    """The graph with copies of what is used far away before the items that use it."""
    depths = depth_of_items(graph)
    copied = _leaves(graph, depths) | _results(graph, depths)
    if not copied:
        return graph
    total = Counter(source for source, _ in copied)
    result = Graph(scopes=graph.scopes, notes=graph.notes)
    place: dict[int, int] = {}
    beside: dict[tuple[int, int], int] = {}  # the copy of an item at another
    made: Counter[int] = Counter()
    names: dict[int, str] = {}
    for i, item in enumerate(graph.items):
        for source in dict.fromkeys(operand.source for operand in item.operands):
            if (source, i) in copied:
                made[source] += 1
                which = f"copy {made[source]} of {total[source]}"
                copy = _copy(graph.items[source], source, names, which)
                copy.scope = item.scope
                beside[source, i] = result.add(copy)
        if not item.given or not total[i]:
            place[i] = result.add(item)
    for i, new in place.items():
        item = graph.items[i]
        operands = [
            replace(o, source=beside.get((o.source, i), place.get(o.source, -1)))
            for o in item.operands
        ]
        result.items[new] = replace(item, operands=operands)
        if total[i]:
            result.items[new].note, result.items[new].leaf = names.get(i, ""), i
    return result


def _copy(item: Item, source: int, names: dict[int, str], which: str) -> Item:
    """A copy of an item. One without a label gets a name, so that its copies are known."""
    name = ""
    if not item.label:
        kind = "leaf" if item.given else "result"
        name = names.setdefault(source, f"{kind} {len(names) + 1}") + ", "
    if item.given:
        return replace(item, note=name + which, leaf=source)
    return replace(
        item, kind="copy", operation="", operands=[], note=name + which, static="", leaf=source
    )


def _leaves(graph: Graph, depths: Sequence[int]) -> set[tuple[int, int]]:
    """The uses, as (leaf, item), of leaves that are used from many or far places."""
    uses: dict[int, list[int]] = {}
    for i, item in enumerate(graph.items):
        for source in {operand.source for operand in item.operands}:
            if graph.items[source].given and graph.items[source].times == 1:
                uses.setdefault(source, []).append(i)
    found = set()
    for leaf, users in uses.items():
        at = [depths[i] for i in users]
        if len(users) > MOST_USES or max(at) - min(at) > FARTHEST_USES:
            found |= {(leaf, i) for i in users}
    return found


def _results(graph: Graph, depths: Sequence[int]) -> set[tuple[int, int]]:
    """The far uses, as (result, item), of results; none where edges are short in all."""
    lengths = {
        (operand.source, i): depths[i] - depths[operand.source]
        for i, item in enumerate(graph.items)
        for operand in item.operands
        if not graph.items[operand.source].given and operand.source < i
    }
    if sum(lengths.values()) - len(lengths) <= LONGEST_IN_ALL:
        return set()
    return {use for use, length in lengths.items() if length > FARTHEST_USES}


def depth_of_items(graph: Graph) -> list[int]:
    """How many operations, at most, were needed before each item."""
    depths: list[int] = []
    for i, item in enumerate(graph.items):
        before = [depths[o.source] for o in item.operands if o.source < i]
        depths.append(1 + max(before, default=-1))
    return depths
