"""`checkpoint`: memory traded for time, by computing a part of the graph a second time."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from .anomalies import check_forward
from .changes import next_number
from .declare import operation
from .forward import pushforward
from .graph import ArrayNode, Node, Pending, backpropagate, topological_order
from .handles import own
from .protocols import records
from .recording import Mode, enable_grad, mode
from .tensor import Tensor
from .tracing import check_function, node_of, open_stand_ins
from .trees import flatten, unflatten

Function = Callable[..., Any]


def checkpoint(f: Function) -> Function:
    """`f`, recorded as one node that keeps its inputs only and runs f again when differentiated.

    Intermediate results of f are dropped after the forward pass, so a long computation in
    checkpointed pieces needs memory for the pieces' inputs and one piece, for the price of a
    second forward pass. Tensors that f uses without taking them as arguments (parameters of a
    model) get their gradients too.

    Args:
        f: a function of Tensors, arrays or nested structures of them, which gives the same result
            whenever it is called, as one Tensor.

    Raises (the returned function):
        TypeError: where f returns several Tensors, or a Value; RuntimeError, in a derivative:
            where f did something else, or gave another result, when it was called again.

    >>> import autograd
    >>> from autograd import checkpoint, grad
    >>> wave = checkpoint(lambda x: autograd.sin(autograd.exp(x)))
    >>> grad(wave)(0.0) == grad(lambda x: autograd.sin(autograd.exp(x)))(0.0)
    True
    """
    check_function("checkpoint", f)

    @functools.wraps(f)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = flatten((args, kwargs))
        places = [i for i, x in enumerate(leaves) if isinstance(x, Tensor) and records(x)]
        if not mode.recording:
            return f(*args, **kwargs)
        run = _Run(f, tuple(leaves), structure, tuple(places))
        output, ends, since = run([leaves[i] for i in places])
        node = node_of(output)
        if node is None or node.number <= since:  # it depends on nothing, or is an argument
            return output
        tensor = Tensor._wrap(output._array, None)
        saved = tuple([leaves[i]._array for i in places])
        tensor._node = _CheckpointNode(
            _checkpoint, ends, saved, {"run": run, "result": _entries(output._array)},
            output.shape, output.dtype,
        )  # fmt: skip
        if Mode.watchers and mode.watching:
            check_forward(_checkpoint, tensor._node.number, tensor._array, saved)
        return tensor

    return checkpointed


class _Run:
    """A call of a function that can be repeated.

    Attributes:
        leaves, structure: its arguments; those at `places` are Tensors that record.
        nodes: the nodes of those.
        inside: whether it is inside of a function under differentiation; then transforms in it
            record, also when it is run again after that function.
    """

    def __init__(
        self, f: Function, leaves: tuple[Any, ...], structure: Any, places: tuple[int, ...]
    ) -> None:
        self.f = f
        # The caller may write to an array before the function is run again.
        self.leaves = tuple([None if i in places else own(x) for i, x in enumerate(leaves)])
        self.structure = structure
        self.places = places
        self.nodes = tuple([leaves[i]._node for i in places])
        self.inside = mode.transforms > 0 or bool(open_stand_ins)  # of other threads

    def __call__(self, tensors: Sequence[Tensor]) -> tuple[Any, tuple[Node, ...], int]:
        """Run on `tensors`: the output, the older nodes it was computed from, and the moment."""
        leaves = list(self.leaves)
        for i, node, x in zip(self.places, self.nodes, tensors, strict=True):
            leaves[i] = Tensor._wrap(x._array, node)  # f may rebind the handle it is given
        args, kwargs = unflatten(self.structure, iter(leaves))
        since = next_number()
        mode.transforms += self.inside
        try:
            with enable_grad():
                output = self.f(*args, **kwargs)
        finally:
            mode.transforms -= self.inside
        if not isinstance(output, Tensor) and any(map(records, flatten(output)[0])):
            raise TypeError(
                f"checkpoint: {getattr(self.f, '__name__', self.f)} returned "
                f"{type(output).__name__}, not one Tensor: checkpoint a function of Tensors with "
                "one result"
            )
        node = node_of(output)
        nodes = [] if node is None else topological_order([node], since=since)
        ends = [p for n in nodes for p in n.parents if 0 < p.number <= since]
        return output, tuple(dict.fromkeys(ends)), since


def _entries(result: np.ndarray) -> np.ndarray:
    """About a thousand entries from all over a result, by which to tell another one."""
    entries: np.ndarray = result.flat[:: result.size // 1000 | 1]  # odd: not of one column only
    return entries


def _alike(entries: np.ndarray, again: np.ndarray) -> bool:
    """Whether they differ by no more than roundings, as where memory is aligned differently."""
    if np.array_equal(entries, again):
        return True
    tolerance = math.sqrt(np.finfo(entries.dtype).eps)
    size = np.abs(entries).max(initial=0, where=np.isfinite(entries))
    return np.allclose(again, entries, tolerance, tolerance * size, equal_nan=True)


@operation(lambda g: g, name="checkpoint")
def _checkpoint(x: Any, /) -> Any:
    return x


class _CheckpointNode(ArrayNode):
    """The record of a checkpointed call: its inputs, and how to run it again."""

    __slots__ = ()

    def _again(self) -> tuple[ArrayNode, int]:
        tensors = [Tensor._wrap(array, None) for array in self.saved]
        output, ends, since = self.params["run"](tensors)
        node = node_of(output)
        if node is None or set(ends) != set(self.parents) or node.shape != self.shape:
            raise RuntimeError(
                "checkpoint: the function did something else when it was run again: it must do "
                "the same whenever it is called, and not assign to variables it uses"
            )
        if not _alike(self.params["result"], _entries(output._array)):
            raise RuntimeError(
                "checkpoint: the function gave another result when it was run again, to which the "
                "derivative would not belong: draw random numbers, as dropout does, outside of it, "
                "and change parameters after the derivative"
            )
        return node, since

    def send(self, g: Any, pending: Pending, create_graph: bool) -> None:
        output, since = self._again()
        found = backpropagate(
            {output: g},
            wanted=set(self.parents),
            create_graph=create_graph,
            retain_graph=create_graph,
            since=since,
            masks={output: pending.masks.pop(self)} if self in pending.masks else None,
        )
        for parent, c in found.items():
            if pending.needed is None or parent in pending.needed:
                pending.add(cast(ArrayNode, parent), c, g)

    def push(self, tangents: Mapping[Node, Any], create_graph: bool) -> Any:
        """The tangent of the output, from those of the parents."""
        output, since = self._again()
        seeds = {parent: tangents[parent] for parent in self.parents if parent in tangents}
        (t,) = pushforward(seeds, [output], create_graph=create_graph, since=since)
        return t
