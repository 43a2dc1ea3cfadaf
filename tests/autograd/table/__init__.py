"""The engine's operations with their domains: what the generated tests are made from.

One file for each family of `autograd/ops/`; each enters its rows into `CASES`.
"""

from __future__ import annotations

from . import elementwise, indexing, products, reductions, shaping, whole
from .case import CASES, Case, Params
from .scalars import SCALAR_CASES, ScalarCase

COVERED = {name for case in CASES for name in case.covers} | {c.name for c in SCALAR_CASES}
FAMILIES = (elementwise, indexing, products, reductions, shaping, whole)

__all__ = ["CASES", "COVERED", "FAMILIES", "SCALAR_CASES", "Case", "Params", "ScalarCase"]
