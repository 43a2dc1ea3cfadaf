"""Running a function on recording stand-ins for its arguments, and coming back to plain data.

Every stand-in is a node of its own, made from the argument if that records already. So nested
differentiations cannot be confused: each asks for derivatives by its own nodes, and what an outer
one needs runs on through them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .forward import pushforward
from .graph import Node, backpropagate, topological_order
from .handles import NO_PARAMS, recorded
from .ops.elementwise import argument
from .protocols import plain, records
from .recording import mode
from .tensor import Tensor
from .trees import LEAF, flatten, tree_map, unflatten
from .value import Value

Argnum = int | Sequence[int]

open_stand_ins: set[Node] = set()
"""The stand-ins for the arguments of functions that are running, in any thread."""


@dataclass(slots=True)
class Traced:
    """A function's run, recorded.

    Attributes:
        name: of the transform, for errors.
        given: the leaves of the arguments differentiated by, as the caller gave them.
        inputs: their stand-ins, with their `nodes`, and `structure` how they are nested.
        output: what the function returned.
        nested: whether results may have to record, for somebody outside.
    """

    name: str
    given: list[Any]
    inputs: list[Any]
    nodes: list[Node]
    structure: Any
    output: Any
    nested: bool

    def pull(self, outputs: Sequence[Any], cotangents: Sequence[Any], record: bool) -> list[Any]:
        """The cotangent of each input, zeros where nothing leads to it."""
        seeds: dict[Node, Any] = {}
        for output, cotangent in zip(outputs, cotangents, strict=True):
            node = node_of(output)
            if node is not None:
                c = recordable(cotangent, output) if record else cotangent
                seeds[node] = seeds[node] + c if node in seeds else c
        return self.pull_seeds(seeds, record)

    def pull_seeds(self, seeds: dict[Node, Any], record: bool) -> list[Any]:
        """The same from the cotangents of nodes."""
        nodes = self.nodes
        found = backpropagate(
            seeds,
            wanted=set(nodes),
            create_graph=record,
            retain_graph=True,
            # What is older than the stand-ins cannot lead to them.
            since=nodes[0].number - 1 if nodes else 0,
        )
        if len(found) < len(nodes):
            for node, x in zip(nodes, self.inputs, strict=True):
                found[node] = _or_zeros(found.get(node), x)
        return [found[node] for node in nodes]

    def push(self, outputs: Sequence[Any], tangents: Sequence[Any], record: bool) -> list[Any]:
        """The tangent of each output, zeros where no input leads to it."""
        pairs = zip(self.inputs, tangents, strict=True)
        seeds = {node_of(x): recordable(t, x) if record else t for x, t in pairs}
        nodes = [node_of(y) for y in outputs]
        there = [node for node in nodes if node is not None]
        found = iter(pushforward(seeds, there, create_graph=record))
        pairs = zip(nodes, outputs, strict=True)
        pushed = [_or_zeros(None if node is None else next(found), y) for node, y in pairs]
        # A linear function may have handed on the very tangent it was given.
        return [t.copy() if isinstance(t, np.ndarray) else t for t in pushed]

    def returned(self, x: Any, like: Any = None, record: bool | None = None) -> Any:
        """A result for the caller: it records only where somebody outside differentiates.

        Args:
            x: a result: a stand-in, an array, a number.
            like: the argument whose kind it has; None: as plain as can be.
            record: whether somebody may; `nested` by default.
        """
        if x.__class__ is np.ndarray and like.__class__ is np.ndarray:  # nearly always
            return x if x.ndim else number(x)
        if (self.nested if record is None else record) and records(x) and self._reaches_outside(x):
            return x
        if isinstance(x, Value):
            x = x.data
        elif isinstance(x, Tensor):
            # An argument, a variable outside or the graph may hold this memory.
            x = x._array.copy(order="K")
        if isinstance(like, Tensor):
            return Tensor(x)
        if isinstance(like, Value):
            return Value(x)
        return number(x) if isinstance(x, (np.ndarray, np.generic)) and x.ndim == 0 else x

    def _reaches_outside(self, x: Any) -> bool:
        own = {node for node in self.nodes if node.operation is None}
        order = topological_order([node_of(x)])
        return any(node.operation is None and node not in own for node in order)

    def rebuilt(self, results: Iterable[Any], record: bool | None = None) -> Any:
        """One result for each input, nested as the arguments were."""
        if self.structure is LEAF:
            (x,) = results
            return self.returned(x, self.given[0], record)
        pairs = zip(results, self.given, strict=True)
        finished = [self.returned(x, like, record) for x, like in pairs]
        return unflatten(self.structure, iter(finished))

    def finished(self, tree: Any) -> Any:
        """What the function returned, or a part of it, for the caller."""
        return self.returned(tree) if isinstance(tree, Tensor) else tree_map(self.returned, tree)


def check_function(name: str, f: Any) -> None:
    """Refuse what a transform cannot call, such as a result that was recorded already."""
    if not callable(f):
        remedy = "give one"
        if isinstance(f, (Tensor, Value)):
            remedy = "differentiate what was recorded with autograd.gradients(outputs, inputs)"
        raise TypeError(f"{name}: {type(f).__name__} {f!r:.60} is not a function: {remedy}")


_LEAVES = frozenset({np.ndarray, float, Tensor})


def trace(
    name: str,
    f: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    argnum: Argnum,
    kinds: str = "f",
    lasting: bool = False,
) -> Traced:
    """Run `f` on stand-ins for the arguments at `argnum`.

    Args:
        name: of the transform, for errors.
        f: the function.
        args: its positional arguments.
        kwargs: its other arguments.
        argnum: the position, or positions, of those to differentiate by.
        kinds: which dtypes may be differentiated by, as NumPy's letters.
        lasting: whether derivatives are asked for after the call, when the caller may have
            written to the arguments.
    """
    called = list(args)
    x = called[argnum] if isinstance(argnum, int) and 0 <= argnum < len(called) else None
    if x.__class__ in _LEAVES and isinstance(argnum, int):  # nearly always
        given, structure = [x], LEAF
        nested = mode.transforms > 0 or (x.__class__ is Tensor and records(x))
        called[argnum] = only = stand_in(name, x, kinds, lasting)
        inputs, nodes = [only], [only._node]
    else:
        places = _places(name, argnum, len(args))
        given, structure = flatten(tuple([args[i] for i in places]))
        nested = mode.transforms > 0 or any(map(records, given))
        inputs = [stand_in(name, x, kinds, lasting) for x in given]
        for i, x in zip(places, unflatten(structure, iter(inputs)), strict=True):
            called[i] = x
        if not isinstance(argnum, Sequence):
            structure = structure[0]
        nodes = [node_of(x) for x in inputs]
    recording, mode.recording = mode.recording, True
    mode.transforms += 1
    open_stand_ins.update(nodes)
    try:
        output = f(*called, **kwargs)
    finally:
        open_stand_ins.difference_update(nodes)
        mode.transforms -= 1
        mode.recording = recording
    if not nested and open_stand_ins:
        # Those of other threads, one of which may have started this one.
        ends = [node for y in flatten(output)[0] if (node := node_of(y)) is not None]
        nested = not open_stand_ins.isdisjoint(topological_order(ends))
    return Traced(name, given, inputs, nodes, structure, output, nested)


def _places(name: str, argnum: Argnum, count: int) -> list[int]:
    places = list(argnum) if isinstance(argnum, Sequence) else [argnum]
    for i in places:
        if not isinstance(i, (int, np.integer)) or isinstance(i, bool):
            raise TypeError(f"{name}: argnum {argnum!r}: give an integer or a tuple of integers")
        if not -count <= i < count:
            raise TypeError(
                f"{name}: argnum {i}, but the function was called with {count} positional "
                "arguments: pass the arguments to differentiate by position"
            )
    places = [i % count for i in places]
    if len({*places}) < len(places):
        raise TypeError(f"{name}: argnum {argnum!r} names an argument twice: give each once")
    return places


def stand_in(name: str, x: Any, kinds: str = "f", copy: bool = False) -> Any:
    """A recording node of its own with the contents of `x`, or a copy of them."""
    if x.__class__ is np.ndarray:
        array = x
    elif isinstance(x, Value):
        return argument.on_values((x,))
    elif isinstance(x, Tensor):
        array = x._array
        if records(x):
            return argument.unary(x)
    elif isinstance(x, (bool, str, bytes)):
        raise _not_differentiable(name, x, type(x).__name__, kinds)
    elif isinstance(x, int):
        array = np.array(float(x))
    elif isinstance(x, np.ma.MaskedArray):
        raise TypeError(f"{name}: a masked array would lose its mask: give .filled() or two arrays")
    else:
        array = np.asarray(x)
    if array.dtype.kind not in kinds:
        kind = f"dtype {array.dtype}"
        if array.dtype == object and not isinstance(x, np.ndarray):
            kind = type(x).__name__
        raise _not_differentiable(name, x, kind, kinds)
    return recorded(None, array.copy(order="K") if copy else array, (), (), NO_PARAMS, 0)


def _not_differentiable(name: str, x: Any, kind: str, kinds: str) -> TypeError:
    remedy = "give floats (x.astype(float)), or choose other arguments with argnum"
    if "complex" in kind:
        remedy = "use holomorphic_grad, vjp or jvp, or give real and imaginary part as two arrays"
    return TypeError(f"{name}: an argument of {kind} ({x!r:.60}) cannot be differentiated by: "
                     + remedy)  # fmt: skip


def node_of(x: Any) -> Any:
    """The node of what records, else None."""
    return x if isinstance(x, Value) else getattr(x, "_node", None)


def number(x: Any) -> Any:
    """A 0-d array as a number: Python's float or complex where that has its precision."""
    return x.item() if x.dtype in (np.float64, np.complex128) else x[()]


