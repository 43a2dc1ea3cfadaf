"""The classic V: the error of finite differences against the step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import ours
from .extrapolation import RATIO
from .function import Function

_SIZES = 2.0 ** np.arange(2, -49, -1)


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
    them rise again. A curve that stays flat at a height shows the size of an error in the
    derivative; a central curve of slope 1 shows a kink near by.

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
    coarse, fine = central[:-2], central[2:]  # steps 4h and h
    curves = {
        "one-sided": (_SIZES, plus / _SIZES),
        "central": (_SIZES, central),
        "extrapolated": (_SIZES[2:], fine + (fine - coarse) / (RATIO**2 - 1)),
    }
    if ax is None:
        _, ax = plt.subplots()
    for name, (steps, found) in curves.items():
        error = abs(found - slope) / (abs(slope) or 1.0)
        shown = np.isfinite(error) & (error > 0)
        ax.loglog(steps[shown], error[shown], ".-", label=name)
    ax.set_xlabel("step")
    ax.set_ylabel("difference from our derivative, relative" if slope else "difference")
    ax.grid(alpha=0.3)
    ax.legend()
    return ax
