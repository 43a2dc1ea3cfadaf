"""Entries in the order of their sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd

from ..strategies import distinct, full_shapes, shapes
from .case import Example, add, named, of_all, unary_distinct


@st.composite
def sort_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes.filter(len))
    along = draw(st.sampled_from([None, *range(-len(shape), len(shape))]))
    return draw(distinct(shape)), {"axis": along}


def _in_place(x: Any, axis: Any) -> Any:
    x = x.flatten() * 1 if axis is None else x * 1
    x.sort(0 if axis is None else axis)
    return x


add("sort", autograd.sort, np.sort, sort_examples(), covers="gather", in_place=_in_place)


@st.composite
def partition_examples(draw: st.DrawFn) -> Example:
    shape = draw(full_shapes.filter(len))
    along = draw(st.integers(-len(shape), len(shape) - 1))
    return draw(distinct(shape)), {"kth": draw(st.integers(0, shape[along] - 1)), "axis": along}


def _kth(partition: Any) -> Any:
    """The entry at its place and the sum of those before it: what is the same in every order."""

    def call(x: Any, kth: int, axis: int) -> Any:
        parts = partition(x, kth, axis).swapaxes(axis, 0)
        return [parts[kth], parts[:kth].sum(0)]

    return call


add("partition", _kth(autograd.partition), _kth(np.partition), partition_examples(),
    covers="gather")  # fmt: skip
add("unique", lambda x, axis: autograd.unique(x, axis=axis),
    lambda x, axis: np.unique(x, axis=axis), sort_examples(), covers="getitem")  # fmt: skip


@st.composite
def sort_complex_examples(draw: st.DrawFn) -> Example:
    return draw(distinct(draw(shapes.filter(len)))), {}


add("sort_complex", autograd.sort_complex, np.sort_complex, sort_complex_examples(),
    covers="gather", complex=True)  # fmt: skip


@st.composite
def set_examples(draw: st.DrawFn) -> Example:
    shape = draw(full_shapes)
    return draw(distinct(shape, draw(full_shapes))), {}


add("sets", of_all(autograd), of_all(np), named("union1d setxor1d setdiff1d", set_examples()),
    covers="gather")  # fmt: skip
FOUND = "unique_values unique_all unique_counts unique_inverse"


def _values(module: Any) -> Any:
    """The values that each of the functions finds."""

    def call(x: Any) -> Any:
        values, *structures = [getattr(module, name)(x) for name in FOUND.split()]
        return [values, *[found.values for found in structures]]

    return call


add("unique_values", _values(autograd), _values(np), unary_distinct(), covers="gather")
