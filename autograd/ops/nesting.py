"""Nested lists of Tensors and numbers as one Tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..composing import as_array
from ..handles import Handles, holds_tensors
from ..op import NUMPY
from .elementwise import copy
from .joining import stack
from .shaping import Shape, broadcast_to

__all__ = ["array", "full"]


def array(x: Any, dtype: Any = None) -> Any:
    """Nested lists of Tensors and numbers as one Tensor; without Tensors as `numpy.array`.

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
        return np.array(x, dtype)
    return made if dtype is None else made.astype(dtype)


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


Handles.join = array
NUMPY |= {np.array: array, np.asarray: array, np.full: full}
