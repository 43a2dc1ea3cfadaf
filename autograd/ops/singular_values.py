"""Singular values and singular vectors, batched as in `numpy.linalg`.

The two sides are one operation together, as they share their phases; its static parameter `found`
has all factors, computed once. Where a derivative of the derivative is wanted, a rule names them
again as functions of the input.

With G for the conjugate of the cotangent, so that dL = Re tr(G^H dX), the formulas are those of
the literature: Townsend 2016, "Differentiating the singular value decomposition"; Wan & Zhang
2019, "Automatic differentiation for complex valued SVD". The limits are those of `eigen.py`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..composing import as_array
from ..declare import operation
from ..handles import Handles
from ..op import NUMPY
from ..protocols import plain
from .decompositions import hermitian_part, one_side
from .joining import concatenate
from .linear_algebra import explained, transposed
from .products import adjoint, conj, matmul
from .shaping import reshape
from .spectra import (
    columns,
    diagonal,
    equal_pairs,
    lengths,
    quotients,
    refuse_equal,
    refuse_phase,
    rounding,
    rows,
    undefined,
)

__all__: list[str] = []  # exported by autograd.linalg


# --- singular values --------------------------------------------------------------------


def _svdvals_pull(g: Any, x: Any, found: Any) -> Any:
    if found is None or found.U is None:
        found = explained("svdvals", np.linalg.svd, x, full_matrices=False)
    u, vh = _svd_sides(_svd_vectors(x, found), found)
    # At 0 a singular value has a kink, like abs.
    weights = g * (found.S > 0)
    return conj(matmul(u * columns(weights), vh))


@operation(_svdvals_pull, name="svdvals")
def _svdvals(x: Any, /, found: Any = None) -> Any:
    return np.linalg.svd(x, compute_uv=False) if found is None else found.S.copy()


class _ValuesOnly(NamedTuple):
    U: None
    S: Any
    Vh: None


def svdvals_of(a: Any, s: np.ndarray) -> Any:
    """The singular values of `a`, which are known to be `s`."""
    return _svdvals(a, _ValuesOnly(None, s, None))


def _svd_sides(packed: Any, found: Any) -> tuple[Any, Any]:
    """U and Vh, as many vectors of each as there are values, of a packed pair."""
    u, vh = _unpacked(packed, found)
    k = found.S.shape[-1]
    return u[..., :k], vh[..., :k, :]


def _unpacked(packed: Any, found: Any) -> tuple[Any, Any]:
    size = found.U.shape[-1] * found.U.shape[-2]
    u, vh = packed[..., :size], packed[..., size:]
    return reshape(u, found.U.shape), reshape(vh, found.Vh.shape)


def _pack(u: Any, vh: Any) -> Any:
    flat = [reshape(x, (*x.shape[:-2], x.shape[-1] * x.shape[-2])) for x in (u, vh)]
    return concatenate(flat, axis=-1)


def _check_svd(g: Any, s: Any, found: Any, equal: np.ndarray) -> Any:
    """Raise where the loss depends on what has no derivative; where the values are 0."""
    g_u, g_vh = (plain(x) != 0 for x in _unpacked(g, found))
    of_u, of_v = g_u.any(axis=-2), g_vh.any(axis=-1)
    k = s.shape[-1]
    if of_u[..., k:].any() or of_v[..., k:].any():
        raise np.linalg.LinAlgError(
            "the singular vectors without a singular value, which full_matrices=True adds, are "
            "arbitrary and not differentiable: pass full_matrices=False"
        )
    live = of_u[..., :k] | of_v[..., :k]
    refuse_equal(equal, live, "singular ")
    null = s <= rounding(s)
    m, n = found.U.shape[-2], found.Vh.shape[-1]
    if np.any(live & null) and (m != n or g.dtype.kind == "c"):
        raise np.linalg.LinAlgError(
            "a singular value is 0: its singular vectors are not differentiable"
        )
    return null


def _svd_pull(g: Any, x: Any, out: Any, found: Any) -> Any:
    s = _svdvals(x, found)
    equal = equal_pairs(s)
    null = _check_svd(g, plain(s), found, equal)
    u, vh = _svd_sides(out, found)
    g_u, g_vh = _svd_sides(conj(g), found)
    of_u, of_v = matmul(adjoint(u), g_u), matmul(vh, adjoint(g_vh))
    gaps = (columns(s) - rows(s)) * (columns(s) + rows(s))
    middle = quotients(of_u - adjoint(of_u), gaps, equal) * columns(s)
    middle = middle + quotients(of_v - adjoint(of_v), gaps, equal) * rows(s)
    inverse = ~null / (s + null)
    if out.dtype.kind == "c":
        angles = diagonal(of_u)
        refuse_phase(
            (plain(angles) + diagonal(plain(of_v))).imag,
            lengths(g_u) + lengths(transposed(g_vh)),
        )
        phases = (angles - conj(angles)) / 2 * inverse
        middle = middle + columns(phases) * np.eye(s.shape[-1], dtype=s.dtype)
    share = matmul(matmul(u, middle), vh)
    m, n = u.shape[-2], vh.shape[-1]
    if m > n:
        share = share + matmul((g_u - matmul(u, of_u)) * columns(inverse), vh)
    elif n > m:
        share = share + matmul(u, (g_vh - matmul(adjoint(of_v), vh)) * rows(inverse))
    return conj(share)


def _svd_push(t: Any, x: Any, out: Any, found: Any) -> Any:
    s = _svdvals(x, found)
    equal = equal_pairs(s)
    u, vh = _svd_sides(out, found)
    v = adjoint(vh)
    inner = matmul(matmul(adjoint(u), t), v)
    gaps = (columns(s) - rows(s)) * (columns(s) + rows(s))
    of_u = inner * columns(s) + adjoint(inner) * rows(s)
    of_v = inner * rows(s) + adjoint(inner) * columns(s)
    turned_u = matmul(u, quotients(of_u, gaps, equal))
    turned_v = matmul(v, quotients(of_v, gaps, equal))
    null = plain(s) <= rounding(plain(s))
    inverse = ~null / (s + null)
    m, n = u.shape[-2], v.shape[-2]
    missing = undefined(equal)
    if m != n or out.dtype.kind == "c":
        missing = missing + np.where(null, np.nan, 0.0)[..., None, :]
    if out.dtype.kind == "c":
        angles = diagonal(inner)
        turned_u = turned_u + u * columns((angles - conj(angles)) / 2 * inverse)
    if m > n:
        across = matmul(t, v)
        turned_u = turned_u + (across - matmul(u, inner)) * columns(inverse)
    elif n > m:
        across = matmul(adjoint(t), u)
        turned_v = turned_v + (across - matmul(v, adjoint(inner))) * columns(inverse)
    sides = turned_u + missing, adjoint(turned_v + missing)
    return _pack(_filled(sides[0], found.U), _filled(sides[1], found.Vh))


def _filled(side: Any, like: np.ndarray) -> Any:
    """Up to the shape of `like`, with nan for the vectors without a singular value."""
    for axis in (-1, -2):
        extra = like.shape[axis] - side.shape[axis]
        if extra:
            shape = list(side.shape)
            shape[axis] = extra
            side = concatenate([side, np.full(shape, np.nan, side.dtype)], axis=axis)
    return side


@operation(_svd_pull, pushes=[_svd_push], name="svd_vectors")
def _svd_vectors(x: Any, /, found: Any) -> Any:
    return _pack(found.U, found.Vh)


def svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    """The singular value decomposition of matrices, as `numpy.linalg.svd`.

    Singular vectors of equal values, and those that `full_matrices` adds, have no derivative, and
    the loss must not depend on the common phase of complex pairs: LinAlgError where it does. With
    `hermitian`, NumPy reads the lower triangle only, so only its entries have a gradient.

    >>> from autograd import Tensor, linalg
    >>> linalg.svd(Tensor([[2.0, 0.0], [0.0, 1.0]])).S.tolist()
    [2.0, 1.0]
    """
    a = as_array(a)
    records = isinstance(a, Handles.tensor)
    if records and not compute_uv:
        return svdvals(one_side("svd", a, "L") if hermitian else a)
    found = explained(
        "svd",
        np.linalg.svd,
        a,
        full_matrices=full_matrices,
        compute_uv=compute_uv,
        hermitian=hermitian,
    )
    if not records:
        return found
    if hermitian:
        a = hermitian_part(a, "L")
    u, vh = _unpacked(_svd_vectors(a, found), found)
    return found._replace(U=u, S=_svdvals(a, found), Vh=vh)


def svdvals(a: Any, /) -> Any:
    """The singular values of matrices, descending, as `numpy.linalg.svdvals`.

    The gradient at a singular value of 0 is 0; where values are equal it is that of one choice of
    their vectors, and right for every symmetric function of them.

    >>> from autograd import Tensor, linalg
    >>> linalg.svdvals(Tensor([[2.0, 0.0], [0.0, 1.0]])).tolist()
    [2.0, 1.0]
    """
    a = as_array(a)
    if not isinstance(a, Handles.tensor):
        return explained("svdvals", np.linalg.svdvals, a)
    return _svdvals(a)


NUMPY |= {np.linalg.svd: svd, np.linalg.svdvals: svdvals}
