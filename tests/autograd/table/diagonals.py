"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd
from autograd.op import OPERATIONS

from ..strategies import Array, arrays, shapes
from .case import Example, add

offsets = st.integers(-3, 3)


@st.composite
def diagonal_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes.filter(lambda s: len(s) > 1))
    both = draw(st.permutations(range(len(shape))))[:2]
    axis1, axis2 = (a - draw(st.sampled_from([0, len(shape)])) for a in both)
    return [draw(arrays(shape))], {"offset": draw(offsets), "axis1": axis1, "axis2": axis2}


add("diagonal", autograd.diagonal, np.diagonal, diagonal_examples(), method="diagonal",
    complex=True)  # fmt: skip
add("trace", autograd.trace, np.trace, diagonal_examples(), method="trace", covers="diagonal",
    complex=True)  # fmt: skip


@st.composite
def from_diagonal_examples(draw: st.DrawFn) -> Example:
    (x,), params = draw(diagonal_examples())
    return [np.array(np.diagonal(x, **params))], {"shape": x.shape, **params}


def _placed(x: Array, shape: Any, offset: int, axis1: int, axis2: int) -> Array:
    """A one of each place in turn, times what stands there."""
    out = np.zeros(shape, x.dtype)
    for place in np.ndindex(*shape):
        marked = np.zeros(shape)
        marked[place] = 1
        on_it = np.diagonal(marked, offset, axis1, axis2)
        out[place] = (on_it * x).sum()
    return out


add("from_diagonal", OPERATIONS["from_diagonal"], _placed, from_diagonal_examples(),
    protocol=False, complex=True)  # fmt: skip


@st.composite
def named_examples(draw: st.DrawFn) -> Example:
    name = draw(st.sampled_from(["diag", "diagflat", "tril", "triu"]))
    allowed = {"diag": (1, 2), "diagflat": (0, 1, 2, 3)}.get(name, (1, 2, 3))
    shape = draw(shapes.filter(lambda s: len(s) in allowed))
    return [draw(arrays(shape))], {"name": name, "k": draw(offsets)}


add("triangles", lambda x, name, k: getattr(autograd, name)(x, k),
    lambda x, name, k: getattr(np, name)(x, k), named_examples(), covers="where",
    complex=True)  # fmt: skip


@st.composite
def make_diagonal_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes.filter(len))
    axis1, axis2 = draw(st.permutations(range(-len(shape) - 1, 0)))[:2]
    return [draw(arrays(shape))], {"offset": draw(offsets), "axis1": axis1, "axis2": axis2}


def _diagonals(x: Array, offset: int, axis1: int, axis2: int) -> Array:
    """Each line as a matrix by NumPy, the matrices' axes moved where they are to be."""
    made = np.apply_along_axis(lambda line: np.diag(line, offset), -1, x)
    return np.moveaxis(made, (-2, -1), (axis1, axis2))


add("make_diagonal", autograd.make_diagonal, _diagonals,
    make_diagonal_examples().filter(lambda example: example[0][0].size),
    covers="from_diagonal", protocol=False, method="make_diagonal", complex=True)  # fmt: skip
