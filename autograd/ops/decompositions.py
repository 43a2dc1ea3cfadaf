"""Factorizations of matrices, batched as in `numpy.linalg`.

Each result is an operation of its own whose static parameter `found` has all factors, computed
once; the two sides of a singular value decomposition are one operation, as they share their phase.
Where a derivative of the derivative is wanted, a rule names the factors again as functions of the
input.

With G for the conjugate of the cotangent, so that dL = Re tr(G^H dX), the formulas are those of
the literature: Giles 2008, "Collected matrix derivative results"; Murray 2016, "Differentiation of
the Cholesky decomposition"; Walter & Lehmann 2018, "Algorithmic differentiation of linear algebra
functions" (QR); Townsend 2016, "Differentiating the singular value decomposition"; Wan & Zhang
2019, "Automatic differentiation for complex valued SVD".

Limits. Eigen- and singular vectors have no derivative where two values are equal (to rounding):
LinAlgError if the loss depends on the vectors concerned; a tangent of theirs is nan. Complex
vectors are defined up to a phase: LinAlgError if the loss depends on it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare import operation
from ..op import NUMPY, Handles
from ..protocols import plain
from .linear_algebra import explained, solve, transposed
from .products import adjoint, as_array, conj, einsum, matmul
from .shaping import concatenate, expand_dims, reshape

__all__: list[str] = []  # exported by autograd.linalg


def _is_tensor(x: Any) -> bool:
    return isinstance(x, Handles.tensor)


def _columns(scalars: Any) -> Any:
    """Numbers that multiply the columns of a matrix."""
    return expand_dims(scalars, -2)


def _rows(scalars: Any) -> Any:
    """Numbers that multiply the rows of a matrix."""
    return expand_dims(scalars, -1)


def _divided_by_adjoint(x: Any, y: Any) -> Any:
    """x @ inv(y^H)."""
    return adjoint(solve(y, adjoint(x)))


def _half_triangle(n: int, uplo: str, dtype: Any) -> np.ndarray:
    """1 in the strict triangle, 1/2 on the diagonal."""
    lower = np.tri(n) - 0.5 * np.eye(n)
    return (lower.T if uplo in "Uu" else lower).astype(np.finfo(dtype).dtype)


# --- matrices of which NumPy reads one triangle -----------------------------------------


@operation(
    # An entry beside the diagonal is in the matrix twice, the second time conjugated; on the
    # diagonal only the real part is read.
    lambda g, uplo: (g + adjoint(g)) * _half_triangle(g.shape[-1], uplo, g.dtype),
    linear=True,
)
def hermitian_part(x: Any, /, uplo: str) -> Any:
    """The Hermitian matrix with the lower ("L") or upper ("U") triangle of x."""
    strict = np.triu(x, 1) if uplo in "Uu" else np.tril(x, -1)
    out = strict + np.conj(np.swapaxes(strict, -1, -2))
    diagonal = range(x.shape[-1])
    out[..., diagonal, diagonal] = x[..., diagonal, diagonal].real
    return out


def _one_side(name: str, a: Any, uplo: str) -> Any:
    if uplo not in ("L", "l", "U", "u"):
        raise ValueError(f"{name}: UPLO={uplo!r}: give 'L' or 'U'")
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise np.linalg.LinAlgError(f"{name}: shape {a.shape}: give square matrices")
    return hermitian_part(a, uplo)


def _cholesky_pull(g: Any, out: Any) -> Any:
    """Murray 2016, equation 10; `hermitian_part` adds the adjoint."""
    upper = adjoint(out)
    middle = matmul(upper, conj(g)) * _half_triangle(out.shape[-1], "L", out.dtype)
    return conj(_divided_by_adjoint(solve(upper, middle), out))


@operation(_cholesky_pull, name="cholesky")
def _cholesky(x: Any, /) -> Any:
    return np.linalg.cholesky(x)


def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """The Cholesky factor of positive definite matrices, as `numpy.linalg.cholesky`.

    NumPy reads the lower triangle only (with `upper` the upper one), so only its entries have a
    gradient; those beside the diagonal stand for two.

    >>> from autograd import Tensor, linalg
    >>> linalg.cholesky(Tensor([[4.0, 2.0], [2.0, 2.0]])).tolist()
    [[2.0, 0.0], [1.0, 1.0]]
    """
    a = as_array(a)
    if not _is_tensor(a):
        return np.linalg.cholesky(a, upper=upper)
    factor = _cholesky(_one_side("cholesky", a, "U" if upper else "L"))
    return adjoint(factor) if upper else factor


# --- equal values, and phases -----------------------------------------------------------


def _rounding(values: np.ndarray) -> Any:
    """What eigen- or singular values may differ by that are equal but for rounding."""
    largest = np.max(np.abs(values), axis=-1, initial=0)
    return largest[..., None] * (values.shape[-1] * np.finfo(values.dtype).eps)


def _equal_pairs(values: Any) -> np.ndarray:
    """Where the i-th and the j-th value are equal; the diagonal is."""
    values = plain(values)
    gaps = np.abs(_columns(values) - _rows(values))
    return np.asarray(gaps <= _rows(_rounding(values)))


def _refuse_equal(equal: np.ndarray, live: np.ndarray, what: str) -> None:
    """Raise where the loss depends on a vector whose value is there twice."""
    if np.any(live & (equal.sum(axis=-1) > 1)):
        raise np.linalg.LinAlgError(
            f"two {what}values are equal to rounding: the {what}vectors the loss depends on are "
            "not differentiable there; use the values alone, or a function of the matrix that "
            "does not need its vectors"
        )


def _quotients(x: Any, gaps: Any, equal: np.ndarray) -> Any:
    """x / gaps, and 0 where the values are equal."""
    return x * ~equal / (gaps + equal)


def _refuse_phase(angles: Any, scale: Any) -> None:
    """Raise where the loss changes with the phase of a vector."""
    limit = np.sqrt(np.finfo(angles.dtype).eps) * scale
    if np.any(np.abs(angles) > limit):
        raise np.linalg.LinAlgError(
            "the loss depends on the phase of complex eigen- or singular vectors, which is "
            "arbitrary: use only what does not change with it, such as absolute values"
        )


def _diagonal(x: Any) -> Any:
    return einsum("...ii->...i", x)


def _lengths(columns: Any) -> Any:
    return np.linalg.norm(plain(columns), axis=-2)


# --- eigenvalues of Hermitian matrices --------------------------------------------------


def _eigvalsh_pull(g: Any, x: Any, found: Any) -> Any:
    found = np.linalg.eigh(plain(x)) if found is None else found
    v = _eigh_vectors(x, found)
    return matmul(conj(v) * _columns(g), transposed(v))


@operation(_eigvalsh_pull, name="eigvalsh")
def _eigvalsh(x: Any, /, found: Any = None) -> Any:
    return np.linalg.eigvalsh(x) if found is None else found.eigenvalues.copy()


def _eigh_pull(g: Any, x: Any, out: Any, found: Any) -> Any:
    w = _eigvalsh(x, found)
    equal = _equal_pairs(w)
    _refuse_equal(equal, np.any(plain(g) != 0, axis=-2), "eigen")
    inner = matmul(adjoint(out), conj(g))
    if out.dtype.kind == "c":
        _refuse_phase(_diagonal(plain(inner)).imag, _lengths(g))
    middle = _quotients(inner, _columns(w) - _rows(w), equal)
    return conj(matmul(matmul(out, middle), adjoint(out)))


def _eigh_push(t: Any, x: Any, out: Any, found: Any) -> Any:
    w = _eigvalsh(x, found)
    equal = _equal_pairs(w)
    inner = matmul(matmul(adjoint(out), t), out)
    turned = matmul(out, _quotients(inner, _columns(w) - _rows(w), equal))
    return turned + _undefined(equal)


def _undefined(equal: np.ndarray) -> Any:
    """nan for each vector whose value is there twice, else 0."""
    return np.where(equal.sum(axis=-1) > 1, np.nan, 0.0)[..., None, :]


@operation(_eigh_pull, pushes=[_eigh_push])
def _eigh_vectors(x: Any, /, found: Any) -> Any:
    return found.eigenvectors.copy()


def eigh(a: Any, UPLO: str = "L") -> Any:  # noqa: N803  (NumPy's name)
    """Eigenvalues and eigenvectors of Hermitian matrices, as `numpy.linalg.eigh`.

    NumPy reads one triangle only, so only its entries have a gradient; those beside the diagonal
    stand for two. Eigenvectors of equal eigenvalues have none, and a complex loss must not depend
    on their phase: LinAlgError where it does.

    >>> from autograd import Tensor, linalg
    >>> a = Tensor([[2.0, 0.0], [0.0, 1.0]], requires_grad=True)
    >>> linalg.eigh(a).eigenvalues[1].backward()
    >>> a.grad.tolist()
    [[1.0, 0.0], [0.0, 0.0]]
    """
    a = as_array(a)
    if not _is_tensor(a):
        return np.linalg.eigh(a, UPLO)  # type: ignore[arg-type]
    a = _one_side("eigh", a, UPLO)
    found = explained("eigh", np.linalg.eigh, a)
    return found._replace(eigenvalues=_eigvalsh(a, found), eigenvectors=_eigh_vectors(a, found))


def eigvalsh(a: Any, UPLO: str = "L") -> Any:  # noqa: N803  (NumPy's name)
    """The eigenvalues of Hermitian matrices, ascending, as `numpy.linalg.eigvalsh`.

    The gradient is as of `eigh`. Where eigenvalues are equal it is that of one choice of their
    eigenvectors, and right for every symmetric function of them.

    >>> from autograd import Tensor, linalg
    >>> linalg.eigvalsh(Tensor([[2.0, 0.0], [0.0, 1.0]])).tolist()
    [1.0, 2.0]
    """
    a = as_array(a)
    if not _is_tensor(a):
        return np.linalg.eigvalsh(a, UPLO)  # type: ignore[arg-type]
    return _eigvalsh(_one_side("eigvalsh", a, UPLO))


# --- eigenvalues of general matrices ----------------------------------------------------


def _eigvals_pull(g: Any, x: Any, found: Any) -> Any:
    s = np.linalg.svd(found.eigenvectors, compute_uv=False)
    if np.any(s[..., -1:] <= _rounding(s)):
        raise np.linalg.LinAlgError(
            "a matrix has fewer eigenvectors than rows (it is defective): its eigenvalues are "
            "not differentiable"
        )
    v = transposed(_eig_vectors(x, found))
    return solve(v, _rows(g) * v)


@operation(_eigvals_pull, name="eigvals")
def _eigvals(x: Any, /, found: Any) -> Any:
    return found.eigenvalues.copy()


def _eig_pull(g: Any, x: Any, out: Any, found: Any) -> Any:
    w = _eigvals(x, found)
    equal = _equal_pairs(w)
    _refuse_equal(equal, np.any(plain(g) != 0, axis=-2), "eigen")
    inner = matmul(adjoint(out), conj(g))
    along = _diagonal(inner)
    if out.dtype.kind == "c":
        _refuse_phase(plain(along).imag, _lengths(g))
    # The vectors keep their length 1.
    kept = matmul(adjoint(out), out) * _columns((along + conj(along)) / 2)
    middle = _quotients(inner - kept, conj(_columns(w) - _rows(w)), equal)
    return conj(solve(adjoint(out), matmul(middle, adjoint(out))))


def _eig_push(t: Any, x: Any, out: Any, found: Any) -> Any:
    w = _eigvals(x, found)
    equal = _equal_pairs(w)
    inner = solve(out, matmul(t, out))
    turned = matmul(out, _quotients(inner, _columns(w) - _rows(w), equal))
    along = _diagonal(matmul(adjoint(out), turned))
    return turned - out * _columns((along + conj(along)) / 2) + _undefined(equal)


@operation(_eig_pull, pushes=[_eig_push])
def _eig_vectors(x: Any, /, found: Any) -> Any:
    return found.eigenvectors.copy()


def eig(a: Any) -> Any:
    """Eigenvalues and eigenvectors of square matrices, as `numpy.linalg.eig`.

    The gradient of the eigenvectors is that at length 1. Those of equal eigenvalues have none, and
    the loss must not depend on the phase of complex ones: LinAlgError where it does.

    >>> from autograd import Tensor, linalg
    >>> linalg.eig(Tensor([[2.0, 1.0], [0.0, 1.0]])).eigenvalues.tolist()
    [2.0, 1.0]
    """
    a = as_array(a)
    found = explained("eig", np.linalg.eig, a)
    if not _is_tensor(a):
        return found
    return found._replace(eigenvalues=_eigvals(a, found), eigenvectors=_eig_vectors(a, found))


def eigvals(a: Any) -> Any:
    """The eigenvalues of square matrices, in the order of `numpy.linalg.eig`.

    They are not differentiable where a matrix has fewer eigenvectors than rows: LinAlgError.

    >>> from autograd import Tensor, linalg
    >>> linalg.eigvals(Tensor([[2.0, 1.0], [0.0, 1.0]])).tolist()
    [2.0, 1.0]
    """
    a = as_array(a)
    if not _is_tensor(a):
        return np.linalg.eigvals(a)
    return _eigvals(a, explained("eigvals", np.linalg.eig, a))


# --- singular values --------------------------------------------------------------------


def _svdvals_pull(g: Any, x: Any, found: Any) -> Any:
    if found is None or found.U is None:
        found = explained("svdvals", np.linalg.svd, x, full_matrices=False)
    u, vh = _svd_sides(_svd_vectors(x, found), found)
    # At 0 a singular value has a kink, like abs.
    weights = g * (found.S > 0)
    return conj(matmul(u * _columns(weights), vh))


@operation(_svdvals_pull, name="svdvals")
def _svdvals(x: Any, /, found: Any = None) -> Any:
    return np.linalg.svd(x, compute_uv=False) if found is None else found.S.copy()


def svdvals_of(a: Any, s: np.ndarray) -> Any:
    """The singular values of `a`, which are known to be `s`."""
    return _svdvals(a, np.linalg.svd(np.zeros((1, 1)))._replace(U=None, S=s, Vh=None))


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


def _check_svd(g: Any, s: np.ndarray, found: Any, equal: np.ndarray) -> np.ndarray:
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
    _refuse_equal(equal, live, "singular ")
    null = s <= _rounding(s)
    m, n = found.U.shape[-2], found.Vh.shape[-1]
    if np.any(live & null) and (m != n or g.dtype.kind == "c"):
        raise np.linalg.LinAlgError(
            "a singular value is 0: its singular vectors are not differentiable"
        )
    return null


def _svd_pull(g: Any, x: Any, out: Any, found: Any) -> Any:
    s = _svdvals(x, found)
    equal = _equal_pairs(s)
    null = _check_svd(g, plain(s), found, equal)
    u, vh = _svd_sides(out, found)
    g_u, g_vh = _svd_sides(conj(g), found)
    of_u, of_v = matmul(adjoint(u), g_u), matmul(vh, adjoint(g_vh))
    gaps = (_columns(s) - _rows(s)) * (_columns(s) + _rows(s))
    middle = _quotients(of_u - adjoint(of_u), gaps, equal) * _columns(s)
    middle = middle + _quotients(of_v - adjoint(of_v), gaps, equal) * _rows(s)
    inverse = ~null / (s + null)
    if out.dtype.kind == "c":
        angles = _diagonal(of_u)
        _refuse_phase(
            (plain(angles) + _diagonal(plain(of_v))).imag,
            _lengths(g_u) + _lengths(transposed(g_vh)),
        )
        phases = (angles - conj(angles)) / 2 * inverse
        middle = middle + _columns(phases) * np.eye(s.shape[-1], dtype=s.dtype)
    share = matmul(matmul(u, middle), vh)
    m, n = u.shape[-2], vh.shape[-1]
    if m > n:
        share = share + matmul((g_u - matmul(u, of_u)) * _columns(inverse), vh)
    elif n > m:
        share = share + matmul(u, (g_vh - matmul(adjoint(of_v), vh)) * _rows(inverse))
    return conj(share)


def _svd_push(t: Any, x: Any, out: Any, found: Any) -> Any:
    s = _svdvals(x, found)
    equal = _equal_pairs(s)
    u, vh = _svd_sides(out, found)
    v = adjoint(vh)
    inner = matmul(matmul(adjoint(u), t), v)
    gaps = (_columns(s) - _rows(s)) * (_columns(s) + _rows(s))
    of_u = inner * _columns(s) + adjoint(inner) * _rows(s)
    of_v = inner * _rows(s) + adjoint(inner) * _columns(s)
    turned_u = matmul(u, _quotients(of_u, gaps, equal))
    turned_v = matmul(v, _quotients(of_v, gaps, equal))
    null = plain(s) <= _rounding(plain(s))
    inverse = ~null / (s + null)
    m, n = u.shape[-2], v.shape[-2]
    missing = _undefined(equal)
    if m != n or out.dtype.kind == "c":
        missing = missing + np.where(null, np.nan, 0.0)[..., None, :]
    if out.dtype.kind == "c":
        angles = _diagonal(inner)
        turned_u = turned_u + u * _columns((angles - conj(angles)) / 2 * inverse)
    if m > n:
        across = matmul(t, v)
        turned_u = turned_u + (across - matmul(u, inner)) * _columns(inverse)
    elif n > m:
        across = matmul(adjoint(t), u)
        turned_v = turned_v + (across - matmul(v, adjoint(inner))) * _columns(inverse)
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


@operation(_svd_pull, pushes=[_svd_push])
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
    if not _is_tensor(a):
        return np.linalg.svd(a, full_matrices, compute_uv, hermitian)
    if hermitian:
        a = _one_side("svd", a, "L")
    if not compute_uv:
        return svdvals(a)
    found = explained("svd", np.linalg.svd, a, full_matrices=full_matrices, hermitian=hermitian)
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
    return _svdvals(a) if _is_tensor(a) else np.linalg.svdvals(a)


# --- QR ---------------------------------------------------------------------------------


def _qr_share(middle: Any, q: Any, r: Any, g_q: Any = None) -> Any:
    """Walter & Lehmann 2018; LAPACK's R has a real diagonal, so there is no free phase."""
    middle = middle * _half_triangle(r.shape[-1], "U", r.dtype)
    inner = matmul(q, middle + adjoint(middle))
    return conj(_divided_by_adjoint(inner if g_q is None else inner + g_q, r))


