"""Weights added up by bins."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd

from ..strategies import arrays
from .case import Example, add


@st.composite
def bincount_examples(draw: st.DrawFn) -> Example:
    n = draw(st.integers(1, 5))  # of none, NumPy gives integers
    places = draw(hnp.arrays(int, n, elements=st.integers(0, 4)))
    return [draw(arrays((n,)))], {"places": places, "minlength": draw(st.integers(0, 7))}


add("bincount", lambda w, places, minlength: autograd.bincount(places, w, minlength),
    lambda w, places, minlength: np.bincount(places, w, minlength), bincount_examples(),
    covers="scatter")  # fmt: skip


@st.composite
def histogram_examples(draw: st.DrawFn) -> Example:
    n = draw(st.integers(1, 5))
    bins = st.integers(1, 4) | st.just([-1.0, 0.0, 0.25, 2.0])
    return [draw(arrays((n,), 0.25))], {
        "a": draw(arrays((n,))),
        "bins": draw(bins),
        "range": draw(st.sampled_from([None, (-1.0, 1.5)])),
    }


add("histogram", lambda w, **params: autograd.histogram(weights=w, **params)[0],
    lambda w, **params: np.histogram(weights=w, **params)[0], histogram_examples(),
    covers="scatter")  # fmt: skip
