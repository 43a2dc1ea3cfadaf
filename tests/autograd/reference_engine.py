"""A naive engine, to check the real one against: every rule by hand, sums along every path.

Nothing is shared with `autograd`: no table, no broadcasting logic, no topological order. The
derivative of a node by a leaf is found by recursion over its operands, as the chain rule reads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Pull = Callable[[Array], Array]


class Node:
    """An array, and for each operand how a cotangent of the array becomes one of the operand."""

    def __init__(self, value: Any, operands: list[tuple[Node, Pull]] | None = None) -> None:
        self.value = np.asarray(value, float)
        self.operands = operands or []


def gradient(root: Node, leaf: Node, g: Array) -> Array:
    """The sum over all paths from `root` to `leaf`."""
    total = g.copy() if root is leaf else np.zeros_like(leaf.value)
    for operand, pull in root.operands:
        total = total + gradient(operand, leaf, pull(g))
    return total


def tangent(root: Node, directions: dict[Node, Array]) -> Array:
    """The directional derivative: entry by entry from the pulls, as they are linear."""
    total = directions.get(root, np.zeros_like(root.value)).copy()
    for operand, pull in root.operands:
        t = tangent(operand, directions)
        for place in np.ndindex(root.value.shape):
            one = np.zeros_like(root.value)
            one[place] = 1.0
            total[place] += np.sum(pull(one) * t)
    return total


def _summed_to(x: Array, like: Array) -> Array:
    """`x` added up over what was repeated to give it its shape from that of `like`."""
    out = np.zeros_like(like)
    repeated = np.broadcast_to(np.arange(like.size).reshape(like.shape), x.shape)
    np.add.at(out.reshape(-1), repeated.reshape(-1), x.reshape(-1))
    return out


def unary(name: str, x: Node) -> Node:
    v = x.value
    value, slope = {
        "sin": lambda: (np.sin(v), np.cos(v)),
        "exp": lambda: (np.exp(v), np.exp(v)),
        "tanh": lambda: (np.tanh(v), 1 / np.cosh(v) ** 2),
        "negative": lambda: (-v, -np.ones_like(v)),
        "square": lambda: (v * v, 2 * v),
    }[name]()
    return Node(value, [(x, lambda g: g * slope)])


def binary(name: str, x: Node, y: Node) -> Node:
    a, b = x.value, y.value
    value, by_x, by_y = {
        "add": lambda: (a + b, 1.0, 1.0),
        "subtract": lambda: (a - b, 1.0, -1.0),
        "multiply": lambda: (a * b, b, a),
        "divide": lambda: (a / b, 1 / b, -a / b**2),
    }[name]()
    return Node(value, [(x, lambda g: _summed_to(g * by_x, a)),
                        (y, lambda g: _summed_to(g * by_y, b))])  # fmt: skip


def linear(f: Callable[[Array], Array], *xs: Node) -> Node:
    """Any function that moves or adds up entries: its matrix is read off by trying it."""
    operands = []
    for k, x in enumerate(xs):
        zeros = [np.zeros_like(other.value) for other in xs]
        columns = []
        for place in np.ndindex(x.value.shape):
            zeros[k][place] = 1.0
            columns.append(f(*zeros).copy())
            zeros[k][place] = 0.0
        shape = x.value.shape
        operands.append(
            (x, lambda g, columns=columns, shape=shape: np.array(
                [np.sum(g * column) for column in columns], float).reshape(shape)))  # fmt: skip
    return Node(f(*[x.value for x in xs]), operands)