def _qr_q_pull(g: Any, x: Any, out: Any, found: Any) -> Any:
    r = _qr_r(x, found)
    return _qr_share(-matmul(adjoint(out), conj(g)), out, r, conj(g))


def _qr_r_pull(g: Any, x: Any, out: Any, found: Any) -> Any:
    q = _qr_q(x, found)
    upper = conj(g) * np.tri(out.shape[-1], dtype=np.finfo(out.dtype).dtype).T
    return _qr_share(matmul(out, adjoint(upper)), q, out)


@operation(_qr_q_pull)
def _qr_q(x: Any, /, found: Any) -> Any:
    return found.Q.copy()


@operation(_qr_r_pull)
def _qr_r(x: Any, /, found: Any) -> Any:
    return found.R.copy()


def qr(a: Any, mode: str = "reduced") -> Any:
    """The QR decomposition of matrices, as `numpy.linalg.qr`.

    Args:
        a: matrices whose first columns, as many as there are rows at most, are independent.
        mode: "reduced", "r", or "complete" where there are no more rows than columns.

    Raises:
        NotImplementedError: for mode "raw", and for "complete" of matrices with more rows than
            columns, as the columns that are added are arbitrary.

    >>> import numpy as np
    >>> from autograd import Tensor, linalg
    >>> np.abs(linalg.qr(Tensor([[3.0], [4.0]])).R).item()
    5.0
    """
    a = as_array(a)
    if not _is_tensor(a) or a.ndim < 2 or mode not in ("reduced", "complete", "r", "raw"):
        return np.linalg.qr(plain(a), mode)  # type: ignore[call-overload]
    m, n = a.shape[-2:]
    if mode == "raw" or (mode == "complete" and m > n):
        raise NotImplementedError(
            f"qr: mode {mode!r} of matrices of {m} rows and {n} columns has no derivative: use "
            "mode 'reduced'"
        )
    square = a if m >= n else a[..., :m]
    found = explained("qr", np.linalg.qr, square)
    r = _qr_r(square, found)
    if mode == "r" and m >= n:
        return r
    q = _qr_q(square, found)
    if m < n:
        r = concatenate([r, matmul(adjoint(q), a[..., m:])], axis=-1)
    return r if mode == "r" else found._replace(Q=q, R=r)


NUMPY |= {
    np.linalg.cholesky: cholesky, np.linalg.eig: eig, np.linalg.eigh: eigh,
    np.linalg.eigvals: eigvals, np.linalg.eigvalsh: eigvalsh, np.linalg.qr: qr,
    np.linalg.svd: svd, np.linalg.svdvals: svdvals,
}  # fmt: skip
