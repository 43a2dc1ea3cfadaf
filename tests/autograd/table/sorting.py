"""Entries in the order of their sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd

from ..strategies import distinct, full_shapes, shapes
from .case import Example, add


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
