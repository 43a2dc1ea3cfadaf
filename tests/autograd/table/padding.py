"""Arrays with entries added around them."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd

from ..strategies import arrays, distinct, full_shapes, grid, shapes
from .case import Example, Params, add

MODES = ["constant", "edge", "linear_ramp", "maximum", "mean", "median", "minimum", "reflect",
         "symmetric", "wrap"]  # fmt: skip


@st.composite
def pad_examples(draw: st.DrawFn) -> Example:
    mode = draw(st.sampled_from(MODES))
    shape = draw((shapes if mode == "constant" else full_shapes).filter(len))
    number = st.integers(0, 4)
    each = st.tuples(*[st.tuples(number, number)] * len(shape))
    width: Any = draw(each | number | st.tuples(number, number))
    params: Params = {"pad_width": width, "mode": mode}
    if mode == "constant":
        params["constant_values"] = draw(grid(-1, 1) | st.tuples(grid(-1, 1), grid(-1, 1)))
    elif mode in ("maximum", "mean", "median", "minimum") and draw(st.booleans()):
        params["stat_length"] = draw(st.integers(1, 3) | st.tuples(number, number).filter(all))
    elif mode in ("reflect", "symmetric"):
        params["reflect_type"] = draw(st.sampled_from(["even", "odd"]))
    return draw(distinct(shape)), params


add("pad", autograd.pad, np.pad, pad_examples(), method="pad")


@st.composite
def surrounded_examples(draw: st.DrawFn) -> Example:
    """What is put around records as well: one number, a pair, or a pair for each axis."""
    shape = draw(full_shapes.filter(len))
    around = draw(st.sampled_from([(), (2,), (len(shape), 2)]))
    width = tuple((draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in shape)
    mode = draw(st.sampled_from(["constant", "linear_ramp"]))
    return [draw(arrays(shape)), draw(arrays(around))], {"pad_width": width, "mode": mode}


def _surrounded(pad: Any) -> Any:
    names = {"constant": "constant_values", "linear_ramp": "end_values"}
    return lambda x, y, pad_width, mode: pad(x, pad_width, mode, **{names[mode]: y})


add("pad around", _surrounded(autograd.pad), _surrounded(np.pad), surrounded_examples(),
    protocol=False, covers="pad")  # fmt: skip
