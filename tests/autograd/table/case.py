"""What a row of the table of operations is, and how one is entered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ..strategies import (
    Array,
    arrays,
    broadcastable,
    distinct,
    shapes,
)

Params = dict[str, Any]
Example = tuple[list[Array], Params]
Spelling = Callable[..., Any]


@dataclass(frozen=True)
class Case:
    """A differentiable function, its meaning in NumPy, and where to test it.

    Attributes:
        name: unique, for test ids.
        ours: the function under test, called as `ours(*arrays, **params)`.
        reference: the same computed by NumPy alone on plain arrays.
        examples: inputs and static parameters, away from kinks and singularities.
        spellings: other ways to write the same, by kind: the NumPy function, a method, ...
        covers: the operations of the engine's table that this case is about.
        complex: whether complex inputs are tested as well.
    """

    name: str
    ours: Spelling
    reference: Spelling
    examples: st.SearchStrategy[Example]
    spellings: Mapping[str, Spelling] = field(default_factory=dict)
    covers: tuple[str, ...] = ()
    complex: bool = False

    def inputs(self, data: st.DataObject) -> Example:
        """Inputs and parameters; complex ones among them where the case has them."""
        xs, params = data.draw(self.examples)
        if self.complex and data.draw(st.booleans()):
            which = data.draw(st.sets(st.sampled_from(range(len(xs))), min_size=1))
            xs = [x + 1j * _imaginary(x.shape) if i in which else x for i, x in enumerate(xs)]
        return xs, params


def _imaginary(shape: tuple[int, ...]) -> Array:
    """Multiples of 1/8 in [-1, 1], none of them 0: exact in float32, and on no branch cut."""
    numbers = np.random.default_rng(0).integers(1, 9, shape) / 8
    return np.asarray(numbers * np.random.default_rng(1).choice([-1, 1], shape))


CASES: list[Case] = []


def add(
    name: str,
    ours: Spelling,
    reference: Spelling,
    examples: st.SearchStrategy[Example],
    *,
    protocol: bool = True,
    method: str = "",
    covers: str = "",
    complex: bool = False,
    **spellings: Spelling,
) -> None:
    """Enter a case; with `protocol`, Tensors also go through the reference, NumPy's function.

    `covers` has the names of the operations that the case is about, unless it is `name`.
    """
    if protocol:
        spellings["numpy"] = reference
    if method:
        spellings["method"] = lambda x, *args, **params: getattr(x, method)(*args, **params)
    about = tuple(covers.split()) or (name,)
    CASES.append(Case(name, ours, reference, examples, spellings, about, complex))


def of_all(module: Any) -> Spelling:
    """The function of `module` whose name is a parameter: one case for several functions."""
    return lambda *xs, function, **params: getattr(module, function)(*xs, **params)


@st.composite
def named(draw: st.DrawFn, functions: str, examples: st.SearchStrategy[Example]) -> Example:
    xs, params = draw(examples)
    return xs, {**params, "function": draw(st.sampled_from(functions.split()))}


@st.composite
def unary(draw: st.DrawFn, low: float, high: float) -> Example:
    return [draw(arrays(draw(shapes), low, high))], {}


@st.composite
def unary_distinct(draw: st.DrawFn) -> Example:
    return draw(distinct(draw(shapes))), {}


@st.composite
def binary(draw: st.DrawFn, *domains: tuple[float, float]) -> Example:
    found = draw(broadcastable(len(domains)))
    return [draw(arrays(s, *domain)) for s, domain in zip(found, domains, strict=True)], {}


@st.composite
def binary_distinct(draw: st.DrawFn) -> Example:
    return draw(distinct(*draw(broadcastable(2)))), {}


ANYWHERE = (-2.0, 2.0)
AWAY_FROM_0 = (0.5, 2.0)
