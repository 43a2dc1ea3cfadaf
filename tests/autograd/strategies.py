"""Hypothesis strategies for arrays, shapes, axes and indices.

Values lie on coarse grids: every one is exact in float32, special values (0, 1, ties) come up
often, and what matters for a failure, the shapes and parameters, shrinks quickly.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

Shape = tuple[int, ...]
Array = np.ndarray[Any, np.dtype[Any]]

MAX_SIDE = 3
shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=MAX_SIDE)
full_shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=MAX_SIDE)


def grid(low: float, high: float) -> st.SearchStrategy[float]:
    """Multiples of 1/4 from `low` to `high`."""
    return st.integers(math.ceil(low * 4), math.floor(high * 4)).map(lambda k: k / 4)


def arrays(shape: Shape, low: float = -2.0, high: float = 2.0) -> st.SearchStrategy[Array]:
    """float64 arrays of values from the grid."""
    return hnp.arrays(np.float64, shape, elements=grid(low, high))


@st.composite
def distinct(draw: st.DrawFn, *array_shapes: Shape) -> list[Array]:
    """Arrays without ties among all their entries, and none within 1/8 of zero.

    Neighbouring values are 1/4 apart, so no step of the numeric differentiator, which is a
    thousandth, meets the kink of maximum, abs, relu, ...
    """
    total = sum(math.prod(shape) for shape in array_shapes)
    ranks = np.array(draw(st.permutations(range(total))), float)
    values = ranks / 4 - total // 2 / 4 + 0.125
    found = []
    for shape in array_shapes:
        n = math.prod(shape)
        found.append(values[:n].reshape(shape))
        values = values[n:]
    return found


def broadcastable(n: int) -> st.SearchStrategy[tuple[Shape, ...]]:
    """`n` shapes that broadcast to one, which need not be any of them; 0-d and empty included."""
    return hnp.mutually_broadcastable_shapes(
        num_shapes=n, max_dims=3, min_side=0, max_side=MAX_SIDE
    ).map(lambda found: found.input_shapes)


def axis(ndim: int) -> st.SearchStrategy[int]:
    """One axis, also counted from the end."""
    return st.integers(-ndim, ndim - 1)


def axes(shape: Shape, min_count: int = 0) -> st.SearchStrategy[Any]:
    """None, an axis or a tuple of axes whose lengths multiply to at least `min_count`."""
    ndim = len(shape)

    def count(chosen: Any) -> int:
        if chosen is None:
            return math.prod(shape)
        listed = chosen if isinstance(chosen, tuple) else (chosen,)
        return math.prod(shape[a] for a in listed)

    some: list[st.SearchStrategy[Any]] = [st.none()]
    if ndim:
        some += [axis(ndim), hnp.valid_tuple_axes(ndim)]
    return st.one_of(some).filter(lambda chosen: count(chosen) >= min_count)


@st.composite
def indices(draw: st.DrawFn, shape: Shape) -> Any:
    """Any index NumPy takes: basic, integer arrays, masks, and mixtures of them."""
    kinds = ["basic", "mask"]
    if shape and 0 not in shape:
        kinds.append("integers")
        if len(shape) > 1:
            kinds.append("mixed")
    kind = draw(st.sampled_from(kinds))
    if kind == "basic":
        return draw(hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True))
    if kind == "mask":
        return draw(hnp.arrays(bool, shape))
    if kind == "integers":
        return draw(hnp.integer_array_indices(shape))
    rows = draw(st.lists(axis(shape[0]), max_size=4))
    rest = draw(st.sampled_from([slice(None), slice(None, None, -1), -1, None, ...]))
    return (rows, rest)
