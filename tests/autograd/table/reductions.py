"""Reductions over axes."""

from __future__ import annotations

import math
from typing import Any

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
    Spelling,
    add,
    named,
    of_all,
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


add("sum", autograd.sum, np.sum, reduction(), method="sum", complex=True)
add("prod", autograd.prod, np.prod, reduction(), method="prod", complex=True)
add("mean", autograd.mean, np.mean, reduction(1), method="mean", complex=True)
add("max", autograd.max, np.max, reduction(1, ties=False), method="max")
add("min", autograd.min, np.min, reduction(1, ties=False), method="min")
add("var", autograd.var, np.var, reduction(2, ddof=True), method="var", complex=True)
# The standard deviation has a kink where all entries are equal, so: no ties, two or more.
add("std", autograd.std, np.std, reduction(2, ties=False, ddof=True), method="std",
    complex=True)  # fmt: skip
add("ptp", autograd.ptp, np.ptp, reduction(1, ties=False), covers="max")


@st.composite
def masked(draw: st.DrawFn) -> Example:
    """A reduction of some entries, at least two in each slice."""
    x = draw(distinct((3, 4)))[0]
    mask = np.ones((3, 4), bool)
    mask[draw(st.sampled_from([0, 2])), draw(st.sampled_from([1, 3]))] = False
    params: Params = {"where": mask, "axis": draw(st.sampled_from([None, 0, -1, (0, 1)]))}
    params["function"] = draw(st.sampled_from(["sum", "prod", "max", "min", "mean", "var", "std"]))
    if params["function"] in ("sum", "prod", "max", "min"):
        params["initial"] = draw(st.sampled_from([-1.0, 0.0, 1.0]))
    if params["function"] in ("var", "std"):
        params["correction"] = draw(st.sampled_from([0, 1]))
    return [x], params


add("reductions of some", of_all(autograd), of_all(np), masked(), covers="sum",
    method_=lambda x, function, **params: getattr(x, function)(**params))  # fmt: skip


@st.composite
def with_mean(draw: st.DrawFn) -> Example:
    return [draw(distinct((3, 4)))[0], draw(arrays((3, 1)))], {"ddof": draw(st.integers(0, 1))}


def _about(f: Spelling) -> Spelling:
    return lambda x, mean, **params: f(x, axis=1, mean=mean, **params)


add("moments about a mean", _about(of_all(autograd)), _about(of_all(np)),
    named("var std", with_mean()), covers="var std")  # fmt: skip


@st.composite
def outer_examples(draw: st.DrawFn) -> Example:
    return [draw(arrays(draw(shapes))), draw(arrays(draw(shapes)))], {}


add("multiply.outer", np.multiply.outer, np.multiply.outer, outer_examples(), covers="multiply")


def _reduced(x: Any, function: str, **params: Any) -> Any:
    return getattr(np, function).reduce(x, **params)


add("ufunc.reduce", _reduced, _reduced, named(
    "add multiply maximum minimum logaddexp",
    st.tuples(distinct((2, 3)), st.sampled_from([{}, {"axis": -1, "keepdims": True}]))),
    covers="sum")  # fmt: skip
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
