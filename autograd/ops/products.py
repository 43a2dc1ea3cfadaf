"""Products of vectors, matrices and tensors."""

from __future__ import annotations

import math
import string
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..composing import as_array
from ..declare import operation
from ..op import NUMPY
from .elementwise import multiply
from .joining import concatenate
from .scalars import dot_lists, has_values
from .shaping import broadcast_to, expand_dims, ravel, reshape, swapaxes, transpose

__all__ = [
    "cross",
    "dot",
    "einsum",
    "inner",
    "kron",
    "matmul",
    "matrix_transpose",
    "matvec",
    "outer",
    "tensordot",
    "vdot",
    "vecdot",
    "vecmat",
]


def conj(x: Any) -> Any:
    """The complex conjugate; a real array or Tensor is returned itself."""
    return np.conjugate(x) if x.dtype.kind == "c" else x


def adjoint(x: Any) -> Any:
    """The conjugate transpose of each matrix."""
    return conj(swapaxes(x, -1, -2))


# --- matmul and its relatives -----------------------------------------------------------


def _matmul_x(g: Any, y: Any, x_shape: tuple[int, ...]) -> Any:
    if y.ndim == 1:
        return expand_dims(g, -1) * y
    if len(x_shape) == 1:
        return matmul(y, expand_dims(g, -1))[..., 0]
    return matmul(g, swapaxes(y, -1, -2))


def _matmul_y(g: Any, x: Any, y_shape: tuple[int, ...]) -> Any:
    if x.ndim == 1:
        return (
            expand_dims(x, -1) * expand_dims(g, -2) if len(y_shape) > 1 else x * expand_dims(g, -1)
        )
    if len(y_shape) == 1 and x.ndim == 2:
        return g.dot(x) if g.size > 1 < x.size else matmul(g, x)
    if len(y_shape) == 1:
        return matmul(swapaxes(x, -1, -2), expand_dims(g, -1))[..., 0]
    return matmul(swapaxes(x, -1, -2), g)


@operation(
    _matmul_x,
    _matmul_y,
    numpy=[np.matmul, np.linalg.matmul],
    linear="each",
    hint="the last axis of the first must be as long as the second-to-last of the second: "
    "transpose or reshape one of them",
)
def matmul(x: Any, y: Any, /) -> Any:
    """The matrix product x @ y, batched over leading axes, as `numpy.matmul`."""
    if x.__class__ is not np.ndarray or y.__class__ is not np.ndarray:
        return np.matmul(x, y)
    # A third of matmul's time where the arrays are small; but a single 0 it skips, whatever that
    # multiplies, so that nan and inf would be lost.
    if x.size > 1 < y.size and x.ndim <= 2 >= y.ndim:
        return x.dot(y)
    return np.matmul(x, y)


def dot(x: Any, y: Any) -> Any:
    """The inner product of two lists of Values as one node; of arrays as `numpy.dot`.

    >>> from autograd import Value, dot
    >>> w = [Value(1.0), Value(2.0)]
    >>> dot(w, [3.0, 4.0]).data
    11.0
    """
    if getattr(x, "ndim", 0) and 0 < getattr(y, "ndim", 0) <= 2:
        return matmul(x, y)
    if has_values(x) or has_values(y):
        return dot_lists(x, y)
    x, y = as_array(x), as_array(y)
    if x.ndim == 0 or y.ndim == 0:
        return multiply(x, y)
    if y.ndim <= 2:
        return matmul(x, y)
    # Contract the last axis of x with the second-to-last of y; all other axes stay.
    n = y.ndim
    columns = transpose(y, (n - 2, *range(n - 2), n - 1))
    product = matmul(x, reshape(columns, (y.shape[-2], math.prod(y.shape[:-2]) * y.shape[-1])))
    return reshape(product, (*x.shape[:-1], *y.shape[:-2], y.shape[-1]))


def inner(a: Any, b: Any) -> Any:
    """Sums of products over the last axes of both, without conjugation, as `numpy.inner`.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0], requires_grad=True)
    >>> autograd.inner(t, [3.0, 4.0]).item()
    11.0
    """
    a, b = as_array(a), as_array(b)
    if a.ndim == 0 or b.ndim == 0:
        return multiply(a, b)
    return matmul(a, b) if b.ndim == 1 else tensordot(a, b, axes=(-1, -1))


