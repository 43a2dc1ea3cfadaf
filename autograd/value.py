"""Value: a scalar that records, and its own node in the graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, SupportsFloat, cast

import numpy as np

from . import protocols
from .anomalies import check_forward
from .changes import next_number
from .graph import Constant, Node, Pending, accumulating, backpropagate, topological_order
from .handles import Handles
from .op import Operation
from .ops import PUBLIC, complex_parts, piecewise
from .ops import elementwise as e
from .pickling import reduce_graph
from .recording import Mode, mode

_new = object.__new__


def _number(x: Any, name: str) -> float:
    """`x` as a float, or a TypeError in the name of operation `name`."""
    if isinstance(x, (float, int, np.floating, np.integer, np.bool_)):
        return float(x)
    if isinstance(x, (np.ndarray, Handles.tensor)):
        raise TypeError(
            f"{name}: a Value meets numbers only, not {type(x).__name__} of shape {x.shape}: "
            "use x.item() for one element, [Value(n) for n in x.tolist()] for many, or "
            "Tensor(v.data) to go on with Tensors"
        )
    if isinstance(x, SupportsFloat) and not isinstance(x, (str, Value, np.generic)):
        return float(x)  # fractions, decimals
    raise TypeError(
        f"{name}: {type(x).__name__} {x!r:.60} is not a real number: give a Python or NumPy number"
    )


def _operators(
    operation: Operation,
) -> tuple[Callable[[Value, Value | float], Value], Callable[[Value, float], Value]]:
    """The methods of an operator, forward and reflected, with the common case written out."""
    scalar = operation.scalar
    first = operation.local_derivatives(0b01)
    both = operation.local_derivatives(0b11)

    def operator(self: Value, other: Any) -> Value:
        x = self.data
        if other.__class__ is Value:
            y = other.data
            local = both
        else:
            y = other
            local = first
        if (
            x.__class__ is not float
            or y.__class__ is not float
            or not mode.recording
            or Mode.watchers
        ):
            return operation.on_values((self, other))
        try:
            data = scalar(x, y)  # type: ignore[misc]
            dleft, dright = local(x, y, data)
        except (ArithmeticError, ValueError):
            return operation.on_values((self, other))
        value = _new(Value)
        value.data = data
        value.grad = 0.0
        value.label = ""
        value.number = next_number()
        value.operation = operation
        value.left = self
        value.right = other
        value.dleft = dleft
        value.dright = dright
        return value

    def reflected(self: Value, other: float) -> Value:
        return operation.on_values((other, self))

    return operator, reflected


def _method(operation: Operation) -> Callable[..., Value]:
    """The method of an elementary function, likewise."""
    scalar = operation.scalar
    local = operation.local_derivatives(0b1)

    def method(self: Value, *others: Value | float) -> Value:
        if others or self.data.__class__ is not float or not mode.recording or Mode.watchers:
            return operation.on_values((self, *others))
        try:
            data = scalar(self.data)  # type: ignore[misc]
            (factor,) = local(self.data, data)
        except (ArithmeticError, ValueError):
            return operation.on_values((self,))
        return _node(operation, data, self, None, factor, None)

    method.__name__ = operation.name
    method.__doc__ = f"`autograd.{operation.name}` of this Value."
    return method


class Value(Node):
    """A number in a computation graph: Python arithmetic records, `backward` differentiates.

    Args:
        data: a real number, kept as a float.
        label: a name for pictures.

    Every Value has a gradient after `backward`: leaves, intermediate results and the root.
    At the edge of a domain the result is NumPy's inf or nan, without a warning.

    Raises:
        TypeError: where data is not a real number.

    >>> from autograd import Value
    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> c = a * b + b**2
    >>> c.backward()
    >>> c.data, a.grad, b.grad
    (3.0, -3.0, -4.0)
    """

    # One small object a node: two operands and their factors lie in slots of their own, those of
    # an operation on any number of inputs as tuples in `left` and `dleft`. A constant operand is
    # a plain float and its factor None. The cyclic collector's work grows with the number of
    # containers, and on graphs of scalars it would cost more than the arithmetic.
    __slots__ = ("data", "dleft", "dright", "left", "right")

    data: float
    left: Any
    right: Any
    dleft: Any
    dright: Any
    saved = ()  # the factors are all a Value keeps, and they stay
    keeps_gradient = True

    if TYPE_CHECKING:
        # The elementary functions, installed below from the operation table.
        def __getattr__(self, name: str) -> Callable[..., Value]: ...

    def __init__(self, data: SupportsFloat, label: str = "") -> None:
        if isinstance(label, (tuple, list, set)):  # micrograd's children
            raise TypeError(
                f"Value: a label of type {type(label).__name__}: give text; an operation of your "
                "own is declared with autograd.elementwise"
            )
        self.data = _number(data, "Value")
        self.label = label
        self.grad = 0.0
        self.operation = self.left = self.right = self.dleft = self.dright = None
        self.number = next_number()

    # --- arithmetic ---

    __add__, __radd__ = _operators(e.add)
    __sub__, __rsub__ = _operators(e.subtract)
    __mul__, __rmul__ = _operators(e.multiply)
    __truediv__, __rtruediv__ = _operators(e.divide)
    __pow__, __rpow__ = _operators(e.power)
    __mod__, __rmod__ = _operators(piecewise.remainder)
    __floordiv__, __rfloordiv__ = _operators(piecewise.floor_divide)
    __neg__ = _method(e.negative)
    __abs__ = _method(complex_parts.abs)

    def __pos__(self) -> Value:
        return self

    def __divmod__(self, other: Any) -> tuple[Value, Value]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Value, Value]:
        return other // self, other % self

    @classmethod
    def _recorded(cls, operation: Operation, operands: Sequence[Any]) -> Value:
        """The result of any operation on Values and numbers, with its local derivatives."""
        name = operation.name
        floats = [float(x.data) if isinstance(x, Value) else _number(x, name) for x in operands]
        data = operation.on_floats(floats)
        if not mode.recording:
            return Value(data)
        kept: Sequence[Any] = operands
        if not all([isinstance(x, Value) for x in operands]):
            kept = [x if isinstance(x, Value) else f for x, f in zip(operands, floats, strict=True)]
        factors = _factors(operation, kept, floats, data)
        if operation.variadic:
            value = _node(operation, data, tuple(kept), None, factors, None)
        else:
            left, right = (*kept, None)[:2]
            dleft, dright = (*factors, None)[:2]
            value = _node(operation, data, left, right, dleft, dright)
        if Mode.watchers:
            if mode.watching:
                check_forward(operation, value.number, data, floats)
            if mode.observer is not None:
                mode.observer.computed(value, data, floats)
        return value

    @property
    def parents(self) -> tuple[Any, ...]:
        """The operands: Values, and a Constant for each plain number."""
        return tuple([x if isinstance(x, Value) else Constant((), float, x) for x in self.operands])

    @property
    def factors(self) -> tuple[float | None, ...]:
        """The local derivative by each operand, the factor of the chain rule; None: constant."""
        if isinstance(self.left, tuple):
            return cast("tuple[float | None, ...]", self.dleft)
        return (self.dleft, self.dright)[: len(self.operands)]

    @property
    def operands(self) -> tuple[Any, ...]:
        """The operands: Values, and plain numbers as they are."""
        if isinstance(self.left, tuple):
            return self.left
        return tuple([x for x in (self.left, self.right) if x is not None])

    # --- comparison: by value, except == which asks for identity, so Values can be dict keys ---

    def __lt__(self, other: Value | float) -> bool:
        return self.data < _data(other, "<")

    def __le__(self, other: Value | float) -> bool:
        return self.data <= _data(other, "<=")

    def __gt__(self, other: Value | float) -> bool:
        return self.data > _data(other, ">")

    def __ge__(self, other: Value | float) -> bool:
        return self.data >= _data(other, ">=")

    def __bool__(self) -> bool:
        return self.data != 0

    # --- derivatives ---

    def backward(self, gradient: float = 1.0) -> None:
        """Add d self / d v, times `gradient`, to `v.grad` of every Value v this one came from."""
        g = _number(gradient, "backward")
        watching = Mode.watchers and mode.watching
        found = backpropagate({self: g}) if watching else _sweep(self, g)
        with accumulating:
            for node, g in found.items():
                node.grad += g

    def send(self, g: Any, pending: Pending, create_graph: bool) -> None:
        cotangents = pending.cotangents
        if create_graph:
            contributions = self._contributions(g)
        else:
            factors = zip(self.operands, self.factors, strict=True)
            contributions = [(x, g * f) for x, f in factors if f is not None]
        for parent, c in contributions:
            held = cotangents.get(parent)
            cotangents[parent] = c if held is None else held + c

    def _contributions(self, g: Any) -> list[tuple[Value, Any]]:
        """The contributions as Values, for a derivative of the derivative."""
        self.check_current()
        inputs = self.operands
        contributions = []
        for i, parent in enumerate(inputs):
            if isinstance(parent, Value):
                c = self.operation.scalar_rule(i, g, inputs, self)
                if c is not None:
                    contributions.append((parent, c))
        return contributions

    def check_current(self) -> None:
        """Raise if the data here or of an operand was changed since this was computed."""
        inputs = self.operands
        floats = [float(x.data) if isinstance(x, Value) else x for x in inputs]
        operation: Operation = self.operation
        now = (operation.on_floats(floats), *_factors(operation, inputs, floats, self.data))
        if not all(map(_same, now, (self.data, *self.factors))):
            raise RuntimeError(
                f"{operation.name}: its data or an input's was changed after it was computed "
                f"({floats} now give {now[0]}, recorded was {self.data}): compute the output again "
                "before asking for a derivative with create_graph=True"
            )

    def finish(self, g: Any, pending: Pending) -> Any:
        return g

    # --- plain data ---

    def item(self) -> float:
        """The number, without its graph."""
        return self.data

    def detach(self) -> Value:
        """A new leaf of the same data and label."""
        return Value(self.data, self.label)

    def __float__(self) -> float:
        raise protocols.detached("a float")

    def __int__(self) -> int:
        raise protocols.detached("an int")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        raise protocols.detached("a NumPy array")

    __array_ufunc__ = protocols.array_ufunc

    # --- reading ---

    @property
    def _prev(self) -> set[Value]:
        """The operands, as micrograd calls them; a constant appears as a Value."""
        operands = self.operands[: 1 if self._constant_exponent() else None]
        return {x if isinstance(x, Value) else Value(x) for x in operands}

    @property
    def _op(self) -> str:
        """The operation as micrograd writes it: "+", "*", "**2", "ReLU"; "" for a leaf."""
        if self.operation is None:
            return ""
        symbol: str = self.operation.symbol
        return f"{symbol}{self.right:g}" if self._constant_exponent() else symbol

    def _constant_exponent(self) -> bool:
        return self.operation is e.power and isinstance(self.right, float)

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data}, grad={self.grad}{label})"

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    # --- copying ---

    def __copy__(self) -> Value:
        twin = _node(self.operation, self.data, self.left, self.right, self.dleft, self.dright)
        twin.grad, twin.label = self.grad, self.label
        return twin

    def __reduce__(self) -> tuple[Any, ...]:
        return reduce_graph(topological_order([self])[::-1])

    def _record(self) -> tuple[Any, ...]:
        """What a copy of this node is made from, besides its parents."""
        factors = self.factors
        return self.operation, self.data, factors, self.grad, self.label

    @staticmethod
    def _restored(parents: tuple[Any, ...], *record: Any) -> Value:
        operation, data, factors, grad, label = record
        operands = tuple([p.value if isinstance(p, Constant) else p for p in parents])
        if operation is not None and operation.variadic:
            value = _node(operation, data, operands, None, factors, None)
        else:
            left, right = (*operands, None, None)[:2]
            dleft, dright = (*factors, None, None)[:2]
            value = _node(operation, data, left, right, dleft, dright)
        value.grad, value.label = grad, label
        return value


def _factors(
    operation: Operation, operands: Sequence[Any], floats: Sequence[float], data: float
) -> tuple[float | None, ...]:
    """The local derivative by each operand, None for a plain number."""
    if operation.scalar_factors is not None:
        factors: Sequence[float | None] = operation.scalar_factors(floats)
        if any([not isinstance(x, Value) for x in operands]):
            pairs = zip(operands, factors, strict=True)
            factors = [f if isinstance(x, Value) else None for x, f in pairs]
        return tuple(factors)
    active = sum([1 << i for i, x in enumerate(operands) if isinstance(x, Value)])
    local = operation.local_derivatives(active)
    try:
        found = local(*floats, data)
    except (ArithmeticError, ValueError):
        with np.errstate(all="ignore"):
            found = local(*map(np.float64, (*floats, data)))
    return tuple([None if f is None else float(f) for f in found])


def _same(x: float | None, y: float | None) -> bool:
    """Equality that counts nan as equal to nan."""
    return x == y or (x != x and y != y)


def _node(
    operation: Operation | None, data: float, left: Any, right: Any, dleft: Any, dright: Any
) -> Value:
    value = _new(Value)
    value.data = data
    value.grad = 0.0
    value.label = ""
    value.number = next_number()
    value.operation = operation
    value.left = left
    value.right = right
    value.dleft = dleft
    value.dright = dright
    return value


def _sweep(root: Value, gradient: float) -> dict[Value, float]:
    """`graph.backpropagate` for Values at first order: each Value with its cotangent.

    The same walk with the chain rule written out on floats: most of the time of a scalar model
    is spent here.
    """
    order = []
    seen = {root}
    stack = [root]
    while stack:  # depth first, as that leaves the least to sort
        node = stack.pop()
        order.append(node)
        dleft = node.dleft
        if dleft.__class__ is tuple:
            for parent, factor in zip(node.left, dleft, strict=True):
                if factor is not None and parent not in seen:
                    seen.add(parent)
                    stack.append(parent)
        elif dleft is not None:
            parent = node.left
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
        if node.dright is not None:
            parent = node.right
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    order.sort(key=attrgetter("number"), reverse=True)
    cotangents = dict.fromkeys(order, 0.0)
    cotangents[root] = gradient
    for node, g in cotangents.items():  # values change while it is walked, keys do not
        dleft = node.dleft
        if dleft.__class__ is tuple:
            for parent, factor in zip(node.left, dleft, strict=True):
                if factor is not None:
                    cotangents[parent] += g * factor
        elif dleft is not None:
            cotangents[node.left] += g * dleft
        if node.dright is not None:
            cotangents[node.right] += g * node.dright
    return cotangents


def _data(x: Any, name: str) -> float:
    return x.data if isinstance(x, Value) else _number(x, name)


def _composed(name: str) -> Callable[..., Value]:
    """The method of a function made of elementary ones."""
    function = PUBLIC[name]

    def method(self: Value, *args: Any, **kwargs: Any) -> Value:
        result: Value = function(self, *args, **kwargs)
        return result

    method.__name__ = name
    method.__doc__ = f"`autograd.{name}` of this Value."
    return method


Handles.value = Value
for _name, _function in PUBLIC.items():
    if (
        isinstance(_function, Operation)
        and _function.elementwise
        and _function.scalar is not None
        and _function.symbol in (_name, "ReLU")
    ):
        setattr(Value, _name, _method(_function))
for _name in ("absolute", "clip", "elu", "gelu", "leaky_relu", "sign", "silu"):
    setattr(Value, _name, _composed(_name))
