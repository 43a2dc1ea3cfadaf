"""The engine's operations with their domains: what the generated tests are made from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd
from autograd import Tensor
from autograd.op import OPERATIONS

from .strategies import (
    Array,
    Shape,
    arrays,
    axes,
    axis,
    broadcastable,
    distinct,
    full_shapes,
    grid,
    indices,
    shapes,
)

Params = dict[str, Any]
Example = tuple[list[Array], Params]
Spelling = Callable[..., Any]


@dataclass(frozen=True)
class Case:
    """A differentiable function, its meaning in NumPy, and where to test it.

    Attributes:
        name: unique, for test ids.
        ours: the function under test, called as `ours(*arrays, **params)`.
        reference: the same computed by NumPy alone on plain arrays.
        examples: inputs and static parameters, away from kinks and singularities.
        spellings: other ways to write the same, by kind: the NumPy function, a method, ...
        covers: the operations of the engine's table that this case is about.
    """

    name: str
    ours: Spelling
    reference: Spelling
    examples: st.SearchStrategy[Example]
    spellings: Mapping[str, Spelling] = field(default_factory=dict)
    covers: tuple[str, ...] = ()


CASES: list[Case] = []


def add(
    name: str,
    ours: Spelling,
    reference: Spelling,
    examples: st.SearchStrategy[Example],
    *,
    protocol: bool = True,
    method: str = "",
    covers: str = "",
    **spellings: Spelling,
) -> None:
    """Enter a case; with `protocol`, Tensors also go through the reference, NumPy's function."""
    if protocol:
        spellings["numpy"] = reference
    if method:
        spellings["method"] = lambda x, *args, **params: getattr(x, method)(*args, **params)
    CASES.append(Case(name, ours, reference, examples, spellings, (covers or name,)))


# --- elementwise ------------------------------------------------------------------------


@st.composite
def unary(draw: st.DrawFn, low: float, high: float) -> Example:
    return [draw(arrays(draw(shapes), low, high))], {}


@st.composite
def unary_distinct(draw: st.DrawFn) -> Example:
    return draw(distinct(draw(shapes))), {}


@st.composite
def binary(draw: st.DrawFn, *domains: tuple[float, float]) -> Example:
    found = draw(broadcastable(len(domains)))
    return [draw(arrays(s, *domain)) for s, domain in zip(found, domains, strict=True)], {}


@st.composite
def binary_distinct(draw: st.DrawFn) -> Example:
    return draw(distinct(*draw(broadcastable(2)))), {}


for _name, _low, _high in [
    ("exp", -2, 2), ("expm1", -2, 2), ("log", 0.5, 4), ("log1p", -0.5, 3), ("sqrt", 0.5, 4),
    ("square", -2, 2), ("sin", -4, 4), ("cos", -4, 4), ("tan", -1, 1), ("sinh", -2, 2),
    ("cosh", -2, 2), ("tanh", -2, 2), ("reciprocal", 0.5, 3), ("cbrt", 0.5, 3), ("exp2", -2, 2),
    ("log2", 0.5, 4), ("log10", 0.5, 4), ("arcsin", -0.75, 0.75), ("arccos", -0.75, 0.75),
    ("arctan", -2, 2), ("arcsinh", -2, 2), ("arccosh", 1.5, 4), ("arctanh", -0.75, 0.75),
    ("degrees", -2, 2), ("radians", -90, 90),
]:  # fmt: skip
    add(_name, getattr(autograd, _name), getattr(np, _name), unary(_low, _high), method=_name)

ANYWHERE = (-2.0, 2.0)
AWAY_FROM_0 = (0.5, 2.0)

for _name, _domain in [
    ("logaddexp", ANYWHERE), ("logaddexp2", ANYWHERE), ("hypot", AWAY_FROM_0),
    ("arctan2", AWAY_FROM_0),
]:  # fmt: skip
    add(_name, getattr(autograd, _name), getattr(np, _name), binary(_domain, _domain),
        method=_name)  # fmt: skip

add("negative", autograd.negative, np.negative, unary(*ANYWHERE), operator=lambda x: -x)
add("sigmoid", autograd.sigmoid, lambda x: 1 / (1 + np.exp(-x)), unary(-4, 4), protocol=False,
    method="sigmoid")  # fmt: skip
add("softplus", autograd.softplus, lambda x: np.log(1 + np.exp(x)), unary(-4, 4), protocol=False,
    method="softplus")  # fmt: skip
add("relu", autograd.relu, lambda x: np.where(x > 0, x, 0), unary_distinct(), protocol=False,
    method="relu")  # fmt: skip
