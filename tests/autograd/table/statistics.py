"""Averages, order statistics and correlations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd

from ..strategies import arrays, axes, distinct, full_shapes
from .case import Example, Spelling, add, named, of_all
from .reductions import reduction

METHODS = [
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf",
    "hazen", "weibull", "linear", "median_unbiased", "normal_unbiased", "lower", "higher",
    "midpoint", "nearest",
]  # fmt: skip


@st.composite
def weighted(draw: st.DrawFn) -> Example:
    """An array, and weights in its shape or for one axis."""
    shape = draw(full_shapes)
    axis = draw(axes(shape))
    one = isinstance(axis, int) and draw(st.booleans())
    weights = draw(arrays((shape[axis],) if one else shape, 0.5, 2))
    return [draw(arrays(shape)), weights], {"axis": axis}


def _averages(average: Spelling) -> Spelling:
    return lambda x, weights, axis: average(x, axis, weights)


add("average", _averages(autograd.average), _averages(np.average), weighted(), covers="mean")


@st.composite
def of_order(draw: st.DrawFn, scale: float = 1) -> Example:
    """Without ties; the fractions are none at which some method jumps from one entry to another."""
    xs, params = draw(reduction(1, ties=False))
    number = st.sampled_from([0.0, 0.17, 0.56, 1.0]).map(lambda q: q * scale)
    params["q"] = draw(number | st.lists(number, max_size=2))
    params["method"] = draw(st.sampled_from(METHODS))
    return xs, params


for _name, _scale in [("quantile", 1), ("percentile", 100), ("nanquantile", 1),
                      ("nanpercentile", 100)]:  # fmt: skip
    add(_name, getattr(autograd, _name), getattr(np, _name), of_order(_scale), method=_name)
add("median", autograd.median, np.median, reduction(1, ties=False), method="median")
add("nanmedian", autograd.nanmedian, np.nanmedian, reduction(1, ties=False), method="nanmedian")
add("nanmax", autograd.nanmax, np.nanmax, reduction(1, ties=False), covers="nanmax")
add("nanmin", autograd.nanmin, np.nanmin, reduction(1, ties=False), covers="nanmin")


def _holed(of: Spelling, where: Spelling) -> Spelling:
    """A function of an array with nan in some places."""

    def call(x: Any, **params: Any) -> Any:
        holes = np.arange(x.size).reshape(x.shape) % 4 == 1
        return of(where(holes, math.nan, x), **params)

    return call


for _name, _functions, _params in [
    ("reductions with nan", "nansum nanprod nanmean nanvar nanstd nanmax nanmin nanmedian",
     [{}, {"axis": 0}, {"axis": 1, "keepdims": True}]),
    ("scans with nan", "nancumsum nancumprod", [{}, {"axis": 0}]),
]:  # fmt: skip
    add(_name, _holed(of_all(autograd), autograd.where), _holed(of_all(np), np.where),
        named(_functions, st.tuples(distinct((4, 3)), st.sampled_from(_params))),
        covers="where")  # fmt: skip


@st.composite
def observations(draw: st.DrawFn) -> Example:
    return [draw(distinct((3, 4)))[0]], {"rowvar": draw(st.booleans())}


add("cov", autograd.cov, np.cov, observations(), covers="matmul", complex=True)


@st.composite
def weighted_observations(draw: st.DrawFn) -> Example:
    counts = draw(st.none() | st.just([1, 2, 3]))
    weights = draw(arrays((3,), 0.5, 2))
    ddof = draw(st.sampled_from([None, 0, 1]))
    return [draw(arrays((2, 3))), weights], {"fweights": counts, "ddof": ddof}


def _weighted(cov: Spelling) -> Spelling:
    return lambda x, w, **params: cov(x, aweights=w, **params)


add("cov with weights", _weighted(autograd.cov), _weighted(np.cov), weighted_observations(),
    covers="matmul")  # fmt: skip
add("corrcoef", autograd.corrcoef, np.corrcoef, observations(), covers="matmul")
