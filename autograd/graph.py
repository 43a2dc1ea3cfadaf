"""The graph and the backward pass: the one place that applies the chain rule.

A node records one operation: what was computed, from which parents, and when. Nodes never
point back at the handles (`Tensor`) users hold, and parents are always older than their
children, so a graph has no reference cycles and "fall through the creation numbers" is a
topological order.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Mapping
from operator import attrgetter
from sys import getrefcount
from typing import Any

import numpy as np

from .anomalies import check_backward
from .changes import changed_array, copies, next_number, written
from .hooks import run_hooks
from .pickling import reduce_graph
from .placed import Placed, whole
from .recording import Mode, mode

accumulating = threading.Lock()
"""Held while backward passes add to `.grad`: two threads may share a leaf."""

# --- nodes ------------------------------------------------------------------------------


class Constant:
    """An operand that records nothing, kept for pictures: its shape, and its value if scalar."""

    __slots__ = ("dtype", "label", "shape", "value")
    number = 0  # what tells it from a Node where every nanosecond counts

    def __init__(
        self, shape: tuple[int, ...], dtype: Any, value: float | None = None, label: str = ""
    ) -> None:
        self.shape = shape
        self.dtype = dtype
        self.value = value
        self.label = label


class Node:
    """One record in the graph: an operation and its parents, or a leaf (operation None)."""

    __slots__ = ("grad", "label", "number", "operation")

    operation: Any
    number: int
    grad: Any
    label: str
    saved: Any
    hooks: dict[int, Any] | None = None
    push: Any = None  # forward mode through nodes that have a way of their own
    keeps_gradient = False  # whether `.backward()` gives one to each such node, leaf or not

    @property
    def parents(self) -> tuple[Any, ...]:
        """The operands: a Node, or a Constant where nothing is recorded."""
        raise NotImplementedError(type(self).__name__)

    def send(self, g: Any, pending: Pending, create_graph: bool) -> None:
        """Apply the chain rule once: add this node's share of `g` to each parent's cotangent."""
        raise NotImplementedError(type(self).__name__)

    def finish(self, g: Any, pending: Pending) -> Any:
        """The complete cotangent `g` of this node, in memory that nobody else holds."""
        raise NotImplementedError(type(self).__name__)

    def free(self) -> None:
        """Drop what only a further backward pass would need, where that is large."""


class ArrayNode(Node):
    """The record of an operation on arrays.

    `saved` holds what the operation's rules named (aligned with the operation's slots, None
    where nothing was needed) and is None once the graph has been freed; topology, names and
    shapes stay. `active` are the inputs that record and have a rule, as bits.
    """

    __slots__ = ("active", "dtype", "hooks", "params", "parents", "saved", "shape", "watch")

    active: int
    parents: tuple[Any, ...]
    shape: tuple[int, ...]
    dtype: Any
    params: Mapping[str, Any]
    watch: tuple[Any, ...] | None

    def __init__(
        self,
        operation: Any,
        parents: tuple[Any, ...],
        saved: Any,
        params: Mapping[str, Any],
        shape: tuple[int, ...],
        dtype: Any,
        label: str = "",
        active: int = 0,
    ) -> None:
        self.operation = operation
        self.parents = parents
        self.saved = saved
        self.params = params
        self.shape = shape
        self.dtype = dtype
        self.number = next_number()
        self.grad = self.hooks = self.watch = None
        self.label = label
        self.active = active
        if Mode.ever_watched and mode.watching:
            self.watch = copies(saved)

    def send(self, g: Any, pending: Pending, create_graph: bool) -> None:
        operation = self.operation
        saved = operation.as_tensors(self) if create_graph else self.saved
        if pending.masks and self in pending.masks:
            self._send_masked(g, pending, saved)
            return
        try:
            operation.steps[self.active](g, self, saved, pending)
        except (ValueError, TypeError) as error:
            raise _named(error, operation) from error

    def _send_masked(self, g: Any, pending: Pending, saved: Any) -> None:
        """The same for a cotangent that lives only where its mask is on."""
        mask = pending.masks.pop(self)
        pulls = self.operation.pulls
        if self.operation.variadic:
            pulls = pulls * len(self.parents)
        live_somewhere = np.any(mask)
        needed = pending.needed
        # Where the mask is off the rules may divide by zero; what they give is not used there.
        with np.errstate(all="ignore"):
            for i, (parent, pull) in enumerate(zip(self.parents, pulls, strict=True)):
                if parent.number and pull is not None and (needed is None or parent in needed):
                    if not live_somewhere:
                        nothing = np.zeros(parent.shape, parent.dtype)
                        pending.add(parent, Masked(nothing, nothing > 0), g)
                        continue
                    given = c = whole(pull(g, saved, self, i), parent)
                    if self.operation.elementwise:
                        live = mask
                        if isinstance(c, Masked):
                            c, live = c.values, mask & c.mask
                        c = Masked(np.where(live, c, np.zeros((), parent.dtype)), live)
                    elif self.operation.moves:
                        # The entries of the mask go where those of the cotangent go.
                        placed = whole(pull(mask.astype(float), self.saved, self, i), parent)
                        c = Masked(_unmasked(c), _unmasked(placed) > 0)
                    pending.add(parent, c, given if self.operation.careful else g)

    def free(self) -> None:
        self.saved = None

    def __reduce__(self) -> tuple[Any, ...]:
        return reduce_graph(topological_order([self])[::-1])

    def _record(self) -> tuple[Any, ...]:
        """What a copy of this node is made from, besides its parents."""
        grad = self.grad
        if grad is not None and not isinstance(grad, np.ndarray):
            grad = grad.detach()  # its graph would lead back to this node
        hooks = None if self.hooks is None else dict(self.hooks)
        return (
            self.operation, self.saved, self.params, self.shape, self.dtype, self.label,
            self.active, grad, hooks,
        )  # fmt: skip

    @classmethod
    def _restored(cls, parents: tuple[Any, ...], *record: Any) -> ArrayNode:
        operation, saved, params, shape, dtype, label, active, grad, hooks = record
        node = cls(operation, parents, saved, params, shape, dtype, label, active)
        node.grad, node.hooks = grad, hooks
        return node

    def finish(self, g: Any, pending: Pending) -> Any:
        if g.__class__ is np.ndarray:
            if self in pending.shared or (g.base is not None and not _only_view(g)):
                return g.copy()
            return g
        return np.array(g, self.dtype) if isinstance(g, np.generic) else g

    def verify(self) -> None:
        """Raise if an array that a rule of this node needs was written to since."""
        changed = changed_array(self.saved, self.watch, self.number)
        if changed is not None:
            raise RuntimeError(
                f"{self.operation.name}: an array of shape {changed.shape} it needs was written to "
                "after it was recorded; write to a copy, or assign a new array to .data"
            )


def _named(error: Exception, operation: Any) -> Exception:
    """The error of a derivative rule with the name of its operation."""
    kinds = TypeError, np.linalg.LinAlgError, ValueError
    kind = next(kind for kind in kinds if isinstance(error, kind))
    return kind(f"in a derivative rule of {operation.name}: {error}")


def _only_view(array: np.ndarray) -> bool:
    """Whether the view `array` is all that refers to the memory of its base."""
    # The view holds one reference to the base, the call the other.
    return array.flags.writeable and getrefcount(array.base) <= 2


# --- the backward pass ------------------------------------------------------------------


class Masked:
    """A cotangent that lives only where `mask` is true, as a selecting rule hands it on.

    Elementwise operations below contribute nothing where the mask is off, whatever their
    rules compute there: the zero is structural, not a product with zero.
    """

    __slots__ = ("mask", "values")

    def __init__(self, values: Any, mask: Any) -> None:
        self.values = values
        self.mask = mask


def _unmasked(c: Any) -> Any:
    return c.values if isinstance(c, Masked) else c


class Pending:
    """The cotangents collected so far in one backward pass."""

    __slots__ = ("cotangents", "masks", "needed", "shared")

    def __init__(self, cotangents: dict[Node, Any], needed: set[Node] | None) -> None:
        self.cotangents = cotangents
        self.masks: dict[Node, Any] = {}
        self.needed = needed  # the nodes that lead to what is wanted; None: all of them
        self.shared: set[Node] = set(cotangents)  # whose very array is also held elsewhere

    def take(self, parent: ArrayNode, c: Any, g: Any, operation: Any) -> None:
        """Accumulate the contribution `c` that a rule of `operation` made from `g`."""
        if c.__class__ is Placed:
            self.place(parent, c)
        elif hasattr(c, "shape") or c.__class__ is Masked:
            # What a rule of somebody else's returns may be theirs: as if it were g, it is
            # copied before it is written to or handed out.
            self.add(parent, c, c if operation.careful else g)
        else:
            raise TypeError(
                f"it returned {type(c).__name__} {c!r:.60}: return an array of the input's shape"
            )

    def add(self, parent: ArrayNode, c: Any, g: Any) -> None:
        """Accumulate the contribution `c`, made from `g`, in the parent's shape and dtype.

        A rule returns `g` itself, a view, or an array of its own. Only the last is added to in
        place.
        """
        mask = None
        if c.__class__ is Masked:
            mask = c.mask
            c = c.values
        if c.shape != parent.shape:
            if mask is not None and np.shape(mask) != parent.shape:
                mask = np.broadcast_to(mask, c.shape).astype(int)
                mask = _unbroadcast(mask, parent.shape) > 0
            c = _unbroadcast(c, parent.shape)
        if c.dtype is not parent.dtype and c.dtype != parent.dtype:
            if c.dtype.kind == "c" and parent.dtype.kind != "c":
                c = c.real  # a real input has a real gradient
            c = c.astype(parent.dtype)
        cotangents = self.cotangents
        if parent not in cotangents:
            cotangents[parent] = c
            if c is g:
                self.shared.add(parent)
            if mask is not None:
                self.masks[parent] = mask
            return
        if self.masks:
            self._unite(parent, mask)
        held = cotangents[parent]
        if (
            parent in self.shared
            or held.__class__ is not np.ndarray
            or c.__class__ is not np.ndarray
            or held.base is not None
        ):
            cotangents[parent] = held + c
            self.shared.discard(parent)
        else:
            held += c

    def place(self, parent: ArrayNode, c: Placed) -> None:
        """Accumulate the contribution `c`, of the parent's dtype, in its place."""
        held = self.cotangents.get(parent)
        if held is None:
            self.cotangents[parent] = whole(c, parent)
            return
        if held.__class__ is not np.ndarray:
            self.add(parent, whole(c, parent), None)
            return
        if self.masks:
            self._unite(parent, None)
        if parent in self.shared or held.base is not None:
            self.cotangents[parent] = held = held.copy()
            self.shared.discard(parent)
        held[c.index] += c.values

    def _unite(self, parent: Node, mask: Any) -> None:
        """A second contribution: the cotangent lives where either of the two does."""
        held = self.masks.pop(parent, None)
        if held is not None and mask is not None:
            self.masks[parent] = held | mask


