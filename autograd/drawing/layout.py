"""Where everything stands in the HTML page, which must not depend on Graphviz.

The classic scheme of layered drawings (Sugiyama, Tagawa and Toda 1981): a rank for every box along
the direction of the graph, an order within the ranks that crosses few edges, then positions that
keep edges straight. A scope is laid out by itself first and is then one large box in the scope
around it, so boxes around modules never overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from .description import Graph

ALONG, ACROSS, BETWEEN_LINES = 44.0, 16.0, 7.0
"""Room between ranks, between neighbours in a rank, and between two lines that pass there."""
PADDING, TITLE = 14.0, 30.0
SWEEPS = 8
MOST_BENDS = 20_000
"""Long edges pass through a bend in every rank; beyond so many in all they run straight."""


class Box(NamedTuple):
    """A rectangle, in pixels from the top left."""

    x: float
    y: float
    width: float
    height: float


@dataclass
class Layout:
    """The places of items and of scopes, the outer ones first, and each item's edges' points."""

    items: list[Box]
    scopes: dict[int, Box]
    edges: list[list[list[tuple[float, float]]]]


@dataclass(eq=False)
class _Box:
    """A member of a scope: an item, a scope, or a bend of an edge."""

    index: int  # of the item; a scope's first
    length: float = 0.0  # along the graph's direction
    breadth: float = 0.0
    rank: int = 0
    along: float = 0.0  # of its centre, from the corner of its scope
    across: float = 0.0
    before: list[_Box] = field(default_factory=list)
    after: list[tuple[_Box, float]] = field(default_factory=list)  # and how far up it is entered
    given: bool = False
    is_bend: bool = False


class _Edge(NamedTuple):
    """The part of an edge in one scope. Where an end is None it comes from outside, or leads there.

    `source` is the item it begins at, `share` where in its head it ends, from -0.5 to 0.5.
    """

    key: tuple[int, int]  # the item it ends at, and as which operand
    source: int
    tail: _Box | None
    head: _Box | None
    share: float


def layout(graph: Graph, sizes: Sequence[tuple[float, float]], direction: str,
           titles: Sequence[float]) -> Layout:  # fmt: skip
    """Place a graph.

    Args:
        sizes: width and height of each item.
        direction: "LR", "TB", "RL" or "BT".
        titles: the width that each scope's title needs.
    """
    return _Layouter(graph, sizes, direction, titles).result()


class _Layouter:
    def __init__(self, graph: Graph, sizes: Sequence[tuple[float, float]], direction: str,
                 titles: Sequence[float]) -> None:  # fmt: skip
        self.graph = graph
        self.sideways = direction in ("LR", "RL")
        self.backwards = direction in ("RL", "BT")
        self.titles = titles
        self.chains = self._chains()
        self.boxes = [
            _Box(i, *(size if self.sideways else size[::-1]), given=graph.items[i].given)
            for i, size in enumerate(sizes)
        ]
        self.scopes: dict[int, _Box] = {}
        self.bends: dict[tuple[int, int], dict[int, list[_Box]]] = {}  # of an edge, by scope
        self.left = MOST_BENDS

    def _chains(self) -> list[list[int]]:
        """For each scope those around it, from the whole picture to itself."""
        chains = []
        for scope in range(len(self.graph.scopes)):
            chain = [scope]
            while chain[-1]:
                chain.append(self.graph.scopes[chain[-1]].parent)
            chains.append(chain[::-1])
        return chains

    def result(self) -> Layout:
        members: dict[int, list[_Box]] = {}
        for box, item in zip(self.boxes, self.graph.items, strict=True):
            for scope in self.chains[item.scope][1:]:
                if scope not in self.scopes:
                    self.scopes[scope] = _Box(box.index)
                    parent = self.graph.scopes[scope].parent
                    members.setdefault(parent, []).append(self.scopes[scope])
            members.setdefault(item.scope, []).append(box)
        edges = self._edges()
        self.scopes[0] = _Box(0)
        for scope in sorted(self.scopes, key=lambda scope: -len(self.chains[scope])):
            inside = members.get(scope, [])
            self._place(scope, inside, edges.get(scope, []))
        return self._absolute(members)

    def _member(self, scope: int, item: int) -> _Box:
        """What stands for an item directly inside a scope around it."""
        chain = self.chains[self.graph.items[item].scope]
        depth = len(self.chains[scope])
        return self.boxes[item] if len(chain) == depth else self.scopes[chain[depth]]

    def _edges(self) -> dict[int, list[_Edge]]:
        """The edges in parts, by scope."""
        found: dict[int, list[_Edge]] = {}
        for i, item in enumerate(self.graph.items):
            chain = self.chains[item.scope]
            for place, operand in enumerate(item.operands):
                source = operand.source
                share = (place + 1) / (len(item.operands) + 1) - 0.5
                other = self.chains[self.graph.items[source].scope]
                common = sum(a == b for a, b in zip(chain, other, strict=False))
                for scope in other[common - 1 :]:
                    head = self._member(scope, i) if scope == chain[common - 1] else None
                    part = _Edge((i, place), source, self._member(scope, source), head, share)
                    found.setdefault(scope, []).append(part)
                for scope in chain[common:]:
                    part = _Edge((i, place), source, None, self._member(scope, i), share)
                    found.setdefault(scope, []).append(part)
        return found

    # --- one scope ---

    def _place(self, scope: int, members: list[_Box], edges: list[_Edge]) -> None:
        """Give the members their places and the scope its size."""
        for edge in edges:
            if edge.tail is not None and edge.head is not None:
                edge.tail.after.append((edge.head, edge.share))
                edge.head.before.append(edge.tail)
        _rank(members)
        for box in members:
            box.before, box.after = [], []
        ranks: list[list[_Box]] = [[] for _ in range(1 + max((b.rank for b in members), default=0))]
        for box in members:
            ranks[box.rank].append(box)
        joined: dict[tuple[int, int, int], list[_Box]] = {}
        for edge in edges:
            same = edge.source, id(edge.tail), id(edge.head)
            if same not in joined:
                joined[same] = self._joined(edge, ranks)
            self.bends.setdefault(edge.key, {})[scope] = joined[same]
        _order(ranks)
        _settle(ranks)
        self._fit(scope, ranks)

    def _joined(self, edge: _Edge, ranks: list[list[_Box]]) -> list[_Box]:
        """Connect what an edge connects, through a bend in every rank between."""
        first = -1 if edge.tail is None else edge.tail.rank
        last = len(ranks) if edge.head is None else edge.head.rank
        bends: list[_Box] = []
        if last - first <= self.left:
            for rank in range(first + 1, last):
                bends.append(_Box(edge.source, rank=rank, is_bend=True))
                ranks[rank].append(bends[-1])
            self.left -= len(bends)
        path = [box for box in (edge.tail, *bends, edge.head) if box is not None]
        if first > last:
            path.reverse()
        if first != last:
            for one, other in pairwise(path):
                one.after.append((other, edge.share if other is edge.head else 0.0))
                other.before.append(one)
        return bends

    def _fit(self, scope: int, ranks: list[list[_Box]]) -> None:
        """Positions along the direction, everything into the corner, and the scope's size."""
        start = PADDING if self.sideways or self.backwards else TITLE
        end = TITLE if self.backwards and not self.sideways else PADDING
        side = TITLE if self.sideways else PADDING
        along = start
        for boxes in ranks:
            length = max((box.length for box in boxes), default=0.0)
            for box in boxes:
                box.along = along + length / 2
                if box.is_bend:  # straight through the rank, between the boxes
                    box.length = length
            along += length + ALONG
        everything = [box for boxes in ranks for box in boxes]
        low = min((box.across - box.breadth / 2 for box in everything), default=0.0)
        high = max((box.across + box.breadth / 2 for box in everything), default=0.0)
        for box in everything:
            box.across += side - low
        whole = self.scopes[scope]
        whole.length = along - ALONG + end
        whole.breadth = high - low + side + PADDING
        if self.sideways:
            whole.length = max(whole.length, self.titles[scope])
        else:
            whole.breadth = max(whole.breadth, self.titles[scope])

    # --- all together ---

    def _absolute(self, members: dict[int, list[_Box]]) -> Layout:
        """From places in scopes to places in the picture, in its direction."""
        whole = self.scopes[0]
        corner = {0: (0.0, 0.0)}
        for scope in sorted(self.scopes, key=lambda scope: len(self.chains[scope])):
            if scope:
                box, (x, y) = self.scopes[scope], corner[self.graph.scopes[scope].parent]
                corner[scope] = x + box.along - box.length / 2, y + box.across - box.breadth / 2

        def point(along: float, across: float) -> tuple[float, float]:
            along = whole.length - along if self.backwards else along
            found = (along, across) if self.sideways else (across, along)
            return round(found[0], 1), round(found[1], 1)

        def rectangle(x: float, y: float, box: _Box) -> Box:
            ends = point(x, y), point(x + box.length, y + box.breadth)
            (left, right), (top, bottom) = (sorted(pair) for pair in zip(*ends, strict=True))
            return Box(left, top, round(right - left, 1), round(bottom - top, 1))

        scopes = {scope: rectangle(*corner[scope], self.scopes[scope]) for scope in corner}
        centres = []
        for box, item in zip(self.boxes, self.graph.items, strict=True):
            x, y = corner[item.scope]
            centres.append((x + box.along, y + box.across))
        items = [
            rectangle(x - box.length / 2, y - box.breadth / 2, box)
            for box, (x, y) in zip(self.boxes, centres, strict=True)
        ]
        edges: list[list[list[tuple[float, float]]]] = []
        for i, item in enumerate(self.graph.items):
            edges.append([])
            for place, operand in enumerate(item.operands):
                tail, head = self.boxes[operand.source], self.boxes[i]
                share = (place + 1) / (len(item.operands) + 1) - 0.5
                (tail_x, tail_y), (head_x, head_y) = centres[operand.source], centres[i]
                bends = [
                    (
                        corner[scope][0] + bend.along + end * bend.length,
                        corner[scope][1] + bend.across,
                    )
                    for scope, bends in self.bends[i, place].items()
                    for bend in bends
                    for end in (-0.5, 0.5)
                ]
                points = [
                    (tail_x + tail.length / 2, tail_y),
                    *sorted(bends),
                    (head_x - head.length / 2, head_y + share * head.breadth),
                ]
                edges[-1].append([point(*place) for place in points])
        return Layout(items, scopes, edges)


