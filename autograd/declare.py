"""Declaring operations: the two functions every row of the table of derivatives is made with."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .graph import Constant
from .op import NUMPY, Handles, Operation, recorded
from .recording import Mode, mode
from .rules import Rule

if TYPE_CHECKING:
    from .tensor import Tensor


class Elementwise(Operation):
    """An operation whose Jacobian is diagonal; made by `elementwise`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, elementwise=True, **kwargs)
        # `lambda x, y, out: (x, y, None)`: what is saved where every input records.
        plan = self._plan((1 << len(self.inputs)) - 1)
        terms = [slot if named else "None" for slot, named in zip(self.slots, plan, strict=True)]
        self._pick = eval(f"lambda {', '.join(self.slots)}: ({', '.join(terms)})")
        self._common = all(self.rules) and len(self.inputs) <= 2
        # The same where only one of two inputs records, and whether its rule needs the other.
        one_of_two = len(self.inputs) == 2 and self._common
        self._halves = [(self._pick_for(1 << i), self._plan(1 << i)[1 - i])
                        for i in range(2 if one_of_two else 0)]  # fmt: skip

    def __call__(self, *operands: Any, **params: Any) -> Any:
        if len(operands) == 1 and not params:
            x = operands[0]
            if x.__class__ is np.ndarray:
                return self.compute(operands, params)
            if isinstance(x, Handles.tensor):
                return self.unary(x)
        elif len(operands) == 2 == len(self.inputs) and not params:
            x, y = operands
            if x.__class__ is Handles.tensor:
                return self.binary(x, y)
            if y.__class__ is Handles.tensor:
                return self.with_plain(y, x, 1)
        return super().__call__(*operands, **params)

    def unary(self, x: Any) -> Tensor:
        """`on_tensors` with the most frequent case written out: one Tensor that records."""
        parent = x._node
        if parent is None or not self._common or not mode.recording:
            return self.on_tensors((x,))
        a = x._array
        out = self.forward(a)
        if out.__class__ is not np.ndarray:
            out = np.asarray(out)
        return recorded(self, out, (parent,), self._pick(a, out), {}, (a,))

    def binary(self, x: Any, y: Any) -> Tensor:
        """`on_tensors` with the most frequent case written out: two Tensors that record."""
        if y.__class__ is not Handles.tensor:
            return self.with_plain(x, y, 0)
        left = x._node
        right = y._node
        if left is None or right is None or not self._common or not mode.recording:
            return self.on_tensors((x, y))
        a = x._array
        b = y._array
        try:
            out = self.forward(a, b)
        except (ValueError, TypeError):
            return self.on_tensors((x, y))  # which explains the error
        if out.__class__ is not np.ndarray:
            out = np.asarray(out)
        return recorded(self, out, (left, right), self._pick(a, b, out), {}, (a, b))

    def with_plain(self, x: Any, y: Any, i: int) -> Tensor:
        """`on_tensors` for a Tensor that records as input `i`, and a number or array."""
        node = x._node
        kind = y.__class__
        is_array = kind is np.ndarray
        if (
            node is None
            or not self._common
            or not mode.recording
            or Mode.watchers  # an observer is told of the operands there
            or not (kind is float or kind is int or (is_array and y.dtype.kind in "fiub"))
        ):
            return self.on_tensors((y, x) if i else (x, y))
        a = x._array
        try:
            out = self.forward(y, a) if i else self.forward(a, y)
        except (ValueError, TypeError):
            return self.on_tensors((y, x) if i else (x, y))  # which explains the error
        if out.__class__ is not np.ndarray:
            out = np.asarray(out)
        pick, needs_other = self._halves[i]
        other = Constant(y.shape, y.dtype) if is_array else Constant((), kind, y)
        kept = y.copy() if is_array and needs_other else y
        if i:
            return recorded(self, out, (other, node), pick((kept, a), out, ()), {}, (y, a))
        return recorded(self, out, (node, other), pick((a, kept), out, ()), {}, (a, y))