def _unbroadcast(c: Any, shape: tuple[int, ...]) -> Any:
    """Sum `c`, an array or a Tensor, over the axes along which `shape` was broadcast."""
    extra = c.ndim - len(shape)
    stretched = tuple(i + extra for i, n in enumerate(shape) if n == 1 and c.shape[i + extra] != 1)
    if (
        extra < 0
        or tuple(1 if i in stretched else n for i, n in enumerate(c.shape))[extra:] != shape
    ):
        raise ValueError(
            f"a derivative rule returned shape {c.shape} for an input of shape {shape}: "
            "a rule's result has the input's shape, or one the input broadcasts to"
        )
    axes = (*range(extra), *stretched)
    columns = math.prod(c.shape[len(axes) :])
    if (
        c.__class__ is np.ndarray
        and c.dtype.char in "fd"
        and axes[-1] == len(axes) - 1  # the first axes
        and c.size > _FEW
        and columns > 1
    ):
        rows = c.reshape(-1, columns)
        return np.ones(len(rows), c.dtype).dot(rows).reshape(shape)  # at BLAS's speed
    return c.sum(axis=axes).reshape(shape)


_FEW = 1000
"""Entries that NumPy has added up before BLAS could be called."""


def topological_order(roots: Iterable[Node], leaves: bool = True, since: int = 0) -> list[Node]:
    """Every node reachable from `roots`, children before parents; linear, without recursion.

    With `since`, only those created after that number.
    """
    order, ends = _reachable(roots, since)
    if leaves:
        order += [node for node in ends if node.number > since]
        order.sort(key=_created, reverse=True)
    return order


