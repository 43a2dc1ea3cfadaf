"""Which combinations of the outputs are compared.

Up to `LIMIT` outputs each is compared by itself, under a cotangent of its own that is not 1, so
that a rule that ignores, squares or rounds its cotangent shows. Of more outputs each belongs to
one of `LIMIT` weighted sums, weighted by the inverse of how much it varies so that a small one is
not lost beside a large one, and together with those whose values are known about as well. A sum
hides an error where two cancel, which for random weights has probability zero, and where it is
below the error of the sum's numeric derivative.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .flat import Vector
from .function import Function

LIMIT = 16


class Observables:
    """`k` weighted sums of the outputs, no output in two of them."""

    def __init__(self, function: Function, values: Vector, rng: np.random.Generator) -> None:
        m = values.size
        drawn = rng.uniform(-1.0, 1.0, m)
        self.weights = drawn + np.copysign(0.6, drawn)
        self.each = m <= LIMIT
        self._pairs = function.pairs
        self.count = min(m, LIMIT)
        if self.each:
            return
        slopes = _slopes(function, values, rng)
        self.weights /= slopes
        order = np.argsort(np.abs(values) / slopes, kind="stable")
        groups = np.array_split(order, LIMIT)
        self._order = order
        self._starts = np.cumsum([0] + [len(g) for g in groups[:-1]])

    def of(self, changes: Vector) -> Vector:
        """The observables of outputs, or of changes or bounds of them, shape (..., outputs)."""
        if self.each:
            return changes
        return np.asarray(
            np.add.reduceat((changes * self.weights)[..., self._order], self._starts, axis=-1)
        )

    def bound(self, sizes: Vector) -> Vector:
        """The same for bounds on absolute values."""
        if self.each:
            return np.asarray(sizes)
        return np.asarray(
            np.add.reduceat((sizes * abs(self.weights))[..., self._order], self._starts, axis=-1)
        )

    def shared(self, sizes: Vector) -> Vector:
        """The larger sizes of what rounds together: both parts of a complex output, all sums."""
        if self.each:
            return np.asarray(np.maximum(sizes, sizes[..., self._pairs]))
        return np.broadcast_to(sizes.max(axis=-1, keepdims=True), sizes.shape)

    def cotangents(self) -> Vector:
        """The cotangents that belong to them, shape (k, outputs)."""
        if self.each:
            return np.diag(self.weights)
        rows = np.zeros((self.count, self.weights.size))
        group = np.repeat(np.arange(LIMIT), np.diff([*self._starts, self.weights.size]))
        rows[group, self._order] = self.weights[self._order]
        return rows

    def rows(self, pulled: Vector) -> Vector:
        """The derivatives of the observables from those under `cotangents()`."""
        return pulled / self.weights[:, None] if self.each else pulled


def _slopes(function: Function, values: Vector, rng: np.random.Generator) -> Vector:
    """About how much each output varies with the inputs; never 0.

    What varies by its rounding only counts as not varying, lest its weight make it large: changes
    of a function halve with the step, and are not 1e11 times smaller than others'.
    """
    x = function.x
    scale = np.maximum(np.abs(x), 1e-3 * (np.abs(x).max() or 1.0)) * rng.uniform(0.5, 1, x.size)
    moved = np.zeros_like(values)
    for step in (1e-4, -1e-4):
        changes = [function(x + step * scale / 2**k) - values for k in range(3)]
        if np.isfinite(changes).all():
            halves = [abs(b - a / 2) <= 0.05 * abs(a) for a, b in pairwise(changes)]
            moved = np.maximum(moved, np.where(halves[0] & halves[1], abs(changes[0]), 0.0))
    top = moved.max()
    return np.where(moved > 1e-11 * top, moved, top if top > 0 else 1.0)
