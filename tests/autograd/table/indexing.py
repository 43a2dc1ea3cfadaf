"""Reading and writing parts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd
from autograd import Tensor
from autograd.op import OPERATIONS

from ..strategies import (
    Array,
    Shape,
    arrays,
    full_shapes,
    indices,
    shapes,
)
from .case import (
    Example,
    Spelling,
    add,
)


@st.composite
def take_examples(draw: st.DrawFn) -> Example:
    shape = draw(full_shapes.filter(len))
    along = draw(st.sampled_from([None, *range(-len(shape), len(shape))]))
    n = math.prod(shape) if along is None else shape[along]
    mode = draw(st.sampled_from(["raise", "wrap", "clip"]))
    reach = 0 if mode == "raise" else 2 * n
    elements = st.integers(-n - reach, n - 1 + reach)
    places = draw(hnp.arrays(np.intp, draw(shapes), elements=elements))
    chosen: Any = draw(st.sampled_from([places, places.tolist()]))
    return [draw(arrays(shape))], {"indices": chosen, "axis": along, "mode": mode}


def _takes(take: Spelling) -> Spelling:
    def call(x: Any, indices: Any, axis: Any, mode: str) -> Any:
        if np.size(indices) == 0:
            indices = np.asarray(indices, np.intp)  # NumPy takes an empty list for floats
        return take(x, indices, axis=axis, mode=mode)

    return call


add("take", _takes(autograd.take), _takes(np.take), take_examples(), covers="getitem", complex=True,
    method_=_takes(lambda x, *args, **how: x.take(*args, **how)))  # fmt: skip


@st.composite
def getitem_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes)
    return [draw(arrays(shape))], {"index": draw(indices(shape))}


def _plain(index: Any) -> Any:
    """The index with its lists as integer arrays, as an empty list would be one of floats."""
    parts = index if isinstance(index, tuple) else (index,)
    plain = tuple(np.array(part, np.intp) if isinstance(part, list) else part for part in parts)
    return plain if isinstance(index, tuple) else plain[0]


add("getitem", lambda x, index: x[index], lambda x, index: x[_plain(index)], getitem_examples(),
    protocol=False, complex=True)  # fmt: skip


@st.composite
def scatter_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes)
    index = _plain(draw(indices(shape)))
    return [draw(arrays(np.zeros(shape)[index].shape))], {"index": index, "shape": shape}


def _scattered(x: Array, index: Any, shape: Shape) -> Array:
    out = np.zeros(shape, x.dtype)
    np.add.at(out, index, x)
    return out


add("scatter", OPERATIONS["scatter"], _scattered, scatter_examples(), protocol=False, complex=True)


@st.composite
def setitem_examples(draw: st.DrawFn) -> Example:
    """A value of the shape of the part, or one that broadcasts to it."""
    shape = draw(shapes)
    index = draw(indices(shape))
    part: Shape = np.zeros(shape)[_plain(index)].shape
    kept = part[draw(st.integers(0, len(part))) :]
    value = tuple(draw(st.sampled_from([1, n])) for n in kept)
    is_mask = isinstance(index, np.ndarray) and index.dtype == bool
    if part and len(value) == len(part) and not is_mask and draw(st.booleans()):
        value = (1, *value)  # NumPy drops leading axes of length 1, except for a mask or one entry
    return [draw(arrays(shape)), draw(arrays(value))], {"index": index}


def _assigned(x: Array, y: Array, index: Any) -> Array:
    out = x.copy()
    out[_plain(index)] = y
    return out


def _assigned_by_us(x: Any, y: Any, index: Any) -> Any:
    """A handle of its own on the contents of `x`, after item assignment."""
    if isinstance(x, np.ndarray) and isinstance(y, np.ndarray):
        return OPERATIONS["setitem"](x, y, index=_plain(index))
    out = x[...] if isinstance(x, Tensor) else Tensor(x)
    out[index] = y
    return out


add("setitem", _assigned_by_us, _assigned, setitem_examples(), protocol=False)
