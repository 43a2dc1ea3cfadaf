"""Operations of one's own in HIPS autograd's way: `primitive`, `defvjp`, `defjvp`.

`autograd.operation` is the shorter way where a program is not bound to these.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any

from .declare import operation
from .handles import own
from .protocols import records
from .tensor import Tensor

Function = Callable[..., Any]

__all__ = ["defjvp", "defvjp", "primitive"]


class _Call:
    """The arguments of one call, with gaps where Tensors stand."""

    def __init__(self, args: Sequence[Any], kwargs: dict[str, Any], places: Sequence[int]) -> None:
        self.args = list(args)
        self.kwargs = kwargs
        self.places = places

    def filled(self, xs: Sequence[Any]) -> list[Any]:
        args = list(self.args)
        for i, x in zip(self.places, xs, strict=True):
            args[i] = x
        return args


class primitive:  # noqa: N801  (its name in HIPS autograd)
    """A function that is differentiated by rules of its own, given by `defvjp` and `defjvp`.

    It is called with plain arrays and returns one. Without `defjvp`, forward mode transposes the
    rules of `defvjp`.

    >>> import autograd.numpy as np
    >>> from autograd import grad
    >>> from autograd.extend import defvjp, primitive
    >>> @primitive
    ... def cube(x):
    ...     return x**3
    >>> defvjp(cube, lambda ans, x: lambda g: g * 3 * x**2)
    >>> grad(cube)(2.0), grad(grad(cube))(2.0)
    (12.0, 12.0)
    """

    def __init__(self, function: Function) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.vjps: dict[int, Function | None] = {}
        self.jvps: dict[int, Function | str | None] = {}
        name = getattr(function, "__qualname__", type(function).__name__)
        self.name = f"{function.__module__}.{name}"
        self._operation: Any = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        places = [i for i, x in enumerate(args) if isinstance(x, Tensor)]
        if not places:
            return self.function(*args, **kwargs)
        # The caller may write to plain arrays before the rules read them.
        call = _Call([own(x) for x in args], own(kwargs), places)
        for i in places:
            if records(args[i]) and i not in self.vjps:
                raise NotImplementedError(
                    f"{self.name}: no rule for argument {i}: give one with defvjp, None if no "
                    "derivative flows through it"
                )
            call.args[i] = None
        if self._operation is None:
            self._operation = self._declared()
        return self._operation(*[args[i] for i in places], call=call)

    def _declared(self) -> Any:
        def pull(g: Any, xs: Any, i: int, out: Any, call: _Call) -> Any:
            rule = self.vjps.get(call.places[i])
            return g * 0 if rule is None else rule(out, *call.filled(xs), **call.kwargs)(g)

        def push(t: Any, xs: Any, i: int, out: Any, call: _Call) -> Any:
            rule = self.jvps.get(call.places[i])
            args = call.filled(xs)
            if rule == "same":
                args[call.places[i]] = t
                return self(*args, **call.kwargs)
            return rule(t, out, *args, **call.kwargs) if callable(rule) else out * 0

        def forward(*xs: Any, call: _Call) -> Any:
            return self.function(*call.filled(xs), **call.kwargs)

        forward.__doc__ = self.__doc__
        pull.__module__ = self.function.__module__
        return operation(pull, name=self.name, pushes=[push] if self.jvps else None)(forward)


def defvjp(
    function: primitive, *rules: Function | None, argnums: Iterable[int] | None = None
) -> None:
    """Give the rules of reverse mode, for the arguments from the first on or at `argnums`.

    Args:
        function: made by `primitive`.
        rules: each called as rule(answer, *arguments), gives the function from the cotangent of
            the answer to that of the argument; None: no derivative.
        argnums: the positions the rules are for.
    """
    _enter(function, "vjps", rules, argnums)


def defjvp(
    function: primitive, *rules: Function | str | None, argnums: Iterable[int] | None = None
) -> None:
    """Give the rules of forward mode, for the arguments from the first on or at `argnums`.

    Args:
        function: made by `primitive`.
        rules: each called as rule(tangent, answer, *arguments), gives the answer's tangent;
            "same" where the function is linear in the argument; None: no derivative.
        argnums: the positions the rules are for.
    """
    for rule in rules:
        if isinstance(rule, str) and rule != "same":
            raise ValueError(f"defjvp: {rule!r} is no rule: give a function, 'same' or None")
    _enter(function, "jvps", rules, argnums)


def _enter(
    function: primitive, table: str, rules: Sequence[Any], argnums: Iterable[int] | None
) -> None:
    if not isinstance(function, primitive):
        raise TypeError(
            f"{getattr(function, '__name__', function)} is not a primitive: decorate it with "
            "@primitive, or declare it with autograd.operation"
        )
    getattr(function, table).update(
        zip(count() if argnums is None else argnums, rules, strict=False)
    )
    function._operation = None
