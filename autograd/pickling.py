"""Copies and pickles of graphs of any depth.

The default would descend from a node into its parents and hit the recursion limit. Here a node
is reduced to the list of its ancestors, oldest first, so that whoever walks the list has always
seen the parents already. In the list a stub stands for each node; there is at most one stub a
node at a time, so two handles pickled together still share their graph afterwards.
"""

from __future__ import annotations

import weakref
from typing import Any, Protocol


class Restorable(Protocol):
    """What a node class gives so that its nodes can be copied."""

    number: int
    parents: tuple[Any, ...]

    def _record(self) -> tuple[Any, ...]: ...

    @classmethod
    def _restored(cls, parents: tuple[Any, ...], *record: Any) -> Any: ...


class _Stub:
    __slots__ = ("__weakref__", "node")

    def __init__(self, node: Restorable) -> None:
        self.node = node

    def __reduce__(self) -> tuple[Any, ...]:
        node = self.node
        parents = tuple(_stub_of(p) if p.number else p for p in node.parents)
        return type(node)._restored, (parents, *node._record())


_stubs: weakref.WeakValueDictionary[int, _Stub] = weakref.WeakValueDictionary()


def _stub_of(node: Any) -> _Stub:
    stub = _stubs.get(id(node))
    if stub is None:  # a live stub holds its node, so the id cannot be another's
        stub = _stubs[id(node)] = _Stub(node)
    return stub


def _last(nodes: list[Any]) -> Any:
    return nodes[-1]


def reduce_graph(order: list[Any]) -> tuple[Any, ...]:
    """What `__reduce__` of a node returns, given its ancestors and itself, oldest first."""
    return _last, ([_stub_of(node) for node in order],)
