"""Operations that move entries."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd

from ..strategies import arrays, axes, axis, shapes
from .case import ANYWHERE, Example, add, binary


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
    order = draw(st.sampled_from("CFA"))
    return [draw(arrays(shape))], {"shape": tuple(target), "order": order}


add("reshape", autograd.reshape, np.reshape, reshape_examples(), complex=True,
    method_tuple=lambda x, shape, order: x.reshape(shape, order=order),
    method_numbers=lambda x, shape, order: x.reshape(*shape or ((),), order=order))  # fmt: skip


@st.composite
def ravel_examples(draw: st.DrawFn) -> Example:
    x = draw(arrays(draw(shapes)))
    return [x], {"order": draw(st.sampled_from("CFAK"))}


add("ravel", lambda x, order: autograd.ravel(_turned(x), order),
    lambda x, order: np.ravel(_turned(x), order), ravel_examples(), covers="reshape", complex=True,
    flatten=lambda x, order: _turned(x).flatten(order))  # fmt: skip


def _turned(x: Any) -> Any:
    """In an order of axes that is neither C's nor Fortran's, where there are enough."""
    return x.swapaxes(0, 1) if x.ndim > 1 else x


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
def axes_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes.filter(lambda s: len(s) > 1))
    one = axis(len(shape))
    name, params = draw(st.one_of(
        st.tuples(st.just("moveaxis"), st.tuples(one, one)),
        st.tuples(st.just("moveaxis"), st.just(((0, -1), (-1, 0)))),
        st.tuples(st.just("rollaxis"), st.tuples(one, one)),
        st.tuples(st.sampled_from(["matrix_transpose", "permute_dims"]), st.just(())),
    ))  # fmt: skip
    return [draw(arrays(shape))], {"name": name, "params": params}


def _named(module: Any) -> Any:
    return lambda *xs, name, params: getattr(module, name)(*xs, *params)


add("axes", _named(autograd), _named(np), axes_examples(), covers="transpose", complex=True,
    method_=lambda x, name, params: x.mT if name == "matrix_transpose" else _named(np)(
        x, name=name, params=params))  # fmt: skip


@st.composite
def atleast_examples(draw: st.DrawFn) -> Example:
    xs = [draw(arrays(draw(shapes))) for _ in range(draw(st.integers(1, 2)))]
    name = draw(st.sampled_from(["atleast_1d", "atleast_2d", "atleast_3d"]))
    return xs, {"name": name, "params": ()}


add("atleast", _named(autograd), _named(np), atleast_examples(), covers="expand_dims",
    complex=True)  # fmt: skip


@st.composite
def grid_examples(draw: st.DrawFn) -> Example:
    lengths = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    params = {"sparse": draw(st.booleans()), "indexing": draw(st.sampled_from(["xy", "ij"]))}
    return [draw(arrays((n,))) for n in lengths], params


add("meshgrid", autograd.meshgrid, np.meshgrid, grid_examples(), covers="broadcast_to",
    complex=True)  # fmt: skip
add("broadcast_arrays", autograd.broadcast_arrays, np.broadcast_arrays,
    binary(ANYWHERE, ANYWHERE), covers="broadcast_to")  # fmt: skip


@st.composite
def tile_examples(draw: st.DrawFn) -> Example:
    reps = draw(st.integers(0, 3) | st.lists(st.integers(0, 2), max_size=4).map(tuple))
    return [draw(arrays(draw(shapes)))], {"reps": reps}


add("tile", autograd.tile, np.tile, tile_examples(), covers="broadcast_to", complex=True)


@st.composite
def repeat_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes)
    along = draw(st.sampled_from([None, *range(-len(shape), len(shape))]))
    n = math.prod(shape) if along is None else shape[along]
    each = st.lists(st.integers(0, 2), min_size=n, max_size=n)
    return [draw(arrays(shape))], {"repeats": draw(st.integers(0, 3) | each), "axis": along}


add("repeat", autograd.repeat, np.repeat, repeat_examples(), covers="broadcast_to", complex=True,
    method="repeat")  # fmt: skip


@st.composite
def resize_examples(draw: st.DrawFn) -> Example:
    return [draw(arrays(draw(shapes)))], {"new_shape": draw(shapes | st.integers(0, 9))}


add("resize", autograd.resize, np.resize, resize_examples(), covers="broadcast_to", complex=True)


@st.composite
def flip_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes)
    return [draw(arrays(shape))], {"axis": draw(axes(shape))}


add("flip", autograd.flip, np.flip, flip_examples(), complex=True)


@st.composite
def roll_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes)
    along = draw(axes(shape))
    shift: Any = draw(st.integers(-4, 4))
    if isinstance(along, tuple) and draw(st.booleans()):
        shift = tuple(draw(st.integers(-4, 4)) for _ in along)
    return [draw(arrays(shape))], {"shift": shift, "axis": along}


add("roll", autograd.roll, np.roll, roll_examples(), complex=True)


@st.composite
def turn_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes.filter(lambda s: len(s) > 1))
    both = draw(st.permutations(range(len(shape))))[:2]
    signed = tuple(a - draw(st.sampled_from([0, len(shape)])) for a in both)
    turns: list[Any] = [("rot90", (k, signed)) for k in range(-2, 5)]
    name, params = draw(st.sampled_from([*turns, ("fliplr", ()), ("flipud", ())]))
    return [draw(arrays(shape))], {"name": name, "params": params}


add("turn", _named(autograd), _named(np), turn_examples(), covers="flip", complex=True)