def _rank(members: list[_Box]) -> None:
    """The longest way from a source; where there is a circle it is opened at its first item."""
    waiting = {box: len(set(box.before) - {box}) for box in members}
    ready = [box for box in members if not waiting[box]]
    ready.sort(key=lambda box: box.index)
    rest = iter(sorted(members, key=lambda box: box.index))
    done: set[_Box] = set()
    while len(done) < len(members):
        box = ready.pop() if ready else next(rest)
        if box in done:
            continue
        done.add(box)
        box.rank = 1 + max((x.rank for x in box.before if x in done and x is not box), default=-1)
        for head in dict.fromkeys(head for head, _ in box.after):
            waiting[head] -= 1
            if not waiting[head]:
                ready.append(head)
    for box in members:
        if box.given and box.after:  # beside what it is used for
            box.rank = max(0, min(head.rank for head, _ in box.after) - 1)


def _order(ranks: list[list[_Box]]) -> None:
    """Few crossings: every box near the middle of its neighbours, again and again."""
    for boxes in ranks:
        boxes.sort(key=lambda box: box.index)
        _number(boxes)
    for sweep in range(SWEEPS + 1):  # from the end and, last, to the beginning
        forward = sweep % 2 == 1
        for boxes in ranks if forward else ranks[::-1]:
            means = {}
            for box in boxes:
                near = [x.across for x in box.before]
                if not forward:
                    near = [head.across + share for head, share in box.after]
                means[box] = sum(near) / len(near) if near else box.across
            boxes.sort(key=means.__getitem__)
            _number(boxes)