add("abs", autograd.abs, np.abs, unary_distinct(), method="abs", operator=abs)
add("sign", autograd.sign, np.sign, unary_distinct())
add("astype", lambda x: autograd.astype(x, x.dtype), lambda x: x.astype(x.dtype),
    unary(*ANYWHERE), protocol=False)  # fmt: skip

add("copy", lambda x: x.copy(), lambda x: x.copy(), unary(*ANYWHERE), protocol=False)

add("add", autograd.add, np.add, binary(ANYWHERE, ANYWHERE), operator=lambda x, y: x + y)
add("subtract", autograd.subtract, np.subtract, binary(ANYWHERE, ANYWHERE),
    operator=lambda x, y: x - y)  # fmt: skip
add("multiply", autograd.multiply, np.multiply, binary(ANYWHERE, ANYWHERE),
    operator=lambda x, y: x * y)  # fmt: skip
add("divide", autograd.divide, np.divide, binary(ANYWHERE, AWAY_FROM_0),
    operator=lambda x, y: x / y)  # fmt: skip
add("power", autograd.power, np.power, binary(AWAY_FROM_0, ANYWHERE), operator=lambda x, y: x**y)
add("maximum", autograd.maximum, np.maximum, binary_distinct(), method="maximum")
add("minimum", autograd.minimum, np.minimum, binary_distinct(), method="minimum")


@st.composite
def powers(draw: st.DrawFn) -> Example:
    exponent = draw(st.sampled_from([0, 1, 2, 3, 4.0, -1, -2.0, 0.5]))
    low = -2.0 if exponent in (0, 1, 2, 3, 4) else 0.5
    return [draw(arrays(draw(shapes), low, 2.0))], {"exponent": exponent}


add("power by a constant", lambda x, exponent: autograd.power(x, exponent),
    lambda x, exponent: np.power(x, exponent), powers(), covers="power",
    operator=lambda x, exponent: x**exponent)  # fmt: skip


@st.composite
def where_examples(draw: st.DrawFn) -> Example:
    mask_shape, *others = draw(broadcastable(3))
    condition = draw(hnp.arrays(bool, mask_shape))
    return [draw(arrays(shape)) for shape in others], {"condition": condition}


add("where", lambda x, y, condition: autograd.where(condition, x, y),
    lambda x, y, condition: np.where(condition, x, y), where_examples())  # fmt: skip

# --- reductions -------------------------------------------------------------------------


@st.composite
def reduction(
    draw: st.DrawFn, min_count: int = 0, ties: bool = True, ddof: bool = False
) -> Example:
    shape = draw(shapes if min_count == 0 else full_shapes)
    if math.prod(shape) < min_count:
        shape = (*shape, min_count)
    x = draw(arrays(shape)) if ties else draw(distinct(shape))[0]
    params: Params = {"axis": draw(axes(shape, min_count))}
    if draw(st.booleans()):
        params["keepdims"] = draw(st.booleans())
    if ddof:
        params["ddof"] = draw(st.sampled_from([0, 1, 0.5]))
    return [x], params


add("sum", autograd.sum, np.sum, reduction(), method="sum")
add("prod", autograd.prod, np.prod, reduction(), method="prod")
add("mean", autograd.mean, np.mean, reduction(1), method="mean")
add("max", autograd.max, np.max, reduction(1, ties=False), method="max")
add("min", autograd.min, np.min, reduction(1, ties=False), method="min")
add("var", autograd.var, np.var, reduction(2, ddof=True), method="var")
# The standard deviation has a kink where all entries are equal, so: no ties, two or more.
add("std", autograd.std, np.std, reduction(2, ties=False, ddof=True), method="std")
add("logsumexp", autograd.logsumexp,
    lambda x, **how: np.log(np.sum(np.exp(x), **how)), reduction(1), protocol=False,
    method="logsumexp")  # fmt: skip


@st.composite
def one_axis(draw: st.DrawFn) -> Example:
    shape = draw(full_shapes.filter(len))
    return [draw(arrays(shape))], {"axis": draw(axis(len(shape)))}


def _softmax(x: Array, axis: int) -> Array:
    return np.exp(x) / np.sum(np.exp(x), axis=axis, keepdims=True)


add("softmax", autograd.softmax, _softmax, one_axis(), protocol=False, method="softmax")
add("log_softmax", autograd.log_softmax, lambda x, axis: np.log(_softmax(x, axis)), one_axis(),
    protocol=False, method="log_softmax")  # fmt: skip

# --- shaping ----------------------------------------------------------------------------


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

# --- indexing ---------------------------------------------------------------------------