def shape_and_dtype(x: Any) -> tuple[tuple[int, ...], Any]:
    """Those of a stand-in, an array or a number."""
    if isinstance(x, Value):
        return (), np.dtype(float)
    array = x._array if isinstance(x, Tensor) else np.asarray(x)
    return array.shape, array.dtype


def fitted(name: str, what: str, given: Any, x: Any) -> Any:
    """A cotangent or tangent for `x`: of its shape and dtype, a float for a Value."""
    shape, dtype = shape_and_dtype(x)
    if isinstance(x, Value):
        return given if isinstance(given, Value) else float(given)
    handle = given if isinstance(given, Tensor) else np.asarray(given)
    if handle.dtype.kind not in "fiubc" or (handle.dtype.kind == "c" and dtype.kind != "c"):
        raise TypeError(
            f"{name}: a {what} of dtype {handle.dtype} for an array of {dtype}: give it that dtype"
        )
    if handle.shape != shape:
        raise ValueError(
            f"{name}: a {what} of shape {handle.shape} for an array of shape {shape}: give one of "
            "its shape"
        )
    if isinstance(handle, Tensor) and not records(handle):
        handle = handle._array
    return handle.astype(dtype)


def recordable(c: Any, x: Any) -> Any:
    """A cotangent or tangent as what a recorded pass computes with."""
    return c if isinstance(x, Value) or isinstance(c, Tensor) else Tensor._wrap(c, None)


def _or_zeros(found: Any, x: Any) -> Any:
    """A derivative by `x`; zeros where there is none."""
    if found is not None:
        return found
    shape, dtype = shape_and_dtype(x)
    return 0.0 if isinstance(x, Value) else np.zeros(shape, dtype if dtype.kind in "fc" else float)


def check_holomorphic(name: str, along: Any, across: Any) -> None:
    """Raise ValueError unless the Cauchy-Riemann equations hold.

    Args:
        name: of the transform.
        along: the derivative of the real part, as pulled back from 1.
        across: the derivative of the imaginary part, as pulled back from -1j.
    """
    real, imaginary = plain(along), plain(across)
    if not np.allclose(real * -1j, imaginary, rtol=1e-5, equal_nan=True):
        raise ValueError(
            f"{name}: the function is not holomorphic here, so it has no complex derivative: use "
            "vjp or jvp, or differentiate its real and imaginary parts"
        )
