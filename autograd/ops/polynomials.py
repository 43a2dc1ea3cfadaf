"""Sequences and polynomials, whose coefficients are those of the highest power first."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..composing import as_array, composed
from ..declare import operation
from ..op import NUMPY
from ..protocols import plain
from .choosing import common
from .eigen import eigvals
from .elementwise import astype, power
from .joining import concatenate
from .least_squares import lstsq
from .nesting import array
from .padding import pad
from .products import conj
from .shaping import atleast_1d, expand_dims, reshape

__all__ = [
    "convolve",
    "correlate",
    "poly",
    "polyadd",
    "polyder",
    "polydiv",
    "polyfit",
    "polyint",
    "polymul",
    "polysub",
    "polyval",
    "roots",
    "vander",
]


def _convolve_pull(g: Any, other: Any, n: int, mode: str) -> Any:
    """The cotangent, put back at its place in the full convolution, correlated with `other`."""
    shorter, longer = sorted((n, other.shape[0]))
    start = {"full": 0, "same": (shorter - 1) // 2, "valid": shorter - 1}[mode]
    full = pad(g, (start, shorter + longer - 1 - start - g.shape[0]))
    return _convolve(full, other[::-1], "valid")


@operation(
    lambda g, y, x_shape, mode: _convolve_pull(g, y, x_shape[0], mode),
    lambda g, x, y_shape, mode: _convolve_pull(g, x, y_shape[0], mode),
    name="convolve",
    linear="each",
    hint="give two vectors of at least one entry",
)
def _convolve(x: Any, y: Any, /, mode: str) -> Any:
    return np.convolve(x, y, mode)  # type: ignore[call-overload]


def _vector(x: Any) -> Any:
    x = as_array(x)
    return x if x.ndim else reshape(x, (1,))


def _named(mode: Any) -> Any:
    """NumPy's modes by their numbers, too."""
    return ("valid", "same", "full")[mode] if mode in (0, 1, 2) else mode


def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """The convolution of two vectors, as `numpy.convolve`.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> autograd.convolve(t, [1.0, -1.0], "valid").numpy()
    array([1., 1.])
    """
    return _convolve(_vector(a), _vector(v), _named(mode))


def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """The correlation of two vectors, the second conjugated, as `numpy.correlate`.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0, 4.0], requires_grad=True)
    >>> autograd.correlate(t, [1.0, -1.0]).numpy()
    array([-1., -2.])
    """
    a, v, mode = _vector(a), _vector(v), _named(mode)
    if v.ndim == 1 and a.ndim == 1 and len(v) > len(a):
        # In mode "same" the middle is that of the longer one, whichever it is.
        return conj(correlate(v, a, mode)[::-1])
    return _convolve(a, conj(v[::-1]), mode)


def polyval(p: Any, x: Any) -> Any:
    """The polynomial with coefficients `p`, of the highest power first, at `x`.

    As `numpy.polyval`: by Horner's scheme.

    >>> import autograd
    >>> autograd.polyval([1.0, 0.0, 2.0], autograd.Tensor(3.0, requires_grad=True)).item()
    11.0
    """
    p, x = as_array(p), as_array(x)
    value: Any = np.zeros_like(plain(x))
    for coefficient in p:
        value = value * x + coefficient
    return value


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:  # noqa: N803
    """The Vandermonde matrix: powers of the entries of a vector, as `numpy.vander`.

    >>> import autograd
    >>> autograd.vander(autograd.Tensor([1.0, 2.0, 3.0])).numpy()
    array([[1., 1., 1.],
           [4., 2., 1.],
           [9., 3., 1.]])
    """
    x = as_array(x)
    if x.ndim != 1:
        raise ValueError(f"vander: shape {x.shape}: give a vector")
    exponents = np.arange(len(x) if N is None else N)
    dtype = np.promote_types(x.dtype, int)
    x = x if x.dtype == dtype else astype(x, dtype)
    return power(expand_dims(x, -1), exponents if increasing else exponents[::-1])


# --- arithmetic of polynomials ----------------------------------------------------------


def _aligned(p: Any, q: Any) -> tuple[Any, Any]:
    """Both with as many coefficients, zeros in front."""
    p, q = atleast_1d(p), atleast_1d(q)
    n = max(len(p), len(q))
    return pad(p, (n - len(p), 0)), pad(q, (n - len(q), 0))


@composed(np.polyadd)
def polyadd(a1: Any, a2: Any) -> Any:
    """The sum of two polynomials.

    >>> import autograd
    >>> autograd.polyadd(autograd.Tensor([1.0, 2.0], requires_grad=True), [3.0]).numpy()
    array([1., 5.])
    """
    p, q = _aligned(a1, a2)
    return p + q


@composed(np.polysub)
def polysub(a1: Any, a2: Any) -> Any:
    """The difference of two polynomials.

    >>> import autograd
    >>> autograd.polysub(autograd.Tensor([1.0, 2.0], requires_grad=True), [3.0]).numpy()
    array([ 1., -1.])
    """
    p, q = _aligned(a1, a2)
    return p - q


def _zeros_in_front(p: Any) -> int:
    """How many, but for the last coefficient."""
    return int(np.argmax(np.append(plain(p)[:-1] != 0, True)))


@composed(np.polymul)
def polymul(a1: Any, a2: Any) -> Any:
    """The product of two polynomials, without zeros in front.

    >>> import autograd
    >>> autograd.polymul(autograd.Tensor([1.0, 2.0], requires_grad=True), [1.0, -2.0]).numpy()
    array([ 1.,  0., -4.])
    """
    p, q = atleast_1d(a1), atleast_1d(a2)
    # Cut off afterwards: a zero in front has its share in the derivatives of what follows.
    return convolve(p, q)[_zeros_in_front(p) + _zeros_in_front(q) :]


