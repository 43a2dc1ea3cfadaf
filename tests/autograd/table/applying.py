"""A function applied along an axis, or over several."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd

from ..strategies import arrays, axis, full_shapes
from .case import Example, add

LINES: dict[str, Any] = {
    "to numbers": lambda line: (line * line).sum(),
    "to lines": lambda line: line[1:] * 2.0,
    "to matrices": lambda line: line[:, None] * line,
}


@st.composite
def along_examples(draw: st.DrawFn) -> Example:
    shape = draw(full_shapes.filter(len))
    kind = draw(st.sampled_from(sorted(LINES)))
    return [draw(arrays(shape))], {"kind": kind, "axis": draw(axis(len(shape)))}


add("apply_along_axis",
    lambda x, kind, axis: autograd.apply_along_axis(LINES[kind], axis, x),
    lambda x, kind, axis: np.apply_along_axis(LINES[kind], axis, x), along_examples(),
    covers="stack", complex=True)  # fmt: skip


@st.composite
def over_examples(draw: st.DrawFn) -> Example:
    shape = draw(full_shapes.filter(len))
    return [draw(arrays(shape))], {"axes": draw(st.lists(axis(len(shape)), max_size=2))}


add("apply_over_axes", lambda x, axes: autograd.apply_over_axes(np.sum, x * 1.0, axes),
    lambda x, axes: np.apply_over_axes(np.sum, x * 1.0, axes), over_examples(),
    covers="sum")  # fmt: skip
