"""The lines along which derivatives are compared: single entries, or random directions.

A random direction u has independent normal entries times the scale of the inputs' entries. An
error e of the gradient (in those units) shows as e . u, which is normal with standard deviation
|e|: it stays below a threshold t with probability erf(t / (sqrt(2) |e|)) < 0.8 t / |e| for each
direction, whatever the number of inputs and wherever the error lies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .flat import Vector
from .function import Function, Input

ENTRIES = 48
"""Up to so many inputs, each is varied by itself."""
_BLOCKS = 32


@dataclass(slots=True, eq=False)
class Line:
    """x + t direction, where only the entries in `span` of the flat vector move.

    Attributes:
        inputs: the leaves it moves.
        scale: of the steps.
        near: the distance of 0, where a function is often bounded; 0 for directions.
    """

    inputs: tuple[Input, ...]
    span: slice
    direction: Vector
    scale: float = 1.0
    near: float = 0.0

    @property
    def single(self) -> bool:
        return self.direction.size == 1

    def moved(self, x: Vector, t: float) -> Vector:
        there = x.copy()
        if self.single:
            there[self.span.start] += t * self.direction[0]
        else:
            there[self.span] += t * self.direction
        return there

    def halves(self, x: Vector) -> tuple[Line, Line]:
        """The same direction in the first and in the second half of its entries."""
        start, n = self.span.start, self.direction.size
        cut = n // 2
        for i in self.inputs[1:]:  # between two leaves rather than inside one
            if i.span.start - start <= n // 2:
                cut = i.span.start - start
        pieces = slice(start, start + cut), slice(start + cut, start + n)
        return tuple(  # type: ignore[return-value]
            entry(self.inputs, p.start, x)
            if p.stop - p.start == 1
            else Line(_touched(self.inputs, p), p, self.direction[p.start - start : p.stop - start])
            for p in pieces
        )

    def name(self) -> str:
        first, last = self.inputs[0].name, self.inputs[-1].name
        return first if first == last else f"{first} … {last}"


def entry(inputs: Sequence[Input], place: int, x: Vector) -> Line:
    """The line that moves one entry of the flat vector."""
    here = slice(place, place + 1)
    size = abs(float(x[place]))
    return Line(_touched(inputs, here), here, np.ones(1), max(size, 1.0), size)


def lines(
    function: Function, rng: np.random.Generator, directions: int | None
) -> tuple[list[Line], int]:
    """The lines of a check, and how many random directions each block of inputs has (0: none)."""
    x, inputs = function.x, function.inputs
    if directions is None:
        directions = 0 if x.size <= ENTRIES else 3
    if directions == 0:
        owners = [i for i in inputs for _ in range(i.size)]
        return [entry([i], place, x) for place, i in enumerate(owners)], 0
    found = []
    for block in _blocks(inputs):
        span = slice(block[0].span.start, block[-1].span.stop)
        if span.stop - span.start == 1:
            found.append(entry(block, span.start, x))
            continue
        scale = np.concatenate([_scale(x[i.span]) for i in block])
        found += [
            Line(tuple(block), span, scale * rng.normal(size=scale.size)) for _ in range(directions)
        ]
    return found, directions


def _blocks(inputs: Sequence[Input]) -> Iterator[list[Input]]:
    """One leaf each, or several neighbours where there are many."""
    for part in np.array_split(np.arange(len(inputs)), min(len(inputs), _BLOCKS)):
        yield [inputs[int(i)] for i in part]


def _scale(x: Vector) -> Vector:
    """How far each entry is moved by a step of 1: its size, or that of the others."""
    typical = float(np.median(np.abs(x)))
    return np.asarray(np.maximum(np.abs(x), typical or 1.0))


def _touched(inputs: Sequence[Input], span: slice) -> tuple[Input, ...]:
    return tuple(i for i in inputs if i.span.start < span.stop and span.start < i.span.stop)
