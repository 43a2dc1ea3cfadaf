"""Weights added up by bins; counts themselves are integers and carry no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..composing import as_array, composed
from ..protocols import plain, records
from .elementwise import astype
from .indexing import scatter
from .shaping import ravel

__all__ = ["bincount", "histogram"]


@composed(np.bincount)
def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """The sum of the weights at each of the integers in `x`, from 0 to the largest.

    Without weights the counts. The derivative is that by the weights.

    >>> import autograd
    >>> w = autograd.Tensor([0.5, 1.0, 2.0], requires_grad=True)
    >>> autograd.bincount([0, 2, 2], weights=w).numpy()
    array([0.5, 0. , 3. ])
    """
    places = np.asarray(plain(x))
    bins = len(np.bincount(places, plain(weights), minlength))  # with NumPy's errors
    return scatter(astype(as_array(weights), float), places, (bins,))


@composed(np.histogram)
def histogram(
    a: Any, bins: Any = 10, range: Any = None, density: bool | None = None, weights: Any = None
) -> tuple[Any, np.ndarray]:
    """The sum of the weights in each bin, and the edges of the bins.

    The derivative is that by the weights.

    Raises:
        TypeError: for data or edges that record: sums over bins jump as these move.

    >>> import autograd
    >>> w = autograd.Tensor([0.5, 1.0, 2.0], requires_grad=True)
    >>> sums, edges = autograd.histogram([0.1, 0.6, 0.7], 2, (0.0, 1.0), weights=w)
    >>> sums.numpy()
    array([0.5, 3. ])
    """
    if records(a) or records(bins):
        raise TypeError(
            "histogram: sums over bins have no derivative by the data or the edges, as they jump "
            "where a datum crosses an edge: give these as .detach()"
        )
    edges = np.histogram(plain(a), plain(bins), range, weights=plain(weights))[1]
    data, weights = np.asarray(plain(a)).ravel(), ravel(as_array(weights))
    places = np.searchsorted(edges, data, "right") - 1
    places[data == edges[-1]] = len(edges) - 2  # the last bin is closed
    inside = (places >= 0) & (data <= edges[-1])
    sums = scatter(weights[inside], places[inside], (len(edges) - 1,))
    return (sums / np.diff(edges) / sums.sum() if density else sums), edges
