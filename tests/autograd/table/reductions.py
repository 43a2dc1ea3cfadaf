"""Reductions over axes."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

import autograd

from ..strategies import (
    Array,
    arrays,
    axes,
    axis,
    distinct,
    full_shapes,
    shapes,
)
from .case import (
    Example,
    Params,
    add,
)


@st.composite
def reduction(
    draw: st.DrawFn, min_count: int = 0, ties: bool = True, ddof: bool = False
) -> Example:
    shape = draw(shapes if min_count == 0 else full_shapes)
    if math.prod(shape) < min_count:
        shape = (*shape, min_count)
    x = draw(arrays(shape)) if ties else draw(distinct(shape))[0]
    params: Params = {"axis": draw(axes(shape, min_count))}
    if draw(st.booleans()):
        params["keepdims"] = draw(st.booleans())
    if ddof:
        params["ddof"] = draw(st.sampled_from([0, 1, 0.5]))
    return [x], params


add("sum", autograd.sum, np.sum, reduction(), method="sum")
add("prod", autograd.prod, np.prod, reduction(), method="prod")
add("mean", autograd.mean, np.mean, reduction(1), method="mean")
add("max", autograd.max, np.max, reduction(1, ties=False), method="max")
add("min", autograd.min, np.min, reduction(1, ties=False), method="min")
add("var", autograd.var, np.var, reduction(2, ddof=True), method="var")
# The standard deviation has a kink where all entries are equal, so: no ties, two or more.
add("std", autograd.std, np.std, reduction(2, ties=False, ddof=True), method="std")
add("logsumexp", autograd.logsumexp,
    lambda x, **how: np.log(np.sum(np.exp(x), **how)), reduction(1), protocol=False,
    method="logsumexp")  # fmt: skip


@st.composite
def one_axis(draw: st.DrawFn) -> Example:
    shape = draw(full_shapes.filter(len))
    return [draw(arrays(shape))], {"axis": draw(axis(len(shape)))}


def _softmax(x: Array, axis: int) -> Array:
    return np.exp(x) / np.sum(np.exp(x), axis=axis, keepdims=True)


add("softmax", autograd.softmax, _softmax, one_axis(), protocol=False, method="softmax")
add("log_softmax", autograd.log_softmax, lambda x, axis: np.log(_softmax(x, axis)), one_axis(),
    protocol=False, method="log_softmax")  # fmt: skip