@st.composite
def take_examples(draw: st.DrawFn) -> Example:
    shape = draw(full_shapes.filter(len))
    along = draw(st.sampled_from([None, *range(-len(shape), len(shape))]))
    n = math.prod(shape) if along is None else shape[along]
    mode = draw(st.sampled_from(["raise", "wrap", "clip"]))
    reach = 0 if mode == "raise" else 2 * n
    elements = st.integers(-n - reach, n - 1 + reach)
    places = draw(hnp.arrays(np.intp, draw(shapes), elements=elements))
    chosen: Any = draw(st.sampled_from([places, places.tolist()]))
    return [draw(arrays(shape))], {"indices": chosen, "axis": along, "mode": mode}


def _takes(take: Spelling) -> Spelling:
    def call(x: Any, indices: Any, axis: Any, mode: str) -> Any:
        if np.size(indices) == 0:
            indices = np.asarray(indices, np.intp)  # NumPy takes an empty list for floats
        return take(x, indices, axis=axis, mode=mode)

    return call


add("take", _takes(autograd.take), _takes(np.take), take_examples(), covers="getitem",
    method_=_takes(lambda x, *args, **how: x.take(*args, **how)))  # fmt: skip


@st.composite
def getitem_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes)
    return [draw(arrays(shape))], {"index": draw(indices(shape))}


def _plain(index: Any) -> Any:
    """The index with its lists as integer arrays, as an empty list would be one of floats."""
    parts = index if isinstance(index, tuple) else (index,)
    plain = tuple(np.array(part, np.intp) if isinstance(part, list) else part for part in parts)
    return plain if isinstance(index, tuple) else plain[0]


add("getitem", lambda x, index: x[index], lambda x, index: x[_plain(index)], getitem_examples(),
    protocol=False)  # fmt: skip


@st.composite
def scatter_examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes)
    index = _plain(draw(indices(shape)))
    return [draw(arrays(np.zeros(shape)[index].shape))], {"index": index, "shape": shape}


def _scattered(x: Array, index: Any, shape: Shape) -> Array:
    out = np.zeros(shape, x.dtype)
    np.add.at(out, index, x)
    return out


add("scatter", OPERATIONS["scatter"], _scattered, scatter_examples(), protocol=False)


@st.composite
def setitem_examples(draw: st.DrawFn) -> Example:
    """A value of the shape of the part, or one that broadcasts to it."""
    shape = draw(shapes)
    index = draw(indices(shape))
    part: Shape = np.zeros(shape)[_plain(index)].shape
    kept = part[draw(st.integers(0, len(part))) :]
    value = tuple(draw(st.sampled_from([1, n])) for n in kept)
    is_mask = isinstance(index, np.ndarray) and index.dtype == bool
    if part and len(value) == len(part) and not is_mask and draw(st.booleans()):
        value = (1, *value)  # NumPy drops leading axes of length 1, except for a mask or one entry
    return [draw(arrays(shape)), draw(arrays(value))], {"index": index}


def _assigned(x: Array, y: Array, index: Any) -> Array:
    out = x.copy()
    out[_plain(index)] = y
    return out


def _assigned_by_us(x: Any, y: Any, index: Any) -> Any:
    """A handle of its own on the contents of `x`, after item assignment."""
    if isinstance(x, np.ndarray) and isinstance(y, np.ndarray):
        return OPERATIONS["setitem"](x, y, index=_plain(index))
    out = x[...] if isinstance(x, Tensor) else Tensor(x)
    out[index] = y
    return out


add("setitem", _assigned_by_us, _assigned, setitem_examples(), protocol=False)

# --- products ---------------------------------------------------------------------------


@st.composite
def matmul_examples(draw: st.DrawFn) -> Example:
    found = draw(hnp.mutually_broadcastable_shapes(
        signature=np.matmul.signature, max_dims=2, min_side=0, max_side=3))  # fmt: skip
    return [draw(arrays(shape)) for shape in found.input_shapes], {}


add("matmul", autograd.matmul, np.matmul, matmul_examples(), method="matmul",
    operator=lambda x, y: x @ y)  # fmt: skip


@st.composite
def dot_examples(draw: st.DrawFn) -> Example:
    left, right = draw(shapes), draw(shapes)
    if left and right:
        right = list(right)  # type: ignore[assignment]
        right[-2 if len(right) > 1 else 0] = left[-1]  # type: ignore[index]
    return [draw(arrays(left)), draw(arrays(tuple(right)))], {}


add("dot", autograd.dot, np.dot, dot_examples(), method="dot", covers="matmul")

