"""Running a function once to learn what its graph alone does not keep.

That is: the arrays of intermediate results, the module and the line of the user's program in
which each operation was called, and the names of inputs and parameters. The engine tells the
`mode.observer` what it computes, which is None whenever no picture is being made.
"""

from __future__ import annotations

import inspect
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..anomalies import source_line
from ..changes import next_number
from ..graph import Constant, Node
from ..recording import enable_grad, mode, watched
from ..scopes import scope
from ..tensor import Tensor
from ..value import Value
from .description import Kind, Scope


class Observer:
    """What was seen while a function ran.

    Attributes:
        scopes: the calls of modules and the named parts, the first for what is outside of all.
    """

    def __init__(self) -> None:
        self.scopes = [Scope(0, "")]
        self._inside = [0]
        # Nodes are numbered in the order of their creation: who knows the number at which a
        # scope was entered or left can say to which of them a node belongs.
        self._moved_at: list[int] = [0]
        self._moved_to: list[int] = [0]
        self._sources: dict[Node, str] = {}
        self._arrays: dict[Any, Any] = {}  # by node, or by the Constant of an operand
        self._constants: dict[int, Constant] = {}  # the first for each plain array, by its id
        self._first: dict[Any, Constant] = {}
        self._names: dict[Any, tuple[Kind, str]] = {}
        self._known: dict[int, tuple[Kind, str]] = {}  # of inputs and parameters, by their id
        self._paths: dict[int, str] = {}  # of modules
        self._alive: list[Any] = []  # so that no id is used twice

    # --- what is asked later ---

    def scope_of(self, node: Node) -> int:
        """The position of the innermost scope in which a node was computed."""
        return self._moved_to[bisect_right(self._moved_at, node.number) - 1]

    def source_of(self, node: Node) -> str:
        """The user's line that computed a node, "model.py:12: y = x @ w", if it was seen.

        Also where the graph was recorded under `detect_anomaly`, and is drawn there.
        """
        return self._sources.get(node) or mode.sources.get(node.number, "")

    def name_of(self, leaf: Any) -> tuple[Kind, str] | None:
        """What a leaf is and what it is called, if it is an input or a parameter."""
        return self._names.get(leaf)

    def first_of(self, operand: Any) -> Any:
        """The note of a plain array's first use, as each use makes its own; else `operand`."""
        return self._first.get(operand, operand)

    def array_of(self, node: Any) -> Any:
        """The contents of a node or Constant, None where they are not known."""
        return self._arrays.get(node)

    # --- what is seen ---

    def run(self, function: Callable[..., Any], inputs: Sequence[Any]) -> Any:
        """The function's result, with everything that is recorded on the way observed."""
        for name, x in _named_inputs(function, inputs):
            self._know(x, "input", name)
        outer, mode.observer = mode.observer, self
        try:
            with watched(), scope.activated(), enable_grad():
                return function(*inputs)
        finally:
            mode.observer = outer

    def enter(self, owner: Any) -> None:
        """A scope begins; `owner` is its name, or an object with named parameters."""
        if isinstance(owner, str):
            found = Scope(self._inside[-1], owner)
        else:
            if id(owner) not in self._paths:
                self._learn(owner)
            sizes = [getattr(x, "size", 1) for _, x in owner.named_parameters()]
            path = self._paths[id(owner)]
            found = Scope(self._inside[-1], path, type(owner).__name__, sum(sizes))
        self.scopes.append(found)
        self._inside.append(len(self.scopes) - 1)
        self._moved()

    def leave(self) -> None:
        """The innermost scope ends."""
        self._inside.pop()
        self._moved()

    def computed(self, node: Node, data: Any, operands: Sequence[Any]) -> None:
        """An operation was recorded."""
        self._sources[node] = source_line()
        if not isinstance(node, Value):
            self._arrays[node] = data
            for parent, array in zip(node.parents, operands, strict=True):
                self._arrays.setdefault(self.first_of(parent), array)

    def given(self, constant: Constant, operand: Any) -> None:
        """An operation was given an array that records nothing."""
        self._alive.append(operand)
        first = self._constants.setdefault(id(operand), constant)
        self._first[constant] = first
        known = self._known.get(id(operand))
        if known is not None:
            self._names[first] = known

    def _moved(self) -> None:
        self._moved_at.append(next_number())
        self._moved_to.append(self._inside[-1])

    def _learn(self, owner: Any) -> None:
        """The names of everything below an object that is entered first."""
        self._alive.append(owner)
        modules = owner.named_modules() if hasattr(owner, "named_modules") else [("", owner)]
        for path, module in modules:
            self._paths.setdefault(id(module), path)
        for path, parameter in owner.named_parameters():
            self._know(parameter, "parameter", path)

    def _know(self, x: Any, kind: Kind, name: str) -> None:
        self._alive.append(x)
        self._known.setdefault(id(x), (kind, name))
        node = x if isinstance(x, Value) else getattr(x, "_node", None)
        if node is not None:
            self._names.setdefault(node, (kind, name))
            if isinstance(x, Tensor):
                self._arrays[node] = x.data


def _named_inputs(function: Any, inputs: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """The inputs, and what is in lists and dicts of them, with the names of the parameters."""
    signed = getattr(function, "forward", function)
    try:
        bound = inspect.signature(signed).bind(*inputs).arguments
    except (TypeError, ValueError):  # of a builtin; the call itself says what is wrong
        bound = {f"input {i}": x for i, x in enumerate(inputs, 1)}
    stack = list(bound.items())[::-1]
    while stack:
        name, x = stack.pop()
        if isinstance(x, (list, tuple, dict)):
            pairs = x.items() if isinstance(x, dict) else enumerate(x)
            stack += [(f"{name}[{key!r}]", item) for key, item in pairs][::-1]
        else:
            yield name, x
