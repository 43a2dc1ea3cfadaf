"""NumPy under another name, for programs written as `import autograd.numpy as np`.

NumPy's own functions take Tensors already, so this is NumPy: each function that has a derivative
here also takes lists with Tensors in them, everything else is the very object NumPy has.
"""

from typing import Any

import numpy as _numpy

from .. import c_ as c_
from .. import make_diagonal as make_diagonal
from .. import r_ as r_
from .. import where as where
from . import fft as fft
from . import linalg as linalg
from . import random as random
from ._bridge import names as _names

globals().update(_names(_numpy, keep=("c_", "fft", "linalg", "r_", "random", "where")))

__all__ = [name for name in dir() if not name.startswith("_")]


def __getattr__(name: str) -> Any:
    """What NumPy imports late, such as `np.testing`."""
    return getattr(_numpy, name)
