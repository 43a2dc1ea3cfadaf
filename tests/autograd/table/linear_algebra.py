"""Solving, determinants, factorizations and norms.

The matrices have 6, 12, 18 on the diagonal and at most 5/8 beside it. By Gershgorin's theorem they
are far from singular, with eigenvalues far apart, also if an imaginary part is added.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd import einsum, linalg
from autograd.op import OPERATIONS

from ..strategies import Array, arrays, axes, axis, distinct, full_shapes
from .case import Example, Spelling, add

BATCHES = st.sampled_from([(), (), (2,), (0,), (2, 1)])


@st.composite
def matrices(draw: st.DrawFn, m: int, n: int, batch: tuple[int, ...] = ()) -> Array:
    # No entry is 0: at a triangular matrix LAPACK's signs and order of eigenvalues may jump.
    noise = draw(arrays((*batch, m, n), -0.5, 0.5)) + 0.125
    return noise + 6 * np.eye(m, n) * (1 + np.arange(n))


@st.composite
def square(draw: st.DrawFn, least: int = 0) -> Example:
    n = draw(st.integers(least, 3))
    return [draw(matrices(n, n, draw(BATCHES)))], {}


@st.composite
def rectangular(draw: st.DrawFn) -> Example:
    m, n = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return [draw(matrices(m, n, draw(BATCHES)))], {}


def both(name: str, examples: st.SearchStrategy[Example], covers: str = "", **more: Any) -> None:
    """A function that has the same name in both modules."""
    add(f"linalg.{name}", getattr(linalg, name), getattr(np.linalg, name), examples,
        covers=covers or name, complex=True, **more)  # fmt: skip


def each(call: Callable[..., Any]) -> tuple[Spelling, Spelling]:
    """A list of results, by ours and by NumPy's module."""
    return (
        lambda *xs, **params: list(call(linalg, *xs, **params)),
        lambda *xs, **params: list(call(np.linalg, *xs, **params)),
    )


# --- systems ----------------------------------------------------------------------------

both("inv", square())
both("pinv", rectangular())
both("det", square())
both("trace", square(1), "einsum")


@st.composite
def solve_examples(draw: st.DrawFn) -> Example:
    n = draw(st.integers(0, 3))
    a = draw(matrices(n, n, draw(BATCHES)))
    if draw(st.booleans()):
        return [a, draw(arrays((n,)))], {}
    batch = draw(st.sampled_from([(), a.shape[:-2], (1,)]))
    return [a, draw(arrays((*batch, n, draw(st.integers(0, 2)))))], {}


both("solve", solve_examples())


@st.composite
def lstsq_examples(draw: st.DrawFn) -> Example:
    m, n = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    b = draw(arrays(draw(st.sampled_from([(m,), (m, 1), (m, 2)]))))
    return [draw(matrices(m, n)), b], {}


add("linalg.lstsq", *each(lambda f, a, b: f.lstsq(a, b)[:2]), lstsq_examples(), covers="lstsq",
    complex=True)  # fmt: skip


@st.composite
def tensorinv_examples(draw: st.DrawFn) -> Example:
    a = draw(matrices(4, 4))
    shape, ind = draw(st.sampled_from([((4, 2, 2), 1), ((2, 2, 2, 2), 2), ((2, 2, 4), 2)]))
    return [a.reshape(shape)], {"ind": ind}


@st.composite
def tensorsolve_examples(draw: st.DrawFn) -> Example:
    a = draw(matrices(4, 4))
    if draw(st.booleans()):
        return [a.reshape(2, 2, 2, 2), draw(arrays((2, 2)))], {}
    return [a.reshape(4, 2, 2).transpose(1, 0, 2), draw(arrays((4,)))], {"axes": (0, 2)}


both("tensorinv", tensorinv_examples(), "inv")
both("tensorsolve", tensorsolve_examples(), "solve")


@st.composite
def diagonal_examples(draw: st.DrawFn) -> Example:
    shape = (*draw(BATCHES), draw(st.integers(0, 3)), draw(st.integers(0, 3)))
    return [draw(arrays(shape))], {"offset": draw(st.integers(-2, 3))}


both("diagonal", diagonal_examples(), "einsum")


@st.composite
def power_examples(draw: st.DrawFn) -> Example:
    (a,), _ = draw(square(1))
    n = draw(st.integers(-3, 7))
    return [a / 8 if n > 0 else a], {"n": n}


