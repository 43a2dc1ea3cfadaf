"""Reductions over axes: sums, moments, products, extremes, and the softmax family."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..composing import as_array
from ..declare import operation
from ..handles import Handles
from ..op import NUMPY
from ..protocols import plain
from .complex_parts import conjugate, is_complex, real
from .elementwise import _nonzero, exp, sqrt
from .elementwise import where as chosen
from .joining import concatenate
from .piecewise import maximum, minimum
from .scalars import has_values, sum_values
from .shaping import broadcast_to, reshape, transpose

__all__ = ["log_softmax", "logsumexp", "max", "mean", "min", "prod", "ptp", "softmax", "std", "sum",
           "var"]  # fmt: skip

Axis = int | tuple[int, ...] | None


def _axes(x_shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    if not x_shape and axis in (0, -1):
        return ()  # NumPy's ufuncs take a single number for a line of one
    return normalize_axis_tuple(range(len(x_shape)) if axis is None else axis, len(x_shape))


def _count(x_shape: tuple[int, ...], axis: Axis) -> int:
    """How many entries go into one result."""
    if axis is None:
        return math.prod(x_shape)
    return math.prod(x_shape[a] for a in _axes(x_shape, axis))


def _spread(g: Any, x_shape: tuple[int, ...], axis: Axis) -> Any:
    """`g`, of the shape of a reduction's result, such that it broadcasts to the input's."""
    if axis is None:
        return g
    axes = _axes(x_shape, axis)
    return reshape(g, tuple(1 if i in axes else n for i, n in enumerate(x_shape)))


def _repeated(g: Any, x_shape: tuple[int, ...], axis: Axis) -> Any:
    """`g` for each of the entries that were reduced to one."""
    if axis is not None or isinstance(g, Handles.tensor):
        return broadcast_to(_spread(g, x_shape, axis), x_shape)
    one = np.asarray(g)
    if math.prod(x_shape) <= _FEW:
        repeated = np.empty(x_shape, one.dtype)
        repeated[...] = one
        return repeated
    # What np.broadcast_to gives, in a tenth of its time.
    repeated = np.ndarray(x_shape, one.dtype, one, 0, (0,) * len(x_shape))
    repeated.flags.writeable = False
    return repeated


_FEW = 1000
"""Entries that are written faster than a view is made that repeats one."""

_add_up: Any = np.add.reduce  # np.sum, without what it does for lists

# --- sums and moments -------------------------------------------------------------------


@operation(
    lambda g, x_shape, axis: _repeated(g, x_shape, axis),
    name="sum",
    moves=True,
    linear=True,
)
def _sum(x: Any, /, axis: Axis = None, *, keepdims: bool = False) -> Any:
    return _add_up(x, axis, None, None, keepdims)


def _kept(x: Any, where: Any, neutral: Any) -> Any:
    """`x` with a neutral element in the places left out."""
    if where is True:
        return x
    return chosen(np.broadcast_to(plain(where), np.shape(plain(x))), x, neutral)


def sum(
    x: Any, axis: Axis = None, *, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """The sum over `axis`, as `numpy.sum`; of a list of Values, one node for all of them.

    Args:
        x: the array.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether they stay, with length 1.
        initial: added to the result.
        where: a mask; the entries outside contribute nothing, to the gradient either.

    >>> import autograd
    >>> v = [autograd.Value(1.0), autograd.Value(2.0)]
    >>> autograd.sum(v).data
    3.0
    """
    if x.__class__ is Handles.tensor and where is True and initial is None:
        return _sum.unary(x, {"axis": axis, "keepdims": keepdims})
    if isinstance(x, Iterator):
        x = list(x)
    if has_values(x) and axis is None and not keepdims:
        return sum_values.on_values(x)
    total = _sum(_kept(x, where, 0), axis=axis, keepdims=keepdims)
    return total if initial is None else total + initial


NUMPY[np.sum] = sum


@operation(
    lambda g, x_shape, axis: _repeated(g / (_count(x_shape, axis) or 1), x_shape, axis),
    name="mean",
    linear=True,
)
def _mean(x: Any, /, axis: Axis = None, *, keepdims: bool = False) -> Any:
    return np.mean(x, axis=axis, keepdims=keepdims)


def _counted(x: Any, axis: Axis, keepdims: bool, where: Any) -> Any:
    """How many entries inside the mask go into each result."""
    mask = np.broadcast_to(plain(where), np.shape(plain(x)))
    return mask.sum(axis=axis, keepdims=keepdims, dtype=plain(x).real.dtype)


def mean(x: Any, axis: Axis = None, *, keepdims: bool = False, where: Any = True) -> Any:
    """The arithmetic mean over `axis` of the entries where the mask `where` is true.

    >>> import autograd
    >>> autograd.mean(autograd.Tensor([1.0, 2.0, 6.0])).item()
    3.0
    """
    if where is True:
        return _mean(x, axis=axis, keepdims=keepdims)
    x = as_array(x)
    total = sum(x, axis, keepdims=keepdims, where=where)
    return total / _counted(x, axis, keepdims, where)


def _deviation(x: Any, axis: Axis, ddof: float) -> Any:
    """x minus its mean, per degree of freedom; its conjugate where it is complex."""
    freedom = _count(x.shape, axis) - ddof
    deviation = (x - _mean(x, axis=axis, keepdims=True)) * (
        1 / freedom if freedom > 0 else math.nan
    )
    return conjugate(deviation) if is_complex(x) else deviation


@operation(
    lambda g, x, x_shape, axis, ddof: _spread(2 * g, x_shape, axis) * _deviation(x, axis, ddof),
    name="var",
)
def _var(x: Any, /, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    return np.var(x, axis=axis, ddof=ddof, keepdims=keepdims)


@operation(
    # At out = 0 every deviation is 0 as well: the gradient is defined as 0 there.
    lambda g, x, out, x_shape, axis, ddof: (
        _spread(g / _nonzero(out), x_shape, axis) * _deviation(x, axis, ddof)
    ),
    name="std",
)
def _std(x: Any, /, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    return np.std(x, axis=axis, ddof=ddof, keepdims=keepdims)


def var(
    x: Any,
    axis: Axis = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    """The variance over `axis`, of complex numbers that of their distances from the mean.

    Args:
        x: the array.
        axis: an axis or a tuple of them; all by default.
        ddof: lost degrees of freedom.
        keepdims: whether the axes stay, with length 1.
        where: a mask of the entries that count.
        mean: the mean, where it is known, with the axes kept; it may record.
        correction: another name of ddof.

    Raises:
        ValueError: where both ddof and correction are given.

    >>> import autograd
    >>> autograd.var(autograd.Tensor([1.0, 2.0, 6.0]), ddof=1).item()
    7.0
    """
    ddof = _degrees("var", ddof, correction)
    if where is True and mean is None:
        return _var(x, axis=axis, ddof=ddof, keepdims=keepdims)
    x = as_array(x)
    if mean is None:
        mean = _centre(x, axis, keepdims=True, where=where)
    deviation = x - mean
    size = real(deviation * conjugate(deviation)) if is_complex(deviation) else deviation**2
    total = sum(size, axis, keepdims=keepdims, where=where)
    return total / np.maximum(_counted(x, axis, keepdims, where) - ddof, 0)


_centre = mean  # which `var` has a parameter of that name for


def std(
    x: Any,
    axis: Axis = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    """The standard deviation over `axis`, the root of `var`; its gradient is 0 where it is 0.

    >>> import autograd
    >>> autograd.std(autograd.Tensor([1.0, 3.0])).item()
    1.0
    """
    ddof = _degrees("std", ddof, correction)
    if where is True and mean is None:
        return _std(x, axis=axis, ddof=ddof, keepdims=keepdims)
    variance = var(x, axis, ddof=ddof, keepdims=keepdims, where=where, mean=mean)
    return chosen(plain(variance) != 0, sqrt(variance), 0)


def _degrees(name: str, ddof: float, correction: float | None) -> float:
    if correction is None:
        return ddof
    if ddof != 0:
        raise ValueError(f"{name}: ddof and correction are one thing: give one of the two")
    return correction


NUMPY |= {np.mean: mean, np.var: var, np.std: std}

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
    name="prod",
)
def _prod(x: Any, /, axis: Axis = None, *, keepdims: bool = False) -> Any:
    return np.prod(x, axis=axis, keepdims=keepdims)


def prod(
    x: Any, axis: Axis = None, *, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """The product over `axis`, as `numpy.prod`; its gradient is exact where entries are 0.

    `initial` is a factor more, and entries outside the mask `where` are left out.

    >>> import autograd
    >>> x = autograd.Tensor([0.0, 2.0, 3.0], requires_grad=True)
    >>> autograd.prod(x).backward()
    >>> x.grad
    array([6., 0., 0.])
    """
    product = _prod(_kept(x, where, 1), axis=axis, keepdims=keepdims)
    return product if initial is None else product * initial


NUMPY[np.prod] = prod


# --- extremes ---------------------------------------------------------------------------


def _shared(g: Any, x: Any, out: Any, axis: Axis) -> Any:
    """`g` shared equally by the entries that are the extreme `out`, or nan, as it may be."""
    out = _spread(plain(out), x.shape, axis)
    winners = np.equal(plain(x), out) | (np.isnan(plain(x)) & np.isnan(out))
    share = winners / np.maximum(winners.sum(axis=axis, keepdims=True), 1)
    return _spread(g, x.shape, axis) * share.astype(g.dtype)


def _extreme(reduce: Callable[..., Any]) -> Callable[..., Any]:
    """The forward function of an extreme; `initial` is a plain number."""

    def extreme(
        x: Any, /, axis: Axis = None, *, keepdims: bool = False, initial: Any = np._NoValue
    ) -> Any:
        return reduce(x, axis=axis, keepdims=keepdims, initial=initial)

    return extreme


_max, _min, _nanmax, _nanmin = [
    operation(lambda g, x, out, axis: _shared(g, x, out, axis), name=name)(_extreme(reduce))
    for name, reduce in [
        ("max", np.max), ("min", np.min), ("nanmax", np.nanmax), ("nanmin", np.nanmin)
    ]
]  # fmt: skip


def _bounded(
    reduce: Any, bound: Any, x: Any, axis: Axis, keepdims: bool, initial: Any, where: Any
) -> Any:
    """An extreme of the entries inside the mask and of `initial`, which goes in by `bound`."""
    if initial is None:
        if where is not True:
            raise ValueError(
                f"{reduce.name}: with where= there may be no entry left: give initial= as well"
            )
        return reduce(x, axis=axis, keepdims=keepdims)
    x = as_array(x)
    whole = None if x.dtype.kind in "fc" else np.iinfo(x.dtype)
    low, high = (whole.min, whole.max) if whole else (-math.inf, math.inf)
    weakest = low if bound is maximum else high  # which loses against every number
    x = _kept(x, where, weakest)
    return bound(reduce(x, axis=axis, keepdims=keepdims, initial=weakest), initial)


def max(
    x: Any, axis: Axis = None, *, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """The largest entry over `axis`; ties share the gradient equally.

    `initial`, which may record, takes part once; with a mask `where` it is needed.

    >>> import autograd
    >>> x = autograd.Tensor([1.0, 2.0, 2.0], requires_grad=True)
    >>> autograd.max(x).backward()
    >>> x.grad
    array([0. , 0.5, 0.5])
    """
    return _bounded(_max, maximum, x, axis, keepdims, initial, where)


def min(
    x: Any, axis: Axis = None, *, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """The smallest entry over `axis`, with the arguments of `max`.

    >>> import autograd
    >>> autograd.min(autograd.Tensor([1.0, 2.0])).item()
    1.0
    """
    return _bounded(_min, minimum, x, axis, keepdims, initial, where)


def ptp(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """The largest minus the smallest entry over `axis`.

    >>> import autograd
    >>> autograd.ptp(autograd.Tensor([1.0, 4.0, 2.0])).item()
    3.0
    """
    return _max(x, axis=axis, keepdims=keepdims) - _min(x, axis=axis, keepdims=keepdims)


NUMPY |= {np.max: max, np.amax: max, np.min: min, np.amin: min, np.ptp: ptp}

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


NUMPY |= {
    (np.add, "reduce"): sum,
    (np.multiply, "reduce"): prod,
    (np.maximum, "reduce"): max,
    (np.minimum, "reduce"): min,
    (np.logaddexp, "reduce"): logsumexp,
}
