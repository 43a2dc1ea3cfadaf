"""Averages, correlations, and the statistics that pass over nan."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..composing import as_array, composed
from ..protocols import plain
from .complex_parts import conjugate, is_complex, real
from .elementwise import astype, sqrt, where
from .joining import concatenate
from .products import matmul
from .reductions import Axis, _nanmax, _nanmin, mean, prod, std, sum, var
from .scans import cumprod, cumsum
from .shaping import broadcast_to, reshape, transpose

__all__ = [
    "average",
    "corrcoef",
    "cov",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmin",
    "nanprod",
    "nanstd",
    "nansum",
    "nanvar",
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