EINSUMS = [
    "ij,jk->ik", "ij,jk", "ji,jk->ik", "i,i->", "i,i", "i,j->ij", "ij->ji", "ij->", "ij->j", "ij",
    "ii->i", "ii->", "ii", "iij->j", "iij->ji", "iii->i", "ij,ij->i", "ij,ij,ij->", "ij,j,jk->k",
    "bij,bjk->bik", "i->i", ",i->i", "ij,kl->", "ij,kl->jl", "ii,ij->j", "...ij,...jk->...ik",
    "...i->...", "i...->...i", "...,...->...", "...ii->...i", "i...,i->...", "...",
]  # fmt: skip


@st.composite
def einsum_examples(draw: st.DrawFn) -> Example:
    subscripts = draw(st.sampled_from(EINSUMS))
    lengths = {letter: draw(st.integers(0, 3)) for letter in "bijkl"}
    terms = subscripts.split("->")[0].split(",")
    stretch = draw(broadcastable(len(terms)))
    shared = {letter for letter in "bijkl" if sum(letter in term for term in terms) > 1}
    inputs = []
    for term, extra in zip(terms, stretch, strict=True):
        shape: list[int] = []
        for part in term.replace("...", "*"):
            # NumPy's einsum also stretches a named axis of length 1 shared with another operand.
            one = part in shared and term.count(part) == 1 and draw(st.integers(0, 4)) == 0
            shape += extra if part == "*" else [1 if one else lengths[part]]
        inputs.append(draw(arrays(tuple(shape))))
    return inputs, {"subscripts": subscripts}


def _einsums(einsum: Spelling) -> Spelling:
    return lambda *xs, subscripts: einsum(subscripts, *xs)


add("einsum", _einsums(autograd.einsum), _einsums(np.einsum), einsum_examples(),
    optimized=lambda *xs, subscripts: np.einsum(subscripts, *xs, optimize=True))  # fmt: skip


# --- scalars ----------------------------------------------------------------------------


@dataclass(frozen=True)
class ScalarCase:
    """A function of Values, its meaning on NumPy floats, and the box it is smooth in."""

    name: str
    ours: Spelling
    reference: Spelling
    domains: tuple[tuple[float, float], ...]


def _scalar_cases() -> Iterable[ScalarCase]:
    boxes: dict[str, tuple[tuple[float, float], ...]] = {
        "log": ((0.5, 4),), "log1p": ((-0.5, 3),), "sqrt": ((0.5, 4),), "tan": ((-1, 1),),
        "relu": ((0.25, 2),), "abs": ((0.25, 2),), "sign": ((0.25, 2),),
        "divide": (ANYWHERE, AWAY_FROM_0), "power": (AWAY_FROM_0, ANYWHERE),
        "maximum": ((-2, -0.25), (0.25, 2)), "minimum": ((-2, -0.25), (0.25, 2)),
        "reciprocal": ((0.5, 3),), "cbrt": ((0.5, 3),), "log2": ((0.5, 4),), "log10": ((0.5, 4),),
        "arcsin": ((-0.75, 0.75),), "arccos": ((-0.75, 0.75),), "arccosh": ((1.5, 4),),
        "arctanh": ((-0.75, 0.75),), "hypot": (AWAY_FROM_0,) * 2, "arctan2": (AWAY_FROM_0,) * 2,
    }  # fmt: skip
    references: dict[str, Spelling] = {
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)) if x >= 0 else np.exp(x) / (1 + np.exp(x)),
        "softplus": lambda x: np.logaddexp(x, 0.0),
        "relu": lambda x: np.maximum(x, 0.0),
    }
    two = (
        "add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "logaddexp",
        "logaddexp2", "hypot", "arctan2",
    )  # fmt: skip
    one = (
        "negative", "exp", "expm1", "log", "log1p", "sqrt", "square", "sin", "cos", "tan", "sinh",
        "cosh", "tanh", "sigmoid", "softplus", "relu", "abs", "sign", "reciprocal", "cbrt", "exp2",
        "log2", "log10", "arcsin", "arccos", "arctan", "arcsinh", "arccosh", "arctanh", "degrees",
        "radians",
    )  # fmt: skip
    for name in (*two, *one):
        box = boxes.get(name, (ANYWHERE,) * (2 if name in two else 1))
        reference = references.get(name) or getattr(np, name)
        yield ScalarCase(name, getattr(autograd, name), reference, box)
    yield ScalarCase("sum_values", lambda *xs: autograd.sum(list(xs)), lambda *xs: np.sum(xs),
                     (ANYWHERE,) * 5)  # fmt: skip
    yield ScalarCase("dot_values", lambda *xs: autograd.dot(xs[:3], xs[3:]),
                     lambda *xs: np.dot(xs[:3], xs[3:]), (ANYWHERE,) * 6)  # fmt: skip


SCALAR_CASES = list(_scalar_cases())
COVERED = {name for case in CASES for name in case.covers} | {c.name for c in SCALAR_CASES}