def vdot(a: Any, b: Any) -> Any:
    """The inner product of all entries, those of `a` conjugated, as `numpy.vdot`.

    >>> import autograd
    >>> t = autograd.Tensor([[1.0], [2.0]], requires_grad=True)
    >>> autograd.vdot(t, [3.0, 4.0]).item()
    11.0
    """
    return matmul(conj(ravel(as_array(a))), ravel(as_array(b)))


@operation(
    lambda g, y: conj(expand_dims(g, -1) * y),
    lambda g, x: expand_dims(g, -1) * conj(x),
    name="vecdot",
    linear="each",
    hint="the summed axes must be of one length and the others broadcast",
)
def _vecdot(x: Any, y: Any, /) -> Any:
    return np.vecdot(x, y)


def vecdot(x1: Any, x2: Any, axis: int = -1) -> Any:
    """Inner products along `axis`, the entries of `x1` conjugated, as `numpy.vecdot`.

    >>> import autograd
    >>> t = autograd.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> autograd.vecdot(t, t).numpy()
    array([ 5., 25.])
    """
    return _vecdot(_axis_last(as_array(x1), axis), _axis_last(as_array(x2), axis))


def matvec(x1: Any, x2: Any) -> Any:
    """Matrices times vectors, both batched, as `numpy.matvec` of NumPy 2.2.

    >>> import autograd
    >>> t = autograd.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> autograd.matvec(t, [1.0, 1.0]).numpy()
    array([3., 7.])
    """
    return matmul(as_array(x1), expand_dims(as_array(x2), -1))[..., 0]


def vecmat(x1: Any, x2: Any) -> Any:
    """Vectors, conjugated, times matrices, both batched, as `numpy.vecmat` of NumPy 2.2.

    >>> import autograd
    >>> t = autograd.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> autograd.vecmat([1.0, 1.0], t).numpy()
    array([4., 6.])
    """
    return matmul(conj(expand_dims(as_array(x1), -2)), as_array(x2))[..., 0, :]


def matrix_transpose(a: Any, /) -> Any:
    """The last two axes exchanged, as `numpy.matrix_transpose`.

    >>> import autograd
    >>> autograd.matrix_transpose(autograd.Tensor([[[1.0, 2.0]]])).shape
    (1, 2, 1)
    """
    a = as_array(a)
    if a.ndim < 2:
        raise ValueError(
            f"matrix_transpose: shape {a.shape} has no two axes to exchange: give matrices"
        )
    return swapaxes(a, -1, -2)


# --- outer products and contractions ----------------------------------------------------


def outer(a: Any, b: Any) -> Any:
    """Every entry of `a` times every entry of `b`, as a matrix, as `numpy.outer`.

    >>> import autograd
    >>> autograd.outer(autograd.Tensor([1.0, 2.0]), [3.0, 4.0]).numpy()
    array([[3., 4.],
           [6., 8.]])
    """
    return multiply(expand_dims(ravel(as_array(a)), -1), expand_dims(ravel(as_array(b)), 0))


def kron(a: Any, b: Any) -> Any:
    """The Kronecker product: `b` scaled by each entry of `a`, in blocks, as `numpy.kron`.

    >>> import autograd
    >>> autograd.kron(autograd.Tensor([1.0, 2.0]), [1.0, 10.0]).numpy()
    array([ 1., 10.,  2., 20.])
    """
    a, b = as_array(a), as_array(b)
    ndim = max(a.ndim, b.ndim)
    rows = (1,) * (ndim - a.ndim) + a.shape
    columns = (1,) * (ndim - b.ndim) + b.shape
    # (m, 1, n, 1) times (1, p, 1, q) is (m, p, n, q), whose axes are joined by pairs.
    left = reshape(a, tuple(length for n in rows for length in (n, 1)))
    right = reshape(b, tuple(length for n in columns for length in (1, n)))
    shape = tuple(n * m for n, m in zip(rows, columns, strict=True))
    return reshape(multiply(left, right), shape)


def _free(ndim: int, summed: Sequence[int]) -> list[int]:
    return [i for i in range(ndim) if i not in summed]


def _tensordot_x(g: Any, y: Any, x_shape: tuple[int, ...], axes: Any) -> Any:
    """Contract `g` with the free axes of y; what is left of y goes where x had its partners."""
    of_x, of_y = axes
    free = _free(len(x_shape), of_x)
    share = _tensordot(g, y, axes=(tuple(range(len(free), g.ndim)), tuple(_free(y.ndim, of_y))))
    came_from = [*free, *(of_x[of_y.index(k)] for k in sorted(of_y))]
    return transpose(share, tuple(np.argsort(came_from).tolist()))