def elementwise(
    forward: Callable[..., Any],
    scalar: Callable[..., float] | None,
    *rules: Rule | None,
    name: str = "",
    numpy: Sequence[Any] = (),
    symbol: str = "",
) -> Elementwise:
    """Declare an elementwise operation: on arrays, on floats, and a rule for each input.

    Args:
        forward: a ufunc, or a function of arrays that broadcasts like one.
        scalar: the same on Python floats; may raise ArithmeticError or ValueError at the edge
            of the domain, where `forward` is asked instead.
        rules: one for each input, with parameters named as the table in `autograd.op` says.
        name: where it is not that of `forward`.
        numpy: further functions of NumPy's that this operation answers for.
        symbol: how a picture of scalars writes it.

    >>> from autograd import Tensor, elementwise
    >>> import math, numpy as np
    >>> cube = elementwise(lambda x: x**3, lambda x: x**3, lambda g, x: g * 3 * x * x, name="cubed")
    >>> t = Tensor([1.0, 2.0], requires_grad=True)
    >>> cube(t).sum().backward()
    >>> t.grad
    array([ 3., 12.])
    """
    op = Elementwise(
        forward,
        rules,
        name=name or forward.__name__,
        inputs="xyz"[: len(rules)],
        scalar=scalar,
        symbol=symbol,
        hint="trailing dimensions must be equal or 1; reshape or expand_dims one of them",
    )
    like = f", as numpy.{forward.__name__}" if isinstance(forward, np.ufunc) else ""
    op.__doc__ = (
        f"{op.name}({', '.join(op.inputs)}){like}: elementwise, on numbers, arrays, Values and "
        "Tensors; what records stays so, in the type that went in."
    )
    NUMPY.update(dict.fromkeys(numpy, op))
    if isinstance(forward, np.ufunc):
        NUMPY.setdefault(forward, op)  # one that is answered for already stays so
    return op


def operation(
    *rules: Rule | None,
    name: str = "",
    numpy: Sequence[Any] = (),
    scalar: Callable[..., float] | None = None,
    scalar_factors: Callable[[Sequence[float]], Sequence[float]] | None = None,
    kept: Mapping[str, Rule] | None = None,
    symbol: str = "",
    hint: str = "",
    elementwise: bool = False,
    moves: bool = False,
    linear: bool | Literal["each"] = False,
    pushes: Sequence[Rule | None] | None = None,
) -> Callable[[Callable[..., Any]], Operation]:
    """Declare an operation by decorating its forward function, which computes on arrays.

    The positional-only parameters of the forward function are its array inputs (`*xs` for any
    number), the others are static.

    Args:
        rules: one for each input, or one for all where there is any number, with parameters named
            as the table in `autograd.op` says; None for an input without a derivative.
        name: where it is not that of the forward function.
        numpy: functions of NumPy's that this operation answers for.
        scalar: the same on Python floats, if Values may be given.
        scalar_factors: all local derivatives at once, from the list of floats; else by the rules.
        kept: by-products that the forward function returns after its output, each with an
            expression of the inputs that makes it again where its own derivative is wanted.
        symbol: how a picture of scalars writes it.
        hint: what to do about shapes that do not fit, for the error.
        elementwise: whether a cotangent that lives only on a mask (see `autograd.where`) goes on
            at the same places.
        moves: whether such a mask goes on with the entries that the rule moves.
        linear: True where the operation is linear in all its inputs together, "each" where it is
            in each by itself: forward mode then applies it to the tangents. Without it, forward
            mode transposes the rules.
        pushes: rules for forward mode, one per input, from `t`, the tangent of that input, to its
            share of the output's tangent; named like the rules. For rules that cannot be
            transposed, as they do not compute with recorded operations.

    Raises:
        TypeError: for rules that do not fit the inputs; ValueError: for a name that is taken.

    >>> from autograd import Tensor, operation
    >>> @operation(lambda g, power, x: g * power * x ** (power - 1))
    ... def raised(x, /, power):
    ...     return x**power
    >>> t = Tensor([1.0, 2.0], requires_grad=True)
    >>> raised(t, power=3).sum().backward()
    >>> t.grad
    array([ 3., 12.])
    """

    def declare(forward: Callable[..., Any]) -> Operation:
        parameters = list(inspect.signature(forward).parameters.values())
        variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        inputs = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY]
        statics = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        op = Operation(
            forward,
            rules,
            name=name or forward.__name__,
            inputs=None if variadic else inputs,
            statics=statics,
            scalar=scalar,
            scalar_factors=scalar_factors,
            kept=kept,
            symbol=symbol,
            hint=hint,
            elementwise=elementwise,
            moves=moves,
            linear=linear,
            pushes=pushes,
        )
        NUMPY.update(dict.fromkeys(numpy, op))
        return op

    return declare