both("matrix_power", power_examples(), "identity_like")


@st.composite
def chains(draw: st.DrawFn) -> Example:
    count = draw(st.integers(2, 4))
    lengths = draw(st.lists(st.integers(1, 3), min_size=count + 1, max_size=count + 1))
    found = [draw(arrays((lengths[k], lengths[k + 1]))) for k in range(count)]
    if draw(st.booleans()):
        found[0] = found[0][0]
    if draw(st.booleans()):
        found[-1] = found[-1][..., 0]
    return found, {}


add("linalg.multi_dot", lambda *xs: linalg.multi_dot(xs), lambda *xs: np.linalg.multi_dot(xs),
    chains().filter(lambda example: all(x.ndim for x in example[0])), covers="matmul",
    complex=True)  # fmt: skip


def _det_slope(x: Any) -> Any:
    return np.linalg.det(x)[..., None, None] * np.linalg.inv(x).swapaxes(-1, -2)


def _det_curvature(x: Any, y: Any) -> Any:
    inverse = np.linalg.inv(x)
    along = np.trace(inverse @ y, axis1=-2, axis2=-1)[..., None, None]
    det = np.linalg.det(x)[..., None, None]
    return det * (along * inverse - inverse @ y @ inverse).swapaxes(-1, -2)


@st.composite
def curvature_examples(draw: st.DrawFn) -> Example:
    (a,), _ = draw(square(1))
    return [a, draw(arrays(a.shape))], {}


add("cofactors", OPERATIONS["cofactors"], _det_slope, square(), protocol=False, complex=True)
add("second_minors", OPERATIONS["second_minors"], _det_curvature, curvature_examples(),
    protocol=False, complex=True)  # fmt: skip

# --- determinants and factorizations ----------------------------------------------------


def _projectors(v: Any) -> Any:
    """v_k v_k^H for each column: what does not depend on the phases of eigenvectors."""
    return einsum("...ik,...jk->...kij", v, np.conjugate(v))


def _moments(w: Any, v: Any = None) -> Any:
    """Sums of w_k**j v_k v_k^H, without v of w_k**j: what does not depend on the order."""
    powers = np.stack([w, w * w, w * w * w], axis=-2)
    if v is None:
        return einsum("...jk->...j", powers)
    return einsum("...jk,...kmn->...jmn", powers, _projectors(v))


def _pairs(u: Any, vh: Any) -> Any:
    """u_k v_k^H for each pair: what does not depend on the phases of singular vectors."""
    k = min(u.shape[-1], vh.shape[-2])
    return einsum("...ik,...kj->...kij", u[..., :k], vh[..., :k, :])


add("linalg.slogdet", *each(lambda f, a: f.slogdet(a)), square(), complex=True,
    covers="logabsdet phase_of_det sign_of_det")  # fmt: skip


@st.composite
def with_triangle(draw: st.DrawFn, name: str, choices: list[Any]) -> Example:
    return draw(square())[0], {name: draw(st.sampled_from(choices))}


UPLO = ["L", "U"]
both("cholesky", with_triangle("upper", [False, True]))
both("eigvalsh", with_triangle("UPLO", UPLO))
add("hermitian_part", *each(lambda f, a, **uplo: f.eigh(a, **uplo)[:1]),
    with_triangle("UPLO", UPLO), complex=True)  # fmt: skip
add("linalg.eigh", *each(lambda f, a, **uplo: f.eigh(a, **uplo)), with_triangle("UPLO", UPLO),
    covers="eigh_vectors")  # fmt: skip
add("linalg.eigh_projectors", *each(lambda f, a: [_projectors(f.eigh(a)[1])]), square(),
    covers="eigh_vectors", complex=True)  # fmt: skip


@st.composite
def rotations(draw: st.DrawFn) -> Example:
    """Real matrices with a pair of complex eigenvalues."""
    a = draw(arrays((*draw(BATCHES), 2, 2), -0.5, 0.5))
    return [a + np.array([[1, 4], [-3, 1]])], {}


add("linalg.eig", *each(lambda f, a: [_moments(f.eigvals(a)), _moments(*f.eig(a))]),
    square() | rotations(), covers="eigvals eig_vectors", complex=True)  # fmt: skip
both("svdvals", rectangular())
add("linalg.svd", *each(lambda f, a: f.svd(a, full_matrices=False)), rectangular(),
    covers="svd_vectors")  # fmt: skip
