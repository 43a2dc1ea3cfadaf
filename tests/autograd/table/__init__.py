"""The engine's operations with their domains: what the generated tests are made from.

One file for each family of `autograd/ops/`; each enters its rows into `CASES`.
"""

from __future__ import annotations

from . import (
    activations,
    applying,
    choosing,
    complex_parts,
    convolution,
    counting,
    diagonals,
    elementwise,
    fourier,
    indexing,
    interpolation,
    joining,
    linear_algebra,
    padding,
    piecewise,
    polynomials,
    products,
    ranges,
    reductions,
    scans,
    shaping,
    sorting,
    special,
    statistics,
    whole,
    writing,
)
from .case import CASES, Case, Params
from .scalars import SCALAR_CASES, ScalarCase

COVERED = {name for case in CASES for name in case.covers} | {c.covers for c in SCALAR_CASES}
FAMILIES = (
    activations,
    applying,
    choosing,
    complex_parts,
    convolution,
    counting,
    diagonals,
    elementwise,
    fourier,
    indexing,
    interpolation,
    joining,
    linear_algebra,
    padding,
    piecewise,
    polynomials,
    products,
    ranges,
    reductions,
    scans,
    shaping,
    sorting,
    special,
    statistics,
    whole,
    writing,
)

__all__ = ["CASES", "COVERED", "FAMILIES", "SCALAR_CASES", "Case", "Params", "ScalarCase"]
