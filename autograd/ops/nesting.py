"""Nested lists of Tensors and numbers as one Tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import Handles, holds_tensors
from .shaping import stack

__all__ = ["array"]


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


Handles.join = array
