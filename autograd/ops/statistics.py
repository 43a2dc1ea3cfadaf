"""Averages, order statistics, correlations, and the statistics that pass over nan."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..declare import composed, operation
from ..op import NUMPY, Operation
from ..protocols import plain, records
from .complex_parts import conjugate, is_complex, real
from .elementwise import astype, sqrt, where
from .linear_algebra import matmul
from .reductions import Axis, _axes, _nanmax, _nanmin, as_array, mean, prod, std, sum, var
from .scans import cumprod, cumsum
from .shaping import broadcast_to, concatenate, reshape, transpose

__all__ = [
    "average",
    "corrcoef",
    "cov",
    "median",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
    "percentile",
    "quantile",
]

# --- averages ---------------------------------------------------------------------------


@composed(np.average)
def average(
    x: Any,
    axis: Axis = None,
    weights: Any = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Any:
    """The mean over `axis` weighted with `weights`, which may record.

    Args:
        x: the array.
        axis: an axis or a tuple of them; all by default.
        weights: in the shape of `x`, or of its `axis`; equal by default.
        returned: whether the sum of the weights is returned as well, in a tuple.
        keepdims: whether the axes stay, with length 1.

    Raises:
        TypeError, ValueError: for weights of another shape; ZeroDivisionError: where they sum to 0.

    >>> import autograd
    >>> autograd.average(autograd.Tensor([1.0, 4.0]), weights=[2, 1]).item()
    2.0
    """
    x = as_array(x)
    if weights is None:
        result = mean(x, axis, keepdims=keepdims)
        count = x.size / (result.size or 1)
        return (result, np.full(result.shape, count, result.dtype)) if returned else result
    weights = as_array(weights)
    if weights.shape != x.shape:
        weights = _along_axes(weights, x.shape, axis)
    total = sum(broadcast_to(weights, x.shape), axis, keepdims=keepdims)
    if np.any(plain(total) == 0):
        raise ZeroDivisionError("average: the weights sum to 0: nothing can be normalised by them")
    result = sum(x * weights, axis, keepdims=keepdims) / total
    return (result, total) if returned else result


def _along_axes(weights: Any, shape: tuple[int, ...], axis: Axis) -> Any:
    """Weights given for `axis` alone, in a shape that broadcasts."""
    if axis is None:
        raise TypeError(
            f"average: weights of shape {weights.shape} for an array of shape {shape}: give the "
            "axis"
        )
    axes = normalize_axis_tuple(axis, len(shape))
    if weights.shape != tuple(shape[a] for a in axes):
        raise ValueError(
            f"average: weights of shape {weights.shape} for the axes {axes} of an array of shape "
            f"{shape}: give one for each entry along them"
        )
    weights = transpose(weights, tuple(np.argsort(axes).tolist()))
    return reshape(weights, tuple(n if i in axes else 1 for i, n in enumerate(shape)))


# --- order statistics -------------------------------------------------------------------


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
    axes = _axes(x.shape, axis)
    kept = [i for i in range(x.ndim) if i not in axes]
    order = (*kept, *axes)
    moved = x.transpose(order)
    flat = moved.reshape(*(x.shape[i] for i in kept), -1)
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

# --- passing over nan -------------------------------------------------------------------


def _numbers(x: Any) -> np.ndarray:
    numbers: np.ndarray = ~np.isnan(plain(x))
    return numbers


@composed(np.nansum)
def nansum(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """The sum over `axis` of the entries that are not nan; 0 where there is none.

    >>> import autograd
    >>> autograd.nansum(autograd.Tensor([1.0, float("nan"), 2.0])).item()
    3.0
    """
    return sum(x, axis, keepdims=keepdims, where=_numbers(x))


@composed(np.nanprod)
def nanprod(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """The product over `axis` of the entries that are not nan; 1 where there is none.

    >>> import autograd
    >>> autograd.nanprod(autograd.Tensor([3.0, float("nan"), 2.0])).item()
    6.0
    """
    return prod(x, axis, keepdims=keepdims, where=_numbers(x))


@composed(np.nanmean)
def nanmean(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """The mean over `axis` of the entries that are not nan.

    >>> import autograd
    >>> autograd.nanmean(autograd.Tensor([1.0, float("nan"), 2.0])).item()
    1.5
    """
    return _of_numbers(mean, x, axis, keepdims, 0, "Mean of empty slice")


@composed(np.nanvar)
def nanvar(x: Any, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    """The variance over `axis` of the entries that are not nan.

    >>> import autograd
    >>> autograd.nanvar(autograd.Tensor([1.0, float("nan"), 3.0])).item()
    1.0
    """
    return _of_numbers(var, x, axis, keepdims, ddof, _TOO_FEW, ddof=ddof)


@composed(np.nanstd)
def nanstd(x: Any, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    """The standard deviation over `axis` of the entries that are not nan.

    >>> import autograd
    >>> autograd.nanstd(autograd.Tensor([1.0, float("nan"), 3.0])).item()
    1.0
    """
    return _of_numbers(std, x, axis, keepdims, ddof, _TOO_FEW, ddof=ddof)


_TOO_FEW = "Degrees of freedom <= 0 for slice."


def _of_numbers(
    moment: Any, x: Any, axis: Axis, keepdims: bool, least: float, message: str, **params: Any
) -> Any:
    """A moment of the entries that are not nan, and nan where there are not more than `least`."""
    numbers = _numbers(x)
    too_few = numbers.sum(axis=axis, keepdims=keepdims) <= least
    with np.errstate(all="ignore"):  # NumPy has this warning instead
        result = moment(x, axis, keepdims=keepdims, where=numbers, **params)
    if np.any(too_few):
        warnings.warn(message, RuntimeWarning, stacklevel=4)
    return where(too_few, np.nan, result)


@composed(np.nanmax)
def nanmax(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """The largest entry over `axis` that is not nan; ties share the gradient equally.

    >>> import autograd
    >>> autograd.nanmax(autograd.Tensor([1.0, float("nan"), 3.0])).item()
    3.0
    """
    return _nanmax(x, axis=axis, keepdims=keepdims)


@composed(np.nanmin)
def nanmin(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """The smallest entry over `axis` that is not nan; ties share the gradient equally.

    >>> import autograd
    >>> autograd.nanmin(autograd.Tensor([1.0, float("nan"), 3.0])).item()
    1.0
    """
    return _nanmin(x, axis=axis, keepdims=keepdims)


@composed(np.nancumsum)
def nancumsum(x: Any, axis: int | None = None) -> Any:
    """`cumsum` with 0 for nan.

    >>> import autograd
    >>> autograd.nancumsum(autograd.Tensor([1.0, float("nan"), 3.0])).numpy()
    array([1., 1., 4.])
    """
    return cumsum(where(_numbers(x), x, 0), axis=axis)


@composed(np.nancumprod)
def nancumprod(x: Any, axis: int | None = None) -> Any:
    """`cumprod` with 1 for nan.

    >>> import autograd
    >>> autograd.nancumprod(autograd.Tensor([2.0, float("nan"), 3.0])).numpy()
    array([2., 2., 6.])
    """
    return cumprod(where(_numbers(x), x, 1), axis=axis)


# --- correlations -----------------------------------------------------------------------


def _rows(x: Any, rowvar: bool) -> Any:
    """The variables as rows."""
    x = as_array(x)
    if x.ndim > 2:
        raise ValueError(f"cov: an array of {x.ndim} dimensions: give 2 at most")
    x = astype(x, np.result_type(x.dtype, np.float64))  # as NumPy does
    if x.ndim < 2:
        return reshape(x, (1, -1))
    return x if rowvar else transpose(x)


@composed(np.cov)
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
) -> Any:
    """The covariance matrix of variables, the rows of `m` and `y`, as `numpy.cov`.

    Args:
        m: the observations, a row for each variable.
        y: further variables.
        rowvar: False where the variables are columns.
        bias: whether to divide by the number of observations rather than by one less.
        ddof: what is subtracted from that number instead.
        fweights: how often each observation was made; integers.
        aweights: the weight of each observation; may record.

    >>> import autograd
    >>> autograd.cov(autograd.Tensor([[0.0, 2.0], [0.0, -2.0]])).numpy()
    array([[ 2., -2.],
           [-2.,  2.]])
    """
    x = _rows(m, rowvar or np.ndim(plain(m)) == 1)
    if y is not None:
        x = concatenate([x, _rows(y, rowvar or np.ndim(plain(y)) == 1)], axis=0)
    if ddof is None:
        ddof = 0 if bias else 1
    counts, weights = _observations(x, fweights, aweights)
    if weights is None:
        freedom: Any = x.shape[1] - ddof
        deviation = scaled = x - mean(x, axis=1, keepdims=True)
    else:
        centre, total = average(x, axis=1, weights=weights, returned=True, keepdims=True)
        deviation, total = x - centre, total.reshape(-1)[0]
        scaled = deviation * weights
        lost = 1 if aweights is None else sum(weights * (weights / counts)) / total
        freedom = total - ddof * lost
    if plain(freedom) <= 0:
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=3)
        freedom = 0.0
    other = conjugate(transpose(scaled)) if is_complex(scaled) else transpose(scaled)
    with np.errstate(divide="ignore"):
        matrix = matmul(deviation, other) * np.divide(1, freedom)
    return matrix.squeeze()


def _observations(x: Any, fweights: Any, aweights: Any) -> tuple[Any, Any]:
    """How often each observation counts, and its whole weight; None for equal weights."""
    counts: Any = 1
    if fweights is not None:
        counts = np.asarray(fweights, float)
        if not np.all(counts == np.around(counts)):
            raise TypeError("cov: fweights must be integers: give fractions as aweights")
    for name, given in [("fweights", counts), ("aweights", aweights)]:
        if given is None or (given is counts and fweights is None):
            continue
        given = as_array(given)
        if given.shape != x.shape[1:]:
            raise ValueError(
                f"cov: {name} of shape {given.shape} for {x.shape[1]} observations: give one for "
                "each"
            )
        if np.any(plain(given) < 0):
            raise ValueError(f"cov: {name} must not be negative")
    if aweights is None:
        return counts, None if fweights is None else counts
    return counts, as_array(aweights) * counts


@composed(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    """The matrix of correlation coefficients of variables, the rows of `x` and `y`.

    >>> import autograd
    >>> autograd.corrcoef(autograd.Tensor([[0.0, 2.0], [0.0, -4.0]])).numpy()
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    matrix = cov(x, y, rowvar)
    if matrix.ndim == 0:
        return matrix / matrix
    diagonal = np.arange(len(matrix))
    deviation = sqrt(real(matrix[diagonal, diagonal]))
    matrix = matrix / deviation[:, None] / deviation[None, :]
    # Rounding may lead beyond 1; the value is corrected, the derivative is right as it is.
    values = plain(matrix)
    bounded = np.clip(values.real, -1, 1)
    if is_complex(values):
        bounded = bounded + 1j * np.clip(values.imag, -1, 1)
    return matrix + (bounded - values)
