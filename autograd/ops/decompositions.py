"""Cholesky and QR decompositions, batched as in `numpy.linalg`.

With G for the conjugate of the cotangent, so that dL = Re tr(G^H dX), the formulas are those of
the literature: Murray 2016, "Differentiation of the Cholesky decomposition"; Walter & Lehmann
2018, "Algorithmic differentiation of linear algebra functions" (QR).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..composing import as_array
from ..declare import operation
from ..handles import Handles
from ..op import NUMPY
from .joining import concatenate
from .linear_algebra import explained, solve
from .products import adjoint, conj, matmul

__all__: list[str] = []  # exported by autograd.linalg


def _divided_by_adjoint(x: Any, y: Any) -> Any:
    """x @ inv(y^H)."""
    return adjoint(solve(y, adjoint(x)))


def half_triangle(n: int, uplo: str, dtype: Any) -> np.ndarray:
    """1 in the strict triangle, 1/2 on the diagonal."""
    lower = np.tri(n) - 0.5 * np.eye(n)
    return (lower.T if uplo in "Uu" else lower).astype(np.finfo(dtype).dtype)


# --- matrices of which NumPy reads one triangle -----------------------------------------


@operation(
    # An entry beside the diagonal is in the matrix twice, the second time conjugated; on the
    # diagonal only the real part is read.
    lambda g, uplo: (g + adjoint(g)) * half_triangle(g.shape[-1], uplo, g.dtype),
    linear=True,
)
def hermitian_part(x: Any, /, uplo: str) -> Any:
    """The Hermitian matrix with the lower ("L") or upper ("U") triangle of x."""
    strict = np.triu(x, 1) if uplo in "Uu" else np.tril(x, -1)
    out = strict + np.conj(np.swapaxes(strict, -1, -2))
    diagonal = range(x.shape[-1])
    out[..., diagonal, diagonal] = x[..., diagonal, diagonal].real
    return out


def one_side(name: str, a: Any, uplo: str) -> Any:
    if uplo not in ("L", "l", "U", "u"):
        raise ValueError(f"{name}: UPLO={uplo!r}: give 'L' or 'U'")
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise np.linalg.LinAlgError(f"{name}: shape {a.shape}: give square matrices")
    return hermitian_part(a, uplo)


def _cholesky_pull(g: Any, out: Any) -> Any:
    """Murray 2016, equation 10; `hermitian_part` adds the adjoint."""
    upper = adjoint(out)
    middle = matmul(upper, conj(g)) * half_triangle(out.shape[-1], "L", out.dtype)
    return conj(_divided_by_adjoint(solve(upper, middle), upper))


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
    if not isinstance(a, Handles.tensor):
        return explained("cholesky", np.linalg.cholesky, a, upper=upper)
    factor = _cholesky(one_side("cholesky", a, "U" if upper else "L"))
    return adjoint(factor) if upper else factor


# --- QR ---------------------------------------------------------------------------------


def _qr_share(middle: Any, q: Any, r: Any, g_q: Any = None) -> Any:
    """Walter & Lehmann 2018; LAPACK's R has a real diagonal, so there is no free phase."""
    middle = middle * half_triangle(r.shape[-1], "U", r.dtype)
    inner = matmul(q, middle + adjoint(middle))
    return conj(_divided_by_adjoint(inner if g_q is None else inner + g_q, r))


def _qr_q_pull(g: Any, x: Any, out: Any, found: Any) -> Any:
    r = _qr_r(x, found)
    return _qr_share(-matmul(adjoint(out), conj(g)), out, r, conj(g))


def _qr_r_pull(g: Any, x: Any, out: Any, found: Any) -> Any:
    q = _qr_q(x, found)
    return _qr_share(matmul(conj(g), adjoint(out)), q, out)


@operation(_qr_q_pull, name="qr_q")
def _qr_q(x: Any, /, found: Any) -> Any:
    return found.Q.copy()


@operation(_qr_r_pull, name="qr_r")
def _qr_r(x: Any, /, found: Any) -> Any:
    return found.R.copy()


_QR_MODES = "reduced", "complete", "r", "raw"


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
    if not isinstance(a, Handles.tensor) or a.ndim < 2 or mode not in _QR_MODES:
        return explained("qr", np.linalg.qr, a, mode=mode)
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


NUMPY |= {np.linalg.cholesky: cholesky, np.linalg.qr: qr}
