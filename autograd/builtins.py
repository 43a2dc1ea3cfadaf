"""Python's containers and `isinstance`, under the names HIPS autograd gives them.

Containers need no stand-ins here, so `tuple`, `list` and `dict` are Python's own; `isinstance`
answers for the contents of a Tensor: an array, or a float where it is a single number.
"""

from __future__ import annotations

import builtins
from builtins import dict as dict
from builtins import list as list
from builtins import tuple as tuple
from typing import Any

from .tensor import Tensor


def isinstance(x: Any, kind: Any) -> bool:
    """Whether `x`, or what it stands for, is of a kind.

    >>> import numpy as np
    >>> from autograd import Tensor
    >>> from autograd.builtins import isinstance
    >>> isinstance(Tensor([1.0]), np.ndarray), isinstance(Tensor(1.0), float)
    (True, True)
    """
    if builtins.isinstance(x, kind) or not builtins.isinstance(x, Tensor):
        return builtins.isinstance(x, kind)
    return builtins.isinstance(x.data, kind) or (
        x.ndim == 0 and builtins.isinstance(x.item(), kind)
    )
