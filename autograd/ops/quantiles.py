"""Order statistics: medians, quantiles and percentiles by every method of NumPy's."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..declare import operation
from ..op import NUMPY, Operation
from ..protocols import plain, records
from .reductions import Axis, _axes, sum
from .shaping import reshape

__all__ = ["median", "nanmedian", "nanpercentile", "nanquantile", "percentile", "quantile"]


def _places(count: np.ndarray, q: np.ndarray, method: str) -> np.ndarray:
    """Where among `count` sorted entries the quantiles lie, of shape q.shape + count.shape.

    A place between two is a mixture of them; every method's is what it gives of 0, 1, 2, ...
    """
    places = np.zeros(q.shape + count.shape)
    for n in np.unique(count[count > 0]):
        found = np.quantile(np.arange(float(n)), q, method=method)  # type: ignore[call-overload]
        places[..., count == n] = np.asarray(found)[..., None]
    return places


def _shares(x: np.ndarray, q: np.ndarray, axis: Axis, method: str, skip_nan: bool) -> np.ndarray:
    """The derivative of each quantile by each entry, of shape q.shape + x.shape.

    The weight of an order statistic is shared equally by the entries that are equal to it.
    """
    if not x.size:
        return np.zeros(q.shape + x.shape)
    axes = _axes(x.shape, axis)
    kept = [i for i in range(x.ndim) if i not in axes]
    order = (*kept, *axes)
    moved = x.transpose(order)
    flat = moved.reshape(*(x.shape[i] for i in kept), math.prod(x.shape[i] for i in axes))
    missing = np.isnan(flat)
    count = flat.shape[-1] - missing.sum(-1)
    places = _places(count, q, method)
    below = np.floor(places)
    ascending = np.sort(flat, axis=-1)  # nan at the end
    shares = np.zeros(q.shape + flat.shape)
    for place, weight in [(below, 1 - (places - below)), (below + 1, places - below)]:
        index = np.minimum(place, flat.shape[-1] - 1).astype(int)[..., None]
        chosen = np.take_along_axis(np.broadcast_to(ascending, shares.shape), index, axis=-1)
        winners = (flat == chosen) & ~missing
        shares += winners * (weight[..., None] / np.maximum(winners.sum(-1, keepdims=True), 1))
    if not skip_nan and missing.any():
        spoilt = missing / np.maximum(missing.sum(-1, keepdims=True), 1)
        shares = np.where(missing.any(-1, keepdims=True), spoilt, shares)
    back = (*range(q.ndim), *(q.ndim + i for i in np.argsort(order)))
    return shares.reshape(q.shape + moved.shape).transpose(back)


def _pulled(g: Any, x: Any, q: Any, axis: Axis, method: str, skip_nan: bool) -> Any:
    """The pull of a quantile; `g` has the axes of `q` in front."""
    q = np.asarray(q, float)
    x = plain(x)
    axes = _axes(x.shape, axis)
    shares = _shares(x, q, axis, method, skip_nan).astype(g.dtype)
    ones = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
    return sum(reshape(g, q.shape + ones) * shares, axis=tuple(range(q.ndim)))


def _declared(name: str, scale: float) -> Operation:
    """The operation behind one of NumPy's four functions that take `q`."""
    compute = getattr(np, name)
    skip_nan = name.startswith("nan")

    @operation(
        lambda g, x, q, axis, method: _pulled(g, x, np.asarray(q) / scale, axis, method, skip_nan),
        name=name,
    )
    def forward(x: Any, /, q: Any, axis: Axis, method: str, keepdims: bool) -> Any:
        return compute(x, q, axis=axis, method=method, keepdims=keepdims)

    return forward


_OPERATIONS = {
    name: _declared(name, scale)
    for name, scale in [
        ("quantile", 1), ("percentile", 100), ("nanquantile", 1), ("nanpercentile", 100)
    ]
}  # fmt: skip


def _of_order(name: str, x: Any, q: Any, axis: Axis, method: str, keepdims: bool) -> Any:
    if records(q):
        raise TypeError(f"{name}: q cannot record: there is a derivative by x alone; detach q")
    return _OPERATIONS[name](x, plain(q), axis=axis, method=method, keepdims=keepdims)


def quantile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """The quantiles `q`, numbers from 0 to 1, over `axis`, by any of `numpy.quantile`'s methods.

    The gradient of an order statistic is shared equally by the entries equal to it. `q` may be an
    array, whose axes come first in the result, but does not record; `weights` are not supported.

    >>> import autograd
    >>> x = autograd.Tensor([4.0, 1.0, 2.0], requires_grad=True)
    >>> autograd.quantile(x, 0.75).backward()
    >>> x.grad
    array([0.5, 0. , 0.5])
    """
    return _of_order("quantile", x, q, axis, method, keepdims)


def percentile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """`quantile` with `q` in percent.

    >>> import autograd
    >>> autograd.percentile(autograd.Tensor([4.0, 1.0, 2.0]), 75).item()
    3.0
    """
    return _of_order("percentile", x, q, axis, method, keepdims)


def nanquantile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """`quantile` of the entries that are not nan.

    >>> import autograd
    >>> autograd.nanquantile(autograd.Tensor([4.0, float("nan"), 2.0]), 0.5).item()
    3.0
    """
    return _of_order("nanquantile", x, q, axis, method, keepdims)


def nanpercentile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """`percentile` of the entries that are not nan.

    >>> import autograd
    >>> autograd.nanpercentile(autograd.Tensor([4.0, float("nan"), 2.0]), 50).item()
    3.0
    """
    return _of_order("nanpercentile", x, q, axis, method, keepdims)


@operation(lambda g, x, axis: _pulled(g, x, 0.5, axis, "linear", False), numpy=[np.median])
def median(x: Any, /, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """The middle entry over `axis`, or the mean of the two; equal entries share the gradient."""
    return np.median(x, axis=axis, keepdims=keepdims)


@operation(lambda g, x, axis: _pulled(g, x, 0.5, axis, "linear", True), numpy=[np.nanmedian])
def nanmedian(x: Any, /, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """`median` of the entries that are not nan."""
    return np.nanmedian(x, axis=axis, keepdims=keepdims)


NUMPY |= {
    np.quantile: quantile,
    np.percentile: percentile,
    np.nanquantile: nanquantile,
    np.nanpercentile: nanpercentile,
}
