"""L-BFGS, which learns the curvature from the last steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from autograd import Tensor, Value, enable_grad

from ..settings import at_least_zero, count, positive_integer
from .group import Group
from .line_search import Point, strong_wolfe
from .optimizer import Optimizer


class LBFGS(Optimizer):
    """Limited-memory BFGS (Liu & Nocedal, 1989), as PyTorch defines its stops and first steps.

    It evaluates the loss several times in a step, so `step` needs a closure that forgets the
    gradients, computes the loss, calls backward and returns the loss. For full batches.

    Args:
        params: the parameters, as `model.parameters()` gives them; one group only.
        lr: the length of a step, or of the first one tried by a line search.
        max_iter: how many iterations make a step.
        max_eval: how many evaluations at most; 1.25 times max_iter by default.
        tolerance_grad: it ends where no entry of the gradient is larger.
        tolerance_change: it ends where loss or parameters change by less.
        history_size: how many steps the curvature is taken from.
        line_search_fn: None, or "strong_wolfe".

    >>> import nn
    >>> w = nn.Parameter([3.0, -2.0])
    >>> optimizer = nn.optim.LBFGS([w], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((w - 1) ** 2 * [1.0, 10.0]).sum()
    ...     loss.backward()
    ...     return loss
    >>> float(optimizer.step(closure).data)  # the loss before the step
    94.0
    >>> w.data.round(4)
    array([1., 1.])
    """

    checks: ClassVar = {
        **Optimizer.checks, "max_iter": positive_integer, "max_eval": positive_integer,
        "tolerance_grad": at_least_zero, "tolerance_change": at_least_zero,
        "history_size": positive_integer,
    }  # fmt: skip

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        if max_eval is None:
            max_eval = positive_integer("LBFGS", "max_iter", max_iter) * 5 // 4
        defaults = {
            "lr": lr, "max_iter": max_iter, "tolerance_grad": tolerance_grad,
            "max_eval": max_eval, "tolerance_change": tolerance_change,
            "history_size": history_size, "line_search_fn": line_search_fn,
        }  # fmt: skip
        self._reset()
        super().__init__(params, defaults)

    def _reset(self) -> None:
        self._iterations = 0
        self._direction = self._gradient = np.zeros(0)
        self._length = self._loss = 0.0
        self._steps: list[np.ndarray] = []
        self._changes: list[np.ndarray] = []  # of the gradient, over each of the steps

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Once only: the curvature is that of all parameters together."""
        if self.param_groups:
            raise ValueError("LBFGS: takes one group of parameters")
        super().add_param_group(param_group)

    def _check(self, settings: dict[str, Any]) -> None:
        if settings["line_search_fn"] not in (None, "strong_wolfe"):
            raise ValueError(
                f"LBFGS: line_search_fn {settings['line_search_fn']!r} is unknown: use None or "
                "'strong_wolfe'"
            )

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Iterate until one of the limits is reached.

        Args:
            closure: forgets the gradients, computes the loss, calls backward, returns the loss.

        Returns:
            What the closure returned first.
        """
        if closure is None:
            raise TypeError("LBFGS.step: give a closure that computes the loss and its gradients")
        group = self.param_groups[0]
        first = self._evaluate(closure)
        self._iterate(closure, float(_number(first)), group)
        return first

    def _iterate(self, closure: Callable[[], Any], loss: float, group: dict[str, Any]) -> None:
        gradient = self._flat_gradient()
        tolerance, change = group["tolerance_grad"], group["tolerance_change"]
        evaluations = 1
        iteration = 0
        while np.abs(gradient).max(initial=0) > tolerance and iteration < group["max_iter"]:
            iteration += 1
            self._iterations += 1
            direction = self._next_direction(gradient, group["history_size"])
            previous, self._loss, self._gradient = loss, loss, gradient
            length = group["lr"]
            if self._iterations == 1:
                length *= min(1.0, 1.0 / float(np.abs(gradient).sum()))
            self._direction, self._length = direction, length
            slope = float(gradient @ direction)
            if slope > -change or length == 0:  # as at the end of a schedule
                break
            start = self._flat_data()
            if group["line_search_fn"]:
                begin = Point(0.0, loss, gradient, slope)
                point, count = strong_wolfe(
                    lambda t, x=start, d=direction: self._at(closure, x, d, t),  # type: ignore[misc]
                    begin, direction, length, change, group["max_eval"] - evaluations,
                )  # fmt: skip
                self._length, loss, gradient = point.t, point.loss, point.gradient
                self._move(start + point.t * direction)
                evaluations += count
            else:
                self._move(start + length * direction)
                if iteration < group["max_iter"]:
                    loss = float(_number(self._evaluate(closure)))
                    gradient = self._flat_gradient()
                    evaluations += 1
            if (
                evaluations >= group["max_eval"]
                or np.abs(direction * self._length).max(initial=0) <= change
                or abs(loss - previous) < change
            ):
                break

    def _next_direction(self, gradient: np.ndarray, history_size: int) -> np.ndarray:
        """Minus the gradient through the inverse curvature: the two loops of Liu & Nocedal."""
        if self._iterations == 1:
            return -gradient
        change = gradient - self._gradient
        step = self._direction * self._length
        if change @ step > 1e-10:
            self._steps = [*self._steps, step][-history_size:]
            self._changes = [*self._changes, change][-history_size:]
        pairs = list(zip(self._steps, self._changes, strict=True))
        direction = -gradient
        factors = []
        for s, y in reversed(pairs):
            factors.append((s @ direction) / (y @ s))
            direction = direction - factors[-1] * y
        if pairs:
            s, y = pairs[-1]
            direction = direction * ((y @ s) / (y @ y))
        for (s, y), factor in zip(pairs, reversed(factors), strict=True):
            direction = direction + s * (factor - (y @ direction) / (y @ s))
        return direction

    # --- all parameters as one vector ---

    def _evaluate(self, closure: Callable[[], Any]) -> Any:
        with enable_grad():
            return closure()

    def _at(
        self, closure: Callable[[], Any], start: np.ndarray, direction: np.ndarray, t: float
    ) -> Point:
        """The loss and its gradient at start + t direction."""
        self._move(start + t * direction)
        loss = float(_number(self._evaluate(closure)))
        gradient = self._flat_gradient()
        return Point(t, loss, gradient, float(gradient @ direction))

    def _flat_data(self) -> np.ndarray:
        return np.concatenate([np.ravel(p.data) for p in self.params])

    def _flat_gradient(self) -> np.ndarray:
        return np.concatenate(
            [
                np.zeros(np.size(p.data), np.asarray(p.data).dtype)
                if p.grad is None
                else np.ravel(p.grad.data if isinstance(p.grad, Tensor) else p.grad)
                for p in self.params
            ]
        )

    def _move(self, flat: np.ndarray) -> None:
        start = 0
        for p in self.params:
            size = np.size(p.data)
            part = flat[start : start + size]
            p.data = float(part[0]) if isinstance(p, Value) else part.reshape(p.shape)
            start += size

    # --- state ---

    def _state(self) -> dict[int, dict[str, Any]]:
        if not self._iterations:
            return {}
        return {
            0: {
                "n_iter": self._iterations,
                "d": self._direction.copy(),
                "t": self._length,
                "prev_flat_grad": self._gradient.copy(),
                "prev_loss": self._loss,
                "old_stps": np.array(self._steps),
                "old_dirs": np.array(self._changes),
            }
        }

    def _load(self, name: str, state: dict[int, dict[str, Any]], coming: list[Group]) -> None:
        del coming
        entries = state.get(0, {})
        iterations = count(name, "n_iter", entries.get("n_iter", 0))
        if not iterations:
            self._reset()
            return
        missing = {"d", "t", "prev_flat_grad", "prev_loss", "old_stps", "old_dirs"} - entries.keys()
        if missing:
            raise ValueError(f"{name}: a state without {', '.join(sorted(missing))}")
        size = sum(np.size(p.data) for p in self.params)
        steps, changes = ([np.array(row) for row in entries[k]] for k in ("old_stps", "old_dirs"))
        direction, gradient = np.array(entries["d"]), np.array(entries["prev_flat_grad"])
        for array in (direction, gradient, *steps, *changes):
            if array.shape != (size,) or array.dtype.kind != "f" or len(steps) != len(changes):
                raise ValueError(
                    f"{name}: a state of shape {array.shape} and dtype {array.dtype} for {size} "
                    "parameters"
                )
        numbers = [np.asarray(entries[key]) for key in ("t", "prev_loss")]
        if any(number.ndim or number.dtype.kind not in "iuf" for number in numbers):
            raise ValueError(f"{name}: t {entries['t']!r:.60} or prev_loss is no number")
        self._iterations = iterations
        self._length, self._loss = map(float, numbers)
        self._direction, self._gradient = direction, gradient
        self._steps, self._changes = steps, changes


def _number(loss: Any) -> Any:
    return loss.data if isinstance(loss, (Tensor, Value)) else loss
