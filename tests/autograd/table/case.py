"""What a row of the table of operations is, and how one is entered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

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
    """

    name: str
    ours: Spelling
    reference: Spelling
    examples: st.SearchStrategy[Example]
    spellings: Mapping[str, Spelling] = field(default_factory=dict)
    covers: tuple[str, ...] = ()


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
    **spellings: Spelling,
) -> None:
    """Enter a case; with `protocol`, Tensors also go through the reference, NumPy's function."""
    if protocol:
        spellings["numpy"] = reference
    if method:
        spellings["method"] = lambda x, *args, **params: getattr(x, method)(*args, **params)
    CASES.append(Case(name, ours, reference, examples, spellings, (covers or name,)))


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
