"""Eigenvalues and eigenvectors, batched as in `numpy.linalg`.

Each result is an operation of its own whose static parameter `found` has all of them, computed
once. Where a derivative of the derivative is wanted, a rule names them again as functions of the
input.

With G for the conjugate of the cotangent, so that dL = Re tr(G^H dX), the formulas are those of
the literature: Giles 2008, "Collected matrix derivative results"; Boeddeker et al. 2017, "On the
computation of complex-valued gradients with application to statistically optimum beamforming".

Vectors of equal values (to rounding) have no derivative: LinAlgError if the loss depends on them; a
tangent of theirs is nan. Complex vectors are defined up to a phase: LinAlgError if the loss depends
on it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..composing import as_array
from ..declare import operation
from ..handles import Handles
from ..op import NUMPY
from ..protocols import plain
from .decompositions import hermitian_part, one_side
from .linear_algebra import explained, solve, transposed
from .products import adjoint, conj, matmul
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


# --- eigenvalues of Hermitian matrices --------------------------------------------------


def _eigvalsh_pull(g: Any, x: Any, found: Any) -> Any:
    found = np.linalg.eigh(plain(x)) if found is None else found
    v = _eigh_vectors(x, found)
    return matmul(conj(v) * columns(g), transposed(v))


@operation(_eigvalsh_pull, name="eigvalsh")
def _eigvalsh(x: Any, /, found: Any = None) -> Any:
    return np.linalg.eigvalsh(x) if found is None else found.eigenvalues.copy()


def _eigh_pull(g: Any, x: Any, out: Any, found: Any) -> Any:
    w = _eigvalsh(x, found)
    equal = equal_pairs(w)
    refuse_equal(equal, np.any(plain(g) != 0, axis=-2), "eigen")
    inner = matmul(adjoint(out), conj(g))
    if out.dtype.kind == "c":
        refuse_phase(diagonal(plain(inner)).imag, lengths(g))
    middle = quotients(inner, columns(w) - rows(w), equal)
    return conj(matmul(matmul(out, middle), adjoint(out)))


def _eigh_push(t: Any, x: Any, out: Any, found: Any) -> Any:
    w = _eigvalsh(x, found)
    equal = equal_pairs(w)
    inner = matmul(matmul(adjoint(out), t), out)
    turned = matmul(out, quotients(inner, columns(w) - rows(w), equal))
    return turned + undefined(equal)


@operation(_eigh_pull, pushes=[_eigh_push], name="eigh_vectors")
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
    found = explained("eigh", np.linalg.eigh, a, UPLO=UPLO)
    if not isinstance(a, Handles.tensor):
        return found
    a = hermitian_part(a, UPLO)
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
    if not isinstance(a, Handles.tensor):
        return explained("eigvalsh", np.linalg.eigvalsh, a, UPLO=UPLO)
    return _eigvalsh(one_side("eigvalsh", a, UPLO))


# --- eigenvalues of general matrices ----------------------------------------------------


def _eigvals_pull(g: Any, x: Any, found: Any) -> Any:
    s = np.linalg.svd(found.eigenvectors, compute_uv=False)
    if np.any(s[..., -1:] <= rounding(s)):
        raise np.linalg.LinAlgError(
            "a matrix has fewer eigenvectors than rows (it is defective): its eigenvalues are "
            "not differentiable"
        )
    v = transposed(_eig_vectors(x, found))
    return solve(v, rows(g) * v)


@operation(_eigvals_pull, name="eigvals")
def _eigvals(x: Any, /, found: Any) -> Any:
    return found.eigenvalues.copy()


def _eig_pull(g: Any, x: Any, out: Any, found: Any) -> Any:
    w = _eigvals(x, found)
    equal = equal_pairs(w)
    refuse_equal(equal, np.any(plain(g) != 0, axis=-2), "eigen")
    inner = matmul(adjoint(out), conj(g))
    along = diagonal(inner)
    if out.dtype.kind == "c":
        refuse_phase(plain(along).imag, lengths(g))
    # The vectors keep their length 1.
    kept = matmul(adjoint(out), out) * columns((along + conj(along)) / 2)
    middle = quotients(inner - kept, conj(columns(w) - rows(w)), equal)
    return conj(solve(adjoint(out), matmul(middle, adjoint(out))))


def _eig_push(t: Any, x: Any, out: Any, found: Any) -> Any:
    w = _eigvals(x, found)
    equal = equal_pairs(w)
    inner = solve(out, matmul(t, out))
    turned = matmul(out, quotients(inner, columns(w) - rows(w), equal))
    along = diagonal(matmul(adjoint(out), turned))
    return turned - out * columns((along + conj(along)) / 2) + undefined(equal)


@operation(_eig_pull, pushes=[_eig_push], name="eig_vectors")
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
    if not isinstance(a, Handles.tensor):
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
    if not isinstance(a, Handles.tensor):
        return explained("eigvals", np.linalg.eigvals, a)
    return _eigvals(a, explained("eigvals", np.linalg.eig, a))


NUMPY |= {
    np.linalg.eig: eig, np.linalg.eigh: eigh, np.linalg.eigvals: eigvals,
    np.linalg.eigvalsh: eigvalsh,
}  # fmt: skip
