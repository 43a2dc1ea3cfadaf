"""What a function under check uses besides its arguments: modules, Tensors, generators.

Looked for in what `f` is, is a method of, has in its closure or mentions by a global name, and
among the inputs.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ..tensor import Tensor


def near(f: Callable[..., Any], inputs: Iterable[Any]) -> Iterator[Any]:
    """The objects `f` reaches."""
    yield f
    yield getattr(f, "__self__", None)
    yield from inputs
    code, scope = getattr(f, "__code__", None), getattr(f, "__globals__", {})
    yield from [scope[name] for name in getattr(code, "co_names", ()) if name in scope]
    yield from getattr(f, "__defaults__", None) or ()
    yield from (getattr(f, "__kwdefaults__", None) or {}).values()
    for cell in getattr(f, "__closure__", None) or ():
        try:
            yield cell.cell_contents
        except ValueError:  # an empty cell: the name is not assigned yet
            continue


def tensors(objects: Iterable[Any]) -> Iterator[Tensor]:
    """The Tensors among `objects`, and the parameters of the modules among them."""
    for x in objects:
        if isinstance(x, Tensor):
            yield x
        elif not isinstance(x, type) and callable(getattr(x, "named_parameters", None)):
            yield from [p for _, p in x.named_parameters() if isinstance(p, Tensor)]


class Randomness:
    """Sets the generators of modules back to where they were, around each call.

    Modules say what they draw from by `generators()`. A generator that is not a module's is left
    to run on: a function that draws from it is not deterministic, and said to be.
    """

    def __init__(self, objects: Iterable[Any]) -> None:
        found: dict[int, np.random.Generator] = {}
        for x in objects:
            generators = None if isinstance(x, type) else getattr(x, "generators", None)
            for generator in generators() if callable(generators) else ():
                found[id(generator)] = generator
        self._states = [(g, copy.deepcopy(g.bit_generator.state)) for g in found.values()]

    def call(self, f: Callable[..., Any], arguments: Sequence[Any]) -> Any:
        """`f` of `arguments`, from the state the generators were in at first."""
        if not self._states:
            return f(*arguments)
        self._restore()
        try:
            return f(*arguments)
        finally:
            self._restore()

    def _restore(self) -> None:
        for generator, state in self._states:
            generator.bit_generator.state = state
