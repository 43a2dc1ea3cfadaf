"""The parameters of one dtype side by side in one array, which one update serves."""

from __future__ import annotations

from collections.abc import Iterator
from operator import is_
from sys import getrefcount
from typing import Any

import numpy as np

from autograd import Tensor, Value

_BLOCK = 1 << 17
"""Elements updated at a time: what one block touches stays in the processor's cache."""


class Flat:
    """The parameters of one dtype side by side in one array, so one update serves them all.

    An array that `.data` handed out, or that a graph keeps, never changes: a step writes in
    place only where the reference counts say that nobody else holds any of the memory, and
    otherwise to a new array that the parameters then adopt.
    """

    no_gradient: float | None = None

    def __init__(self, parameters: list[Any]) -> None:
        self.parameters = parameters
        sizes = [parameter.size for parameter in parameters]
        self.bounds = [0, *np.cumsum(sizes).tolist()]
        self.dtype = parameters[0].dtype
        self.data = np.empty(self.bounds[-1], self.dtype)
        self.parts: list[np.ndarray] = []
        # Columns first in memory: as it is now, and so it stays, as the state lies alike.
        self.transposed = [parameter.data.flags.fnc for parameter in parameters]
        self._unshared: list[int] = []

    def gather(self) -> None:
        """Make `data` hold what the parameters hold, in memory that nobody else does."""
        arrays = [parameter.data for parameter in self.parameters]
        if self.parts and all(map(is_, arrays, self.parts)):
            del arrays
            if self._references() == self._unshared:
                return
            arrays = self.parts
        if any(a.dtype != self.dtype for a in arrays):
            raise TypeError(
                f"a parameter is no longer of {self.dtype}, as when the optimiser was made: make "
                "the optimiser after the model's dtype is changed"
            )
        self.data = np.concatenate(
            [(a.T if t else a).ravel() for a, t in zip(arrays, self.transposed, strict=True)]
        )
        self.parts = []

    def _references(self) -> list[int]:
        return [getrefcount(self.data), *map(getrefcount, self.parts)]

    def blocks(self, chosen: range, gradients: list[Any]) -> Iterator[tuple[slice, np.ndarray]]:
        """The chosen parameters' places in `data` in blocks, each with a copy of its gradient."""
        flat = [
            (g.T if transposed else g).ravel()  # in the order of the parameter's memory
            for g, transposed in zip(
                map(_plain, gradients[chosen.start : chosen.stop]),
                self.transposed[chosen.start : chosen.stop],
                strict=True,
            )
        ]
        first, last = self.bounds[chosen.start], self.bounds[chosen.stop]
        if last - first <= _BLOCK:
            yield slice(first, last), np.concatenate(flat)
            return
        for i, gradient in zip(chosen, flat, strict=True):
            offset = self.bounds[i]
            for start in range(0, len(gradient), _BLOCK):
                part = gradient[start : start + _BLOCK].copy()
                yield slice(offset + start, offset + start + len(part)), part

    def part(self, array: np.ndarray, i: int) -> np.ndarray:
        """The part of a flat array that belongs to parameter `i`, in its shape: a view."""
        part = array[self.bounds[i] : self.bounds[i + 1]]
        shape = self.parameters[i].shape
        return part.reshape(shape[::-1]).T if self.transposed[i] else part.reshape(shape)

    def hand_out(self) -> None:
        """Give each parameter its part of `data`."""
        if self.parts:
            return
        for i, parameter in enumerate(self.parameters):
            self.parts.append(self.part(self.data, i))
            parameter.adopt(self.parts[-1])
        self._unshared = self._references()

    def __getstate__(self) -> dict[str, Any]:
        # A copy of the views would not share the memory of a copy of the array.
        return {**vars(self), "parts": [], "_unshared": []}


class FlatValues(Flat):
    """The same for the Values of a scalar model."""

    no_gradient = 0.0

    def __init__(self, parameters: list[Value]) -> None:
        self.parameters = parameters
        self.bounds = list(range(len(parameters) + 1))
        self.dtype = np.dtype(float)

    def gather(self) -> None:
        self.data = np.array([parameter.data for parameter in self.parameters])

    def blocks(self, chosen: range, gradients: list[Any]) -> Iterator[tuple[slice, np.ndarray]]:
        place = slice(chosen.start, chosen.stop)
        yield place, np.array([float(g) for g in gradients[place]])

    def part(self, array: np.ndarray, i: int) -> np.ndarray:
        return array[i : i + 1].reshape(())

    def hand_out(self) -> None:
        for parameter, number in zip(self.parameters, self.data.tolist(), strict=True):
            parameter.data = number


def _plain(gradient: Any) -> np.ndarray:
    array: np.ndarray = gradient.data if isinstance(gradient, Tensor) else gradient
    return array
