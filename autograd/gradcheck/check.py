"""`check_gradients`: our derivatives of a function against numeric ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from numbers import Integral, Real
from typing import Any

import numpy as np

from . import ours
from .comparison import JUMP, KINK, OK, UNRESOLVED, WRONG, Comparison, Finding
from .derivatives import Derivatives
from .flat import Vector
from .function import Function, GradientOf, Input
from .lines import lines
from .observables import Observables
from .precision import low_precision
from .report import VERDICTS, GradientCheckError, GradientEntry, GradientReport, Kink, message

FAILING = (UNRESOLVED, JUMP, WRONG)
_DETECTED = 1e-3
_PATIENCE = 2.0
_MODES = {
    "reverse": ("reverse",),
    "forward": ("forward",),
    "both": ("reverse", "forward"),
}


def check_gradients(
    f: Callable[..., Any],
    *inputs: Any,
    gradient: Any = None,
    modes: str = "reverse",
    order: int = 1,
    rtol: float = 1e-6,
    directions: int | None = None,
    seed: int = 0,
    progress: bool | None = None,
) -> GradientReport:
    """Compare the derivatives of `f` at `inputs` with numeric ones.

    Args:
        f: a function of the inputs that returns a Value or Tensor, or nested tuples, lists and
            dicts of them; or an `nn.Module`, whose parameters are then checked as well.
        inputs: what is differentiated: floats (given to `f` as 0-d Tensors, or as Values where
            others are), Values, arrays and Tensors of real or complex floats, and nested tuples,
            lists and dicts of these. A Tensor or Value is varied in place, so `f` may also reach
            it another way. Integers and anything else are constants.
        gradient: the gradient to check in the place of the engine's, of a function of plain
            floats and arrays: a function of the same inputs, or what it returns. For one number
            as output an array of each input's shape, one for each input; for an array as output
            Jacobians, of the output's shape followed by the input's.
        modes: "reverse", "forward" or "both".
        order: 2 to check the gradient's own derivatives as well.
        rtol: the relative difference that is agreement, as far as the numeric side can tell.
        directions: check this many random directions for each input, 0 for each entry by
            itself; by default each entry of up to 48, and 3 directions for more.
        seed: of the random directions and weights.
        progress: show a progress bar; by default for what takes longer than two seconds, on a
            terminal.

    Returns:
        A `GradientReport`; print it for a table.

    Raises:
        GradientCheckError: naming the input, the index and both values, where they disagree, the
            function is discontinuous, or nothing can be said.
        TypeError: where no input is floating, `f` is no function, or returns something else;
            ValueError: for options that are none, empty inputs, a function that is not
            deterministic, changes its inputs or its shape, or is not finite.

    How the numeric side works, what counts as agreement, and what can be missed:
    `docs/gradient_checks.md`.

    >>> import autograd
    >>> import numpy as np
    >>> report = autograd.check_gradients(lambda x: (x**3).sum(), np.array([1.0, 2.0]))
    >>> report.passed
    True
    >>> autograd.check_gradients(np.sin, 2.0, gradient=np.cos).passed
    True
    """
    __tracebackhide__ = True  # pytest then shows the call, and the report
    _refuse_bad_options(f, gradient, modes, order, rtol, directions)
    chosen = ("given",) if gradient is not None else _MODES[modes]
    function = Function(f, inputs, plain=gradient is not None)
    rng = np.random.default_rng(seed)
    with function.varied(), _bar(progress) as advance:
        values = function.start()
        given = None if gradient is None else partial(ours.given, function, gradient, inputs)
        entries = _entries(function, values, chosen, given, rtol, directions, rng, advance)
        if gradient is None and all(e.passed for e in entries):
            entries += low_precision(function, values, rng)
        evaluations = function.evaluations
        if order == 2 and all(e.passed for e in entries):
            second = GradientOf(function, rng.uniform(0.5, 1.5, values.size))
            if second.x.size > function.x.size:  # something records
                with second.varied():
                    entries += [
                        replace(e, order=2)
                        for e in _entries(
                            second, second.start(), chosen, None, rtol, directions, rng, advance
                        )
                    ]
                evaluations = function.evaluations
    report = GradientReport(tuple(entries), rtol, evaluations)
    if not report.passed:
        raise GradientCheckError(message(report, function.cut_off), report)
    return report


def _refuse_bad_options(
    f: Any, gradient: Any, modes: str, order: int, rtol: Any, directions: Any
) -> None:
    if not callable(f):
        raise TypeError(f"check_gradients: {f!r:.60} is no function: give it before its inputs")
    if modes not in _MODES:
        raise ValueError(f"check_gradients: modes {modes!r}: use 'reverse', 'forward' or 'both'")
    if order not in (1, 2):
        raise ValueError(f"check_gradients: order {order!r}: use 1 or 2")
    if gradient is not None and (order, modes) != (1, "reverse"):
        raise ValueError("check_gradients: a given gradient has neither modes nor a second order")
    if not isinstance(rtol, Real) or not 0 < float(rtol) < 1:
        raise ValueError(f"check_gradients: rtol {rtol!r}: use a number between 0 and 1")
    if directions is not None and (not isinstance(directions, Integral) or directions < 0):
        raise ValueError(f"check_gradients: directions {directions!r}: use a number of them, or 0")


def _entries(
    function: Function,
    values: Vector,
    modes: Sequence[str],
    given: Callable[[], Vector] | None,
    rtol: float,
    directions: int | None,
    rng: np.random.Generator,
    advance: Callable[[], None],
) -> list[GradientEntry]:
    """The entries of the report about one order of derivatives.

    At a kink anything between the two slopes is right, which could hide an error of something
    else. So where there are kinks the same is checked at a point beside as well, and what fails
    there is reported.
    """
    rest = (modes, given, rtol, directions, rng, advance)
    entries, bent = _at(function, values, *rest)
    if not bent or not all(e.passed for e in entries):
        return entries
    x = function.x
    try:
        for size in (1e-3, 1e-6):
            scale = np.where(x != 0, abs(x), 1.0) * rng.choice([-1.0, 1.0], x.size)
            function.x = x + size * scale * rng.uniform(0.25, 1.0, x.size)
            beside = function(function.x)
            if np.isfinite(beside).all():
                found, _ = _at(function, beside, *rest)
                return entries + [
                    replace(e, name=f"{e.name}, beside the kink") for e in found if not e.passed
                ]
    finally:
        function.x = x
    return entries


def _at(
    function: Function,
    values: Vector,
    modes: Sequence[str],
    given: Callable[[], Vector] | None,
    rtol: float,
    directions: int | None,
    rng: np.random.Generator,
    advance: Callable[[], None],
) -> tuple[list[GradientEntry], bool]:
    """The entries at the function's present point, and whether it has a kink there."""
    observables = Observables(function, values, rng)
    derivatives = Derivatives(function, observables, modes, given, values)
    wrong = [] if derivatives.rows is None else _not_finite(function, derivatives.rows, modes[0])
    if wrong:
        return wrong, False
    checked, count = lines(function, rng, directions)
    rows = derivatives.sizes(checked)
    comparison = Comparison(
        function,
        values,
        observables,
        derivatives,
        rows,
        rtol,
        function.varies_cotangents,
        rng,
        advance,
    )
    findings = comparison.findings(checked)
    bent = any(f.status == KINK for f in findings)
    return _summary(function, findings, observables, rows, count), bent


