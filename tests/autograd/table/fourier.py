"""Discrete Fourier transforms."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd.fft

from ..strategies import arrays, axis, full_shapes, shapes
from .case import Example, add

NORMS = [None, "backward", "ortho", "forward"]


@st.composite
def along_one(draw: st.DrawFn, least: int) -> Example:
    shape = draw(full_shapes.filter(len))
    along = draw(axis(len(shape)))
    n = draw(st.sampled_from([None, 1, 2, 3, 4, 5]))
    if shape[along] < least and n is None:
        n = 1
    return [draw(arrays(shape))], {"n": n, "axis": along, "norm": draw(st.sampled_from(NORMS))}


@st.composite
def along_several(draw: st.DrawFn, least: int) -> Example:
    shape = draw(full_shapes.filter(len))
    params: dict[str, Any] = {"norm": draw(st.sampled_from(NORMS))}
    axes = [axis(len(shape)) for _ in range(draw(st.integers(1, 3)))]
    chosen = draw(st.tuples(*axes))  # an axis may come twice
    given = draw(st.booleans())
    if given:
        params["axes"] = chosen
    last = chosen[-1] if given else -1
    if draw(st.booleans()) and given:
        params["s"] = draw(st.tuples(*[st.integers(1, 4)] * len(axes)))
    elif shape[last] < least:
        params["axes"] = chosen
        params["s"] = (2,) * len(axes)
    return [draw(arrays(shape))], params


# Of half a spectrum with one entry there would be no data, unless n says otherwise.
for _name, _least in {"fft": 1, "ifft": 1, "rfft": 1, "irfft": 2, "hfft": 2, "ihfft": 1}.items():
    _core = {"hfft": "irfft", "ihfft": "rfft"}.get(_name, _name)
    add(_name, getattr(autograd.fft, _name), getattr(np.fft, _name), along_one(_least),
        covers=_core, complex=_name not in ("rfft", "ihfft"))  # fmt: skip
for _name in ("fftn", "ifftn", "rfftn", "irfftn"):
    add(_name, getattr(autograd.fft, _name), getattr(np.fft, _name),
        along_several(1 + _name.startswith("irfft")),
        covers=_name[:-1], complex=not _name.startswith("rfft"))  # fmt: skip


@st.composite
def shift_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes.filter(len))
    choices = [st.none(), axis(len(shape)), st.tuples(axis(len(shape)))]
    return [draw(arrays(shape))], {"axes": draw(st.one_of(choices))}


add("fftshift", autograd.fft.fftshift, np.fft.fftshift, shift_examples(), complex=True)
add("ifftshift", autograd.fft.ifftshift, np.fft.ifftshift, shift_examples(), complex=True)
