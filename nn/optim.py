"""Optimisers with PyTorch's names, arguments, defaults and formulas."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from operator import is_
from sys import getrefcount
from typing import Any

import numpy as np

from autograd import Tensor, Value

_BLOCK = 1 << 17
"""Elements updated at a time: what one block touches stays in the processor's cache."""


class _Flat:
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
        self.transposed: list[bool] = []
        self._unshared: list[int] = []

    def gather(self) -> None:
        """Make `data` hold what the parameters hold, in memory that nobody else does."""
        arrays = [parameter.data for parameter in self.parameters]
        if self.parts and all(map(is_, arrays, self.parts)):
            del arrays
            if self._references() == self._unshared:
                return
            arrays = self.parts
        self.transposed = [array.flags.fnc for array in arrays]  # columns first in memory
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

    def hand_out(self) -> None:
        """Give each parameter its part of `data`."""
        if self.parts:
            return
        for parameter, (start, stop) in zip(self.parameters, pairwise(self.bounds), strict=True):
            part = self.data[start:stop]
            if self.transposed[len(self.parts)]:
                part = part.reshape(parameter.shape[::-1]).T
            else:
                part = part.reshape(parameter.shape)
            self.parts.append(part)
            parameter.adopt(part)
            del part
        self._unshared = self._references()

    def __getstate__(self) -> dict[str, Any]:
        # A copy of the views would not share the memory of a copy of the array.
        return {**vars(self), "parts": [], "_unshared": []}


class _FlatValues(_Flat):
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

    def hand_out(self) -> None:
        for parameter, number in zip(self.parameters, self.data.tolist(), strict=True):
            parameter.data = number


def _plain(gradient: Any) -> np.ndarray:
    array: np.ndarray = gradient.data if isinstance(gradient, Tensor) else gradient
    return array


