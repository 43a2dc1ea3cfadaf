"""Numbers from a start to a stop, evenly spaced or in a geometric sequence."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..composing import as_array, composed
from ..declare import operation
from ..protocols import plain
from .elementwise import astype, power
from .shaping import broadcast_arrays, expand_dims, moveaxis

__all__ = ["arange", "geomspace", "linspace", "logspace"]


def _fractions(num: int, endpoint: bool) -> np.ndarray:
    """How far from start to stop each number lies, from 0 on."""
    return np.linspace(0.0, 1.0, num, endpoint)


def _carries_derivative(dtype: Any) -> bool:
    """Whether a result of `dtype` can; NumPy rounds to integers in ways of its own."""
    return dtype is None or np.dtype(dtype).kind in "fc"


def _weighted(g: Any, weights: np.ndarray, axis: int) -> Any:
    """The sum of the cotangent's entries along `axis`, times their shares of the end."""
    weights = weights.astype(g.real.dtype)
    return (moveaxis(g, axis, -1) * weights).sum(-1)


@operation(
    lambda g, num, endpoint, axis: _weighted(g, 1 - _fractions(num, endpoint), axis),
    lambda g, num, endpoint, axis: _weighted(g, _fractions(num, endpoint), axis),
    name="linspace",
    linear=True,
    hint="start and stop must broadcast to one shape",
)
def _linspace(start: Any, stop: Any, /, num: int, endpoint: bool, axis: int) -> Any:
    return np.linspace(start, stop, num, endpoint, axis=axis)


@composed(np.arange)
def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Any:
    """Numbers from `start`, or 0 where that is all, up to before `stop`, as `numpy.arange`.

    How many there are is a constant for the derivative.

    >>> import autograd
    >>> t = autograd.Tensor(0.5, requires_grad=True)
    >>> autograd.arange(0.0, 1.5, t).numpy()
    array([0. , 0.5, 1. ])
    """
    if stop is None:
        start, stop = 0.0, start
    numbers = np.arange(plain(start), plain(stop), plain(step), dtype=dtype)
    if not _carries_derivative(dtype):
        return numbers
    made = as_array(start + step * np.arange(len(numbers)))
    return made if made.dtype == numbers.dtype else astype(made, numbers.dtype)


@composed(np.linspace)
def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """`num` evenly spaced numbers from `start` to `stop`, along a new `axis`.

    With `retstep` the pair of them and their distance.

    >>> import autograd
    >>> t = autograd.Tensor(3.0, requires_grad=True)
    >>> autograd.linspace(0.0, t, 3).numpy()
    array([0. , 1.5, 3. ])
    """
    if _carries_derivative(dtype):
        numbers = _linspace(start, stop, num=num, endpoint=endpoint, axis=axis)
        numbers = numbers if dtype is None else astype(numbers, dtype)
    else:
        numbers = np.linspace(plain(start), plain(stop), num, endpoint, dtype=dtype, axis=axis)
    if not retstep:
        return numbers
    span = as_array(stop - start)
    gaps = num - 1 if endpoint else num
    return numbers, span / gaps if gaps > 0 else np.full(span.shape, np.nan, span.dtype)


@composed(np.logspace)
def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """`base` to the power of `num` evenly spaced numbers, along a new `axis`.

    >>> import autograd
    >>> t = autograd.Tensor(2.0, requires_grad=True)
    >>> autograd.logspace(0.0, t, 3).numpy()
    array([  1.,  10., 100.])
    """
    if np.ndim(plain(base)):
        start, stop, base = broadcast_arrays(*map(as_array, (start, stop, base)))
        base = expand_dims(base, axis)
    numbers = power(base, linspace(start, stop, num, endpoint, axis=axis))
    return numbers if dtype is None else astype(numbers, dtype)


@composed(np.geomspace)
def geomspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Any:
    """`num` numbers from `start` to `stop` with a constant ratio, along a new `axis`.

    Raises:
        ValueError: for a start or stop of 0.

    >>> import autograd
    >>> t = autograd.Tensor(4.0, requires_grad=True)
    >>> autograd.geomspace(1.0, t, 3).numpy()
    array([1., 2., 4.])
    """
    if not _carries_derivative(dtype):
        return np.geomspace(plain(start), plain(stop), num, endpoint, dtype, axis)
    start, stop = as_array(start), as_array(stop)
    if np.any(start == 0) or np.any(stop == 0):
        raise ValueError("geomspace: a start or stop of 0: give numbers of one sign")
    dtype_of_result = np.result_type(start.dtype, stop.dtype, float)  # NumPy's, also of float32
    start, stop = astype(start, dtype_of_result), astype(stop, dtype_of_result)
    ratios = power((stop / start)[..., None], _fractions(num, endpoint))
    numbers = moveaxis(start[..., None] * ratios, -1, axis)
    return numbers if dtype is None else astype(numbers, dtype)
