"""Positions in the HTML page: nothing overlaps, edges run forward, boxes lie in boxes."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.drawing.description import Graph, Item, Operand, Scope
from autograd.drawing.layout import Box, layout


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Graphs with nested scopes; each item uses earlier ones."""
    seed = draw(st.integers(0, 2**32))
    rng = random.Random(seed)
    graph = Graph()
    for _ in range(draw(st.integers(0, 5))):
        graph.scopes.append(Scope(rng.randrange(len(graph.scopes)), "s"))
    scopes = sorted(rng.randrange(len(graph.scopes)) for _ in range(draw(st.integers(1, 25))))
    for i, scope in enumerate(scopes):
        sources = [rng.randrange(i) for _ in range(rng.randrange(4))] if i else []
        operands = [Operand(source) for source in sources]
        graph.add(
            Item("result", operation="op" if operands else "", operands=operands, scope=scope)
        )
    return graph


def size(graph: Graph) -> list[tuple[float, float]]:
    return [(40.0 + 13 * i % 50, 20.0 + 7 * i % 30) for i in range(len(graph.items))]


def overlap(a: Box, b: Box) -> bool:
    return (
        a.x < b.x + b.width and b.x < a.x + a.width
        and a.y < b.y + b.height and b.y < a.y + a.height
    )  # fmt: skip


def contains(outer: Box, inner: Box) -> bool:
    slack = 0.2  # positions are rounded to tenths
    return (
        outer.x <= inner.x + slack and inner.x + inner.width <= outer.x + outer.width + slack
        and outer.y <= inner.y + slack and inner.y + inner.height <= outer.y + outer.height + slack
    )  # fmt: skip


@given(graphs(), st.sampled_from(["LR", "RL", "TB", "BT"]))
def test_items_do_not_overlap_and_lie_in_their_scopes(graph: Graph, direction: str) -> None:
    sizes = size(graph)
    placed = layout(graph, sizes, direction, [30.0] * len(graph.scopes))
    for box, wanted in zip(placed.items, sizes, strict=True):
        assert box[2:] == pytest.approx(wanted, abs=0.11)
    for a, b in combinations(placed.items, 2):
        assert not overlap(a, b)
    for item, box in zip(graph.items, placed.items, strict=True):
        scope = item.scope
        assert contains(placed.scopes[scope], box)
        while scope:
            assert contains(placed.scopes[graph.scopes[scope].parent], placed.scopes[scope])
            scope = graph.scopes[scope].parent


@given(graphs())
def test_items_outside_of_a_scope_do_not_touch_it(graph: Graph) -> None:
    placed = layout(graph, size(graph), "LR", [30.0] * len(graph.scopes))
    for item, box in zip(graph.items, placed.items, strict=True):
        around = {0}
        scope = item.scope
        while scope:
            around.add(scope)
            scope = graph.scopes[scope].parent
        for other, rectangle in placed.scopes.items():
            assert other in around or not overlap(rectangle, box)


@pytest.mark.parametrize(
    ("direction", "axis", "sign"), [("LR", 0, 1), ("RL", 0, -1), ("TB", 1, 1), ("BT", 1, -1)]
)
def test_edges_run_in_the_graph_s_direction(direction: str, axis: int, sign: int) -> None:
    graph = Graph()
    for i in range(6):
        graph.add(Item("result", operation="op", operands=[Operand(j) for j in range(i)]))
    placed = layout(graph, size(graph), direction, [0.0])
    for edges in placed.edges:
        for points in edges:
            along = [sign * point[axis] for point in points]
            assert along == sorted(along)


def test_a_chain_is_straight() -> None:
    graph = Graph()
    graph.add(Item("leaf"))
    for i in range(200):
        leaf = graph.add(Item("leaf"))
        graph.add(Item("result", operation="op", operands=[Operand(max(2 * i, 0)), Operand(leaf)]))
    placed = layout(graph, [(50.0, 30.0)] * len(graph.items), "LR", [0.0])
    chain = [box.y for box, item in zip(placed.items, graph.items, strict=True) if item.operation]
    assert max(chain) - min(chain) < 30


def test_circles_are_laid_out_as_well() -> None:
    graph = Graph()
    graph.add(Item("group", operation="a", operands=[Operand(1)]))
    graph.add(Item("group", operation="b", operands=[Operand(0)]))
    placed = layout(graph, size(graph), "LR", [0.0])
    assert not overlap(*placed.items)