_created = attrgetter("number")


def _reachable(roots: Iterable[Node], since: int) -> tuple[list[Node], set[Node]]:
    """The operations' nodes newer than `since`, children before parents, and what they end at."""
    order: list[Node] = []
    ends: set[Node] = set()
    for node in roots:
        (order.append if node.operation is not None else ends.add)(node)
    seen = set(order)
    for node in order:  # grows while it is walked
        for parent in node.parents:
            number = parent.number
            if number > since:
                if parent.operation is None:
                    ends.add(parent)
                elif parent not in seen:
                    seen.add(parent)
                    order.append(parent)
            elif number:
                ends.add(parent)
    order.sort(key=_created, reverse=True)
    return order, ends


def _leading_to(wanted: set[Node], order: list[Node]) -> tuple[set[Node], list[Node]]:
    """The nodes from which one of the `wanted` can be reached, and in order those with a step."""
    needed = set(wanted)
    passed = []
    for node in reversed(order):
        if not needed.isdisjoint(node.parents):
            needed.add(node)
            passed.append(node)
    return needed, passed[::-1]


def backpropagate(
    seeds: dict[Node, Any],
    *,
    wanted: set[Node] | None = None,
    create_graph: bool = False,
    retain_graph: bool = False,
    since: int = 0,
    masks: Mapping[Node, Any] | None = None,
) -> dict[Node, Any]:
    """Walk the graph once from `seeds` (node: cotangent) and return the cotangents asked for.

    Asked for are the `wanted` nodes or, where that is None, the leaves, the Values, and the
    nodes that retain their gradient. Nothing is changed before the whole graph has been found
    fit for the pass. Residuals are dropped as the pass goes, unless `retain_graph`. With `since`,
    the walk ends at nodes up to that number. A seed with an entry in `masks` lives only there.
    """
    order, ends = _reachable(seeds, since)
    needed = None
    if wanted is not None and not ends <= wanted:
        needed, order = _leading_to(wanted, order)
    check_fit(order)
    pending = Pending(dict(seeds), needed)
    pending.masks.update(masks or {})
    cotangents = pending.cotangents
    # Whether one before the ends may be asked for; a seed may be an end as well.
    between = wanted is None or not (wanted <= ends and wanted.isdisjoint(seeds))
    asked: dict[Node, Any] = {}
    watching = Mode.watchers and mode.watching and mode.walking != "forward"
    outer, walking, mode.recording = mode.recording, mode.walking, create_graph
    if watching:
        mode.walking = "backward"
    try:
        for node in order:
            g = cotangents.pop(node, None)
            if g is None:
                continue
            if between or node.hooks is not None:
                retained = node.keeps_gradient
                if node.hooks is not None:
                    g, retained = run_hooks(node, g, pending)
                if retained if wanted is None else node in wanted:
                    asked[node] = node.finish(g, pending)
            if node.__class__ is not ArrayNode or create_graph or pending.masks:
                node.send(g, pending, create_graph)
            else:  # the same; by far most, and then the call is a good part of the work
                try:
                    node.operation.steps[node.active](g, node, node.saved, pending)
                except (ValueError, TypeError) as error:
                    raise _named(error, node.operation) from error
            if watching:
                check_backward(node, g, pending)
            if not retain_graph:
                node.free()
        for node, g in cotangents.items():  # what is left are leaves and ends of the search
            if node.hooks is not None and node.number > since:
                g, _ = run_hooks(node, g, pending)
            if wanted is None or node in wanted:
                asked[node] = node.finish(g, pending)
    finally:
        mode.recording, mode.walking = outer, walking
    return asked


def check_fit(order: list[Node]) -> None:
    """Raise where a node was freed, or an array it needs was changed, before anything is done."""
    for node in order:
        if node.saved is None:
            raise RuntimeError(
                f"{node.operation.name}: this graph has already been freed by a backward pass; "
                "pass retain_graph=True to the first one, or compute the output again"
            )
    if written or Mode.ever_watched:
        for node in order:
            if isinstance(node, ArrayNode):
                node.verify()