@composed(np.polydiv)
def polydiv(u: Any, v: Any) -> tuple[Any, Any]:
    """The quotient of two polynomials and the remainder, without zeros in front.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 0.0, -4.0], requires_grad=True)
    >>> [part.tolist() for part in autograd.polydiv(t, [1.0, -2.0])]
    [[1.0, 2.0], [0.0]]
    """
    rest, v = common([atleast_1d(u) + 0.0, atleast_1d(v) + 0.0])
    quotient = []
    for _ in range(len(rest) - len(v) + 1):
        factor = rest[0] / v[0]
        quotient.append(factor)
        rest = concatenate([rest[1 : len(v)] - factor * v[1:], rest[len(v) :]])
    if not quotient:
        quotient = [(rest[0] + v[0]) * 0.0]
    elif len(v) == 1:
        rest = expand_dims(factor * 0.0, 0)
    while len(rest) > 1 and np.allclose(plain(rest[0]), 0, rtol=1e-14):
        rest = rest[1:]
    return array(quotient), rest


@composed(np.polyder)
def polyder(p: Any, m: int = 1) -> Any:
    """The `m`-th derivative of a polynomial.

    >>> import autograd
    >>> autograd.polyder(autograd.Tensor([1.0, 2.0, 3.0], requires_grad=True)).numpy()
    array([2., 2.])
    """
    np.polyder(np.zeros(1), m)  # for NumPy's errors
    p = as_array(p)
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


@composed(np.polyint)
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """The `m`-th integral of a polynomial, with the constants of integration `k`.

    >>> import autograd
    >>> autograd.polyint(autograd.Tensor([2.0, 2.0], requires_grad=True), k=3.0).numpy()
    array([1., 2., 3.])
    """
    np.polyint(np.zeros(1), m, plain(k))  # for NumPy's errors
    p, constants = as_array(p), atleast_1d(np.zeros(1) if k is None else k)
    for i in range(m):
        constant = constants[min(i, len(constants) - 1)]
        p = concatenate([p / np.arange(len(p), 0, -1), expand_dims(constant, 0)])
    return p


# --- polynomials and their roots, and through points --------------------------------------


@composed(np.poly)
def poly(seq_of_zeros: Any) -> Any:
    """The polynomial with the given roots, or the characteristic one of a square matrix.

    >>> import autograd
    >>> autograd.poly(autograd.Tensor([1.0, 2.0], requires_grad=True)).numpy()
    array([ 1., -3.,  2.])
    """
    zeros = atleast_1d(seq_of_zeros)
    np.poly(np.zeros(zeros.shape))  # for NumPy's errors
    if zeros.ndim == 2:
        zeros = eigvals(zeros)
    p: Any = np.ones(1, zeros.dtype)
    for zero in zeros:
        p = pad(p, (0, 1)) - pad(p * zero, (1, 0))
    values = plain(zeros)
    if np.iscomplexobj(values) and np.all(np.sort(values) == np.sort(values.conj())):
        p = p.real
    return p


def _roots_pull(g: Any, x: Any, out: Any) -> Any:
    """By the implicit function theorem a root r moves by -r**k / p'(r) for the k-th power's."""
    slopes = polyval(polyder(x), out)
    if not np.all(plain(slopes)):
        raise np.linalg.LinAlgError("a repeated root has no derivative")
    return -(vander(out, len(x)) * expand_dims(g / slopes, -1)).sum(0)


@operation(_roots_pull, name="roots")
def _roots(x: Any, /) -> Any:
    return np.roots(x)


def roots(p: Any) -> Any:
    """The roots of a polynomial, as `numpy.roots`.

    Raises (in a derivative):
        LinAlgError: for a repeated root, which has none.

    >>> import autograd
    >>> autograd.roots(autograd.Tensor([1.0, -3.0, 2.0], requires_grad=True)).numpy()
    array([2., 1.])
    """
    return _roots(atleast_1d(p))


@composed(np.polyfit)
def polyfit(x: Any, y: Any, deg: int, rcond: float | None = None, *, w: Any = None) -> Any:
    """The polynomial of degree `deg` nearest to points, in the sense of least squares.

    Args:
        x: places, of shape (n,).
        y: values there, of shape (n,), or (n, k) for k polynomials.
        deg: the degree.
        rcond: which singular values, relative to the largest, count as 0.
        w: weights of the distances, of shape (n,).

    >>> import autograd
    >>> y = autograd.Tensor([1.0, 3.0, 5.0], requires_grad=True)
    >>> autograd.polyfit([0.0, 1.0, 2.0], y, 1).numpy().round(12)
    array([2., 1.])
    """
    x, y = as_array(x) + 0.0, as_array(y) + 0.0
    np.polyfit(plain(x), plain(y), deg, rcond, w=plain(w))  # for NumPy's errors and warnings
    powers = vander(x, deg + 1)
    if w is not None:
        w = as_array(w)
        powers, y = powers * w[:, None], (y.T * w).T
    # The scale only conditions the problem: its derivative cancels.
    scale = np.sqrt((plain(powers) ** 2).sum(0))
    if rcond is None:
        rcond = len(x) * np.finfo(x.dtype).eps
    found = lstsq(powers / scale, y, rcond)[0]
    return (found.T / scale).T


NUMPY |= {
    np.convolve: convolve, np.correlate: correlate, np.polyval: polyval, np.roots: roots,
    np.vander: vander,
}  # fmt: skip
