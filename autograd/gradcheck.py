"""Gradient checks by finite differences, and the report they give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .recording import no_grad
from .reverse import gradients
from .tensor import Tensor
from .value import Value

_FACTORS = (1.0, 0.1, 1e-2, 1e-3, 1e-4, 1e-6)
"""Factors of the step tried in turn: smaller ones for entries near a kink or the end of a domain,
and for functions with large higher derivatives."""


@dataclass(frozen=True)
class GradientEntry:
    """The check of one input: how many entries disagreed, and the one that agreed least.

    `numeric` is known to within `uncertainty`; `error` is the difference relative to the larger
    of the two values beyond it.

    >>> import autograd
    >>> (entry,) = autograd.check_gradients(autograd.sin, 0.0).entries
    >>> entry.name, entry.ours, entry.failures
    ('input 0', 1.0, 0)
    """

    name: str
    shape: tuple[int, ...]
    index: tuple[int, ...]
    ours: float
    numeric: float
    uncertainty: float
    error: float
    failures: int

    @property
    def passed(self) -> bool:
        """Whether every entry of this input agreed."""
        return self.failures == 0


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
        """The entry with the largest error."""
        return max(self.entries, key=lambda entry: (entry.failures > 0, entry.error))

    def __str__(self) -> str:
        head = ("input", "shape", "worst index", "ours", "numeric", "error", "verdict")
        rows = [head] + [
            (
                e.name,
                str(e.shape),
                str(e.index),
                f"{e.ours:.9g}",
                f"{e.numeric:.9g} ± {e.uncertainty:.1g}",
                f"{e.error:.1e}",
                "ok" if e.passed else f"{e.failures} WRONG",
            )
            for e in self.entries
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        verdict = "all gradients agree" if self.passed else "gradients DISAGREE"
        return "\n".join(
            [*lines, f"{verdict} to {self.tolerance:.0e} relative ({self.evaluations} evaluations)"]
        )


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


def check_gradients(
    f: Callable[..., Any], *inputs: Any, rtol: float | None = None
) -> GradientReport:
    """Compare the engine's gradients of `f` at `inputs` with central differences.

    Args:
        f: a function of the inputs that returns a Value or Tensor, or a tuple or list of them;
            or an `nn.Module`, whose parameters are then checked as well.
        inputs: what is differentiated: floats (given to `f` as 0-d Tensors), Values, arrays and
            Tensors of floats, each entry of which is varied. A Tensor or Value is varied in
            place, so `f` may also reach it another way. Anything else is passed on as it is.
        rtol: the relative difference allowed beyond the uncertainty of the numeric value;
            1e-6 by default, 1e-3 where an input is of lower precision than float64.

    Returns:
        A `GradientReport`; print it for a table.

    Raises:
        GradientCheckError: naming the input, the index and both values, where they disagree.
        TypeError: where no input is floating, or `f` returns nothing that records; ValueError:
            for empty inputs, or a result that is not finite.

    The numeric side is computed in float64 by central differences with one Richardson
    extrapolation (Press et al., Numerical Recipes, section 5.7), whose change estimates the
    uncertainty. Several outputs are checked at once through random weights.

    >>> import autograd
    >>> import numpy as np
    >>> report = autograd.check_gradients(lambda x: (x**3).sum(), np.array([1.0, 2.0]))
    >>> report.passed
    True
    """
    varied = _Varied(f, inputs)
    ours = varied.gradients()
    if rtol is None:
        rtol = 1e-6 if all(x.dtype == np.float64 for x in varied.originals) else 1e-3
    entries = []
    with varied.in_double() as contents:
        parts = zip(varied.names, contents, ours, varied.originals, strict=True)
        for name, array, gradient, original in parts:
            eps = float(np.finfo(original.dtype).eps)
            entries.append(_check_input(name, array, gradient, varied, rtol, eps))
    report = GradientReport(tuple(entries), rtol, varied.evaluations)
    if not report.passed:
        w = report.worst
        raise GradientCheckError(
            f"the gradient by {w.name} is wrong at index {w.index}: ours {w.ours:.9g}, by finite "
            f"differences {w.numeric:.9g} ± {w.uncertainty:.1g}\n{report}",
            report,
        )
    return report


def _check_input(
    name: str, contents: np.ndarray, gradient: np.ndarray, varied: _Varied, rtol: float, eps: float
) -> GradientEntry:
    """Vary each entry of `contents` in place and compare.

    `eps` is the precision our gradient was computed in: an entry that is small beside the others,
    or beside the function, may be off by as much as those are rounded.
    """
    slope = varied.magnitude / max(1.0, float(np.max(np.abs(contents))))
    rounding = 16 * eps * max(float(np.max(np.abs(gradient))), slope)
    worst: tuple[Any, ...] = (False, -1.0)
    failures = 0
    for index in np.ndindex(contents.shape):
        mine = float(gradient[index])
        numeric, uncertainty, changing = _derivative(contents, index, varied, mine, rtol)
        scale = max(abs(mine), abs(numeric))
        error = max(abs(mine - numeric) - uncertainty - rounding, 0.0) / scale if scale else 0.0
        if changing:
            error = max(error, uncertainty / scale)
        wrong = not error <= rtol
        failures += wrong
        if (wrong, error) > worst[:2]:
            worst = (wrong, error, index, mine, numeric, uncertainty)
    _, error, index, mine, numeric, uncertainty = worst
    return GradientEntry(name, contents.shape, index, mine, numeric, uncertainty, error, failures)


def _derivative(
    contents: np.ndarray, index: tuple[int, ...], varied: _Varied, mine: float, rtol: float
) -> tuple[float, float, bool]:
    """The derivative by one entry, how far it may be off, and whether the differences disagree.

    Steps are tried until one gives a value certain enough to judge by; else the most certain.
    """
    best: tuple[float, float, bool] | None = None
    for factor in _FACTORS:
        found = _differences(contents, index, varied, factor)
        if found is None:
            continue  # outside the domain
        numeric, change, rounding = found
        uncertainty = change + rounding
        scale = max(abs(mine), abs(numeric))
        if best is None or uncertainty < best[1]:
            best = (numeric, uncertainty, change > 1e-2 * scale + rounding)
        if uncertainty <= 0.1 * rtol * scale:
            break
    if best is None:
        raise ValueError(
            f"check_gradients: the function is not finite near index {index} of an input "
            f"({contents[index]}): check at a point inside its domain"
        )
    return best


def _differences(
    contents: np.ndarray, index: tuple[int, ...], varied: _Varied, factor: float
) -> tuple[float, float, float] | None:
    """The extrapolated central difference, its change by the extrapolation, its rounding error.

    None where the function is not finite.
    """
    x = contents[index]
    # Where the truncation error of one extrapolation (h**4) meets the rounding error (eps / h).
    step = factor * varied.precision ** (1 / 5) * max(abs(x), 1.0)

    def central(h: float) -> tuple[float, float]:
        above, below = x + h, x - h
        try:
            contents[index] = above
            high = varied.evaluate()
            contents[index] = below
            low = varied.evaluate()
        finally:
            contents[index] = x
        width = above - below
        rounding = 4 * varied.precision * max(abs(high), abs(low)) / width
        return (high - low) / width, rounding

    wide, _ = central(step)
    narrow, rounding = central(step / 2)
    if not np.isfinite([wide, narrow]).all():
        return None
    extrapolated = narrow + (narrow - wide) / 3
    return extrapolated, abs(extrapolated - narrow), 4 * rounding


class _Varied:
    """A function with the inputs that are varied, evaluated as one number."""

    def __init__(self, f: Callable[..., Any], inputs: tuple[Any, ...]) -> None:
        self.f = f
        self.names: list[str] = []
        self.handles: list[Any] = []
        self.arguments = [self._argument(f"input {i}", x) for i, x in enumerate(inputs)]
        named_parameters = getattr(f, "named_parameters", None)
        if named_parameters is not None:
            for name, parameter in named_parameters():
                self._vary(name, parameter)
        if not self.handles:
            raise TypeError(
                "check_gradients: none of the inputs is floating: give floats, arrays or Tensors "
                "of floats, Values, or a module with parameters"
            )
        self.originals = [_contents(handle) for handle in self.handles]
        for name, array in zip(self.names, self.originals, strict=True):
            if array.size == 0:
                raise ValueError(f"check_gradients: {name} of shape {array.shape} is empty")
        self.evaluations = 0
        self.precision = float(np.finfo(float).eps)
        self._weights: list[np.ndarray] = []
        self._unit = 1.0
        self._last: list[Any] = []
        self.magnitude = 0.0
        self._live: list[tuple[Any, np.ndarray, Any]] = []

    def _argument(self, name: str, x: Any) -> Any:
        """What `f` is given for an input, noting it if it is to be varied."""
        if (
            isinstance(x, (float, np.floating))
            or (isinstance(x, np.ndarray) and x.dtype.kind == "f")
            or (isinstance(x, Tensor) and x.dtype.kind == "f" and not x.requires_grad)
        ):
            x = Tensor(x, requires_grad=True)
        if isinstance(x, Value) or (isinstance(x, Tensor) and x.requires_grad):
            self._vary(name, x)
        return x

    def _vary(self, name: str, handle: Any) -> None:
        if not any(handle is known for known in self.handles):
            if isinstance(handle, Tensor) and not handle.requires_grad:
                return  # a frozen parameter
            label = getattr(handle, "label", "")
            self.names.append(f"{name} ({label})" if label else name)
            self.handles.append(handle)

    def _outputs(self) -> list[Any]:
        result = self.f(*self.arguments)
        outputs = list(result) if isinstance(result, (tuple, list)) else [result]
        for output in outputs:
            if not isinstance(output, (Value, Tensor)):
                raise TypeError(
                    f"check_gradients: the function returned {type(output).__name__} "
                    f"{output!r:.60}: it must return a Value or Tensor computed from its inputs"
                )
        return outputs

    def gradients(self) -> list[np.ndarray]:
        """The engine's gradients of the weighted sum of all outputs."""
        outputs = self._outputs()
        recorded = [x for x in outputs if isinstance(x, Value) or x.requires_grad]
        if not recorded:
            raise TypeError(
                "check_gradients: the result does not depend on the inputs through anything "
                "that records: compute it from the arguments with autograd's functions"
            )
        rng = np.random.default_rng(0)
        self._weights = [
            # Away from zero, so that no output is left unseen.
            np.asarray(rng.uniform(0.5, 1.5, _contents(output).shape))
            for output in outputs
        ]
        if len(outputs) == 1 and _contents(outputs[0]).size == 1:
            self._unit = float(self._weights[0].item())  # reported as if the weight were 1
        cotangents = [
            float(w) if isinstance(x, Value) else w
            for w, x in zip(self._weights, outputs, strict=True)
            if isinstance(x, Value) or x.requires_grad
        ]
        found = gradients(recorded, self.handles, cotangents, allow_unused=True)
        ours = [
            np.zeros(array.shape) if g is None else np.asarray(g, float) / self._unit
            for g, array in zip(found, self.originals, strict=True)
        ]
        for name, g in zip(self.names, ours, strict=True):
            if not np.isfinite(g).all():
                index = tuple(int(i) for i in np.argwhere(~np.isfinite(g))[0])
                raise ValueError(
                    f"check_gradients: our gradient by {name} is {g[index]} at index {index}: "
                    "check at a point where the function is smooth"
                )
        return ours

    @contextmanager
    def in_double(self) -> Iterator[list[np.ndarray]]:
        """The varied inputs as float64 arrays that may be written to, while it lasts.

        `evaluate` computes in float64, or, where `f` refuses that because other arrays in it have
        another dtype, in the inputs' own.
        """
        contents = [array.astype(float) for array in self.originals]
        self._live = list(
            zip(self.handles, contents, [np.dtype(float)] * len(contents), strict=True)
        )
        try:
            try:
                value = self.evaluate()
            except TypeError:
                own = [array.dtype for array in self.originals]
                if all(dtype == np.float64 for dtype in own):
                    raise
                self.precision = max(float(np.finfo(dtype).eps) for dtype in own)
                self._live = list(zip(self.handles, contents, own, strict=True))
                value = self.evaluate()
            if not np.isfinite(value):
                raise ValueError(
                    f"check_gradients: the function is {value} at the inputs: check at a point "
                    "inside its domain"
                )
            self.magnitude = max(
                float(np.max(np.abs(_contents(output)), initial=0)) for output in self._last
            )
            yield contents
        finally:
            own = [array.dtype for array in self.originals]
            self._live = list(zip(self.handles, self.originals, own, strict=True))
            self._set_contents()

    def _set_contents(self) -> None:
        for handle, array, dtype in self._live:
            if isinstance(handle, Value):
                handle.data = float(array)
            else:
                handle._array = array.astype(dtype, copy=False)

    def evaluate(self) -> float:
        """The weighted sum of the outputs at the present contents."""
        self._set_contents()
        self.evaluations += 1
        with no_grad(), np.errstate(all="ignore"):
            outputs = self._last = self._outputs()
        total = sum(
            float(np.sum(w * _contents(output)))
            for w, output in zip(self._weights, outputs, strict=True)
        )
        return total / self._unit


def _contents(handle: Any) -> np.ndarray:
    """The numbers of a Value or Tensor as an array."""
    return np.asarray(handle.data) if isinstance(handle, Value) else handle._array
