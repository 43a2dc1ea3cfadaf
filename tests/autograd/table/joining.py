"""Arrays joined, and an array cut into pieces."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd
import autograd.numpy

from ..strategies import arrays, axis, shapes
from .case import Example, add


@st.composite
def concatenate_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes.filter(len))
    along = draw(axis(len(shape)))
    lengths = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    pieces = []
    for n in lengths:
        piece = list(shape)
        piece[along] = n
        pieces.append(draw(arrays(tuple(piece))))
    return pieces, {"axis": draw(st.sampled_from([along, None]))}


add("concatenate", lambda *xs, axis: autograd.concatenate(xs, axis),
    lambda *xs, axis: np.concatenate(xs, axis), concatenate_examples(),
    keyword=lambda *xs, axis: np.concatenate(list(xs), axis=axis))  # fmt: skip


@st.composite
def stack_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes)
    count = draw(st.integers(1, 3))
    return [draw(arrays(shape)) for _ in range(count)], {"axis": draw(axis(len(shape) + 1))}


add("stack", lambda *xs, axis: autograd.stack(xs, axis), lambda *xs, axis: np.stack(xs, axis),
    stack_examples(), keyword=lambda *xs, axis: np.stack(list(xs), axis=axis))  # fmt: skip


@st.composite
def split_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes.filter(len))
    along = draw(axis(len(shape)))
    n = shape[along]
    divisors = [k for k in range(1, n + 1) if n % k == 0]
    cuts = st.lists(st.integers(-1, n + 1), max_size=3)  # NumPy takes any order, and beyond
    where = draw(st.sampled_from(divisors) | cuts if divisors else cuts)
    return [draw(arrays(shape))], {"indices_or_sections": where, "axis": along}


add("split", autograd.split, np.split, split_examples(), method="split", covers="getitem")


@st.composite
def beside_examples(draw: st.DrawFn) -> Example:
    """Arrays of one shape, which fit beside each other in every way."""
    shape = draw(shapes)
    xs = [draw(arrays(shape)) for _ in range(draw(st.integers(1, 3)))]
    return xs, {"name": draw(st.sampled_from(["vstack", "hstack", "dstack", "column_stack"]))}


add("beside", lambda *xs, name: getattr(autograd, name)(xs),
    lambda *xs, name: getattr(np, name)(xs), beside_examples(), covers="concatenate",
    complex=True)  # fmt: skip


LAYOUTS: dict[str, Any] = {
    "square": lambda a, b, c, d: [[a, b], [c, d]],
    "deep": lambda a, b, c, d: [[[a, b, 3.0 * np.ones(a.shape)], [c, d, 3.0 * np.ones(c.shape)]]],
    "tall": lambda a, b, c, d: [[a], [c], [b[:, :1]], [d[:, 1:]]],
}


@st.composite
def block_examples(draw: st.DrawFn) -> Example:
    """A matrix cut by a line down and a line across, and its blocks as more or fewer axes."""
    rows, columns = draw(st.lists(st.integers(0, 3), min_size=2, max_size=2)), (1, 2)
    xs = [draw(arrays((n, m))) for n in rows for m in columns]
    return xs, {"layout": draw(st.sampled_from(sorted(LAYOUTS)))}


add("block", lambda *xs, layout: autograd.block(LAYOUTS[layout](*xs)),
    lambda *xs, layout: np.block(LAYOUTS[layout](*xs)), block_examples(), covers="concatenate",
    complex=True)  # fmt: skip


@st.composite
def append_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes)
    along = draw(st.sampled_from([None, *range(-len(shape), len(shape))]))
    values = list(shape)
    if along is None:
        values = list(draw(shapes))
    else:
        values[along] = draw(st.integers(0, 2))
    return [draw(arrays(shape)), draw(arrays(tuple(values)))], {"axis": along}


add("append", autograd.append, np.append, append_examples(), covers="concatenate", complex=True)


@st.composite
def cut_examples(draw: st.DrawFn) -> Example:
    name = draw(st.sampled_from(["array_split", "hsplit", "vsplit", "dsplit", "unstack"]))
    least = {"vsplit": 2, "dsplit": 3}.get(name, 1)
    shape = draw(shapes.filter(lambda s: len(s) >= least))
    along = draw(axis(len(shape)))
    if name == "unstack":
        params: dict[str, Any] = (
            {"axis": draw(axis(len(shape)).filter(lambda a: shape[a]))} if any(shape) else {}
        )
    else:
        cuts = draw(st.lists(st.integers(-1, 4), max_size=3))
        params = {"indices_or_sections": cuts}
        if name == "array_split":
            params = {"indices_or_sections": draw(st.just(cuts) | st.integers(1, 4)),
                      "axis": along}  # fmt: skip
    return [draw(arrays(shape))], {"name": name, **params}


add("cut", lambda x, name, **params: getattr(autograd, name)(x, **params),
    lambda x, name, **params: getattr(np, name)(x, **params), cut_examples(), covers="getitem",
    complex=True)  # fmt: skip


@st.composite
def bracket_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes.filter(lambda s: len(s) < 3))
    name = draw(st.sampled_from(["r_", "c_"]))
    directive = draw(st.sampled_from(["", "-1", "0,3", "1,2,0"] if name == "r_" else [""]))
    if directive.startswith("1"):
        shape = shape[:1]
    return [draw(arrays(shape)), draw(arrays(shape))], {"name": name, "directive": directive}


def _bracketed(module: Any) -> Any:
    def call(x: Any, y: Any, name: str, directive: str) -> Any:
        extra = (
            (1, slice(0, 2), slice(0, 1, 3j))
            if x.ndim == 0 and name == "r_" and not directive
            else ()
        )
        return getattr(module, name)[(directive,) * bool(directive) + (x, y, *extra)]

    return call


add("in brackets", _bracketed(autograd), _bracketed(np), bracket_examples(), covers="gather",
    protocol=False, complex=True, hips=_bracketed(autograd.numpy))  # fmt: skip
