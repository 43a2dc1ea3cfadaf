"""The derivatives under check at one point, in each mode, and how far rounding moves them.

Derivatives are sums of terms that may cancel, and no value tells how large they were: those of
3x - x - 2x, which is 0 exactly, are 0 or 4e-16. So their rounding is measured, as that of the
function is: a computed result is about the exact one for data perturbed in the last digits, and
its spread under such perturbations is what rounding does to it (Chaitin-Chatelin & Frayssé,
Lectures on Finite Precision Computations, SIAM 1996, chapter 8). Perturbed are the cotangents, or
in forward mode the tangents, and of second derivatives those of the first ones as well, by up to
2^8 units of roundoff. A derivative is linear in them, at a kink as elsewhere, so it follows such a
change by as many of its own digits and no more, unless terms have cancelled: the spread can be as
large as the derivative itself only where that has no right digit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from . import ours
from .flat import Vector
from .function import Function
from .lines import Line
from .observables import Observables

Along = Callable[[Line], Vector]
"""The derivatives of the observables along a line, shape (k,)."""

_SAMPLES = 6
_MOVED = 2.0**8


class Derivatives:
    """The derivatives of the observables at the point `function.x`.

    Args:
        function: whose outputs the observables combine.
        modes: "reverse" or "forward", or both; or "given".
        given: for "given": the whole Jacobian, shape (outputs, inputs).
        values: the outputs at the point.

    Attributes:
        by_mode: the derivatives along a line.
    """

    def __init__(
        self,
        function: Function,
        observables: Observables,
        modes: Sequence[str],
        given: Callable[[], Vector] | None,
        values: Vector,
    ) -> None:
        self.function = function
        self.observables = observables
        self.by_mode: dict[str, Along] = {}
        self.rows: Vector | None = None  # of the first mode, shape (k, inputs), where it has them
        if given is not None:
            self.rows = observables.of(given().T).T
        elif "reverse" in modes:
            # Second derivatives show by themselves where recording makes a difference.
            known = None if function.varies_cotangents else values
            self.rows = self._reverse(observables.cotangents(), known)
        if self.rows is not None:
            self.by_mode[modes[0]] = _along(self.rows)
        if "forward" in modes:
            self.by_mode["forward"] = self._forward()
        self._perturbed: dict[str, list[Along]] = {}

    def _reverse(self, cotangents: Vector, values: Vector | None = None) -> Vector:
        return self.observables.rows(ours.reverse(self.function, cotangents, values=values))

    def _forward(self) -> Along:
        push = ours.forward(self.function)
        return lambda line: self.observables.of(push(line))

    def sizes(self, lines: Sequence[Line]) -> Vector:
        """The absolute derivatives of each observable by each input, about, shape (k, inputs)."""
        if self.rows is not None:
            return abs(self.rows)
        found = np.zeros((self.observables.count, self.function.x.size))
        along = self.by_mode["forward"]
        for line in lines:
            share = abs(along(line))[:, None] / np.sqrt(line.direction.size)
            found[:, line.span] = np.maximum(found[:, line.span], share / abs(line.direction))
        return found

    def rounding(self, mode: str, line: Line) -> Vector:
        """How far rounding moves the derivatives along a line, shape (k,).

        Nothing where they are not the same when computed again: that is chance, not rounding.
        """
        if mode not in self._perturbed:
            self._perturbed[mode] = self._computed_again(mode)
        here = self.by_mode[mode](line)
        found = [along(line) for along in self._perturbed[mode]]
        if not found or not np.array_equal(found[0], here):
            return np.zeros_like(here)
        return np.asarray(np.max([abs(there - here) for there in found], axis=0))

    def _computed_again(self, mode: str) -> list[Along]:
        """The derivatives as they are, and then with perturbed data."""
        if mode not in ("reverse", "forward"):
            return []  # a gradient given by the user has no cotangents
        rng = np.random.default_rng(0)
        found = []
        x = self.function.x
        unit = 0.0
        try:
            for _ in range(1 + _SAMPLES):
                self.function.x = x.copy()
                self.function.x[self.function.linear] *= _factor(rng, unit, x)[self.function.linear]
                found.append(self._reverse_at(rng, unit) if mode == "reverse"
                             else self._forward_at(rng, unit))  # fmt: skip
                unit = _MOVED * self.function.precision
        finally:
            self.function.x = x
        return found

    def _reverse_at(self, rng: np.random.Generator, unit: float) -> Along:
        cotangents = self.observables.cotangents()
        return _along(self._reverse(cotangents * _factor(rng, unit, cotangents)))

    def _forward_at(self, rng: np.random.Generator, unit: float) -> Along:
        along = self._forward()
        return lambda line: along(
            replace(line, direction=line.direction * _factor(rng, unit, line.direction))
        )


def _factor(rng: np.random.Generator, unit: float, like: Vector) -> Vector:
    return np.asarray(1 + unit * rng.uniform(-1.0, 1.0, like.shape))


def _along(rows: Vector) -> Along:
    return lambda line: np.asarray(rows[:, line.span] @ line.direction)
