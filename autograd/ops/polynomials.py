"""Sequences and polynomials: convolution and correlation of vectors, `polyval`, `vander`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..composing import as_array
from ..declare import operation
from ..op import NUMPY
from ..protocols import plain
from .elementwise import astype, power
from .padding import pad
from .products import conj
from .shaping import expand_dims, reshape

__all__ = ["convolve", "correlate", "polyval", "vander"]


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


def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """The convolution of two vectors, as `numpy.convolve`.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> autograd.convolve(t, [1.0, -1.0], "valid").numpy()
    array([1., 1.])
    """
    return _convolve(_vector(a), _vector(v), mode)


def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """The correlation of two vectors, the second conjugated, as `numpy.correlate`.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0, 4.0], requires_grad=True)
    >>> autograd.correlate(t, [1.0, -1.0]).numpy()
    array([-1., -2.])
    """
    a, v = _vector(a), _vector(v)
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


NUMPY |= {
    np.convolve: convolve, np.correlate: correlate, np.polyval: polyval, np.vander: vander,
}  # fmt: skip