add("linalg.svd_pairs", *each(lambda f, a: [
    _pairs(*f.svd(a)[::2]), _projectors(f.svd(a, full_matrices=False)[0])]),
    rectangular(), covers="svd_vectors", complex=True)  # fmt: skip
add("linalg.svd_hermitian", *each(lambda f, a: [*f.svd(a, hermitian=True),
    f.pinv(a, hermitian=True)]), square(), covers="svd_vectors")  # fmt: skip


@st.composite
def qr_examples(draw: st.DrawFn) -> Example:
    (a,), _ = draw(rectangular())
    wide = a.shape[-2] <= a.shape[-1]
    modes = ["reduced", "r", *["complete"] * wide]
    return [a], {"mode": draw(st.sampled_from(modes))}


def _qr(f: Any, a: Any, mode: str) -> Any:
    return [f.qr(a, mode)] if mode == "r" else f.qr(a, mode)


add("linalg.qr", *each(_qr), qr_examples(), covers="qr_q qr_r", complex=True)

# --- norms ------------------------------------------------------------------------------


@st.composite
def norm_examples(draw: st.DrawFn, vectors: list[Any], of_matrices: list[Any]) -> Example:
    kind = draw(st.sampled_from(["vectors", "matrices"]))
    shape = draw(full_shapes.filter(lambda s: len(s) > (kind == "matrices")))
    params: dict[str, Any] = {"keepdims": draw(st.booleans())}
    if kind == "vectors":
        params["ord"] = draw(st.sampled_from(vectors))
        if len(shape) > 1 or draw(st.booleans()):
            params["axis"] = draw(axis(len(shape)))
    else:
        params["ord"] = draw(st.sampled_from(of_matrices))
        if len(shape) > 2 or draw(st.booleans()):
            pair = draw(st.permutations(range(len(shape))))[:2]
            params["axis"] = tuple(k - draw(st.sampled_from([0, len(shape)])) for k in pair)
    return draw(distinct(shape)), params


inf = np.inf
both("norm", norm_examples([None, 1, 2, 3, 1.5, 0.5, -1, -2.5, 0], [None, "fro", "f"]),
     "power_norm count_nonzero")  # fmt: skip


@st.composite
def extreme_examples(draw: st.DrawFn) -> Example:
    """Powers of two: no two entries, and no two sums of entries, are equal but for the sign."""
    (x,), params = draw(norm_examples([inf, -inf], [1, -1, inf, -inf]).filter(
        lambda e: e[0][0].size <= 8))  # fmt: skip
    return [np.sign(x) * 2.0 ** (np.argsort(np.argsort(x, axis=None)).reshape(x.shape) - 3)], params


add("linalg.norm_extremes", linalg.norm, np.linalg.norm, extreme_examples(), covers="abs")


@st.composite
def spectral_examples(draw: st.DrawFn) -> Example:
    (a,), _ = draw(rectangular())
    order = draw(st.sampled_from([2, -2, "nuc"]))
    if draw(st.booleans()):
        return [a], {"ord": order, "axis": (-2, -1), "keepdims": draw(st.booleans())}
    return [np.moveaxis(a, -1, 0)], {"ord": order, "axis": (-1, 0)}


add("linalg.norm_spectral", linalg.norm, np.linalg.norm, spectral_examples(), covers="svdvals",
    complex=True)  # fmt: skip


@st.composite
def vector_norm_examples(draw: st.DrawFn) -> Example:
    shape = draw(full_shapes)
    return draw(distinct(shape)), {
        "axis": draw(axes(shape)),
        "keepdims": draw(st.booleans()),
        "ord": draw(st.sampled_from([2, 1, 3, -1])),
    }


both("vector_norm", vector_norm_examples().filter(lambda e: e[1]["axis"] != ()),
     "euclidean_norm")  # fmt: skip
both("matrix_norm", square(1).flatmap(lambda e: st.sampled_from(["fro", "nuc", 2]).map(
    lambda order: (e[0], {"ord": order}))), "svdvals")  # fmt: skip


@st.composite
def cond_examples(draw: st.DrawFn) -> Example:
    order = draw(st.sampled_from([None, 2, -2, "fro", "nuc"]))
    (a,), _ = draw(rectangular() if order in (None, 2, -2) else square(1))
    return [a], {"p": order}


both("cond", cond_examples(), "svdvals")