def _tensordot_y(g: Any, x: Any, y_shape: tuple[int, ...], axes: Any) -> Any:
    of_x, of_y = axes
    free = _free(x.ndim, of_x)
    share = _tensordot(x, g, axes=(tuple(free), tuple(range(len(free)))))
    came_from = [*(of_y[of_x.index(k)] for k in sorted(of_x)), *_free(len(y_shape), of_y)]
    return transpose(share, tuple(np.argsort(came_from).tolist()))


@operation(
    _tensordot_x,
    _tensordot_y,
    name="tensordot",
    linear="each",
    hint="the summed axes must be of one length each",
)
def _tensordot(x: Any, y: Any, /, axes: tuple[tuple[int, ...], tuple[int, ...]]) -> Any:
    return np.tensordot(x, y, axes)


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Sums of products over pairs of axes, as `numpy.tensordot`.

    Args:
        a, b: the arrays.
        axes: how many of the last axes of `a` to sum with the first of `b`, or a pair: the axes
            of `a` and those of `b`.

    >>> import autograd
    >>> t = autograd.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> autograd.tensordot(t, t).item()
    30.0
    """
    a, b = as_array(a), as_array(b)
    if isinstance(axes, Iterable):
        of_a, of_b = axes
    else:
        of_a, of_b = range(-axes, 0), range(axes)
    pairs = tuple(
        tuple(
            normalize_axis_index(k, x.ndim)
            for k in (chosen if isinstance(chosen, Iterable) else [chosen])
        )
        for chosen, x in ((of_a, a), (of_b, b))
    )
    return _tensordot(a, b, axes=pairs)


# --- the cross product ------------------------------------------------------------------


def _cross_x(g: Any, y: Any) -> Any:
    return _cross(y, g)


def _cross_y(g: Any, x: Any) -> Any:
    return _cross(g, x)


@operation(_cross_x, _cross_y, name="cross", linear="each")
def _cross(x: Any, y: Any, /) -> Any:
    return np.cross(x, y)


def _axis_last(x: Any, axis: int) -> Any:
    """`x` with `axis` moved to the end."""
    if axis == -1 or not x.ndim:
        return x
    axis = normalize_axis_index(axis, x.ndim)
    return transpose(x, (*_free(x.ndim, [axis]), axis))


def cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    """The cross product of vectors of length 3 (or, deprecated, 2), as `numpy.cross`.

    >>> import autograd
    >>> autograd.cross(autograd.Tensor([1.0, 0.0, 0.0]), [0.0, 1.0, 0.0]).numpy()
    array([0., 0., 1.])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = as_array(a), as_array(b)
    if not a.ndim or not b.ndim:
        raise ValueError("cross: a number is no vector: give arrays of vectors of length 3")
    a, b = _axis_last(a, axisa), _axis_last(b, axisb)
    lengths = a.shape[-1], b.shape[-1]
    if not {2, 3}.issuperset(lengths):
        raise ValueError(
            f"cross: vectors of lengths {lengths[0]} and {lengths[1]}: give vectors of length 3"
        )
    if 2 in lengths:
        warnings.warn(
            "cross: vectors of length 2 are deprecated in NumPy 2.0: give them a third component",
            DeprecationWarning,
            stacklevel=2,
        )
        a, b = (_with_third(x) for x in (a, b))
    product = _cross(a, b)
    if lengths == (2, 2):
        return product[..., 2]
    axisc = normalize_axis_index(axisc, product.ndim)
    order = list(range(product.ndim - 1))
    order.insert(axisc, product.ndim - 1)
    return transpose(product, tuple(order)) if axisc < product.ndim - 1 else product


def _with_third(x: Any) -> Any:
    if x.shape[-1] == 3:
        return x
    return concatenate([x, np.zeros((*x.shape[:-1], 1), x.dtype)], axis=-1)


# --- einsum -----------------------------------------------------------------------------


def _letters(subscripts: str, shapes: list[tuple[int, ...]]) -> tuple[list[str], str]:
    """The subscripts of each operand and of the output with every ellipsis spelled out."""
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    free = [c for c in string.ascii_letters if c not in text]
    widths = [
        len(shape) - len(term.replace("...", "")) if "..." in term else 0
        for term, shape in zip(terms, shapes, strict=True)
    ]
    widest = "".join(free[: max(widths, default=0)])
    spelled = [
        term.replace("...", widest[len(widest) - width :])
        for term, width in zip(terms, widths, strict=True)
    ]
    if arrow:
        return spelled, right.replace("...", widest)
    # Implicit output: the broadcast axes, then the letters that occur once, sorted.
    named = left.replace(",", "").replace("...", "")
    return spelled, widest + "".join(sorted(c for c in set(named) if named.count(c) == 1))


