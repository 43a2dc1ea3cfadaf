"""Blocks that repeat each other, as the layers of a deep network or the steps of a loop, as one.

In every scope the calls and operations are read as a row of tokens, and a pattern of at most
eight of them that is repeated three times or more, with a call of a module in it, is drawn once
with "× 12". Repetition means the same operations on the same shapes, wired in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from .description import Graph, Scope, merged, place_given

FEWEST = 3
LONGEST = 8


class _Token(NamedTuple):
    """One thing in a scope: the operations `first` to `last` - 1, and the call they belong to."""

    first: int
    last: int
    call: int | None
    signature: int


def fold_repeats(graph: Graph) -> Graph:
    """The graph with each row of repeated blocks as its first block."""
    for depth in range(max(graph.depths()) + 1):  # from the outside in, as what a parameter
        folder = _Folder(graph)  # belongs to is known once the calls that share it are one
        for scope, deep in enumerate(graph.depths()):
            if deep == depth:
                folder.fold(scope)
        if folder.into:
            graph = merged(graph, folder.into)
            place_given(graph)
    return graph


class _Folder:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.into: dict[int, int] = {}
        self.operations = [i for i, item in enumerate(graph.items) if not item.given]
        self.rank = {item: i for i, item in enumerate(self.operations)}
        self.span = self._spans()
        self.uses = self._uses()
        self.children: dict[int, list[int]] = {}
        for scope in range(1, len(graph.scopes)):
            self.children.setdefault(graph.scopes[scope].parent, []).append(scope)
        self.known: dict[Any, int] = {}  # signatures by number, for fast comparison

    def _spans(self) -> dict[int, tuple[int, int]]:
        """The first and last operation in each scope, by their ranks; half open."""
        spans: dict[int, tuple[int, int]] = {}
        for i, item in enumerate(self.operations):
            scope = self.graph.items[item].scope
            first, _ = spans.get(scope, (i, i))
            spans[scope] = first, i + 1
        deepest = sorted(range(1, len(self.graph.scopes)), key=self.graph.depths().__getitem__)
        for scope in reversed(deepest):
            parent = self.graph.scopes[scope].parent
            if scope in spans:
                first, last = spans[scope]
                low, high = spans.get(parent, (first, last))
                spans[parent] = min(first, low), max(last, high)
        return spans

    def _uses(self) -> dict[int, tuple[int, int]]:
        """The ranks of the first and the last operation that uses each item."""
        uses: dict[int, tuple[int, int]] = {}
        for i, item in enumerate(self.operations):
            for operand in self.graph.items[item].operands:
                first, _ = uses.get(operand.source, (i, i))
                uses[operand.source] = first, i
        return uses

    def members(self, first: int, last: int) -> list[int]:
        """The operations of a block with what only they are given, in the order of use."""
        found: dict[int, None] = {}
        for item in self.operations[first:last]:
            for operand in self.graph.items[item].operands:
                source = self.graph.items[operand.source]
                own = source.given and source.kind != "input"  # those are compared apart
                if own and self.private(operand.source, first, last):
                    found[operand.source] = None
            found[item] = None
        return list(found)

    def private(self, item: int, first: int, last: int) -> bool:
        """Whether only the operations of a block use an item."""
        begin, end = self.uses[item]
        return first <= begin and end < last

    def signature(self, first: int, last: int) -> int:
        """A number that is the same for blocks of the same structure."""
        items = self.graph.items
        members = self.members(first, last)
        inside = {item: i for i, item in enumerate(members)}
        described = tuple(
            (
                items[i].given and items[i].kind,  # not of results, as the last is the output
                items[i].operation, items[i].shape, items[i].dtype, items[i].static,
                self.graph.scopes[items[i].scope].kind if items[i].operation else "",
                tuple(inside.get(operand.source) for operand in items[i].operands),
            )
            for i in members
        )  # fmt: skip
        return self.known.setdefault(described, len(self.known))

    def tokens(self, scope: int) -> list[_Token]:
        """What happens directly in a scope, in order."""
        calls = {
            self.span[child][0]: (self.span[child][1], child)
            for child in self.children.get(scope, ())
            if child in self.span
        }
        if not calls:
            return []
        found = []
        first, end = self.span[scope]
        while first < end:
            last, call = calls.get(first, (first + 1, None))
            found.append(_Token(first, last, call, self.signature(first, last)))
            first = last
        return found

    def fold(self, scope: int) -> None:
        """Find the repeats directly in a scope."""
        tokens = self.tokens(scope)
        for start, period, times in _runs(tokens):
            starts = range(start, start + times * period, period)
            units = [tokens[i : i + period] for i in starts]
            ends = [(unit[0].first, unit[-1].last) for unit in units]
            if len({self.signature(*end) for end in ends}) > 1:
                continue  # the same calls, but wired differently
            self.take_together(scope, units)

    def take_together(self, scope: int, units: Sequence[Sequence[_Token]]) -> None:
        """Draw the first of some units for all of them."""
        graph, times = self.graph, len(units)
        ends = [(unit[0].first, unit[-1].last) for unit in units]
        members = [self.members(*end) for end in ends]
        for end, others in zip(ends[1:], members[1:], strict=True):
            self.into.update(zip(others, members[0], strict=True))
            self.join_inputs(ends[0], end, times)
        calls = [[token.call for token in unit if token.call is not None] for unit in units]
        for same in zip(*calls, strict=True):
            names = list(dict.fromkeys(graph.scopes[call].name for call in same))
            if len(names) > 1:
                graph.scopes[same[0]].name = f"{names[0]} … {names[-1]}"
        if len(units[0]) == 1:
            graph.scopes[calls[0][0]].times = times
            return
        graph.scopes.append(Scope(scope, "repeated", times=times, level=0))
        wrapper = len(graph.scopes) - 1
        for call in calls[0]:
            graph.scopes[call].parent = wrapper
        for item in members[0]:
            if graph.items[item].scope == scope:
                graph.items[item].scope = wrapper

    def join_inputs(self, first: tuple[int, int], other: tuple[int, int], times: int) -> None:
        """An input of each unit's own, as x[3] in a loop: drawn as that of the first."""
        items = self.graph.items
        for a, b in zip(range(*first), range(*other), strict=True):
            pairs = zip(
                items[self.operations[a]].operands, items[self.operations[b]].operands, strict=True
            )
            for one, another in ((one.source, another.source) for one, another in pairs):
                if (
                    items[one].kind == items[another].kind == "input"
                    and items[one].shape == items[another].shape
                    and self.private(one, *first)
                    and self.private(another, *other)
                ):
                    items[one].times = times
                    self.into[another] = one


def _runs(tokens: Sequence[_Token]) -> Iterator[tuple[int, int, int]]:
    """Start, period and number of each repetition in a row."""
    signatures = [token.signature for token in tokens]
    start = 0
    while start < len(tokens):
        best = max(
            ((_times(signatures, start, period) * period, -period)
             for period in range(1, LONGEST + 1)
             if any(token.call is not None for token in tokens[start : start + period])),
            default=(0, 0),
        )  # fmt: skip
        covered, period = best[0], -best[1]
        if covered < FEWEST * period or not covered:
            start += 1
            continue
        # The same row can be cut at other places: best where a call begins, if it is as long.
        cuts = range(start, start + period)
        times, _, back = max(
            (_times(signatures, cut, period), tokens[cut].call is not None, -cut)
            for cut in cuts
            if cut < len(tokens)
        )
        yield -back, period, times
        start = -back + times * period


def _times(signatures: Sequence[int], start: int, period: int) -> int:
    """How often the `period` signatures at `start` follow one another; 0 if less than FEWEST."""
    pattern = signatures[start : start + period]
    times = 1
    while pattern == signatures[start + times * period : start + (times + 1) * period]:
        times += 1
    return times if times >= FEWEST and len(pattern) == period else 0
