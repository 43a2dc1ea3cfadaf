"""Reductions over axes: sums, moments, products, extremes, and the softmax family."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..declare import operation
from ..op import NUMPY, Handles
from .elementwise import _nonzero, exp
from .scalars import has_values, sum_values
from .shaping import broadcast_to, concatenate, reshape, transpose

__all__ = ["log_softmax", "logsumexp", "max", "mean", "min", "prod", "softmax", "std", "sum", "var"]

Axis = int | tuple[int, ...] | None


def _axes(x_shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    return normalize_axis_tuple(range(len(x_shape)) if axis is None else axis, len(x_shape))


def _count(x_shape: tuple[int, ...], axis: Axis) -> int:
    """How many entries go into one result."""
    return math.prod(x_shape[a] for a in _axes(x_shape, axis))


def _spread(g: Any, x_shape: tuple[int, ...], axis: Axis) -> Any:
    """`g`, of the shape of a reduction's result, with the reduced axes back as length 1."""
    axes = _axes(x_shape, axis)
    return reshape(g, tuple(1 if i in axes else n for i, n in enumerate(x_shape)))


_add_up: Any = np.add.reduce  # np.sum, without what it does for lists

# --- sums and moments -------------------------------------------------------------------


@operation(
    lambda g, x_shape, axis: broadcast_to(_spread(g, x_shape, axis), x_shape),
    name="sum",
    moves=True,
    linear=True,
)
def _sum(x: Any, /, axis: Axis = None, *, keepdims: bool = False) -> Any:
    return _add_up(x, axis, keepdims=keepdims)


