"""A function applied along an axis, or over one axis after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..composing import as_array, composed
from .joining import stack
from .shaping import expand_dims, moveaxis, reshape

__all__ = ["apply_along_axis", "apply_over_axes"]


@composed(np.apply_along_axis)
def apply_along_axis(
    func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any
) -> Any:
    """`func1d` of each line of `arr` along `axis`; its results take the place of the lines.

    Raises:
        ValueError: where there is no line.

    >>> import autograd
    >>> t = autograd.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> autograd.apply_along_axis(lambda line: line.sum(), 1, t).numpy()
    array([3., 7.])
    """
    arr = as_array(arr)
    axis = normalize_axis_index(axis, arr.ndim)
    lines = moveaxis(arr, axis, -1)
    around = lines.shape[:-1]
    results = [as_array(func1d(lines[place], *args, **kwargs)) for place in np.ndindex(around)]
    if not results:
        raise ValueError(f"apply_along_axis: shape {arr.shape} has no line along axis {axis}")
    rank = results[0].ndim
    joined = reshape(stack(results), around + results[0].shape)
    return moveaxis(joined, range(len(around), len(around) + rank), range(axis, axis + rank))


@composed(np.apply_over_axes)
def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """`func(a, axis)` for one of the `axes` after the other, the number of axes kept.

    Raises:
        ValueError: for a function that adds an axis, or takes more than one away.

    >>> import autograd
    >>> t = autograd.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> autograd.apply_over_axes(autograd.sum, t, [0, 1]).tolist()
    [[10.0]]
    """
    a = as_array(a)
    for axis in np.atleast_1d(axes).tolist():
        result = func(a, axis)
        if result.ndim == a.ndim - 1:
            result = expand_dims(result, axis)
        if result.ndim != a.ndim:
            raise ValueError(
                f"apply_over_axes: the function made shape {result.shape} of {a.shape}: it must "
                "keep the number of axes, or take one away"
            )
        a = result
    return a