class Optimizer:
    """What all optimisers share: the parameters, their state, and the walk over both.

    Subclasses list the names of their state arrays in `state_names` and define `_update`.

    Raises:
        TypeError: for anything that is no parameter; ValueError: for none at all, one given
            twice, or a setting out of range.
    """

    state_names: tuple[str, ...] = ()

    def __init__(self, params: Iterable[Any], lr: float) -> None:
        if isinstance(params, (Tensor, Value, str)) or not isinstance(params, Iterable):
            raise TypeError(
                f"{type(self).__name__}: {type(params).__name__} is no list of parameters: give "
                "model.parameters()"
            )
        self.params = list(params)
        self.lr = _at_least_zero("lr", lr)
        if not self.params:
            raise ValueError(f"{type(self).__name__}: no parameters: give model.parameters()")
        for parameter in self.params:
            if not (isinstance(parameter, Tensor) and parameter.is_leaf) and not (
                isinstance(parameter, Value) and parameter.operation is None
            ):
                raise TypeError(
                    f"{type(self).__name__}: {parameter!r:.60} is no leaf Tensor or Value: give "
                    "model.parameters()"
                )
        if len({id(parameter) for parameter in self.params}) < len(self.params):
            raise ValueError(f"{type(self).__name__}: a parameter is given twice")
        self._flats = []
        for kind, group in _grouped(self.params):
            self._flats.append(_FlatValues(group) if kind is Value else _Flat(group))
        self._steps = [[0] * len(flat.parameters) for flat in self._flats]
        self._state = [
            [np.zeros(flat.bounds[-1], flat.dtype) for _ in self.state_names]
            for flat in self._flats
        ]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients: None for Tensors, or zeros; 0.0 for Values."""
        for flat in self._flats:
            for parameter in flat.parameters:
                parameter.grad = flat.no_gradient if set_to_none else 0 * parameter.data

    def step(self) -> None:
        """Update every parameter that has a gradient; the others stay, and so does their state."""
        for flat, steps, state in zip(self._flats, self._steps, self._state, strict=True):
            gradients = [parameter.grad for parameter in flat.parameters]
            runs = _runs([g is not None for g in gradients], steps)
            if not runs:
                continue
            flat.gather()
            for run in runs:
                step = steps[run.start] + 1
                steps[run.start : run.stop] = [step] * len(run)
                for place, gradient in flat.blocks(run, gradients):
                    self._update(flat.data[place], gradient, [a[place] for a in state], step)
            flat.hand_out()

    def _update(
        self,
        data: np.ndarray,
        gradient: np.ndarray,
        state: list[np.ndarray],
        step: int,
    ) -> None:
        """Update `data` and `state` of one block in place; `gradient` may be used up."""
        raise NotImplementedError(f"{type(self).__name__} defines no _update")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.params)} parameters, lr={self.lr})"


def _runs(active: list[bool], steps: list[int]) -> list[range]:
    """Neighbouring parameters that have a gradient and have been updated equally often."""
    if all(active) and steps.count(steps[0]) == len(steps):
        return [range(len(steps))]
    runs = []
    start = 0
    for (has_gradient, _), group in groupby(zip(active, steps, strict=True)):
        stop = start + len(list(group))
        if has_gradient:
            runs.append(range(start, stop))
        start = stop
    return runs


def _grouped(params: list[Any]) -> list[tuple[Any, list[Any]]]:
    """The parameters by kind: Values, and Tensors of each dtype."""
    groups: dict[Any, list[Any]] = {}
    for parameter in params:
        kind = Value if isinstance(parameter, Value) else parameter.dtype
        groups.setdefault(kind, []).append(parameter)
    return list(groups.items())


def _at_least_zero(name: str, number: float) -> float:
    if not isinstance(number, (int, float, np.number)):
        raise TypeError(f"{name} {number!r} is no number: give one that is not negative")
    if not number >= 0:
        raise ValueError(f"{name} {number!r}: give a number that is not negative")
    return number


def _fraction(name: str, number: float) -> float:
    if not 0 <= number < 1:
        raise ValueError(f"{name} {number!r}: give a number from 0 to less than 1")
    return number


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum as PyTorch defines it.

    Args:
        params: the parameters, as `model.parameters()` gives them.
        lr: the learning rate.
        momentum: how much of the last update goes on.
        dampening: how much less of the gradient joins it.
        weight_decay: the factor of the L2 penalty.
        nesterov: whether to look ahead along the momentum (Sutskever et al., 2013).

    >>> import nn
    >>> w = nn.Parameter([1.0])
    >>> optimizer = nn.optim.SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([0.8])
    """

    state_names = ("momentum_buffer",)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        self.momentum = _at_least_zero("momentum", momentum)
        self.dampening = dampening
        self.weight_decay = _at_least_zero("weight_decay", weight_decay)
        self.nesterov = nesterov
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("nesterov needs a momentum and no dampening")
        super().__init__(params, lr)

    def _update(
        self,
        data: np.ndarray,
        gradient: np.ndarray,
        state: list[np.ndarray],
        step: int,
    ) -> None:
        if self.weight_decay:
            gradient += self.weight_decay * data
        if self.momentum:
            (buffer,) = state
            buffer *= self.momentum
            buffer += gradient if step == 1 else (1 - self.dampening) * gradient
            if self.nesterov:
                gradient += self.momentum * buffer
            else:
                gradient[...] = buffer
        gradient *= self.lr
        data -= gradient


class Adam(Optimizer):
    """Adam (Kingma & Ba, 2015, arXiv:1412.6980), with PyTorch's defaults.

    Args:
        params: the parameters, as `model.parameters()` gives them.
        lr: the learning rate.
        betas: the decay rates of the running mean of the gradient and of its square.
        eps: what is added to the denominator.
        weight_decay: the factor of the L2 penalty.

    >>> import nn
    >>> w = nn.Parameter([1.0])
    >>> optimizer = nn.optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6)
    array([0.9])
    """

    state_names = ("exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        self.betas = (_fraction("betas[0]", betas[0]), _fraction("betas[1]", betas[1]))
        self.eps = _at_least_zero("eps", eps)
        self.weight_decay = _at_least_zero("weight_decay", weight_decay)
        super().__init__(params, lr)

    def _update(
        self,
        data: np.ndarray,
        gradient: np.ndarray,
        state: list[np.ndarray],
        step: int,
    ) -> None:
        # The moments are kept without the factors 1 - beta, which then join the other scalars:
        # m / (1 - beta1) and v / (1 - beta2) decay by beta and add g and g * g.
        beta1, beta2 = self.betas
        mean, square = state
        root = math.sqrt((1 - beta2) / (1 - beta2**step))
        rate = self.lr * (1 - beta1) / (1 - beta1**step)
        if self.weight_decay:
            gradient += self.weight_decay * data
        mean *= beta1
        mean += gradient
        square *= beta2
        gradient *= gradient
        square += gradient
        np.sqrt(square, gradient)
        gradient *= root
        gradient += self.eps
        np.divide(mean, gradient, gradient)
        gradient *= rate
        data -= gradient
