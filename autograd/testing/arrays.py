"""Strategies for arrays and Tensors, and for what selects from them.

Numbers lie on a grid of 64 steps to the unit, coarser where the domain is wide: every one is
exact in float32 and in float16 near 1, special values and ties come up often, and what matters
for a failure, the shapes and the parameters, shrinks quickly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ..tensor import Tensor

Shape = tuple[int, ...]
Shapes = Shape | st.SearchStrategy[Shape] | None
_PER_UNIT = 64


def shapes(
    min_dims: int = 0, max_dims: int = 3, min_side: int = 1, max_side: int = 3
) -> st.SearchStrategy[Shape]:
    """Shapes of arrays; with `min_side=0` empty ones too.

    >>> from hypothesis import given
    >>> @given(shapes(max_dims=2))
    ... def test(shape):
    ...     assert len(shape) <= 2 and 0 not in shape
    >>> test()
    """
    return hnp.array_shapes(
        min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=max_side
    )


def broadcastable_shapes(
    n: int, max_dims: int = 3, min_side: int = 1, max_side: int = 3
) -> st.SearchStrategy[tuple[Shape, ...]]:
    """`n` shapes that broadcast to one, which need not be any of them; () among them.

    >>> from hypothesis import given
    >>> @given(broadcastable_shapes(2))
    ... def test(shapes):
    ...     np.broadcast_shapes(*shapes)
    >>> test()
    """
    return hnp.mutually_broadcastable_shapes(
        num_shapes=n, max_dims=max_dims, min_side=min_side, max_side=max_side
    ).map(lambda found: found.input_shapes)


def arrays(
    shape: Shapes = None,
    dtype: Any = np.float64,
    low: float = -2.0,
    high: float = 2.0,
    *,
    away_from: Sequence[float] = (),
    margin: float = 1 / 16,
    distinct: bool = False,
) -> st.SearchStrategy[np.ndarray]:
    """Arrays of numbers between `low` and `high`.

    Args:
        shape: a shape or a strategy for one; any of `shapes()` by default.
        dtype: a floating or complex dtype.
        low, high: the bounds, which occur; of real and imaginary parts for complex dtypes.
        away_from: points that no entry comes nearer to than `margin`: kinks, poles, ends of a
            domain.
        margin: see there.
        distinct: no two entries alike (real dtypes): no ties.

    Raises:
        TypeError: for a dtype that is not floating; ValueError: where no number is left.

    >>> from hypothesis import given
    >>> @given(arrays((4,), low=0, away_from=[0]))
    ... def test(x):
    ...     assert x.shape == (4,) and (x >= 1 / 16).all()
    >>> test()
    """
    kind = np.dtype(dtype)
    if kind.kind not in "fc":
        raise TypeError(f"arrays: dtype {kind} is not floating")
    if not low < high:
        raise ValueError(f"arrays: no numbers between {low} and {high}")
    per_unit = _PER_UNIT * 2.0 ** -max(0, math.ceil(math.log2((high - low) / 16)))
    while per_unit * (high - low) < _PER_UNIT:
        per_unit *= 2
    first, last = math.ceil(low * per_unit), math.floor(high * per_unit)
    grid = [k / per_unit for k in range(first, last + 1)]
    grid = [x for x in grid if all(abs(x - p) >= margin for p in away_from)]
    if not grid:
        raise ValueError(
            f"arrays: no number between {low} and {high} is {margin} away from {list(away_from)}"
        )
    grid.sort(key=lambda x: (abs(x), x < 0))  # what examples shrink towards
    coarse = [x for x in grid if (4 * x).is_integer()] or grid
    elements: Any = st.sampled_from(coarse) | st.sampled_from(grid)
    if kind.kind == "c":
        elements = st.builds(complex, elements, elements)
    where = shapes() if shape is None else shape
    return hnp.arrays(kind, where, elements=elements, unique=distinct)


def tensors(
    shape: Shapes = None, dtype: Any = np.float64, *args: Any, **kwargs: Any
) -> st.SearchStrategy[Tensor]:
    """The same as Tensors that record. Arguments as for `arrays`.

    >>> from hypothesis import given
    >>> @given(tensors((2, 3)))
    ... def test(t):
    ...     assert t.requires_grad and t.shape == (2, 3)
    >>> test()
    """
    return arrays(shape, dtype, *args, **kwargs).map(lambda x: Tensor(x, requires_grad=True))


def axis(ndim: int) -> st.SearchStrategy[int]:
    """One axis of an array with `ndim` of them, also counted from the end.

    >>> from hypothesis import given
    >>> @given(axis(2))
    ... def test(axis):
    ...     np.zeros((2, 2)).sum(axis)
    >>> test()
    """
    return st.integers(-ndim, ndim - 1)


def axes(ndim: int, min_size: int = 0) -> st.SearchStrategy[Any]:
    """What a reduction takes as `axis`: None, an axis, or a tuple of different ones.

    >>> from hypothesis import given
    >>> @given(axes(3))
    ... def test(axis):
    ...     np.zeros((2, 2, 2)).sum(axis)
    >>> test()
    """
    if ndim == 0:
        return st.none()
    return st.none() | axis(ndim) | hnp.valid_tuple_axes(ndim, min_size=min_size)


def indices(shape: Shape) -> st.SearchStrategy[Any]:
    """Any index NumPy takes for an array of `shape`: slices, integers, arrays, masks, mixtures.

    >>> from hypothesis import given
    >>> @given(indices((2, 3)))
    ... def test(index):
    ...     np.zeros((2, 3))[index]
    >>> test()
    """
    kinds: list[st.SearchStrategy[Any]] = [
        hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True),
        hnp.arrays(bool, shape),
    ]
    if shape and 0 not in shape:
        kinds.append(hnp.integer_array_indices(shape))
        if len(shape) > 1:
            rows = st.lists(axis(shape[0]), min_size=1, max_size=4)
            rest = st.sampled_from([slice(None), slice(None, None, -1), -1, None, ...])
            kinds.append(st.tuples(rows, rest))
    return st.one_of(kinds)


def pytrees(leaves: st.SearchStrategy[Any], max_leaves: int = 5) -> st.SearchStrategy[Any]:
    """Nested lists, tuples and dicts of `leaves`, with at least one.

    >>> from hypothesis import given
    >>> @given(pytrees(arrays((2,))))
    ... def test(tree):
    ...     assert isinstance(tree, (list, tuple, dict, np.ndarray))
    >>> test()
    """
    names = st.sampled_from(["w", "b", "scale"])
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | st.tuples(inner)
            | st.tuples(inner, inner)
            | st.dictionaries(names, inner, min_size=1, max_size=3)
        ),
        max_leaves=max_leaves,
    )
