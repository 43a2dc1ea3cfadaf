"""Products of matrices and tensors."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd

from ..strategies import (
    arrays,
    broadcastable,
    shapes,
)
from .case import (
    Example,
    Spelling,
    add,
)


@st.composite
def matmul_examples(draw: st.DrawFn) -> Example:
    found = draw(hnp.mutually_broadcastable_shapes(
        signature=np.matmul.signature, max_dims=2, min_side=0, max_side=3))  # fmt: skip
    return [draw(arrays(shape)) for shape in found.input_shapes], {}


add("matmul", autograd.matmul, np.matmul, matmul_examples(), method="matmul",
    operator=lambda x, y: x @ y)  # fmt: skip


@st.composite
def dot_examples(draw: st.DrawFn) -> Example:
    left, right = draw(shapes), draw(shapes)
    if left and right:
        right = list(right)  # type: ignore[assignment]
        right[-2 if len(right) > 1 else 0] = left[-1]  # type: ignore[index]
    return [draw(arrays(left)), draw(arrays(tuple(right)))], {}


add("dot", autograd.dot, np.dot, dot_examples(), method="dot", covers="matmul")

EINSUMS = [
    "ij,jk->ik", "ij,jk", "ji,jk->ik", "i,i->", "i,i", "i,j->ij", "ij->ji", "ij->", "ij->j", "ij",
    "ii->i", "ii->", "ii", "iij->j", "iij->ji", "iii->i", "ij,ij->i", "ij,ij,ij->", "ij,j,jk->k",
    "bij,bjk->bik", "i->i", ",i->i", "ij,kl->", "ij,kl->jl", "ii,ij->j", "...ij,...jk->...ik",
    "...i->...", "i...->...i", "...,...->...", "...ii->...i", "i...,i->...", "...",
]  # fmt: skip


@st.composite
def einsum_examples(draw: st.DrawFn) -> Example:
    subscripts = draw(st.sampled_from(EINSUMS))
    lengths = {letter: draw(st.integers(0, 3)) for letter in "bijkl"}
    terms = subscripts.split("->")[0].split(",")
    stretch = draw(broadcastable(len(terms)))
    shared = {letter for letter in "bijkl" if sum(letter in term for term in terms) > 1}
    inputs = []
    for term, extra in zip(terms, stretch, strict=True):
        shape: list[int] = []
        for part in term.replace("...", "*"):
            # NumPy's einsum also stretches a named axis of length 1 shared with another operand.
            one = part in shared and term.count(part) == 1 and draw(st.integers(0, 4)) == 0
            shape += extra if part == "*" else [1 if one else lengths[part]]
        inputs.append(draw(arrays(tuple(shape))))
    return inputs, {"subscripts": subscripts}


def _einsums(einsum: Spelling) -> Spelling:
    return lambda *xs, subscripts: einsum(subscripts, *xs)


add("einsum", _einsums(autograd.einsum), _einsums(np.einsum), einsum_examples(),
    optimized=lambda *xs, subscripts: np.einsum(subscripts, *xs, optimize=True))  # fmt: skip