def _einsum_rule(
    g: Any,
    xs: tuple[Any, ...],
    i: int,
    shapes: list[tuple[int, ...]],
    subscripts: str,
    optimize: Any,
) -> Any:
    """The operand's subscripts as the output, the output and the other operands as inputs."""
    terms, out = _letters(subscripts, shapes)
    own = terms[i]
    operands = [g, *(x for k, x in enumerate(xs) if k != i)]
    inputs = [out, *(term for k, term in enumerate(terms) if k != i)]
    spare = iter(c for c in string.ascii_letters if c not in "".join([out, *terms]))
    target = ""
    for axis, letter in enumerate(own):
        if letter in target:  # a diagonal: only its entries have a share
            twin = next(spare)
            operands.append(np.eye(shapes[i][axis], dtype=g.dtype))
            inputs.append(letter + twin)
            letter = twin
        elif letter not in "".join(inputs):  # summed within this operand alone
            operands.append(np.ones(shapes[i][axis], g.dtype))
            inputs.append(letter)
        target += letter
    # A path given for the forward pass does not fit these operands: one is found anew.
    way = optimize if isinstance(optimize, (bool, str)) else True
    share = einsum(f"{','.join(inputs)}->{target}", *operands, optimize=way)
    # A letter of length 1 in all other operands was broadcast against this one.
    wide = tuple(own if n == 1 else n for n, own in zip(share.shape, shapes[i], strict=True))
    return share if wide == share.shape else broadcast_to(share, wide)


@operation(_einsum_rule, name="einsum", linear="each")
def _einsum(*xs: Any, subscripts: str, optimize: Any) -> Any:
    return np.einsum(subscripts, *xs, optimize=optimize)


_LETTERS = string.ascii_uppercase + string.ascii_lowercase  # in the order NumPy gives integers


def _spelled(sublist: Iterable[Any]) -> str:
    """A list of integers (and Ellipsis) as a term of a subscripts string."""
    try:
        return "".join(["..." if k is Ellipsis else _LETTERS[range(52)[k]] for k in sublist])
    except (TypeError, IndexError) as error:
        raise ValueError(
            f"einsum: the sublist {sublist!r}: give integers from 0 to 51, or Ellipsis"
        ) from error


def _from_lists(operands: Sequence[Any]) -> tuple[str, list[Any]]:
    """The subscripts string and the arrays of `einsum(x, [0, 1], y, [1, 2], [0, 2])`."""
    pairs = len(operands) // 2
    subscripts = ",".join([_spelled(operands[2 * k + 1]) for k in range(pairs)])
    if len(operands) % 2:
        subscripts += "->" + _spelled(operands[-1])
    return subscripts, list(operands[: 2 * pairs : 2])


def einsum(*operands: Any, optimize: Any = False) -> Any:
    """Einstein's summation, as `numpy.einsum`.

    Args:
        operands: a string of subscripts and then the arrays; or each array followed by a list of
            integers, with a last list for the output.
        optimize: how pairs of operands are joined first, as `numpy.einsum_path` takes it; the
            derivatives are computed in the same way.

    >>> import autograd
    >>> t = autograd.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> autograd.einsum("ii->", t).item(), autograd.einsum(t, [0, 0], []).item()
    (5.0, 5.0)
    """
    if len(operands) < 2:
        raise ValueError("einsum: give a string of subscripts, and at least one array")
    subscripts, *arrays = operands
    if not isinstance(subscripts, str):
        if not isinstance(arrays[0], (list, tuple)):
            raise TypeError(
                f"einsum: subscripts of type {type(subscripts).__name__}: give a string like "
                "'ij,jk->ik', or a list of integers after each array"
            )
        subscripts, arrays = _from_lists(operands)
    return _einsum(*arrays, subscripts=subscripts, optimize=optimize)


NUMPY |= {
    np.cross: cross, np.dot: dot, np.einsum: einsum, np.inner: inner, np.kron: kron,
    np.matrix_transpose: matrix_transpose, np.linalg.matrix_transpose: matrix_transpose,
    np.outer: outer, np.tensordot: tensordot, np.linalg.tensordot: tensordot, np.vdot: vdot,
    np.vecdot: vecdot, np.linalg.vecdot: vecdot,
}  # fmt: skip
# Since NumPy 2.2.
NUMPY |= {getattr(np, f.__name__): f for f in (matvec, vecmat) if hasattr(np, f.__name__)}
