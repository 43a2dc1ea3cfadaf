"""Nested lists, tuples and dicts of numbers and arrays, flattened and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

Path = tuple[Any, ...]


def flatten(tree: Any) -> tuple[list[Any], Any]:
    """The leaves of `tree` and its structure; dicts in the order of their keys' insertion.

    Containers are lists, tuples (named ones too), dicts and their subclasses; None is an empty
    container. Everything else is a leaf.
    """
    leaves: list[Any] = []
    return leaves, _structure(tree, leaves)


class _Leaf:
    """Where a leaf stands in a structure."""

    def __repr__(self) -> str:
        return "*"


LEAF = _Leaf()


def _structure(tree: Any, leaves: list[Any]) -> Any:
    if isinstance(tree, dict):
        return _like(tree, [_structure(item, leaves) for item in tree.values()])
    if isinstance(tree, (list, tuple)):
        return _like(tree, [_structure(item, leaves) for item in tree])
    if tree is None:
        return None
    leaves.append(tree)
    return LEAF


def _like(container: Any, items: Sequence[Any]) -> Any:
    """A container of the same kind with other items."""
    if isinstance(container, dict):
        twin = container.copy()  # a defaultdict or OrderedDict stays one
        twin.update(zip(container, items, strict=True))
        return twin
    if hasattr(container, "_fields"):  # a named tuple
        return type(container)(*items)
    return type(container)(items)


def unflatten(structure: Any, leaves: Iterator[Any]) -> Any:
    """The tree of this structure with the next of `leaves`."""
    if structure is LEAF:
        return next(leaves)
    if structure is None:
        return None
    items = structure.values() if isinstance(structure, dict) else structure
    return _like(structure, [unflatten(item, leaves) for item in items])


def named_leaves(tree: Any, name: str) -> Iterator[tuple[str, Any]]:
    """(path, leaf) of every leaf, in the order of `flatten`.

    >>> list(named_leaves({"w": [1.0, 2.0], "b": 3.0}, "x"))
    [("x['w'][0]", 1.0), ("x['w'][1]", 2.0), ("x['b']", 3.0)]
    """
    if isinstance(tree, dict):
        for key, item in tree.items():
            yield from named_leaves(item, f"{name}[{key!r}]")
    elif isinstance(tree, (list, tuple)):
        for i, item in enumerate(tree):
            yield from named_leaves(item, f"{name}[{i}]")
    elif tree is not None:
        yield name, tree


def tree_map(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same tree with `function` of each leaf."""
    leaves, structure = flatten(tree)
    return unflatten(structure, iter([function(leaf) for leaf in leaves]))


def matched(tree: Any, structure: Any, what: str) -> list[Any]:
    """The leaves of `tree`, which must have this structure.

    Dicts are matched by key. Raises ValueError naming `what` and the place of a difference.
    """
    leaves: list[Any] = []
    _match(tree, structure, leaves, what, "")
    return leaves


def _match(tree: Any, structure: Any, leaves: list[Any], what: str, place: str) -> None:
    if structure is LEAF:
        leaves.append(tree)
        return
    if structure is None:
        fits = tree is None
    elif isinstance(structure, dict):
        fits = isinstance(tree, dict) and tree.keys() == structure.keys()
    else:
        fits = isinstance(tree, (list, tuple)) and len(tree) == len(structure)
    if not fits:
        raise ValueError(
            f"{what}{place and f' at {place}'}: {_shown(tree)} where {_shown(structure)} is "
            "expected: give the same nested lists, tuples and dicts"
        )
    if isinstance(structure, dict):
        for key, item in structure.items():
            _match(tree[key], item, leaves, what, f"{place}[{key!r}]")
    elif structure is not None:
        for i, (part, item) in enumerate(zip(tree, structure, strict=True)):
            _match(part, item, leaves, what, f"{place}[{i}]")


def _shown(tree: Any) -> str:
    if isinstance(tree, dict):
        return f"a dict with keys {list(tree)}"
    if isinstance(tree, (list, tuple)):
        return f"a {type(tree).__name__} of length {len(tree)}"
    return "None" if tree is None else f"a {type(tree).__name__}"
