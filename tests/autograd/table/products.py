"""Products of vectors, matrices and tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd
import autograd.linalg

from ..strategies import (
    arrays,
    axis,
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


add("matmul", autograd.matmul, np.matmul, matmul_examples(), method="matmul", complex=True,
    operator=lambda x, y: x @ y)  # fmt: skip


@st.composite
def dot_examples(draw: st.DrawFn) -> Example:
    left, right = draw(shapes), draw(shapes)
    if left and right:
        right = list(right)  # type: ignore[assignment]
        right[-2 if len(right) > 1 else 0] = left[-1]  # type: ignore[index]
    return [draw(arrays(left)), draw(arrays(tuple(right)))], {}


add("dot", autograd.dot, np.dot, dot_examples(), method="dot", covers="matmul", complex=True)


@st.composite
def core_examples(draw: st.DrawFn, signature: str) -> Example:
    found = draw(hnp.mutually_broadcastable_shapes(
        signature=signature, max_dims=2, min_side=0, max_side=3))  # fmt: skip
    return [draw(arrays(shape)) for shape in found.input_shapes], {}


@st.composite
def vecdot_examples(draw: st.DrawFn) -> Example:
    if draw(st.booleans()):
        return draw(core_examples("(n),(n)->()"))
    shape = draw(shapes.filter(len))
    return [draw(arrays(shape)), draw(arrays(shape))], {"axis": draw(axis(len(shape)))}


add("vecdot", autograd.vecdot, np.vecdot, vecdot_examples(), complex=True,
    linalg=np.linalg.vecdot)  # fmt: skip
if hasattr(np, "matvec"):  # since NumPy 2.2
    add("matvec", autograd.matvec, np.matvec, core_examples("(m,n),(n)->(m)"), covers="matmul",
        complex=True)  # fmt: skip
    add("vecmat", autograd.vecmat, np.vecmat, core_examples("(m),(m,n)->(n)"), covers="matmul",
        complex=True)  # fmt: skip


@st.composite
def inner_examples(draw: st.DrawFn) -> Example:
    left, right = draw(shapes), draw(shapes)
    if left and right:
        right = (*right[:-1], left[-1])
    return [draw(arrays(left)), draw(arrays(right))], {}


add("inner", autograd.inner, np.inner, inner_examples(), covers="tensordot", complex=True)


@st.composite
def two(draw: st.DrawFn) -> Example:
    return [draw(arrays(draw(shapes))), draw(arrays(draw(shapes)))], {}


@st.composite
def two_of_one_size(draw: st.DrawFn) -> Example:
    shape = draw(shapes)
    x, y = draw(arrays(shape)), draw(arrays(shape))
    return [x, y.ravel() if draw(st.booleans()) else y], {}


add("vdot", autograd.vdot, np.vdot, two_of_one_size(), covers="matmul", complex=True)
add("outer", autograd.outer, np.outer, two(), covers="multiply", complex=True)
add("kron", autograd.kron, np.kron, two(), covers="multiply", complex=True)
add("matrix_transpose", autograd.matrix_transpose, np.matrix_transpose,
    shapes.filter(lambda s: len(s) > 1).flatmap(arrays).map(lambda x: ([x], {})),
    covers="swapaxes", linalg=np.linalg.matrix_transpose)  # fmt: skip


@st.composite
def tensordot_examples(draw: st.DrawFn) -> Example:
    summed = draw(st.lists(st.integers(0, 3), max_size=2))
    kept = [draw(st.lists(st.integers(0, 2), max_size=2)) for _ in range(2)]
    if draw(st.booleans()):
        left, right = (*kept[0], *summed), (*summed, *kept[1])
        return [draw(arrays(left)), draw(arrays(right))], {"axes": len(summed)}
    found, axes = [], []
    for rest in kept:
        lengths = [*summed, *rest]
        order = draw(st.permutations(range(len(lengths))))
        found.append(draw(arrays(tuple(lengths[k] for k in order))))
        signs = [draw(st.sampled_from([0, len(order)])) for _ in summed]
        axes.append([order.index(k) - sign for k, sign in enumerate(signs)])
    if len(summed) == 1 and draw(st.booleans()):
        return found, {"axes": (axes[0][0], axes[1][0])}
    return found, {"axes": (tuple(axes[0]), tuple(axes[1]))}


add("tensordot", autograd.tensordot, np.tensordot, tensordot_examples(), complex=True,
    linalg=np.linalg.tensordot)  # fmt: skip


@st.composite
def cross_examples(draw: st.DrawFn) -> Example:
    if draw(st.booleans()):
        return draw(cross_axis_examples())
    left, right = draw(broadcastable(2))
    ndim = max(len(left), len(right))
    places = [draw(axis(len(shape) + 1)) for shape in (left, right)]
    found = []
    for shape, place in zip((left, right), places, strict=True):
        at = place % (len(shape) + 1)
        found.append(draw(arrays((*shape[:at], 3, *shape[at:]))))
    params = dict(zip(("axisa", "axisb", "axisc"), [*places, draw(axis(ndim + 1))], strict=True))
    return found, params


@st.composite
def cross_axis_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes)
    place = draw(axis(len(shape) + 1))
    at = place % (len(shape) + 1)
    whole = (*shape[:at], 3, *shape[at:])
    return [draw(arrays(whole)), draw(arrays(whole))], {"axis": place}


add("cross", autograd.cross, np.cross, cross_examples(), complex=True)
add("linalg.cross", autograd.linalg.cross, np.linalg.cross, cross_axis_examples(), covers="cross",
    complex=True)  # fmt: skip

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


def _einsums(einsum: Spelling, **options: Any) -> Spelling:
    return lambda *xs, subscripts: einsum(subscripts, *xs, **options)


def _as_lists(subscripts: str) -> list[list[Any]]:
    terms = subscripts.replace("->", ",").replace("...", "*").split(",")
    return [[... if c == "*" else "bijkl".index(c) for c in term] for term in terms]


def _listed_einsum(*xs: Any, subscripts: str) -> Any:
    """The calling form with lists of integers."""
    *terms, last = [*_as_lists(subscripts), None][: len(xs) + 1]
    arguments = [item for pair in zip(xs, terms, strict=True) for item in pair]
    return np.einsum(*arguments, *([] if last is None else [last]))


add("einsum", _einsums(autograd.einsum), _einsums(np.einsum), einsum_examples(), complex=True,
    lists=_listed_einsum)  # fmt: skip
add("einsum_optimized", _einsums(autograd.einsum, optimize=True),
    _einsums(np.einsum, optimize=True), einsum_examples(), covers="einsum",
    complex=True)  # fmt: skip
