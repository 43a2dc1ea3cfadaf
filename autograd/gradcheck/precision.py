"""The gradient in the dtype under test against the one in double precision.

The rules are checked in double precision. In a coarser dtype of unit roundoff eps a right rule
differs from that by rounding: relatively by eps for each operation, absolutely by eps times the
largest terms (the input's largest derivative, or the function over its input). Where terms cancel
these are larger than any value, and a badly conditioned function's gradient is off by as much as
it changes when the inputs change by eps. So both gradients are also computed with inputs and
cotangents a few eps away, and their spread is allowed for. Near a kink it is the whole jump.
"""

from __future__ import annotations

import numpy as np

from . import ours
from .comparison import WRONG
from .flat import Vector
from .function import Function
from .report import VERDICTS, GradientEntry

_ROUNDINGS = 64
_PROBES = 6
_DIGITS = 4


def low_precision(
    function: Function, values: Vector, rng: np.random.Generator
) -> list[GradientEntry]:
    """An entry for each input of low precision whose gradient is off; none if all are right."""
    narrow = [i for i in function.inputs if i.original.dtype.itemsize < _width(i.original)]
    if not narrow or not function.wide:
        return []
    eps = max(float(np.finfo(i.original.dtype).eps) for i in narrow)
    cotangents = rng.uniform(0.5, 1.5, (1, values.size))
    x = function.x
    try:
        exact = ours.reverse(function, cotangents)[0]
        found = ours.reverse(function, cotangents, wide=False)[0]
        spread = np.zeros_like(exact)
        for _ in range(_PROBES):
            function.x = x * (1 + eps * rng.choice([-1.0, 1.0], x.size))
            moved = cotangents * (1 + _DIGITS * eps * rng.uniform(-1.0, 1.0, values.size))
            for base, wide in ((exact, None), (found, False)):
                there = ours.reverse(function, moved, wide)[0]
                spread = np.maximum(spread, abs(there - base))
    except TypeError:  # other arrays in the function are of double precision
        return []
    finally:
        function.x = x
    magnitude = float(np.sum(abs(cotangents[0] * values)))
    entries = []
    for i in narrow:
        g, e = found[i.span], exact[i.span]
        scale = max(1.0, float(abs(x[i.span]).max()))
        largest = max(float(abs(e).max()), magnitude / scale)
        with np.errstate(invalid="ignore"):
            off = abs(g - e)
            allowed = _ROUNDINGS * (eps * (largest + abs(e)) + spread[i.span])
            wrong = ~(off <= allowed)
        if wrong.any():
            k = int(np.argmax(np.where(np.isfinite(off), off, np.inf) * wrong))
            size = max(abs(g[k]), abs(e[k]))
            entries.append(
                GradientEntry(
                    f"{i.name} in {i.original.dtype}", i.original.shape,
                    i.index(i.span.start + k), float(g[k]), float(e[k]), float(allowed[k]),
                    float(off[k] / size) if size else 0.0, int(wrong.sum()), VERDICTS[WRONG],
                )
            )  # fmt: skip
    return entries


def _width(array: np.ndarray) -> int:
    return 16 if array.dtype.kind == "c" else 8
