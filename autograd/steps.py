"""An operation's part of a backward pass, as functions written out for it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .graph import ArrayNode, Pending
    from .op import Operation

Step = Callable[[Any, "ArrayNode", Any, "Pending"], None]


class Steps(dict[int, Step]):
    """The steps of an operation, by which inputs are active, as bits; each made when first used.

    `step(g, node, saved, pending)` applies the rules of those inputs to the cotangent `g` and
    hands each contribution on. Written out it needs no loop over inputs that are known, and the
    rules no look-up of their arguments: NumPy takes less time for a small array than these would.
    """

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    def __missing__(self, active: int) -> Step:
        step = careful_step if self.operation.careful else self._written(active)
        self[active] = step
        return step

    def _written(self, active: int) -> Step:
        operation = self.operation
        rules = {f"rule{i}": rule.function for i, rule in enumerate(operation.rules) if rule}
        lines = [f"def make({', '.join(rules)}, operation, own):", _STEP]
        for i, rule in enumerate(operation.rules):
            if rule and (operation.variadic or active >> i & 1):
                parent = _EACH if operation.variadic else _ONE.format(i)
                terms = ", ".join(["g", *map(operation.source, rule.names)])
                lines += [parent, _CONTRIBUTION.format(f"rule{i}({terms})")]
        make = _made("\n".join([*lines, " return step"]))
        step: Step = make(**rules, operation=operation, own=_OWN)
        return step


# The text of a step. Most contributions by far are arrays of the rule's own, or the cotangent
# itself, in which nothing has to be converted and which are added to nothing.
_STEP = """\
 def step(g, node, saved, pending):
  cotangents = pending.cotangents
  needed = pending.needed"""
_ONE = """\
  parent = node.parents[{}]
  if needed is None or parent in needed:"""
_EACH = """\
  for i, parent in enumerate(node.parents):
   if parent.number and (needed is None or parent in needed):"""
_CONTRIBUTION = """\
    c = {}
    if (
     parent not in cotangents
     and c.__class__ in own
     and c.dtype is parent.dtype
     and c.shape == parent.shape
    ):
     cotangents[parent] = c
     if c is g:
      pending.shared.add(parent)
    else:
     pending.take(parent, c, g, operation)"""

_OWN: frozenset[Any] = frozenset({np.ndarray, np.float64})  # NumPy's scalars are never written to


def careful_step(g: Any, node: ArrayNode, saved: Any, pending: Pending) -> None:
    """The step of an operation whose rules are not ours, and of any whose rules were exchanged."""
    operation = node.operation
    needed = pending.needed
    for i, parent in enumerate(node.parents):
        pull = operation.pulls[0 if operation.variadic else i]
        if pull is not None and parent.number and (needed is None or parent in needed):
            pending.take(parent, pull(g, saved, node, i), g, operation)


_FILE = f"{__file__} (written)"  # beside this one: debugging mode looks for the first line outside


@functools.cache
def _made(source: str) -> Callable[..., Any]:
    """The function `make` that `source` is the text of; many operations share theirs."""
    names: dict[str, Any] = {}
    exec(compile(source, _FILE, "exec"), names)
    make: Callable[..., Any] = names["make"]
    return make
