"""Forward mode: tangents pushed along a recorded graph, parents before children.

The same nodes, residuals and rules as in the backward pass serve it:

- an elementwise operation has a diagonal Jacobian, so its rules are their own transposes;
- a linear operation is applied to the tangents, a multilinear one with one input at a time
  replaced by its tangent;
- any other rule, linear in its cotangent, is recorded and transposed by a backward pass through
  it, unless the operation declares a rule for forward mode.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .anomalies import check_tangents
from .graph import ArrayNode, Masked, Node, backpropagate, check_fit, topological_order
from .ops.elementwise import astype
from .ops.shaping import broadcast_to
from .recording import Mode, enable_grad, mode
from .rules import Rule
from .tensor import Tensor
from .value import Value

Tangents = Mapping[Node, Any]


def pushforward(
    seeds: Tangents, outputs: Iterable[Node], *, create_graph: bool = False, since: int = 0
) -> list[Any]:
    """The tangents of `outputs`, given those of some nodes before them.

    Args:
        seeds: node: tangent, of the node's shape and dtype.
        outputs: the nodes asked about.
        create_graph: record the pass itself, for derivatives of the tangents.
        since: the walk begins after the nodes up to this number.

    Returns:
        A tangent for each output; None for one that no node of `seeds` leads to.
    """
    outputs = list(outputs)
    order = topological_order(dict.fromkeys(outputs), leaves=False, since=since)
    check_fit(order)
    tangents = dict(seeds)
    watching = Mode.watchers and mode.watching and mode.walking != "forward"
    outer, walking, mode.recording = mode.recording, mode.walking, create_graph
    if watching:
        mode.walking = "forward"
    try:
        for node in reversed(order):
            if node not in tangents and not tangents.keys().isdisjoint(node.parents):
                if node.push is not None:
                    tangents[node] = node.push(tangents, create_graph)
                elif isinstance(node, Value):
                    tangents[node] = _push_scalar(node, tangents, create_graph)
                else:
                    tangents[node] = _push_array(node, tangents, create_graph)
    finally:
        mode.recording, mode.walking = outer, walking
    if watching:
        check_tangents(outputs, tangents)
    return [tangents.get(node) for node in outputs]


def _push_scalar(node: Any, tangents: Tangents, create_graph: bool) -> Any:
    total: Any = 0.0
    if create_graph:
        node.check_current()
        operands = node.operands
        for i, x in enumerate(operands):
            if x in tangents:
                share = node.operation.scalar_rule(i, tangents[x], operands, node)
                total = total if share is None else total + share
    else:
        for x, factor in zip(node.operands, node.factors, strict=True):
            if factor is not None and x in tangents:
                total += factor * tangents[x]
    return total


def _push_array(node: Any, tangents: Tangents, create_graph: bool) -> Any:
    operation = node.operation
    if operation.linear is True:
        operands = [
            tangents[p] if p in tangents else np.zeros(p.shape, p.dtype) for p in node.parents
        ]
        return _fitted(operation(*operands, **node.params), node)
    saved = operation.as_tensors(node) if create_graph else node.saved
    total = None
    for i, parent in enumerate(node.parents):
        if parent in tangents:
            share = _share(node, i, tangents[parent], saved, create_graph)
            if share is not None:
                total = share if total is None else total + share
    return np.zeros(node.shape, node.dtype) if total is None else _fitted(total, node)


def _share(node: Any, i: int, t: Any, saved: Any, create_graph: bool) -> Any:
    """What the tangent `t` of input `i` adds to the output's; None where no rule is."""
    operation = node.operation
    which = 0 if operation.variadic else i
    if operation.pushes:
        push = operation.pushes[which]
        return None if push is None else push.apply(t, saved, node, i)
    rule = operation.pulls[which]
    if rule is None:
        return None
    if operation.linear == "each":
        xs = list(saved[0] if operation.variadic else saved[: len(node.parents)])
        xs[i] = t
        return operation(*xs, **node.params)
    if operation.elementwise:
        # Where the rule divides by zero, so does the derivative.
        with np.errstate(all="ignore"):
            share = rule(_spread(t, node.shape), saved, node, i)
        return share.values if isinstance(share, Masked) else share
    return _transposed(rule, t, saved, node, i, create_graph)


def _transposed(rule: Rule, t: Any, saved: Any, node: Any, i: int, create_graph: bool) -> Any:
    """The transpose of a rule, a linear map of its cotangent, applied to `t`."""
    cotangent = Tensor._wrap(np.zeros(node.shape, node.dtype), None)
    cotangent._node = leaf = ArrayNode(None, (), (), {}, node.shape, node.dtype)
    with enable_grad():
        share = rule(cotangent, saved, node, i)
    if isinstance(share, Masked):
        share = share.values
    if not isinstance(share, Tensor) or share._node is None:
        return None
    # The rule may give the input's shape, or one the engine would have summed to it.
    seed = _spread(_cast(t, share.dtype), share.shape)
    if create_graph and not isinstance(seed, Tensor):
        seed = Tensor._wrap(seed, None)
    found = backpropagate({share._node: seed}, wanted={leaf}, create_graph=create_graph)
    return found.get(leaf)


def _fitted(t: Any, node: Any) -> Any:
    """A tangent in its node's dtype and shape."""
    return _spread(_cast(t, node.dtype), node.shape)


def _spread(t: Any, shape: tuple[int, ...]) -> Any:
    return t if np.shape(t) == shape else broadcast_to(t, shape)


def _cast(t: Any, dtype: Any) -> Any:
    if not isinstance(t, Tensor):
        t = np.asarray(t)
    if t.dtype == dtype:
        return t
    if t.dtype.kind == "c" and dtype.kind != "c":
        t = t.real  # a real output has a real tangent
    return astype(t, dtype)
