"""Declaring operations: the two functions every row of the table of derivatives is made with."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from .op import NUMPY, Operation
from .rules import Rule


def elementwise(
    forward: Callable[..., Any],
    scalar: Callable[..., float] | None,
    *rules: Rule | None,
    name: str = "",
    numpy: Sequence[Any] = (),
    symbol: str = "",
) -> Operation:
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
    op = Operation(
        forward,
        rules,
        elementwise=True,
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