def _summary(
    function: Function, findings: list[Finding], observables: Observables, rows: Vector, count: int
) -> list[GradientEntry]:
    """One entry for each input, or for each group of inputs whose directions were checked."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    joint: dict[str, tuple[str, ...]] = {i.name: (i.name,) for i in function.inputs}
    for f in findings:
        names = tuple(i.name for i in f.line.inputs)
        if len(names) > 1:
            joint.update(dict.fromkeys(names, names))
    for f in findings:
        groups.setdefault(joint[f.line.inputs[0].name], []).append(f)
    by_name = {i.name: i for i in function.inputs}
    return [
        _entry([by_name[name] for name in names], found, observables, rows, count)
        for names, found in groups.items()
    ]


def _entry(
    inputs: list[Input], found: list[Finding], observables: Observables, rows: Vector, count: int
) -> GradientEntry:
    worst = max(found, key=lambda f: (f.status, f.error))
    first, last = inputs[0], inputs[-1]
    span = slice(first.span.start, last.span.stop)
    at = worst.line.inputs[0]
    failing = [f for f in found if f.status in FAILING]
    directed = not all(f.line.single for f in found)
    name = first.name if first is last else f"{first.name} … {last.name}"
    if failing and first is not last:
        name = worst.line.name()
    return GradientEntry(
        name=name,
        shape=first.original.shape if first is last else (span.stop - span.start,),
        index=at.index(worst.line.span.start) if worst.line.single else None,
        ours=worst.ours,
        numeric=worst.numeric,
        uncertainty=worst.uncertainty,
        error=worst.error,
        failures=len({f.line.span.start for f in failing}),
        verdict=VERDICTS[worst.status],
        mode=worst.mode,
        output=worst.observable if observables.each else None,
        directions=count if directed else 0,
        kinks=tuple(
            Kink(f.line.inputs[0].index(f.line.span.start), f.ours, f.left, f.right)
            for f in found
            if f.status == KINK and f.line.single
        ),
        influences=bool(rows[:, span].any() or any(f.numeric for f in found)),
        missed=_missed(found, rows[:, span]) ** count if directed and worst.status == OK else 0.0,
    )


def _missed(found: list[Finding], rows: Vector) -> float:
    """The probability that an error of `_DETECTED` of the gradient hides from one direction."""
    norm = float(np.linalg.norm(rows))
    return min(1.0, 0.8 * max(f.margin for f in found) / (_DETECTED * norm)) if norm else 0.0


def _not_finite(function: Function, rows: Vector, mode: str) -> list[GradientEntry]:
    """Entries for derivatives of ours that are no numbers; the function itself is finite."""
    if np.isfinite(rows).all():
        return []
    found = []
    for i in function.inputs:
        bad = np.argwhere(~np.isfinite(rows[:, i.span]))
        if len(bad):
            k, place = bad[0]
            found.append(
                GradientEntry(
                    i.name, i.original.shape, i.index(i.span.start + int(place)),
                    float(rows[k, i.span.start + place]), np.nan, np.inf, np.inf,
                    len({int(p) for _, p in bad}), VERDICTS[WRONG], mode,
                )
            )  # fmt: skip
    return found


@contextmanager
def _bar(progress: bool | None) -> Iterator[Callable[[], None]]:
    """A progress bar of evaluations that shows itself after two seconds, on a terminal."""
    if progress is False:
        yield lambda: None
        return
    bars: list[Any] = []
    shows = time.monotonic() + (0.0 if progress else _PATIENCE)
    pending = 0

    def advance() -> None:
        nonlocal pending
        pending += 1
        if time.monotonic() >= shows:
            if not bars:
                from tqdm import tqdm

                quiet = None if progress is None else False  # None: not unless on a terminal
                bars.append(tqdm(desc="check_gradients", unit=" calls", disable=quiet, leave=False))
            bars[0].update(pending)
            pending = 0

    try:
        yield advance
    finally:
        for bar in bars:
            bar.close()
