"""Operations that stand for whole functions."""

from __future__ import annotations

import numpy as np

import autograd

from .case import ANYWHERE, add, binary

add("checkpoint", lambda x, y: autograd.checkpoint(lambda a, b: autograd.sin(a * b) + b)(x, y) * 1,
    lambda x, y: np.sin(x * y) + y, binary(ANYWHERE, ANYWHERE), protocol=False)  # fmt: skip
