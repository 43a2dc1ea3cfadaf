"""Products of matrices and tensors."""

from __future__ import annotations

import math
import string
from typing import Any

import numpy as np

from ..declare import operation
from ..op import NUMPY
from .elementwise import multiply
from .scalars import dot_lists, has_values
from .shaping import broadcast_to, expand_dims, is_array, reshape, swapaxes, transpose

__all__ = ["dot", "einsum", "matmul"]


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
        return x.T @ g
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
    return np.matmul(x, y)


def dot(x: Any, y: Any) -> Any:
    """The inner product of two lists of Values as one node; of arrays as `numpy.dot`.

    >>> from autograd import Value, dot
    >>> w = [Value(1.0), Value(2.0)]
    >>> dot(w, [3.0, 4.0]).data
    11.0
    """
    if is_array(x) and is_array(y) and x.ndim and 0 < y.ndim <= 2:
        return matmul(x, y)
    if has_values(x) or has_values(y):
        return dot_lists(x, y)
    x = x if is_array(x) else np.asarray(x)
    y = y if is_array(y) else np.asarray(y)
    if x.ndim == 0 or y.ndim == 0:
        return multiply(x, y)
    if y.ndim <= 2:
        return matmul(x, y)
    # Contract the last axis of x with the second-to-last of y; all other axes stay.
    n = y.ndim
    columns = transpose(y, (n - 2, *range(n - 2), n - 1))
    product = matmul(x, reshape(columns, (y.shape[-2], math.prod(y.shape[:-2]) * y.shape[-1])))
    return reshape(product, (*x.shape[:-1], *y.shape[:-2], y.shape[-1]))


NUMPY[np.dot] = dot


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
    g: Any, xs: tuple[Any, ...], i: int, shapes: list[tuple[int, ...]], subscripts: str
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
    share = einsum(f"{','.join(inputs)}->{target}", *operands)
    # A letter of length 1 in all other operands was broadcast against this one.
    wide = tuple(own if n == 1 else n for n, own in zip(share.shape, shapes[i], strict=True))
    return share if wide == share.shape else broadcast_to(share, wide)


@operation(_einsum_rule, name="einsum", linear="each")
def _einsum(*xs: Any, subscripts: str) -> Any:
    return np.einsum(subscripts, *xs)


def einsum(subscripts: str, *operands: Any, optimize: Any = False) -> Any:
    """Einstein's summation over subscripts, as `numpy.einsum` with a subscripts string.

    >>> import autograd
    >>> t = autograd.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> autograd.einsum("ii->", t).item()
    5.0
    """
    if not isinstance(subscripts, str):
        raise TypeError(
            f"einsum: subscripts of type {type(subscripts).__name__}: give a string like "
            "'ij,jk->ik'"
        )
    return _einsum(*operands, subscripts=subscripts)


NUMPY[np.einsum] = einsum
