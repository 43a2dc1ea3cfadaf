"""From a graph of nodes to its description in plain data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..graph import ArrayNode, Constant, topological_order
from ..tensor import Tensor
from ..value import Value
from .description import Contents, Graph, Item, Kind, Operand, place_given
from .observing import Observer

MOST_IN_FULL = 5_000
"""In larger pictures nobody reads whole arrays, and writing them takes a while."""

# Operations whose operands may change places.
_SYMMETRIC = {"add", "multiply", "maximum", "minimum", "sum_values"}


def node_of(root: Any) -> Any:
    """The node of a Value or a Tensor; None of a Tensor that records nothing."""
    return root if isinstance(root, Value) else root._node


def read(roots: Sequence[Any], observer: Observer, names: Mapping[Any, str]) -> Graph:
    """The graph of the roots, oldest node first.

    Args:
        roots: Values and Tensors.
        observer: what was seen while they were computed, if anything.
        names: of nodes that have no label.
    """
    graph = Graph(scopes=list(observer.scopes))
    outputs = dict.fromkeys(node for node in map(node_of, roots) if node is not None)
    position: dict[Any, int] = {}
    for node in topological_order(outputs)[::-1]:
        kind: Kind = "output" if node in outputs else "result"
        if node.operation is None:
            position[node] = graph.add(_leaf(node, observer))
            continue
        sources = []
        for operand in map(observer.first_of, _operands(node)):
            if operand not in position:
                position[operand] = graph.add(_constant(operand, observer))
            sources.append(position[operand])
        item = _result(node, kind, names.get(node, ""), observer)
        item.ordered = node.operation.name not in _SYMMETRIC
        item.operands = [Operand(source) for source in sources]
        if isinstance(node, Value):
            for operand, factor in zip(item.operands, node.factors, strict=False):
                operand.derivative = factor
        position[node] = graph.add(item)
    for root in dict.fromkeys(root for root in roots if node_of(root) is None):
        kind = "input" if root.label else "constant"
        graph.add(_described(Item(kind, _text(root.label)), root))
    place_given(graph)
    return graph


def _operands(node: Any) -> Sequence[Any]:
    """What an operation was applied to, as far as it is drawn."""
    parents: Sequence[Any] = node.parents
    has_exponent = isinstance(node, Value) and node._op != node.operation.symbol
    return parents[:1] if has_exponent else parents  # "**2" says it all


def _leaf(node: Any, observer: Observer) -> Item:
    kind, name = observer.name_of(node) or ("leaf", "")
    return _described(Item(kind, name or _text(node.label)), node)


def _constant(constant: Constant, observer: Observer) -> Item:
    if constant.value is not None:
        form = "d" if isinstance(constant.value, int) else "g"
        return Item("number", format(constant.value, form))
    kind, name = observer.name_of(constant) or ("input" if constant.label else "constant", "")
    return _described(Item(kind, name or _text(constant.label)), constant)


def _result(node: Any, kind: Kind, name: str, observer: Observer) -> Item:
    item = _described(Item(kind, _text(node.label) or name), node)
    item.operation = node._op if isinstance(node, Value) else node.operation.name
    item.scope = observer.scope_of(node)
    item.source = observer.source_of(node)
    if not isinstance(node, Value) and node.params:
        item.static = ", ".join(f"{name}={_static(x)}" for name, x in node.params.items())
    return item


def _static(x: Any) -> str:
    """A further argument of an operation as text; an array by its shape."""
    if isinstance(x, np.ndarray):
        return f"array{x.shape}"
    if isinstance(x, (list, tuple)) and len(x) <= 8:
        return "[" + ", ".join(map(_static, x)) + "]"
    return f"{x!r:.40}"


def _text(label: Any) -> str:
    return "" if label is None else str(label)


@lru_cache(maxsize=64)
def _dtype(dtype: Any) -> tuple[str, int]:
    """The name of a dtype, and its bytes."""
    found = np.dtype(dtype)
    return str(found), found.itemsize


def _described(item: Item, x: Any) -> Item:
    """`item` with what is cheap to read: x is a Value, or has a shape and a dtype."""
    item.origin = x
    if isinstance(x, Value):
        item.scalar = True
    else:
        item.shape, (item.dtype, itemsize) = x.shape, _dtype(x.dtype)
        item.nbytes = math.prod(x.shape) * itemsize
    return item


# --- numbers ----------------------------------------------------------------------------


def fill(
    graph: Graph,
    roots: Sequence[Any],
    observer: Observer,
    cotangents: Mapping[Any, Any],
    *,
    traced: bool,
) -> None:
    """Write the numbers into the items that are going to be shown.

    Args:
        cotangents: the derivative of the sum of all outputs by each node, where they are known.
        traced: whether the pass that they belong to was run for the picture; then they are the
            gradients to show, else those that the user's own passes have left are.
    """
    brief = len(graph.items) > MOST_IN_FULL
    arrays = _kept_arrays(item.origin for item in graph.items)
    arrays |= {node_of(root): root.data for root in roots if isinstance(root, Tensor)}
    for item in graph.items:
        origin, item.origin = item.origin, None
        if origin is None:
            continue
        data = getattr(origin, "data", None)  # of a Value, or of a Tensor that records nothing
        if data is None:
            data = observer.array_of(origin)
        if data is None:
            data = arrays.get(origin)
        item.data = None if data is None else numbers(data, brief)
        cotangent = cotangents.get(origin)
        item.cotangent = None if cotangent is None else numbers(cotangent, brief)
        grad = getattr(origin, "grad", None)
        item.grad = None if grad is None and not item.scalar else numbers(grad, brief)
        if traced and item.cotangent is not None:
            item.grad = item.cotangent


def _kept_arrays(nodes: Iterable[Any]) -> dict[Any, Any]:
    """The arrays that the rules of a graph keep, by the node or Constant they belong to."""
    found: dict[Any, Any] = {}
    for node in nodes:
        if not isinstance(node, ArrayNode) or not node.saved:
            continue
        operation = node.operation
        arrays = node.saved[0] if operation.variadic else node.saved
        pairs = zip(node.parents, arrays or (), strict=False)
        found.update((parent, array) for parent, array in pairs if isinstance(array, np.ndarray))
        out = node.saved[1 if operation.variadic else len(operation.inputs)]
        if isinstance(out, np.ndarray):
            found[node] = out
    return found


def numbers(x: Any, brief: bool = False) -> Contents:
    """A number or an array as text; both texts are short where it is to be `brief`."""
    if x is None or isinstance(x, (float, int)):
        return Contents(decimal(x), repr(x if x is None else float(x)))
    array = np.asarray(x.data if isinstance(x, Tensor) else x)
    if array.ndim == 0:
        return Contents(decimal(array.item()), str(array.item()))
    if array.size <= 4:
        short = f"[{', '.join(map(decimal, array.ravel().tolist()))}]"
    else:
        short = _range(array)
    if brief:
        return Contents(short, short)
    full = np.array2string(array, precision=4, threshold=60, edgeitems=3, max_line_width=46)
    return Contents(short, full)


def _range(array: np.ndarray) -> str:
    """The least and the greatest number; of complex ones the greatest absolute value."""
    finite = array[np.isfinite(array)]
    texts = [f"{array.size - finite.size:,} not finite"] if finite.size < array.size else []
    if finite.size and array.dtype.kind == "c":
        texts.insert(0, f"up to {decimal(np.abs(finite).max().item())} in size")
    elif finite.size:
        low, high = decimal(finite.min().item()), decimal(finite.max().item())
        texts.insert(0, f"all {low}" if low == high else f"{low} … {high}")
    return ", ".join(texts)


def decimal(x: Any) -> str:
    """Four decimals as micrograd shows them, or four digits where those would say too little."""
    if x is None or isinstance(x, (bool, int, complex)):
        return str(x)
    return f"{x:.4f}" if x == 0 or 1e-3 <= abs(x) < 1e6 else f"{x:.4g}"
