"""Convolution, correlation and polynomials."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

import autograd

from ..strategies import arrays, distinct, shapes
from .case import Example, add, named, of_all


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


def coefficients(most: int) -> st.SearchStrategy[Any]:
    """Of a polynomial whose first and last are not 0, nor become so in float32."""
    sizes = st.integers(1, most)
    return sizes.flatmap(lambda n: arrays((n,), 0.5, 2.0))


@st.composite
def two_polynomials(draw: st.DrawFn) -> Example:
    return [draw(coefficients(4)), draw(coefficients(4))], {}


add("arithmetic of polynomials", of_all(autograd), of_all(np),
    named("polyadd polysub polymul", two_polynomials()), covers="convolve",
    complex=True)  # fmt: skip


@st.composite
def quotient(draw: st.DrawFn) -> Example:
    """A remainder as long as it can be: its first coefficients must not happen to be 0."""
    (u, v), _ = draw(two_polynomials())
    v[0] = 1.0  # what is subtracted from the first coefficient is that coefficient, also rounded
    rest = np.polydiv(u, v)[1]
    assume(len(rest) == max(min(len(v) - 1, len(u)), 1) or len(u) < len(v))
    assume(len(rest) == 1 or abs(rest[0]) > 0.1)
    return [u, v], {}


add("polydiv", autograd.polydiv, np.polydiv, quotient(), covers="divide")


@st.composite
def calculus(draw: st.DrawFn) -> Example:
    name = draw(st.sampled_from(["polyder", "polyint"]))
    return [draw(arrays((draw(st.integers(1, 4)),)))], {
        "function": name,
        "m": draw(st.integers(0, 2 if name == "polyint" else 4)),
    }


add("calculus of polynomials", of_all(autograd), of_all(np), calculus(), covers="multiply",
    complex=True)  # fmt: skip


@st.composite
def integrals(draw: st.DrawFn) -> Example:
    m = draw(st.integers(1, 3))
    k = draw(arrays((draw(st.sampled_from([1, m])),)))
    return [draw(arrays((draw(st.integers(1, 4)),))), k], {"m": m}


add("polyint", lambda p, k, m: autograd.polyint(p, m, k), lambda p, k, m: np.polyint(p, m, k),
    integrals(), covers="concatenate", protocol=False)  # fmt: skip


@st.composite
def distinct_roots(draw: st.DrawFn) -> Example:
    """Positive ones: where two are opposite, rounding decides about the order they come in."""
    (x,) = draw(distinct((draw(st.integers(1, 4)),)))
    return [x + 1.0], {}


add("poly", autograd.poly, np.poly, distinct_roots(), covers="multiply")


@st.composite
def with_roots_apart(draw: st.DrawFn) -> Example:
    """Far apart for their sizes, for the numeric derivatives: where two meet they are infinite."""
    (x,), _ = draw(distinct_roots())
    return [np.poly(x[:2] * [1.0, -3.0][: len(x)])], {}


add("roots", autograd.roots, np.roots, with_roots_apart())


@st.composite
def points(draw: st.DrawFn) -> Example:
    """More points than coefficients, at places that are apart."""
    n = draw(st.integers(2, 5))
    x = np.array(draw(st.permutations(range(n))), float)
    several = draw(st.sampled_from([(n,), (n, 2)]))
    return [x, draw(arrays(several)), draw(arrays((n,), 0.5, 2.0))], {
        "deg": draw(st.integers(0, min(n - 1, 2)))
    }


add("polyfit", lambda x, y, w, deg: autograd.polyfit(x, y, deg, w=w),
    lambda x, y, w, deg: np.polyfit(x, y, deg, w=w), points(), covers="lstsq",
    protocol=False)  # fmt: skip
