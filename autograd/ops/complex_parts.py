"""Complex numbers and their parts.

The gradient of a real function by z = x + iy is d/dx - i d/dy, as in JAX and HIPS autograd: its
change is the real part of the sum of gradient times dz. So the rule of a part that is the real
part of c * z multiplies by c, and the rules of holomorphic functions take no conjugates.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..declare import elementwise
from ..handles import Handles
from ..op import NUMPY, Operation
from ..protocols import plain
from .elementwise import _nonzero, degrees, where

__all__ = ["abs", "absolute", "angle", "conj", "conjugate", "fabs", "imag", "real",
           "real_if_close", "sign"]  # fmt: skip


def is_complex(x: Any) -> bool:
    """Whether `x`, an array, number, Value or Tensor, is of complex dtype."""
    return np.iscomplexobj(plain(x))


real = elementwise(np.real, lambda x: x, lambda g: g, numpy=[np.real])
imag = elementwise(
    np.imag,
    lambda x: 0.0,
    lambda g: g * -1j if hasattr(g, "shape") else 0.0 * g,  # floats and Values are real
    numpy=[np.imag],
)
conjugate: Operation = elementwise(
    np.conjugate, lambda x: x, lambda g: conjugate(g) if is_complex(g) else g, name="conjugate"
)
conj = conjugate

# --- direction and distance -------------------------------------------------------------


def _sign_scalar(x: float) -> float:
    return math.copysign(1.0, x) if x < 0 or x > 0 else x


_sign = elementwise(np.sign, _sign_scalar, None)


def sign(x: Any) -> Any:
    """-1, 0 or 1; of a complex number z, as in NumPy, z / |z|, and 0 at 0.

    >>> import autograd
    >>> autograd.sign(autograd.Tensor([-2.0, 0.0, 3 + 4j])).numpy()
    array([-1. +0.j ,  0. +0.j ,  0.6+0.8j])
    """
    if not (isinstance(x, Handles.tensor) and is_complex(x)):
        return _sign(x)
    # Composed, as this is not holomorphic: the two modes would take different rules.
    return where(plain(x) != 0, x / _nonzero(abs(x)), 0)


def _direction(x: Any) -> Any:
    """The derivative of |x|, 0 at 0."""
    return conjugate(sign(x)) if is_complex(x) else sign(x)


abs = elementwise(np.absolute, math.fabs, lambda g, x: g * _direction(x), name="abs")
absolute = abs
fabs = elementwise(np.fabs, math.fabs, lambda g, x: g * sign(x))


def _turn(x: Any) -> Any:
    """The derivative of the angle of `x`: that of the imaginary part of log(x); 0 at 0."""
    if not is_complex(x):
        return 0.0 * sign(x)
    return conjugate(sign(x)) * (-1j / _nonzero(abs(x)))


_angle = elementwise(
    np.angle,
    lambda x: math.atan2(0.0, x) if x == x else x,
    lambda g, x: g * _turn(x),
    name="angle",
)


def angle(x: Any, deg: bool = False) -> Any:
    """The angle of a complex number with the positive real axis, in radians or degrees.

    Of real numbers 0 or pi; the gradient at 0 is 0.

    >>> import autograd
    >>> autograd.angle(autograd.Tensor([1.0, 1j]), deg=True).numpy()
    array([ 0., 90.])
    """
    return degrees(_angle(x)) if deg else _angle(x)


def real_if_close(x: Any, tol: float = 100) -> Any:
    """The real part where all imaginary parts are below `tol` roundings, else `x` itself.

    >>> import autograd
    >>> autograd.real_if_close(autograd.Tensor([2 + 1e-16j])).numpy()
    array([2.])
    """
    close = not np.iscomplexobj(np.real_if_close(plain(x), tol))
    return real(x) if close and is_complex(x) else x


NUMPY |= {np.angle: angle, np.sign: sign, np.real_if_close: real_if_close}
