"""Nested inputs and outputs as a list of leaves with their paths, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def leaves(tree: Any, path: str) -> Iterator[tuple[str, Any]]:
    """(path, leaf) of everything in nested tuples, lists and dicts, in order.

    >>> list(leaves({"w": [1.0, 2.0], "b": 3.0}, "input 0"))
    [("input 0['w'][0]", 1.0), ("input 0['w'][1]", 2.0), ("input 0['b']", 3.0)]
    """
    if isinstance(tree, dict):
        for key, item in tree.items():
            yield from leaves(item, f"{path}[{key!r}]")
    elif isinstance(tree, (tuple, list)):
        for i, item in enumerate(tree):
            yield from leaves(item, f"{path}[{i}]")
    else:
        yield path, tree


def rebuilt(tree: Any, found: Iterator[Any]) -> Any:
    """The tree with its leaves taken from `found`, in the same containers.

    >>> rebuilt({"w": [0, 0], "b": 0}, iter("abc"))
    {'w': ['a', 'b'], 'b': 'c'}
    """
    if isinstance(tree, dict):
        pairs = [(key, rebuilt(item, found)) for key, item in tree.items()]
        return dict(pairs) if type(tree) is dict else type(tree)(pairs)
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*[rebuilt(item, found) for item in tree])
    if isinstance(tree, (tuple, list)):
        return type(tree)([rebuilt(item, found) for item in tree])
    return next(found)
