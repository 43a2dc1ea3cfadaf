"""Forward against reverse mode: a check without step sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import ours
from .function import Function
from .lines import Line
from .report import VERDICTS, GradientCheckError, GradientEntry, GradientReport

_PAIRS = 3


def check_adjoint(
    f: Callable[..., Any], *inputs: Any, rtol: float | None = None, seed: int = 0
) -> GradientReport:
    """Check that forward and reverse mode are each other's transposes: <w, J u> = <J^T w, u>.

    Args:
        f, inputs: as in `check_gradients`.
        rtol: the difference allowed, relative to the sum of the absolute products on both sides;
            by default the square root of the unit roundoff times 2^-6: 2.3e-10 in float64.
        seed: of the random directions u and w.

    Returns:
        A report with one entry: `ours` by reverse mode, `numeric` by forward mode.

    Raises:
        GradientCheckError: where they differ; TypeError and ValueError as in `check_gradients`.

    Nothing but rounding is between the two sides, at any scale and beside any kink. What this
    does not see is an error that both modes share, as they do where one rule serves both.

    >>> import autograd
    >>> autograd.check_adjoint(lambda x: autograd.sin(x) * x, 2.0).passed
    True
    """
    __tracebackhide__ = True  # see check_gradients
    function = Function(f, inputs)
    rng = np.random.default_rng(seed)
    entries = []
    with function.varied():
        values = function.start()
        limit = np.sqrt(function.precision) / 64 if rtol is None else rtol
        cotangents = rng.normal(size=(_PAIRS, values.size))
        pulled = ours.reverse(function, cotangents)
        push = ours.forward(function)
        for w, row in zip(cotangents, pulled, strict=True):
            u = rng.normal(size=function.x.size)
            line = Line(tuple(function.inputs), slice(0, u.size), u)
            pushed = push(line)
            back, forth = float(row @ u), float(w @ pushed)
            size = float(abs(row) @ abs(u) + abs(w) @ abs(pushed))
            error = abs(back - forth) / size if size else 0.0
            right = error <= limit  # not where it is no number
            entries.append(
                GradientEntry(
                    "all inputs", (u.size,), None, back, forth, limit * size, error,
                    0 if right else 1, VERDICTS[0 if right else -1], "reverse", directions=_PAIRS,
                )
            )  # fmt: skip
    worst = max(entries, key=lambda e: (e.failures, e.error))
    report = GradientReport((worst,), float(limit), function.evaluations)
    if not report.passed:
        raise GradientCheckError(
            f"forward and reverse mode disagree: <J^T w, u> is {worst.ours:.9g} by reverse mode, "
            f"<w, J u> {worst.numeric:.9g} by forward mode\n{report}",
            report,
        )
    return report
