"""Entries chosen and arranged."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd
from autograd.op import OPERATIONS

from ..strategies import arrays, broadcastable, full_shapes, shapes
from .case import Example, add


@st.composite
def gather_examples(draw: st.DrawFn) -> Example:
    n = draw(st.integers(1, 5))
    places = draw(hnp.arrays(np.intp, draw(shapes), elements=st.integers(0, n - 1)))
    return [draw(arrays((n,)))], {"places": places}


add("gather", OPERATIONS["gather"], lambda x, places: x[places], gather_examples(),
    protocol=False, complex=True)  # fmt: skip


@st.composite
def take_along_axis_examples(draw: st.DrawFn) -> Example:
    shape = draw(full_shapes.filter(len))
    along = draw(st.sampled_from([None, *range(-len(shape), len(shape))]))
    n = math.prod(shape) if along is None else shape[along]
    lines = [draw(st.integers(0, 3))] if along is None else list(shape)
    if along is not None:
        lines[along] = draw(st.integers(0, 3))
    places = draw(hnp.arrays(np.intp, tuple(lines), elements=st.integers(-n, n - 1)))
    return [draw(arrays(shape))], {"indices": places, "axis": along}


add("take_along_axis", autograd.take_along_axis, np.take_along_axis, take_along_axis_examples(),
    covers="gather", complex=True)  # fmt: skip


@st.composite
def _along(draw: st.DrawFn) -> tuple[tuple[int, ...], Any, int]:
    """A shape, an axis or None, and the length along it."""
    shape = draw(full_shapes.filter(len))
    along = draw(st.sampled_from([None, *range(-len(shape), len(shape))]))
    return shape, along, math.prod(shape) if along is None else shape[along]


def _places(n: int) -> st.SearchStrategy[Any]:
    one = st.integers(-n, n - 1)
    cut = st.slices(n)
    return one | st.lists(one, max_size=3) | cut


@st.composite
def insert_examples(draw: st.DrawFn) -> Example:
    shape, along, n = draw(_along())
    obj = draw(_places(n))
    return [draw(arrays(shape)), draw(arrays(()))], {"obj": obj, "axis": along}


add("insert", lambda x, y, obj, axis: autograd.insert(x, obj, y, axis),
    lambda x, y, obj, axis: np.insert(x, obj, y, axis), insert_examples(),
    covers="gather")  # fmt: skip


@st.composite
def delete_examples(draw: st.DrawFn) -> Example:
    shape, along, n = draw(_along())
    mask = hnp.arrays(bool, (n,))
    return [draw(arrays(shape))], {"obj": draw(_places(n) | mask), "axis": along}


add("delete", autograd.delete, np.delete, delete_examples(), covers="gather", complex=True)


@st.composite
def compress_examples(draw: st.DrawFn) -> Example:
    shape, along, n = draw(_along())
    condition = draw(st.lists(st.booleans(), max_size=n))
    return [draw(arrays(shape))], {"condition": condition, "axis": along}


add("compress", lambda x, condition, axis: autograd.compress(condition, x, axis),
    lambda x, condition, axis: np.compress(condition, x, axis), compress_examples(),
    covers="gather", complex=True, method="compress")  # fmt: skip


@st.composite
def extract_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes)
    return [draw(arrays(shape))], {"condition": draw(hnp.arrays(bool, shape))}


add("extract", lambda x, condition: autograd.extract(condition, x),
    lambda x, condition: np.extract(condition, x), extract_examples(), covers="gather")  # fmt: skip


@st.composite
def select_examples(draw: st.DrawFn) -> Example:
    first, second, default, shape = draw(broadcastable(4))
    conditions = [draw(hnp.arrays(bool, shape)) for _ in range(2)]
    return [draw(arrays(s)) for s in (first, second, default)], {"conditions": conditions}


add("select", lambda x, y, z, conditions: autograd.select(conditions, [x, y], z),
    lambda x, y, z, conditions: np.select(conditions, [x, y], z), select_examples(),
    covers="gather", complex=True)  # fmt: skip


@st.composite
def choose_examples(draw: st.DrawFn) -> Example:
    first, second, shape = draw(broadcastable(3))
    mode = draw(st.sampled_from(["raise", "wrap", "clip"]))
    reach = (0, 1) if mode == "raise" else (-3, 3)
    numbers = draw(hnp.arrays(np.intp, shape, elements=st.integers(*reach)))
    return [draw(arrays(first)), draw(arrays(second))], {"numbers": numbers, "mode": mode}


def _chooses(choose: Any) -> Any:
    return lambda x, y, numbers, mode: choose(numbers, [x, y], mode=mode)


add("choose", _chooses(autograd.choose), _chooses(np.choose), choose_examples(), covers="gather",
    complex=True)  # fmt: skip


@st.composite
def piecewise_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes.filter(len))
    count = draw(st.integers(1, 3))
    return [draw(arrays(shape))], {"conditions": [draw(hnp.arrays(bool, shape))
                                                  for _ in range(count)]}  # fmt: skip


def _pieces(piecewise: Any) -> Any:
    functions = [lambda part: part**2, 0.5, lambda part: -part[::-1], lambda part: part[:1]]
    return lambda x, conditions: piecewise(x, conditions, functions[: len(conditions) + 1])


add("piecewise", _pieces(autograd.piecewise), _pieces(np.piecewise), piecewise_examples(),
    covers="gather")  # fmt: skip
