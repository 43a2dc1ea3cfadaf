"""Operations that move entries."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd

from ..strategies import (
    arrays,
    axis,
    full_shapes,
    grid,
    shapes,
)
from .case import (
    ANYWHERE,
    Example,
    Params,
    add,
    unary,
)


@st.composite
def reshape_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes)
    factors = [f for n in shape for f in ([n] if n != 4 else [2, 2])]
    target: list[int] = list(draw(st.permutations(factors)))
    if len(target) > 1 and draw(st.booleans()):
        target = [target[0] * target[1], *target[2:]]
    target += [1] * draw(st.integers(0, 1))
    if target and 0 not in shape and draw(st.booleans()):
        target[draw(st.integers(0, len(target) - 1))] = -1
    return [draw(arrays(shape))], {"shape": tuple(target)}


add("reshape", autograd.reshape, np.reshape, reshape_examples(),
    method_tuple=lambda x, shape: x.reshape(shape),
    method_numbers=lambda x, shape: x.reshape(*shape) if shape else x.reshape(()))  # fmt: skip
add("ravel", autograd.ravel, np.ravel, unary(*ANYWHERE), method="ravel")


@st.composite
def transpose_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes)
    order = draw(st.permutations(range(len(shape))))
    signed = tuple(a - draw(st.sampled_from([0, len(shape)])) for a in order)
    return [draw(arrays(shape))], {"axes": draw(st.sampled_from([None, signed]))}


add("transpose", autograd.transpose, np.transpose, transpose_examples(),
    method_tuple=lambda x, axes: x.T if axes is None else x.transpose(axes),
    method_numbers=lambda x, axes: x.transpose(*(axes or ())) if x.ndim else x.transpose(),
    )  # fmt: skip


@st.composite
def swapaxes_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes.filter(len))
    axis1, axis2 = draw(axis(len(shape))), draw(axis(len(shape)))
    return [draw(arrays(shape))], {"axis1": axis1, "axis2": axis2}


add("swapaxes", lambda x, axis1, axis2: autograd.swapaxes(x, axis1, axis2),
    lambda x, axis1, axis2: np.swapaxes(x, axis1, axis2), swapaxes_examples(),
    method_=lambda x, axis1, axis2: x.swapaxes(axis1, axis2))  # fmt: skip


@st.composite
def squeeze_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes)
    ones = [i for i, n in enumerate(shape) if n == 1]
    some = draw(st.lists(st.sampled_from(ones), unique=True)) if ones else []
    choices: list[Any] = [None, tuple(some), *(i - len(shape) for i in ones)]
    return [draw(arrays(shape))], {"axis": draw(st.sampled_from(choices))}


add("squeeze", autograd.squeeze, np.squeeze, squeeze_examples(), method="squeeze")


@st.composite
def expand_dims_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes.filter(lambda s: len(s) < 3))
    choices = [axis(len(shape) + 1), st.just((0, -1)), st.just((1, 0))]
    return [draw(arrays(shape))], {"axis": draw(st.one_of(choices))}


add("expand_dims", autograd.expand_dims, np.expand_dims, expand_dims_examples(),
    method="expand_dims")  # fmt: skip


@st.composite
def broadcast_to_examples(draw: st.DrawFn) -> Example:
    found = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0,
                                                   max_side=3))  # fmt: skip
    return [draw(arrays(found.input_shapes[0]))], {"shape": found.result_shape}


add("broadcast_to", autograd.broadcast_to, np.broadcast_to, broadcast_to_examples(),
    method="broadcast_to")  # fmt: skip


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

MODES = ["constant", "edge", "reflect", "symmetric", "wrap"]


@st.composite
def pad_examples(draw: st.DrawFn) -> Example:
    mode = draw(st.sampled_from(MODES))
    shape = draw((shapes if mode == "constant" else full_shapes).filter(len))
    number = st.integers(0, 4)
    each = st.tuples(*[st.tuples(number, number)] * len(shape))
    width: Any = draw(each | number | st.tuples(number, number))
    params: Params = {"pad_width": width, "mode": mode}
    if mode == "constant":
        params["constant_values"] = draw(grid(-1, 1))
    return [draw(arrays(shape))], params


add("pad", autograd.pad, np.pad, pad_examples(), method="pad")
