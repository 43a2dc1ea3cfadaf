"""Interpolation between given points."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..composing import as_array, composed
from ..declare import operation
from ..protocols import plain, records
from .elementwise import astype, where
from .indexing import scatter
from .joining import concatenate
from .shaping import broadcast_to

__all__ = ["interp"]


def _segment(x: Any, xp: Any) -> Any:
    """The number of the segment in which x lies; of two that meet there, the one to the right."""
    return np.clip(np.searchsorted(plain(xp), plain(x), side="right") - 1, 0, len(xp) - 2)


def _inside(x: Any, xp: Any) -> Any:
    x, xp = plain(x), plain(xp)
    return (x >= xp[0]) & (x <= xp[-1])


def _slope(x: Any, xp: Any, fp: Any) -> Any:
    """The derivative by x: that of the segment, and 0 outside."""
    j = _segment(x, xp)
    return where(_inside(x, xp), (fp[j + 1] - fp[j]) / (xp[j + 1] - xp[j]), 0)


def _shared(g: Any, x: Any, xp: Any) -> Any:
    """`g` given to the two ends of the segment of x, the more the nearer."""
    j = _segment(x, xp)
    beyond = (plain(x) > plain(xp)[-1]).astype(float)
    t = where(_inside(x, xp), (x - xp[j]) / (xp[j + 1] - xp[j]), beyond)
    return scatter(g * (1 - t), j, xp.shape) + scatter(g * t, j + 1, xp.shape)


# With s = (f1 - f0) / (x1 - x0) and t = (x - x0) / (x1 - x0), y = f0 + s (x - x0) has the
# derivatives s by x, -s (1 - t) by x0, -s t by x1, 1 - t by f0 and t by f1.
@operation(
    lambda g, x, xp, fp: g * _slope(x, xp, fp),
    lambda g, x, xp, fp: _shared(-g * _slope(x, xp, fp), x, xp),
    lambda g, x, xp: _shared(g, x, xp),
    name="interp",
)
def _interp(x: Any, xp: Any, fp: Any, /) -> Any:
    return np.interp(x, xp, fp)


@composed(np.interp)
def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: float | None = None
) -> Any:
    """The piecewise linear function through the points (xp, fp) at x, differentiable by all three.

    At one of the points the derivative by x is that of the segment to its right, at the last one
    of that to its left.

    Args:
        x: where to evaluate.
        xp: the abscissas, increasing unless `period` is given.
        fp: the ordinates, as many.
        left: what to return for x < xp[0]; fp[0] by default.
        right: what to return for x > xp[-1]; fp[-1] by default.
        period: of x and xp; `left` and `right` are ignored then.

    >>> import autograd
    >>> x = autograd.Tensor([0.5, 1.5], requires_grad=True)
    >>> y = autograd.interp(x, [0.0, 1.0, 2.0], [0.0, 10.0, 30.0])
    >>> y.numpy()
    array([ 5., 20.])
    >>> y.sum().backward()
    >>> x.grad
    array([10., 20.])
    """
    x, xp, fp = [as_array(v) if records(v) else np.asarray(plain(v)) * 1.0 for v in (x, xp, fp)]
    np.interp(0.0, plain(xp), plain(fp), period=period)  # for NumPy's errors
    if period is not None:
        left = right = None
        period = abs(period)
        x, xp = (v - np.floor(plain(v) / period) * period for v in (x, xp))
        order = np.argsort(plain(xp))
        xp, fp = xp[order], fp[order]
        xp = concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = concatenate([fp[-1:], fp, fp[:1]])
    if len(xp) == 1:
        kind = np.result_type(fp.dtype, float)
        y = astype(broadcast_to(fp[0], x.shape), kind)
    else:
        y = _interp(x, xp, fp)
    if left is not None:
        y = where(plain(x) < plain(xp)[0], left, y)
    if right is not None:
        y = where(plain(x) > plain(xp)[-1], right, y)
    return y
