"""The classic V: the error of finite differences against the step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import ours
from .function import Function

_RATIO = 10**0.25
_SIZES = 4 * _RATIO ** -np.arange(60.0)
"""No powers of two: of these, x + h rounds off the same digits of the direction again and again."""
_APART = 2  # the steps that are extrapolated from are neighbours but one

_STYLES = {
    "one-sided": ("o", "#0072b2"),
    "central": ("s", "#d55e00"),
    "extrapolated": ("^", "#333333"),
}
"""Marks and colours that are told apart without seeing colours."""


def plot_steps(f: Callable[..., Any], *inputs: Any, seed: int = 0, ax: Any = None) -> Any:
    """Draw how far differences are from our derivative of `f`, against their step.

    Args:
        f, inputs: as in `check_gradients`.
        seed: of the random direction and of the weights of several outputs.
        ax: the matplotlib axes to draw on; new ones by default.

    Returns:
        The axes.

    Raises:
        ModuleNotFoundError: without matplotlib, which the extra `chainrule[demos]` has.

    Of a right derivative the errors of one-sided differences fall with slope 1 as the step falls,
    those of central ones with slope 2 and of extrapolated ones with slope 4, until rounding makes
    them rise again; where there is none they are drawn at the unit roundoff. A curve that stays
    flat at a height shows the size of an error in the derivative; a central curve of slope 1 shows
    a kink near by.

    >>> import autograd
    >>> ax = autograd.plot_steps(autograd.sin, 1.0)
    >>> ax.get_xlabel()
    'step'
    """
    import matplotlib.pyplot as plt

    function = Function(f, inputs)
    rng = np.random.default_rng(seed)
    with function.varied():
        values = function.start()
        weights = rng.uniform(0.5, 1.5, (1, values.size))
        u = np.maximum(abs(function.x), 1.0) * rng.normal(size=function.x.size)
        slope = float(ours.reverse(function, weights)[0] @ u)

        def along(t: float) -> float:
            return float(weights[0] @ (function(function.x + t * u) - values))

        plus, minus = (np.array([along(s * h) for h in _SIZES]) for s in (1, -1))
    central = (plus - minus) / (2 * _SIZES)
    coarse, fine = central[:-_APART], central[_APART:]
    curves = {
        "one-sided": (_SIZES, plus / _SIZES),
        "central": (_SIZES, central),
        "extrapolated": (_SIZES[_APART:], fine + (fine - coarse) / (_RATIO ** (2 * _APART) - 1)),
    }
    if ax is None:
        _, ax = plt.subplots()
    size = abs(slope) or float(np.max(abs(central[np.isfinite(central)]), initial=0.0)) or 1.0
    for name, (steps, found) in curves.items():
        error = np.maximum(abs(found - slope) / size, function.precision)
        shown = np.isfinite(error)
        mark, colour = _STYLES[name]
        ax.loglog(steps[shown], error[shown], f"{mark}-", color=colour, label=name,
                  markersize=3.5, linewidth=1)  # fmt: skip
    ax.set_xlabel("step")
    ax.set_ylabel("difference from our derivative, relative")
    ax.grid(alpha=0.3)
    ax.legend(loc="upper center")
    return ax
