"""Nested lists of Tensors and numbers as one Tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..composing import as_array, composed
from ..handles import Handles, holds_tensors
from ..op import NUMPY
from ..protocols import plain, records
from .elementwise import copy
from .joining import stack
from .shaping import Shape, broadcast_to

__all__ = ["array", "full", "full_like"]


def array(
    x: Any,
    dtype: Any = None,
    *,
    copy: bool | None = True,
    order: Any = "K",
    subok: bool = False,
    ndmin: int = 0,
) -> Any:
    """Nested lists of Tensors and numbers as one Tensor; without Tensors as `numpy.array`.

    Args:
        x: the nested lists, or an array or Tensor.
        dtype: of the result; by default that of the data.
        copy, order, subok: as in NumPy, for what comes without Tensors.
        ndmin: the least number of axes; those that are missing come first, of length 1.

    Raises:
        ValueError: where the lists' items have different shapes.

    >>> import autograd
    >>> t = autograd.Tensor(2.0, requires_grad=True)
    >>> autograd.array([[t, 1.0], [0.0, t * t]]).numpy()
    array([[2., 1.],
           [0., 4.]])
    """
    if isinstance(x, Handles.tensor):
        made = x.copy()
    elif isinstance(x, (list, tuple)) and holds_tensors(x):
        made = stack([array(item) if isinstance(item, (list, tuple)) else item for item in x])
    else:
        how: Any = {"copy": copy, "order": order, "subok": subok, "ndmin": ndmin}
        return np.array(x, dtype, **how)
    if made.ndim < ndmin:
        made = made.reshape((1,) * (ndmin - made.ndim) + made.shape)
    return made if dtype is None else made.astype(dtype)


def asarray(
    a: Any, dtype: Any = None, order: Any = None, *, copy: bool | None = None, device: Any = None
) -> Any:
    """`numpy.asarray` and `numpy.asanyarray` of what holds Tensors; the memory is ours to lay."""
    return array(a, dtype)


def contiguous(a: Any, dtype: Any = None) -> Any:
    """`numpy.ascontiguousarray` and `numpy.asfortranarray` of what holds Tensors."""
    return array(a, dtype, ndmin=1)


def checked_finite(a: Any, dtype: Any = None, order: Any = None) -> Any:
    """`numpy.asarray_chkfinite` of what holds Tensors."""
    made = array(a, dtype)
    np.asarray_chkfinite(plain(made))  # for NumPy's error
    return made


def full(shape: Shape, fill_value: Any, dtype: Any = None) -> Any:
    """An array of one value, or of what broadcasts to `shape`, as `numpy.full`.

    >>> import autograd
    >>> t = autograd.Tensor(2.0, requires_grad=True)
    >>> autograd.full((2,), t).numpy()
    array([2., 2.])
    """
    fill_value = as_array(fill_value)
    filled = broadcast_to(fill_value, shape)
    return copy(filled if dtype is None else filled.astype(dtype))


@composed(np.full_like)
def full_like(a: Any, fill_value: Any, dtype: Any = None, *, shape: Any = None) -> Any:
    """An array of one value, with the shape and dtype of `a`, as `numpy.full_like`.

    Raises:
        TypeError: for a value that records and an integer dtype, which would lose its gradient.

    >>> import autograd, numpy as np
    >>> t = autograd.Tensor(2.0, requires_grad=True)
    >>> autograd.full_like(np.zeros(2), t).numpy()
    array([2., 2.])
    """
    a, fill_value = as_array(a), as_array(fill_value)
    dtype = a.dtype if dtype is None else np.dtype(dtype)
    if records(fill_value) and dtype.kind not in "fc":
        raise TypeError(
            f"full_like: a value that records cannot fill an array of {dtype}, which would round "
            "it and lose its gradient: give dtype=float"
        )
    return full(a.shape if shape is None else shape, fill_value, dtype)


Handles.join = array
NUMPY |= {
    np.array: array,
    np.asarray: asarray,
    np.asanyarray: asarray,
    np.ascontiguousarray: contiguous,
    np.asfortranarray: contiguous,
    np.asarray_chkfinite: checked_finite,
    np.full: full,
}
