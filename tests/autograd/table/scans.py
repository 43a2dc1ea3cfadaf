"""Running sums and products, differences, and the numerical derivative and integral."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd
from autograd.op import OPERATIONS

from ..strategies import arrays, axis, distinct, full_shapes, grid, shapes
from .case import Example, Params, add


@st.composite
def along(draw: st.DrawFn, ties: bool = True, none: bool = True) -> Example:
    """An array and an axis, or none where that is taken for all entries in a row."""
    shape = draw(shapes.filter(len))
    x = draw(arrays(shape)) if ties else draw(distinct(shape))[0]
    chosen: st.SearchStrategy[Any] = axis(len(shape))
    return [x], {"axis": draw(st.none() | chosen if none else chosen)}


add("cumsum", autograd.cumsum, np.cumsum, along(), method="cumsum", complex=True)
add("cumprod", autograd.cumprod, np.cumprod, along(), method="cumprod", complex=True)
for _name in ("add", "multiply"):
    _ours = {"add": autograd.cumsum, "multiply": autograd.cumprod}[_name]
    add(f"{_name}.accumulate", _ours, getattr(np, _name).accumulate, along(none=False),
        covers=_ours.name)  # fmt: skip
for _name, _ufunc in [("cummax", np.maximum), ("cummin", np.minimum)]:
    add(_name, OPERATIONS[_name], _ufunc.accumulate, along(ties=False, none=False))


@st.composite
def cumulative(draw: st.DrawFn) -> Example:
    xs, params = draw(along(none=False))
    return xs, params | {"include_initial": draw(st.booleans())}


add("cumulative_sum", autograd.cumulative_sum, np.cumulative_sum, cumulative(), covers="cumsum",
    method="cumulative_sum")  # fmt: skip
add("cumulative_prod", autograd.cumulative_prod, np.cumulative_prod, cumulative(),
    covers="cumprod", method="cumulative_prod")  # fmt: skip


@st.composite
def diff_examples(draw: st.DrawFn) -> Example:
    xs, params = draw(along(none=False))
    params["n"] = draw(st.integers(1, 3))
    for name in ("prepend", "append"):
        if draw(st.booleans()):
            params[name] = draw(grid(-1, 1))
    return xs, params


add("diff", autograd.diff, np.diff, diff_examples(), covers="subtract", method="diff",
    complex=True)  # fmt: skip


@st.composite
def ediff1d_examples(draw: st.DrawFn) -> Example:
    beside = st.sampled_from([None, 0.5, [1.0, 2.0]])
    params: Params = {"to_end": draw(beside), "to_begin": draw(beside)}
    return [draw(arrays(draw(full_shapes)))], params


add("ediff1d", autograd.ediff1d, np.ediff1d, ediff1d_examples(), covers="subtract")


@st.composite
def gradient_examples(draw: st.DrawFn) -> Example:
    """Samples along one axis with the coordinates of each, which are another input."""
    xs, params = draw(along(none=False))
    order = draw(st.sampled_from([1, 2]))
    shape = [max(n, order + 1) for n in xs[0].shape]
    steps = draw(arrays((shape[params["axis"]],), 0.5, 2))
    return [draw(arrays(tuple(shape))), np.cumsum(steps)], params | {"edge_order": order}


add("gradient", autograd.gradient, np.gradient, gradient_examples(), covers="subtract")


@st.composite
def trapezoid_examples(draw: st.DrawFn) -> Example:
    xs, params = draw(along(none=False))
    return [xs[0], draw(arrays((xs[0].shape[params["axis"]],)))], params


add("trapezoid", autograd.trapezoid, np.trapezoid, trapezoid_examples(), covers="subtract")


@st.composite
def unwrap_examples(draw: st.DrawFn) -> Example:
    """Steps of odd multiples of 1/8: none is half a period."""
    xs, params = draw(along(none=False))
    steps = xs[0] * 4 + 0.125
    return [np.cumsum(steps, params["axis"])], params | {
        "period": draw(st.sampled_from([1.0, 3.0]))
    }


add("unwrap", autograd.unwrap, np.unwrap, unwrap_examples(), covers="add")
