"""Cotangents of parts of an array, which are written into the sum where they belong."""

from __future__ import annotations

from typing import Any

import numpy as np


class Placed:
    """A plain cotangent of a part, as a rule hands it on: zero but for `values` at `index`.

    The index selects no entry twice. Written into the sum where it belongs, it costs what the
    part does: a loop over the entries of an array is linear in their number.
    """

    __slots__ = ("index", "values")

    def __init__(self, values: Any, index: Any) -> None:
        self.values = values
        self.index = index


def whole(c: Any, parent: Any) -> Any:
    """The contribution `c` as an array of the parent's shape."""
    if c.__class__ is not Placed:
        return c
    out = np.zeros(parent.shape, c.values.dtype)
    out[c.index] = c.values
    return out
