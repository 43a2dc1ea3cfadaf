"""What a gradient check found, as data and as a table to read."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

VERDICTS = ("ok", "kink", "unresolved", "discontinuous", "WRONG")
"""From harmless to worst; the first two pass."""

_HEAD = ("input", "shape", "worst index", "ours", "numeric", "error", "verdict")


@dataclass(frozen=True)
class Kink:
    """An entry where the function is not differentiable: its slopes on both sides.

    >>> import autograd
    >>> report = autograd.check_gradients(autograd.relu, 0.0)
    >>> report.entries[0].kinks
    (Kink(index=(), ours=0.0, left=0.0, right=1.0),)
    """

    index: tuple[int, ...]
    ours: float
    left: float
    right: float


@dataclass(frozen=True)
class GradientEntry:
    """The check of one input, or of several together where there are very many.

    Attributes:
        name: "input 0", or the path of a parameter.
        shape: the input's shape.
        index: of the entry that agreed least; None where directions were checked.
        ours, numeric: the derivative there, both ways; along the worst direction for directions.
        uncertainty: how far off `numeric` may be.
        error: the difference beyond it, relative to the larger of the two.
        failures: how many entries disagreed (of directions: how many were found).
        verdict: one of "ok", "kink", "unresolved", "discontinuous", "WRONG".
        mode: "reverse", "forward" or "given".
        order: 1, or 2 for derivatives of the gradient.
        output: the index of the output in question among all outputs' entries; None where
            weighted sums of them were checked.
        directions: how many random directions were checked; 0 where each entry was.
        kinks: entries where the function is not differentiable, which is no failure.
        influences: whether the outputs depend on this input at all.
        missed: the probability that an error of a thousandth of the gradient goes unseen.

    >>> import autograd
    >>> (entry,) = autograd.check_gradients(autograd.sin, 0.0).entries
    >>> entry.name, entry.ours, entry.failures
    ('input 0', 1.0, 0)
    """

    name: str
    shape: tuple[int, ...]
    index: tuple[int, ...] | None
    ours: float
    numeric: float
    uncertainty: float
    error: float
    failures: int
    verdict: str
    mode: str = "reverse"
    order: int = 1
    output: int | None = None
    directions: int = 0
    kinks: tuple[Kink, ...] = ()
    influences: bool = True
    missed: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether nothing about this input failed."""
        return self.failures == 0

    def row(self) -> tuple[str, ...]:
        """Its line of the table."""
        where = f"{self.directions} directions" if self.index is None else str(self.index)
        verdict = self.verdict if self.passed else f"{self.failures} {self.verdict}"
        if self.kinks and self.verdict == "kink":
            k = self.kinks[0]
            verdict = f"ok, kink at {k.index}: slopes {k.left:.3g} and {k.right:.3g}"
        elif not self.influences and self.passed:
            verdict = "ok, has no influence"
        if self.mode != "reverse":
            verdict += f" ({self.mode})"
        name = self.name if self.order == 1 else f"{self.name}, order {self.order}"
        numeric = f"{self.numeric:.9g} ± {self.uncertainty:.1g}"
        error = f"{self.error:.1e}"
        return name, str(self.shape), where, f"{self.ours:.9g}", numeric, error, verdict


@dataclass(frozen=True)
class GradientReport:
    """What `check_gradients` found: one entry for each input. Prints as a table.

    >>> import autograd
    >>> report = autograd.check_gradients(lambda x, y: x * y, 2.0, 3.0)
    >>> report.passed, len(report.entries)
    (True, 2)
    """

    entries: tuple[GradientEntry, ...]
    tolerance: float
    evaluations: int = field(default=0)

    @property
    def passed(self) -> bool:
        """Whether every input agreed."""
        return all(entry.passed for entry in self.entries)

    @property
    def worst(self) -> GradientEntry:
        """The entry that agreed least."""
        return max(
            self.entries,
            key=lambda e: (e.failures > 0, VERDICTS.index(e.verdict), e.error),
        )

    def notes(self) -> list[str]:
        """What the table does not show, a sentence each."""
        found = []
        idle = [e.name for e in self.entries if not e.influences and e.order == 1]
        if idle:
            found.append(f"the outputs do not depend on {', '.join(idle)}")
        missed = max((e.missed for e in self.entries), default=0.0)
        if missed > 0:
            found.append(
                "random directions were checked: an error of a thousandth of the gradient goes "
                f"unseen with probability {missed:.0e}"
            )
        return found

    def _verdict(self) -> str:
        verdict = "all gradients agree" if self.passed else "gradients DISAGREE"
        return f"{verdict} to {self.tolerance:.0e} relative ({self.evaluations} evaluations)"

    def __str__(self) -> str:
        rows = [_HEAD, *[entry.row() for entry in self.entries]]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([*lines, *self.notes(), self._verdict()])

    def _repr_html_(self) -> str:
        """The table for a notebook."""

        def row(cells: tuple[str, ...], tag: str, style: str = "") -> str:
            inner = "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells)
            return f"<tr{style}>{inner}</tr>"

        failed = ' style="color: #b00020; font-weight: bold"'
        rows = [row(e.row(), "td", "" if e.passed else failed) for e in self.entries]
        below = "".join(f"<p>{escape(line)}</p>" for line in (*self.notes(), self._verdict()))
        return f"<table>{row(_HEAD, 'th')}{''.join(rows)}</table>{below}"


class GradientCheckError(AssertionError):
    """A gradient disagrees with finite differences; `.report` has the details.

    >>> import autograd
    >>> import numpy as np
    >>> wrong = autograd.elementwise(np.sin, None, lambda g, x: g, name="sine_with_a_wrong_rule")
    >>> try:
    ...     autograd.check_gradients(wrong, 1.0)
    ... except autograd.GradientCheckError as error:
    ...     print(error.report.worst.ours, round(error.report.worst.numeric, 6))
    1.0 0.540302
    """

    def __init__(self, message: str, report: GradientReport) -> None:
        super().__init__(message)
        self.report = report

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.args[0], self.report)


def message(report: GradientReport, cut_off: bool = False) -> str:
    """The first line of an error, what is wrong and where, and the table."""
    w = report.worst
    where = f"at index {w.index}" if w.index is not None else "along a random direction"
    values = f"ours {w.ours:.9g}, by finite differences {w.numeric:.9g} ± {w.uncertainty:.1g}"
    order = "gradient" if w.order == 1 else "second derivative"
    if not np.isfinite(w.ours):
        text = f"the {order} by {w.name} is {w.ours} {where}, by finite differences {w.numeric:.9g}"
    elif w.verdict == "discontinuous":
        text = f"the function is discontinuous in {w.name} {where}, so it has no gradient there"
    elif w.verdict == "unresolved":
        text = (
            f"the {order} by {w.name} {where} cannot be told from the function's values: {values}: "
            "check at a point where the function is smoother, or larger beside its rounding"
        )
    else:
        text = f"the {order} by {w.name} is wrong {where}: {values}"
    if w.mode == "forward":
        text += " (forward mode)"
    if cut_off:
        text += (
            "; nothing between the inputs and the result records: compute it from the arguments "
            "with autograd's functions"
        )
    return f"{text}\n{report}"
