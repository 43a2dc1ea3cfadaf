"""Functions made of pieces: extremes, bounds, rounding, remainders."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd
from autograd.op import OPERATIONS

from ..strategies import arrays, broadcastable, distinct, shapes
from .case import (
    ANYWHERE,
    Example,
    add,
    binary,
    binary_distinct,
    named,
    of_all,
    unary,
    unary_distinct,
)

for _name in ("maximum", "minimum", "fmax", "fmin"):
    add(_name, getattr(autograd, _name), getattr(np, _name), binary_distinct(), method=_name)


@st.composite
def clip_examples(draw: st.DrawFn) -> Example:
    """An array and the bounds there are, without ties."""
    xs = draw(distinct(*draw(broadcastable(3))))
    which = draw(st.sampled_from([(True, True), (True, False), (False, True), (False, False)]))
    if which == (False, False):
        return xs[:1], {"bounds": ""}
    bounds = [x for x, given in zip(xs[1:], which, strict=True) if given]
    return [xs[0], *bounds], {"bounds": " ".join(np.array(["min", "max"])[list(which)])}


def _clips(clip: Any) -> Any:
    return lambda x, *limits, bounds: clip(x, **dict(zip(bounds.split(), limits, strict=True)))


add("clip", _clips(autograd.clip), _clips(lambda x, min=None, max=None: np.clip(x, min, max)),
    clip_examples().filter(lambda example: example[1]["bounds"] != ""),
    method_=_clips(lambda x, **how: x.clip(**how)),
    keywords=_clips(lambda x, **how: np.clip(x, **how)), covers="clip_below")  # fmt: skip
for _name, _numpys in [("clip_below", np.maximum), ("clip_above", np.minimum)]:
    add(_name, OPERATIONS[_name], _numpys, binary_distinct(), protocol=False)


@st.composite
def between_integers(draw: st.DrawFn) -> Example:
    """Multiples of 1/4 that are no multiples of 1/2, as rounding jumps there."""
    shape = draw(shapes)
    whole = draw(hnp.arrays(np.float64, shape, elements=st.integers(-3, 3).map(float)))
    return [whole + draw(st.sampled_from([-0.25, 0.25]))], {}


add("rounding", of_all(autograd), of_all(np),
    named("floor ceil trunc rint fix", between_integers()), covers="floor ceil trunc rint",
    method_=lambda x, function: getattr(x, function)())  # fmt: skip
add("round", autograd.round, np.round, between_integers(), method="round")
add("round to a place", lambda x: autograd.round(x, 1), lambda x: np.round(x, 1),
    unary_distinct(), covers="round", method_=lambda x: x.round(1))  # fmt: skip
add("spacing", autograd.spacing, np.spacing, unary(0.55, 0.95), protocol=False)
add("nextafter", autograd.nextafter, np.nextafter, binary((0.75, 0.75), (3, 4)))


@st.composite
def divisions(draw: st.DrawFn) -> Example:
    """Numbers whose quotients are no integers: a multiple of 1/4 that is none of 1/2, over 1/2,
    1 or 2 of either sign."""
    shape, other = draw(broadcastable(2))
    whole = draw(hnp.arrays(np.float64, shape, elements=st.integers(-6, 6).map(float)))
    y = draw(hnp.arrays(np.float64, other, elements=st.sampled_from([0.5, -0.5, 1, -1, 2, -2])))
    return [whole / 2 + 0.25, y], {}


add("remainder", autograd.remainder, np.remainder, divisions(), method="mod",
    operator=lambda x, y: x % y)  # fmt: skip
add("fmod", autograd.fmod, np.fmod, divisions(), method="fmod")
add("floor_divide", autograd.floor_divide, np.floor_divide, divisions(),
    operator=lambda x, y: x // y)  # fmt: skip
add("divmod", autograd.divmod, np.divmod, divisions(), covers="remainder", operator=divmod)
add("modf", autograd.modf, np.modf, between_integers(), covers="fraction")
add("fraction", OPERATIONS["fraction"], lambda x: np.modf(x)[0], between_integers(),
    protocol=False)  # fmt: skip

add("copysign", autograd.copysign, np.copysign, binary_distinct(), method="copysign")


@st.composite
def heaviside_examples(draw: st.DrawFn) -> Example:
    """Constant first arguments, as the function jumps at 0, which is one of them."""
    shape, other = draw(broadcastable(2))
    return [draw(arrays(other))], {"at": draw(arrays(shape, -0.5, 0.5))}


add("heaviside", lambda x, at: autograd.heaviside(at, x), lambda x, at: np.heaviside(at, x),
    heaviside_examples())  # fmt: skip


@st.composite
def ldexp_examples(draw: st.DrawFn) -> Example:
    shape, other = draw(broadcastable(2))
    powers = draw(hnp.arrays(np.int64, other, elements=st.integers(-3, 3)))
    return [draw(arrays(shape))], {"powers": powers}


add("ldexp", lambda x, powers: autograd.ldexp(x, powers), lambda x, powers: np.ldexp(x, powers),
    ldexp_examples())  # fmt: skip
add("frexp", lambda x: autograd.frexp(x)[0], lambda x: np.frexp(x)[0], unary(0.75, 0.75),
    covers="ldexp")  # fmt: skip


add("nan_to_num", autograd.nan_to_num, np.nan_to_num, unary(*ANYWHERE), method="nan_to_num",
    complex=True)  # fmt: skip
