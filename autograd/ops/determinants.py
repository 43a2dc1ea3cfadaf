"""Determinants, batched as in `numpy.linalg`.

det is a polynomial: its derivatives exist at singular matrices too. From a singular value
decomposition A = U S Vh they follow without division, as det(A + E) = det(U) det(Vh)
det(S + E') with E' = U^H E V: the first derivative by E'_ii is the product of all other
singular values, the second by E'_ii and E'_jj, or minus that by E'_ij and E'_ji, the product
of all but the i-th and the j-th.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..composing import as_array
from ..declare import operation
from ..handles import Handles
from ..op import NUMPY
from ..protocols import plain
from .linear_algebra import explained, inv, transposed
from .products import conj, einsum, matmul
from .reductions import _product_of_others
from .shaping import expand_dims

__all__: list[str] = []  # exported by autograd.linalg


def _on_matrices(scalars: Any) -> Any:
    """One number for each matrix, so that it multiplies the whole matrix."""
    return expand_dims(scalars, (-2, -1))


def _rotation(x: np.ndarray) -> tuple[Any, Any, Any, Any]:
    """conj(U), S, conj(Vh), and the number det(U) det(Vh) of absolute value 1."""
    u, s, vh = np.linalg.svd(x)
    unit = np.linalg.det(u) * np.linalg.det(vh)
    return u.conj(), s, vh.conj(), unit[..., None, None]


def _det_pull(g: Any, x: Any) -> Any:
    return _on_matrices(g) * _cofactors(x)


@operation(_det_pull, numpy=[np.linalg.det], hint="give square matrices")
def det(x: Any, /) -> Any:
    """The determinant of each matrix, as `numpy.linalg.det`.

    First and second derivatives are right at every matrix, singular or not; from the third on
    they need the inverse.
    """
    return np.linalg.det(x)


def _along(g: Any, x: Any) -> Any:
    """The second derivative in one direction; it is symmetric."""
    return _second_minors(x, g)


@operation(_along, name="cofactors")
def _cofactors(x: Any, /) -> Any:
    """The derivative of det at x."""
    u, s, vh, unit = _rotation(x)
    return unit * ((u * _product_of_others(s, -1)[..., None, :]) @ vh)


def _third(g: Any, x: Any, y: Any) -> Any:
    """The third derivative of det at x in the directions y and g, by the inverse."""
    if x.shape[-1] < 3:
        return np.zeros(x.shape, x.dtype)
    s = np.linalg.svd(plain(x), compute_uv=False)
    if np.any(s[..., -1] <= s[..., 0] * (x.shape[-1] * np.finfo(s.dtype).eps)):
        raise np.linalg.LinAlgError(
            "third and higher derivatives of det at a singular matrix are not supported"
        )
    inverse = inv(x)
    a, b = matmul(inverse, y), matmul(inverse, g)
    ab = matmul(a, b)
    of_a, of_b, of_ab = (_on_matrices(einsum("...ii->...", m)) for m in (a, b, ab))
    inner = (of_a * of_b - of_ab) * np.eye(x.shape[-1], dtype=x.dtype)
    inner = inner - of_a * b - of_b * a + ab + matmul(b, a)
    return _on_matrices(det(x)) * transposed(matmul(inner, inverse))


@operation(_third, _along, name="second_minors")
def _second_minors(x: Any, y: Any, /) -> Any:
    """The derivative of `_cofactors` at x in the direction y."""
    u, s, vh, unit = _rotation(x)
    one = np.eye(x.shape[-1], dtype=s.dtype)
    pairs = _product_of_others(np.where(one, one, s[..., None, :]), -1) * (1 - one)
    turned = transposed(u) @ y @ transposed(vh)
    middle = -pairs * transposed(turned)
    middle += one * (pairs @ np.diagonal(turned, axis1=-2, axis2=-1)[..., None])
    return unit * (u @ middle @ vh)


@operation(lambda g, x: _on_matrices(g) * transposed(inv(x)), name="logabsdet")
def _logabsdet(x: Any, /, found: Any) -> Any:
    return np.array(found.logabsdet)


@operation(None, name="sign_of_det")
def _sign_of_det(x: Any, /, found: Any) -> Any:
    return np.array(found.sign)


def _phase_pull(g: Any, x: Any, out: Any) -> Any:
    """The phase turns by the imaginary part of tr(inv(x) dx)."""
    turned = g * out
    return _on_matrices((turned - conj(turned)) / 2) * transposed(inv(x))


@operation(_phase_pull, name="phase_of_det")
def _phase_of_det(x: Any, /, found: Any) -> Any:
    return np.array(found.sign)


def slogdet(a: Any) -> Any:
    """The sign (of complex matrices the phase) and log(abs(det)), as `numpy.linalg.slogdet`.

    The derivative of log(abs(det)) needs the inverse: LinAlgError where a matrix is singular.

    >>> from autograd import Tensor, linalg
    >>> sign, logabsdet = linalg.slogdet(Tensor([[1.0, 0.0], [0.0, -1.0]]))
    >>> sign.item(), logabsdet.item()
    (-1.0, 0.0)
    """
    a = as_array(a)
    found = explained("slogdet", np.linalg.slogdet, a)
    if not isinstance(a, Handles.tensor):
        return found
    sign = _phase_of_det if a.dtype.kind == "c" else _sign_of_det
    return found._replace(sign=sign(a, found), logabsdet=_logabsdet(a, found))


NUMPY[np.linalg.slogdet] = slogdet
