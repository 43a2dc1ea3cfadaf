"""`gradients`: the derivatives of what was recorded, without touching any `.grad`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .graph import Node, backpropagate
from .tensor import Tensor, own_gradient, seed_of
from .value import Value, _number


def gradients(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    *,
    create_graph: bool = False,
    retain_graph: bool | None = None,
    allow_unused: bool = False,
) -> tuple[Any, ...]:
    """The derivatives of `outputs` with respect to `inputs`, without touching any `.grad`.

    Args:
        outputs: a Value or Tensor, or a sequence of them; their derivatives are summed.
        inputs: one or a sequence of those they were computed from, leaves or not.
        grad_outputs: the cotangent of each output, None standing for 1.
        create_graph: record the pass itself, for derivatives of any order. The gradients are
            then Values or Tensors, also where they are constant.
        retain_graph: keep what a second pass over the graph needs; as `create_graph` by default.
        allow_unused: give None, not an error, for an input that the outputs do not depend on.

    Returns:
        A tuple with one gradient for each input: a float for a Value, an array of the input's
        shape and dtype for a Tensor.

    Raises:
        TypeError: for anything that is no Value or Tensor; RuntimeError: for an input that was
            not used, or where nothing was recorded; ValueError: for cotangents that do not fit.

    >>> from autograd import Value, gradients
    >>> x = Value(3.0)
    >>> (slope,) = gradients(x**3, x, create_graph=True)
    >>> slope.data, gradients(slope, x)
    (27.0, (18.0,))
    """
    outs = _sequence(outputs, "outputs")
    ins = _sequence(inputs, "inputs")
    cotangents = [None] * len(outs) if grad_outputs is None else _cotangents(grad_outputs, outputs)
    if len(cotangents) != len(outs):
        raise ValueError(
            f"gradients: {len(cotangents)} grad_outputs for {len(outs)} outputs: give one for each"
        )
    seeds: dict[Node, Any] = {}
    for output, cotangent in zip(outs, cotangents, strict=True):
        if allow_unused and isinstance(output, Tensor) and not output.requires_grad:
            continue
        for node, g in _seed(output, cotangent, create_graph).items():
            seeds[node] = seeds[node] + g if node in seeds else g
    nodes = [x if isinstance(x, Value) else x._recorded("gradients") for x in ins]
    found = backpropagate(
        seeds,
        wanted=set(nodes),
        create_graph=create_graph,
        retain_graph=create_graph if retain_graph is None else retain_graph,
    )
    if not allow_unused:
        for i, node in enumerate(nodes):
            if node not in found:
                raise RuntimeError(
                    f"gradients: the outputs do not depend on input {i} ({ins[i]!r:.60}): pass "
                    "allow_unused=True to get None for it"
                )
    asked = [found.get(node) for node in nodes]
    for i, (node, g) in enumerate(zip(nodes, asked, strict=True)):
        if node in nodes[:i] and isinstance(g, np.ndarray):
            asked[i] = g.copy()  # asked for twice: two arrays
    return tuple(_as_asked(g, x, create_graph) for g, x in zip(asked, ins, strict=True))


def _sequence(items: Any, what: str) -> list[Any]:
    if isinstance(items, (Value, Tensor)):
        return [items]
    listed = list(items) if isinstance(items, Iterable) else None
    if listed is None or not all(isinstance(x, (Value, Tensor)) for x in listed):
        hint = ": a derivative that was recorded comes from gradients(..., create_graph=True)"
        raise TypeError(
            f"gradients: {what} must be a Value, a Tensor or a list of them, "
            f"not {type(items).__name__} {items!r:.60}{hint if what == 'outputs' else ''}"
        )
    return listed


def _cotangents(grad_outputs: Any, outputs: Any) -> list[Any]:
    return [grad_outputs] if isinstance(outputs, (Value, Tensor)) else list(grad_outputs)


def _seed(output: Any, cotangent: Any, create_graph: bool) -> dict[Node, Any]:
    if isinstance(output, Tensor):
        return seed_of(output, cotangent, create_graph, "gradients")
    if cotangent is None:
        return {output: 1.0}
    if create_graph and isinstance(cotangent, Value):
        return {output: cotangent}
    return {output: _number(cotangent, "gradients")}


def _as_asked(g: Any, x: Any, create_graph: bool) -> Any:
    """`g` as plain data, or as what records where a graph was asked for."""
    if g is None or not create_graph or isinstance(g, Value):
        return g
    return Value(g) if isinstance(x, Value) else own_gradient(g)
