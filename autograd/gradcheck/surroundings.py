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


class ModuleState:
    """Sets the generators and arrays of modules back to what they were, around each call.

    Modules say what they draw from by `generators()`, and what they consist of by `modules()`; the
    arrays among the attributes of these are running means and the like. A generator that is not a
    module's is left to run on: a function that draws from it is not deterministic, and said to be.
    """

    def __init__(self, objects: Iterable[Any]) -> None:
        found: dict[int, np.random.Generator] = {}
        self._arrays: list[tuple[dict[str, Any], str, Any, np.ndarray]] = []
        for x in objects:
            if isinstance(x, type):
                continue
            for generator in _asked(x, "generators"):
                found[id(generator)] = generator
            for module in _asked(x, "modules"):
                attributes: dict[str, Any] = getattr(module, "__dict__", {})
                self._arrays += [
                    (attributes, name, array, np.copy(array))
                    for name, array in attributes.items()
                    if isinstance(array, (np.ndarray, np.generic))
                ]
        self._states = [(g, copy.deepcopy(g.bit_generator.state)) for g in found.values()]

    def call(self, f: Callable[..., Any], arguments: Sequence[Any]) -> Any:
        """`f` of `arguments`, from the state that the modules were in at first."""
        if not self._states and not self._arrays:
            return f(*arguments)
        self._restore()
        try:
            return f(*arguments)
        finally:
            self._restore()

    def _restore(self) -> None:
        for generator, state in self._states:
            generator.bit_generator.state = state
        for attributes, name, array, contents in self._arrays:
            if isinstance(array, np.ndarray) and array.flags.writeable:
                array[...] = contents
            attributes[name] = array


def _asked(x: Any, method: str) -> Iterable[Any]:
    """What a module answers; nothing of anything else."""
    answer = getattr(x, method, None)
    return answer() if callable(answer) else ()