def _number(boxes: list[_Box]) -> None:
    for place, box in enumerate(boxes):
        box.across = float(place)


def _settle(ranks: list[list[_Box]]) -> None:
    """Positions across: as near to the neighbours as the order and the sizes allow."""
    for boxes in ranks:
        across = 0.0
        for box in boxes:
            box.across = across + box.breadth / 2
            across += box.breadth + ACROSS
    for sweep in range(SWEEPS + 1):
        forward = sweep % 2 == 0
        for boxes in ranks if forward else ranks[::-1]:
            wanted, weights = [], []
            for box in boxes:
                # What is computed follows what is computed, and not the leaves beside it.
                before = [x for x in box.before if not x.given] or box.before
                near, other = before, [head for head, _ in box.after]
                if not forward:
                    near, other = other, near
                near = near or other
                wanted.append(sum(x.across for x in near) / len(near) if near else box.across)
                weights.append(0.001 if box.given else 4.0 if box.is_bend else 1.0)
            for box, across in zip(boxes, _apart(boxes, wanted, weights), strict=True):
                box.across = across


def _apart(boxes: list[_Box], wanted: list[float], weights: list[float]) -> list[float]:
    """The places nearest to the `wanted`, by weighted squares, that keep boxes apart in order.

    Less the room that the boxes before need, that is isotonic regression, which pooling adjacent
    violators solves exactly (Barlow, Bartholomew, Bremner and Brunk 1972).
    """
    room = [0.0]
    for one, other in pairwise(boxes):
        gap = BETWEEN_LINES if one.is_bend and other.is_bend else ACROSS
        room.append(room[-1] + (one.breadth + other.breadth) / 2 + gap)
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for target, weight, used in zip(wanted, weights, room, strict=True):
        mean, total, count = target - used, weight, 1
        while pools and pools[-1][0] > mean:
            before, heavy, many = pools.pop()
            mean = (mean * total + before * heavy) / (total + heavy)
            total, count = total + heavy, count + many
        pools.append((mean, total, count))
    flat = [mean for mean, _, count in pools for _ in range(count)]
    return [mean + used for mean, used in zip(flat, room, strict=True)]
