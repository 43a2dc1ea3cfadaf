"""Derivative rules, their parameter names resolved when an operation is declared."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .op import Operation

Rule = Callable[..., Any]


class CompiledRule:
    """A rule whose parameter names are resolved to where a node has their values.

    `apply(g, saved, node, i)` is the rule as a function of a node; for `lambda g, x, axis: ...`
    it reads `rule(g, saved[0], node.params['axis'])`. Writing that out, when it is first asked
    for, makes a backward pass several times faster than looking the names up in it.

    Attributes:
        function: the rule itself, and `names` its parameters after the first.
        saved: those of them that a node has to keep.
    """

    __slots__ = ("_apply", "_terms", "function", "names", "saved")

    def __init__(self, rule: Rule, operation: Operation, first: str = "g") -> None:
        self.function = rule
        given, *self.names = parameter_names(rule)
        if given != first:
            raise TypeError(f"{operation.name}: a rule's first parameter is {first}, not {given}")
        self.saved = [name for name in self.names if name in operation.slots]
        # The same for a forward-mode rule, whose `t` stands where `g` does.
        self._terms = ", ".join(["g", *map(operation.source, self.names)])
        self._apply: Rule | None = None

    @property
    def apply(self) -> Rule:
        if self._apply is None:
            outer = written(f"lambda rule: lambda g, saved, node, i: rule({self._terms})")
            self._apply = outer(self.function)
        return self._apply


def parameter_names(rule: Rule) -> tuple[str, ...]:
    """The names of a function's parameters; of a plain one without the cost of `inspect`."""
    code = getattr(rule, "__code__", None)
    if code is None or hasattr(rule, "__wrapped__") or code.co_flags & _STARS:
        return tuple(inspect.signature(rule).parameters)
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return names[1:] if inspect.ismethod(rule) else names


_STARS = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


@functools.cache
def written(source: str) -> Callable[..., Any]:
    """The function that `source` is the text of; most operations share theirs with others."""
    function: Callable[..., Any] = eval(source)
    return function
