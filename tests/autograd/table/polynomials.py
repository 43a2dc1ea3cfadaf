"""Convolution, correlation and polynomials."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

import autograd

from ..strategies import arrays, shapes
from .case import Example, add


@st.composite
def two_sequences(draw: st.DrawFn) -> Example:
    length = st.integers(1, 5)
    found = [draw(arrays((draw(length),))) for _ in range(2)]
    return found, {"mode": draw(st.sampled_from(["full", "same", "valid"]))}


@st.composite
def polynomial_and_points(draw: st.DrawFn) -> Example:
    return [draw(arrays((draw(st.integers(1, 4)),))), draw(arrays(draw(shapes)))], {}


@st.composite
def vander_examples(draw: st.DrawFn) -> Example:
    return [draw(arrays((draw(st.integers(0, 3)),)))], {
        "N": draw(st.sampled_from([None, 0, 1, 4])),
        "increasing": draw(st.booleans()),
    }


add("convolve", autograd.convolve, np.convolve, two_sequences(), complex=True)
add("correlate", autograd.correlate, np.correlate, two_sequences(), covers="convolve",
    complex=True)  # fmt: skip
add("polyval", autograd.polyval, np.polyval, polynomial_and_points(), covers="multiply",
    complex=True)  # fmt: skip
add("vander", autograd.vander, np.vander, vander_examples(), covers="power", complex=True)
