"""Functions that write: the target moves on to a new array."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd

from ..strategies import arrays, full_shapes
from .case import Example, add


@st.composite
def writing_examples(draw: st.DrawFn) -> Example:
    name = draw(st.sampled_from(["put", "place", "putmask", "copyto", "fill_diagonal",
                                 "put_along_axis"]))  # fmt: skip
    shape = draw(full_shapes.filter(lambda s: len(s) == 2 if name == "fill_diagonal" else len(s)))
    size = int(np.prod(shape))
    value: Any = draw(st.sampled_from([(), (1,), (3,)]))
    mask = draw(hnp.arrays(bool, shape))
    how: Any
    if name == "put":
        how = (draw(st.lists(st.integers(-size, size - 1), max_size=4)),)
    elif name == "fill_diagonal":
        how = (draw(st.booleans()),)
    elif name == "put_along_axis":
        along = draw(st.integers(-len(shape), len(shape) - 1))
        lines = tuple(1 if a == along % len(shape) else n for a, n in enumerate(shape))
        reach = st.integers(-shape[along], shape[along] - 1)
        how, value = (draw(hnp.arrays(np.intp, lines, elements=reach)), along), ()
    else:
        how = (mask,)
        value = draw(st.sampled_from([(), shape])) if name == "copyto" else value
    return [draw(arrays(shape)), draw(arrays(value))], {"name": name, "how": how}


def _written(module: Any) -> Any:
    """A target of its own, after the function of `module` has written to it."""

    def call(x: Any, y: Any, name: str, how: Any) -> Any:
        recording = [v for v in (x, y) if isinstance(v, autograd.Tensor)]
        out = x * 1 if isinstance(x, autograd.Tensor) or not recording else autograd.Tensor(x)
        function = getattr(module, name)
        if name == "copyto":
            function(out, y, where=how[0])
        elif name == "put_along_axis":
            function(out, how[0], y, how[1])
        elif name == "fill_diagonal":
            function(out, y, *how)
        elif name in ("place", "putmask"):  # NumPy refuses a cast from float64 to float32 here
            function(out, *how, y.astype(x.dtype))
        else:
            function(out, *how, y)
        return out

    return call


add("writing", _written(autograd), _written(np), writing_examples(), covers="gather")
