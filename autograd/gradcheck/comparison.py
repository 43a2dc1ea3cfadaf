"""Ours against the numeric derivative: what counts as agreement, and what as an error.

A difference is an agreement where it is at most

    rtol max(|ours|, |numeric|) + 32 eps (largest derivative of the same observable in the same
    input + |F| / scale of the input)

with rtol = 1e-6: the second part is what rounding in double precision does to a gradient, whose
terms are as large as the others' and as those of F. Of a random direction u the first part is
rtol times the largest |g_i u_i|, so that an error in one entry is not lost in the sum of all.

A difference is an error only if it is more than that plus four times the error of the numeric
derivative, and than four times what the measured rounding of F makes over the input's scale. In
between neither is proved. This is let pass where the numeric error is below a thousandth of the
largest derivative of that observable by that input, or of its mean slope over a quarter of the
input's scale (3 % where `f` refuses double precision); below 1e-9 of the largest derivative of
all; or that of rounding alone, with both derivatives 0 within it. Elsewhere it is `unresolved`,
which fails, unless a complex step, whose error is no larger than rounding, agrees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from .derivatives import Derivatives
from .differences import FIRST, Rounding, Slopes, agreement, measured, unmeasured
from .extrapolation import SURE
from .flat import Vector
from .function import Function
from .lines import Line
from .noise import noise as measured_noise
from .observables import Observables

OK, KINK, UNRESOLVED, JUMP, WRONG = range(5)
RESOLVED, RESOLVED_NARROW = 1e-3, 3e-2
_LEAST = 1e-6
_CANCELLED = 1e-10
_ROUNDINGS = 1000
_ROUNDED = 32
"""What rounding may do to a derivative of ours: so often its measured spread."""
_BUDGET = 64
_ENOUGH = 4
"""So many errors are proved with all steps; further ones are counted by the first few."""


@dataclass(slots=True, eq=False)
class Finding:
    """The comparison along one line, at the observable and in the mode where it is worst."""

    line: Line
    status: int
    mode: str
    observable: int
    ours: float
    numeric: float
    uncertainty: float
    error: float
    left: float
    right: float
    margin: float  # how large an error could hide here


class Comparison:
    """Compares derivatives with differences, along lines.

    Args:
        function: the function; `values` is what it is at its inputs.
        derivatives: those under check.
        sizes: the absolute derivatives of the observables, about, shape (k, inputs).
    """

    def __init__(
        self,
        function: Function,
        values: Vector,
        observables: Observables,
        derivatives: Derivatives,
        sizes: Vector,
        rtol: float,
        kinks_jump: bool,
        rng: np.random.Generator,
        advance: Callable[[], None] = lambda: None,
    ) -> None:
        self.function = function
        self.values = values
        self.observables = observables
        self.derivatives = derivatives
        self._sizes = sizes
        self._tops: dict[str, Vector] = {
            i.name: sizes[:, i.span].max(axis=1) for i in function.inputs
        }
        self._overall = max(
            max(1.0, float(abs(function.x[i.span]).max())) * float(self._tops[i.name].max())
            for i in function.inputs
        )
        self.rtol = rtol
        self.kinks_jump = kinks_jump
        self.advance = advance
        self._rng = rng
        self._magnitude = observables.bound(abs(values))
        self._floor = function.precision * self._magnitude
        self._resolved = RESOLVED if function.wide else RESOLVED_NARROW
        self._noise: Vector | None = None

    def _top(self, line: Line) -> Vector:
        """The largest derivative by any entry of a single line's input, or |derivative times step|
        of another's entries, for each observable, shape (k,)."""
        if line.single:
            return self._tops[line.inputs[0].name]
        return np.asarray((self._sizes[:, line.span] * abs(line.direction)).max(axis=1))

    @staticmethod
    def _reach(line: Line) -> float:
        """The size of what a line moves, in its steps."""
        return line.near if line.single else 1.0

    def along(self, line: Line, t: float) -> Vector:
        """The changes of the observables on a line, shape (k,)."""
        return np.asarray(self._changes([line], [t])[0])

    def _changes(self, lines: Sequence[Line], steps: Sequence[float]) -> Vector:
        """The same on many lines, each with a step of its own, shape (lines, k)."""
        found = []
        function, x = self.function, self.function.x
        for line, t in zip(lines, steps, strict=True):
            self.advance()
            found.append(function(line.moved(x, t)))
        return self.observables.of(np.array(found) - self.values)

    @property
    def noise(self) -> Vector:
        """How far the observables are off through rounding, measured once."""
        if self._noise is None:
            x = self.function.x
            u = np.where(x != 0, abs(x), 1.0) * self._rng.uniform(0.5, 1.0, x.size)
            raw = measured_noise(
                lambda t: self.function(x + t * u), self.values, self.function.precision
            )
            self._noise = self.observables.bound(raw)
        return self._noise

    def _beside(self, line: Line) -> Vector:
        """What rounding at the first step does to the derivative.

        At x = 0 the values of x - sin(x) are exact, and those of small steps as well as they need
        be for F, but not for the difference of two terms that cancel.
        """
        x, h = self.function.x, FIRST * line.scale
        values = self.function(line.moved(x, h))
        raw = measured_noise(
            lambda t: self.function(line.moved(x, h * (1 + t))), values, self.function.precision
        )
        return np.asarray(self.observables.bound(np.where(np.isfinite(raw), raw, 0.0)) / h)

    def findings(self, lines: Sequence[Line]) -> list[Finding]:
        """One finding for each line; where a direction disagrees, for the entries behind it."""
        found = []
        kinks: set[int] = set()  # where the blocks begin in which one has been found
        for finding in self._compared(lines):
            start = finding.line.span.start
            known = finding.status == KINK and start in kinks
            if finding.status == OK or finding.line.single or known:
                found.append(finding)
                continue
            entries = self._located(finding)
            found.extend(entries)
            if any(f.status == KINK for f in entries):
                kinks.add(start)
        return found

    def _compared(self, lines: Sequence[Line]) -> list[Finding]:
        ours = {
            mode: np.array([on(line) for line in lines])
            for mode, on in self.derivatives.by_mode.items()
        }
        first, *others = ours.values()
        scales = np.array([line.scale for line in lines])
        reach = [self._reach(line) for line in lines]
        tolerance = self._tolerance(lines, scales, first)
        agrees, value, error = agreement(
            lambda places, steps: self._changes([lines[i] for i in places], steps.tolist()),
            scales,
            first,
            tolerance,
            Rounding(self._floor, self.function.precision, np.array(reach)[:, None]),
        )
        every = np.arange(len(lines))
        for other in others:
            agrees &= (abs(other - first) <= tolerance(first, every)).all(axis=1)
        agreeing = _agreeing(lines, next(iter(ours)), first, value, error, tolerance(value, every))
        found = []
        wrong = 0
        for i, line in enumerate(lines):
            mine = {mode: all_lines[i] for mode, all_lines in ours.items()}
            if agrees[i]:
                found.append(agreeing[i])
                continue
            slopes = unmeasured(value[i], error[i])
            allowed = tolerance(value[i : i + 1], every[i : i + 1])[0]
            finding = self._judged(line, mine, slopes, allowed) if wrong >= _ENOUGH else None
            if finding is None or finding.status != WRONG:
                along = lambda t, line=line: self.along(line, t)  # noqa: E731
                rounding = Rounding(self.noise, self.function.precision, reach[i])
                slopes = measured(along, line.scale, line.near, rounding, line.single)
                allowed = tolerance(slopes.value[None], every[i : i + 1])[0]
                finding = self._judged(line, mine, slopes, allowed)
            wrong += finding.status == WRONG
            found.append(finding)
        return found

    def _tolerance(
        self, lines: Sequence[Line], scales: Vector, ours: Vector
    ) -> Callable[[Vector, Vector], Vector]:
        """The difference that is agreement, of numeric values of some lines and their numbers."""
        single = np.array([line.single for line in lines])[:, None]
        counts = np.array([line.direction.size for line in lines])[:, None]
        tops = np.array([self._top(line) for line in lines])
        shared = self.observables.shared
        # What rounding does to our derivative along a line.
        rounding = np.sqrt(counts) * shared(tops) + shared(self._magnitude) / scales[:, None]
        slack = 32 * self.function.precision * rounding

        def tolerance(numeric: Vector, rows: Vector) -> Vector:
            here = np.fmax(abs(numeric), abs(ours[rows]))
            return np.asarray(self.rtol * np.where(single[rows], here, tops[rows]) + slack[rows])

        return tolerance

    def _judged(
        self, line: Line, ours: dict[str, Vector], slopes: Slopes, allowed: Vector
    ) -> Finding:
        """The verdict on a line along which all steps were measured."""
        least = np.maximum(slopes.secant, _LEAST * self._overall / line.scale)
        top = np.maximum(np.maximum(self._top(line), abs(slopes.value)), least)
        allowed = allowed + SURE * self.noise / line.scale
        apart = np.max([abs(mine - slopes.value) for mine in ours.values()], axis=0)
        if ((apart > allowed) & (apart <= _CANCELLED * slopes.secant)).any():
            allowed = allowed + SURE * self._beside(line)
        low = np.fmin(slopes.left, slopes.right)
        high = np.fmax(slopes.left, slopes.right)
        margin = allowed + SURE * (slopes.left_error + slopes.right_error)
        worst: tuple[Finding, ...] = ()
        for mode, mine in ours.items():
            off = abs(mine - slopes.value)
            doubt = SURE * slopes.error
            status = self._status(off, allowed, doubt, top)
            if status.any():
                rounding = _ROUNDED * self.derivatives.rounding(mode, line)
                status = self._status(off, allowed + rounding, doubt, top)
            between = (mine >= low - margin) & (mine <= high + margin)
            status[~slopes.smooth] = np.where(between, KINK, WRONG)[~slopes.smooth]
            status[slopes.jump] = KINK if self.kinks_jump else JUMP
            status[~slopes.defined] = UNRESOLVED
            if (status == UNRESOLVED).any():
                zero = abs(mine) <= doubt
                limit = _ROUNDINGS * (self._beside(line) + self.noise / line.scale)
                status[(status == UNRESOLVED) & zero & (doubt <= limit)] = OK
            if (status == UNRESOLVED).any() and self._complex_agrees(line, mine, slopes, allowed):
                status[status == UNRESOLVED] = OK
            with np.errstate(invalid="ignore"):
                scale = np.maximum(abs(mine), abs(slopes.value))
                excess = np.maximum(off - doubt, 0) / np.where(scale > 0, scale, 1)
            excess[~slopes.smooth & (status != WRONG)] = 0
            k = int(np.lexsort((np.nan_to_num(excess), status))[-1])
            finding = Finding(
                line, int(status[k]), mode, k, float(mine[k]), float(slopes.value[k]),
                float(slopes.error[k]), float(np.nan_to_num(excess[k])), float(slopes.left[k]),
                float(slopes.right[k]), float(allowed[k] + doubt[k]),
            )  # fmt: skip
            worst = max(worst or (finding,), (finding,), key=lambda w: (w[0].status, w[0].error))
        return worst[0]

    def _status(self, off: Vector, allowed: Vector, doubt: Vector, top: Vector) -> Vector:
        """What differences mean, as far as the function is smooth, shape (k,)."""
        status = np.full(off.shape, OK)
        status[~(off <= allowed) & (doubt > self._resolved * top)] = UNRESOLVED
        status[~(off <= allowed + doubt)] = WRONG
        return status

    def _complex_agrees(self, line: Line, ours: Vector, slopes: Slopes, allowed: Vector) -> bool:
        """Whether the complex step, where `f` allows it, gives ours and fits the differences."""
        step = 1e-30 * line.scale
        there = np.zeros_like(self.function.x)
        there[line.span] = step * line.direction
        imaginary = self.function.complex_step(there)
        if imaginary is None:
            return False
        found = self.observables.of(imaginary) / step
        with np.errstate(invalid="ignore"):
            fits = abs(found - slopes.value) <= SURE * slopes.error
            return bool((fits & (abs(found - ours) <= allowed)).all())

    def _located(self, finding: Finding) -> list[Finding]:
        """The entries behind a direction that disagrees: halves, the worse one first.

        Differences are linear in the direction, so an error in it is in one of its halves. Where
        it is in neither, the first measurement was at fault: a direction that crosses many
        kinks, for instance.
        """
        waiting: list[tuple[float, float, int, Finding]] = []
        count = 0

        def put(f: Finding) -> None:
            nonlocal count
            count += 1
            heappush(waiting, (-f.status, -f.error, count, f))

        put(finding)
        found: list[Finding] = []
        for _ in range(_BUDGET):
            if not waiting or (found and waiting[0][-1].status == KINK):
                break
            *_, worst = heappop(waiting)
            for line in worst.line.halves(self.function.x):
                (half,) = self._compared([line])
                if half.status == OK:
                    continue
                if not half.line.single:
                    put(half)
                    if worst.status == half.status == KINK:
                        break  # one kink is enough to report
                    continue
                found.append(half)
                if half.status != KINK:
                    return found
                if worst.status == KINK:
                    break
        failing = [f for *_, f in waiting if f.status in (UNRESOLVED, JUMP, WRONG)]
        if failing and not found:
            return failing[:1]
        fine = Finding(
            finding.line, OK, finding.mode, finding.observable, finding.ours, finding.numeric,
            max(finding.uncertainty, abs(finding.ours - finding.numeric)), 0.0, np.nan, np.nan,
            finding.margin,
        )  # fmt: skip
        return found or [fine]


def _agreeing(
    lines: Sequence[Line], mode: str, ours: Vector, value: Vector, error: Vector, margin: Vector
) -> list[Finding]:
    """Findings of agreement, each at the observable with the largest relative difference."""
    size = np.maximum(abs(ours), abs(value))
    relative = abs(ours - value) / np.where(size > 0, size, 1)
    chosen = np.zeros(len(lines), int)
    if ours.shape[1] > 1:
        # Among derivatives that are not much smaller than the line's largest, and the largest if
        # all agree exactly.
        top = size.max(axis=1, keepdims=True)
        exact = 1e-16 * size / np.where(top > 0, top, 1)
        chosen = np.argmax(np.where(size > 1e-9 * top, relative, 0) + exact, axis=1)
    rows = np.arange(len(lines))
    found = [a[rows, chosen].tolist() for a in (ours, value, error, relative, margin)]
    return [
        Finding(line, OK, mode, int(k), mine, theirs, doubt, off, np.nan, np.nan, wide)
        for line, k, mine, theirs, doubt, off, wide in zip(lines, chosen, *found, strict=True)
    ]