def sum(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """The sum over `axis`, as `numpy.sum`; of a list of Values, one node for all of them.

    >>> import autograd
    >>> v = [autograd.Value(1.0), autograd.Value(2.0)]
    >>> autograd.sum(v).data
    3.0
    """
    if x.__class__ is Handles.tensor:
        return _sum.on_tensors((x,), {"axis": axis, "keepdims": keepdims})
    if isinstance(x, Iterator):
        x = list(x)
    if has_values(x) and axis is None and not keepdims:
        return sum_values.on_values(x)
    return _sum(x, axis=axis, keepdims=keepdims)


NUMPY[np.sum] = sum


@operation(
    lambda g, x_shape, axis: broadcast_to(
        _spread(g / (_count(x_shape, axis) or 1), x_shape, axis), x_shape
    ),
    numpy=[np.mean],
    linear=True,
)
def mean(x: Any, /, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """The arithmetic mean over `axis`, as `numpy.mean`."""
    return np.mean(x, axis=axis, keepdims=keepdims)


def _deviation(x: Any, axis: Axis, ddof: float) -> Any:
    """x minus its mean, per degree of freedom."""
    freedom = _count(x.shape, axis) - ddof
    return (x - mean(x, axis=axis, keepdims=True)) * (1 / freedom if freedom > 0 else math.nan)


@operation(
    lambda g, x, x_shape, axis, ddof: _spread(2 * g, x_shape, axis) * _deviation(x, axis, ddof),
    numpy=[np.var],
)
def var(x: Any, /, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    """The variance over `axis` with `ddof` lost degrees of freedom, as `numpy.var`."""
    return np.var(x, axis=axis, ddof=ddof, keepdims=keepdims)


@operation(
    # At out = 0 every deviation is 0 as well: the gradient is defined as 0 there.
    lambda g, x, out, x_shape, axis, ddof: (
        _spread(g / _nonzero(out), x_shape, axis) * _deviation(x, axis, ddof)
    ),
    numpy=[np.std],
)
def std(x: Any, /, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    """The standard deviation over `axis`, as `numpy.std`; gradient 0 where it is 0."""
    return np.std(x, axis=axis, ddof=ddof, keepdims=keepdims)


# --- products ---------------------------------------------------------------------------


def _product_before(x: Any) -> Any:
    """Along the last axis, the product of all entries before each: log n multiplications."""
    ones = np.ones_like(x[..., :1])
    product = concatenate([ones, x[..., :-1]], axis=-1)
    step = 1
    while step < x.shape[-1]:
        ones = np.ones_like(product[..., :step])
        product = product * concatenate([ones, product[..., :-step]], axis=-1)
        step *= 2
    return product


def _product_of_others(x: Any, axis: Axis) -> Any:
    """For each entry the product of the others it is reduced with: no division, exact at 0."""
    axes = _axes(x.shape, axis)
    order = (*(i for i in range(x.ndim) if i not in axes), *axes)
    moved = transpose(x, order)
    flat = reshape(
        moved, (*(x.shape[i] for i in order[: x.ndim - len(axes)]), _count(x.shape, axis))
    )
    others = _product_before(flat) * _product_before(flat[..., ::-1])[..., ::-1]
    return transpose(reshape(others, moved.shape), tuple(np.argsort(order).tolist()))


@operation(
    lambda g, x, x_shape, axis: _spread(g, x_shape, axis) * _product_of_others(x, axis),
    numpy=[np.prod],
)
def prod(x: Any, /, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """The product over `axis`, as `numpy.prod`; its gradient is exact where entries are 0."""
    return np.prod(x, axis=axis, keepdims=keepdims)


# --- extremes ---------------------------------------------------------------------------


def _shared(g: Any, x: Any, out: Any, axis: Axis) -> Any:
    """`g` shared equally by the entries that are the extreme `out` (or nan, as `out` then is)."""
    winners = np.equal(x, _spread(out, x.shape, axis)) | np.isnan(x)
    share = winners / winners.sum(axis=axis, keepdims=True)
    return _spread(g, x.shape, axis) * share.astype(g.dtype)


@operation(lambda g, x, out, axis: _shared(g, x, out, axis), numpy=[np.max, np.amax])
def max(x: Any, /, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """The largest entry over `axis`; ties share the gradient equally."""
    return np.max(x, axis=axis, keepdims=keepdims)


@operation(lambda g, x, out, axis: _shared(g, x, out, axis), numpy=[np.min, np.amin])
def min(x: Any, /, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """The smallest entry over `axis`; ties share the gradient equally."""
    return np.min(x, axis=axis, keepdims=keepdims)


# --- the softmax family -----------------------------------------------------------------


def _shifted(x: Any, axis: int) -> tuple[Any, Any]:
    """x minus its maximum (0 where that is infinite), and what was subtracted."""
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, np.zeros((), top.dtype))
    return x - top, top


@operation(lambda g, out, axis: out * (g - _sum(g * out, axis=axis, keepdims=True)))
def softmax(x: Any, /, axis: int = -1) -> Any:
    """exp(x) divided by its sum over `axis`, without overflow."""
    weights, _ = _shifted(x, axis)
    weights = np.exp(weights)
    return weights / weights.sum(axis=axis, keepdims=True)


@operation(lambda g, out, axis: g - exp(out) * _sum(g, axis=axis, keepdims=True))
def log_softmax(x: Any, /, axis: int = -1) -> Any:
    """The logarithm of `softmax`, without overflow or log(0)."""
    shifted, _ = _shifted(x, axis)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@operation(lambda g, x, x_shape, axis: _spread(g, x_shape, axis) * exp(x - _spread_like(x, axis)))
def logsumexp(x: Any, /, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """The logarithm of the sum of exp(x) over `axis`, without overflow."""
    shifted, top = _shifted(x, axis)  # type: ignore[arg-type]
    total = np.log(np.exp(shifted).sum(axis=axis, keepdims=True)) + top
    return total if keepdims else total.squeeze(axis=_axes(x.shape, axis))


def _spread_like(x: Any, axis: Axis) -> Any:
    return logsumexp(x, axis=axis, keepdims=True)
