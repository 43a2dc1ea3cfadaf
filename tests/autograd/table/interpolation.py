"""Interpolation between given points."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd

from ..strategies import arrays, grid, shapes
from .case import Example, add


@st.composite
def interp_examples(draw: st.DrawFn) -> Example:
    """Points at multiples of 1/4, and x between them, also outside."""
    n = draw(st.integers(1, 4))
    steps = draw(st.lists(st.integers(1, 4), min_size=n, max_size=n))
    xp = np.cumsum(steps) / 4 - 1
    x = draw(hnp.arrays(np.float64, draw(shapes), elements=grid(-2, 3))) + 0.125
    ends = st.none() | grid(-1, 1)
    params: dict[str, Any] = {"left": draw(ends), "right": draw(ends)}
    if draw(st.booleans()):  # points further apart than a period stand in another order
        xp = xp * 0.875 if n == 1 else draw(st.permutations(list(xp % 1.0 + np.arange(n) * 0.0)))
        xp = np.array(list(dict.fromkeys(xp)))
        x = x + 0.03125
        params["period"] = 1.0
    return [x, xp, draw(arrays((len(xp),)))], params


add("interp", autograd.interp, np.interp, interp_examples())
