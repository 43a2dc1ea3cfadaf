"""Numbers from a start to a stop."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

import autograd

from ..strategies import arrays, broadcastable
from .case import Example, add, named, of_all


@st.composite
def range_examples(draw: st.DrawFn, low: float) -> Example:
    """A start and a stop, which broadcast; both positive where `low` is."""
    shape_of_start, shape_of_stop = found = draw(broadcastable(2))
    ndim = max(map(len, found))
    params = {
        "num": draw(st.integers(1, 4)),
        "endpoint": draw(st.booleans()),
        "axis": draw(st.integers(-ndim - 1, ndim)),
    }
    return [draw(arrays(shape_of_start, low)), draw(arrays(shape_of_stop, low))], params


add("linspace", autograd.linspace, np.linspace, range_examples(-2.0), complex=True)
add("geometric ranges", of_all(autograd), of_all(np),
    named("geomspace logspace", range_examples(0.5)), covers="power")  # fmt: skip


@st.composite
def logspace_examples(draw: st.DrawFn) -> Example:
    found = [draw(arrays(draw(st.sampled_from([(), (2,)])), 0.5)) for _ in range(3)]
    return found, {"num": draw(st.integers(1, 4)), "axis": draw(st.sampled_from([0, -1]))}


add("logspace of bases", lambda x, y, base, **params: autograd.logspace(x, y, base=base, **params),
    lambda x, y, base, **params: np.logspace(x, y, base=base, **params), logspace_examples(),
    covers="power", protocol=False)  # fmt: skip
