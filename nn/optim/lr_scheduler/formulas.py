"""Schedules whose rates are formulas of the number of steps."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...settings import at_least_zero, positive, positive_integer
from ..optimizer import Optimizer
from .base import LRScheduler, each_group
from .plateau import ReduceLROnPlateau


class LambdaLR(LRScheduler):
    """The first rate times `lr_lambda(steps)`.

    Args:
        optimizer: the optimiser.
        lr_lambda: a function, or one for each group.
        last_epoch: see `LRScheduler`.

    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
    >>> scheduler = nn.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5**epoch)
    >>> scheduler.step()
    >>> optimizer.lr
    0.5
    """

    chains = False

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        self.lr_lambdas = each_group("LambdaLR", optimizer, lr_lambda)
        super().__init__(optimizer, last_epoch)

    def apply(self, epoch: int) -> None:
        """base lr_lambda(epoch) for each group."""
        factors = [factor(epoch) for factor in self.lr_lambdas]
        groups = self.optimizer.param_groups
        for group, base, factor in zip(groups, self.base_lrs, factors, strict=False):
            group["lr"] = base * factor


class StepLR(LRScheduler):
    """The rate times `gamma` every `step_size` steps.

    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
    >>> scheduler = nn.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(3):
    ...     scheduler.step()
    >>> optimizer.lr
    0.5
    """

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size = positive_integer("StepLR", "step_size", step_size)
        self.gamma = at_least_zero("StepLR", "gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def rate(self, epoch: int, base: float) -> float:
        """base gamma**(epoch // step_size)."""
        return base * self.gamma ** (epoch // self.step_size)


class MultiStepLR(LRScheduler):
    """The rate times `gamma` after each of the `milestones`.

    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
    >>> scheduler = nn.optim.lr_scheduler.MultiStepLR(optimizer, [1, 3], gamma=0.5)
    >>> for _ in range(3):
    ...     scheduler.step()
    >>> optimizer.lr
    0.25
    """

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Sequence[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones = sorted(milestones)
        self.gamma = at_least_zero("MultiStepLR", "gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def rate(self, epoch: int, base: float) -> float:
        """base gamma**(milestones passed)."""
        return base * self.gamma ** bisect_right(self.milestones, epoch)


class ExponentialLR(LRScheduler):
    """The rate times `gamma` at every step.

    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
    >>> scheduler = nn.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> scheduler.step()
    >>> optimizer.lr
    0.5
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = at_least_zero("ExponentialLR", "gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def rate(self, epoch: int, base: float) -> float:
        """base gamma**epoch."""
        return float(base * self.gamma**epoch)


class ConstantLR(LRScheduler):
    """A warm-up: `factor` times the rate for `total_iters` steps, then the rate itself.

    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
    >>> scheduler = nn.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> optimizer.lr
    0.5
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 <= factor <= 1:
            raise ValueError(f"ConstantLR: factor {factor}: give a number from 0 to 1")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def rate(self, epoch: int, base: float) -> float:
        """base factor, and base from `total_iters` on."""
        return base * self.factor if epoch < self.total_iters else base


class PolynomialLR(LRScheduler):
    """Down to 0 in `total_iters` steps, along a straight line or a power of it.

    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
    >>> scheduler = nn.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=4, power=2.0)
    >>> scheduler.step()
    >>> optimizer.lr
    0.5625
    """

    def __init__(
        self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1
    ) -> None:
        self.total_iters = positive_integer("PolynomialLR", "total_iters", total_iters)
        self.power = power
        super().__init__(optimizer, last_epoch)

    def rate(self, epoch: int, base: float) -> float:
        """base (1 - epoch / total_iters)**power, and then 0."""
        left = max(1 - epoch / self.total_iters, 0.0)
        return float(base * left**self.power)


class LinearLR(LRScheduler):
    """A warm-up: from `start_factor` to `end_factor` times the rate in `total_iters` steps.

    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
    >>> scheduler = nn.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> scheduler.step()
    >>> optimizer.lr
    0.75
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not (0 < start_factor <= 1 and 0 <= end_factor <= 1):
            raise ValueError(f"LinearLR: factors {start_factor} and {end_factor}: give up to 1")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def rate(self, epoch: int, base: float) -> float:
        """On the straight line, and then at its end."""
        done = min(epoch / self.total_iters, 1.0) if self.total_iters else 1.0
        return base * (self.start_factor + (self.end_factor - self.start_factor) * done)


class CosineAnnealingLR(LRScheduler):
    """Half a cosine from the rate to `eta_min` in `T_max` steps (Loshchilov & Hutter, 2017).

    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
    >>> scheduler = nn.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=2)
    >>> scheduler.step()
    >>> round(optimizer.lr, 6)
    0.5
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_max: int,  # noqa: N803
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        self.T_max = positive("CosineAnnealingLR", "T_max", T_max)
        self.eta_min = self.floor = eta_min
        super().__init__(optimizer, last_epoch)

    def rate(self, epoch: int, base: float) -> float:
        """eta_min + (base - eta_min) (1 + cos(pi epoch / T_max)) / 2."""
        share = (1 + math.cos(math.pi * epoch / self.T_max)) / 2
        return self.eta_min + (base - self.eta_min) * share


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half a cosine down to `eta_min`, again and again (Loshchilov & Hutter, 2017).

    Args:
        optimizer: the optimiser.
        T_0: the steps of the first.
        T_mult: by how much each is longer than the one before.
        eta_min: the rate that is not reached before the next begins.
        last_epoch: see `LRScheduler`.

    >>> import nn
    >>> from nn.optim.lr_scheduler import CosineAnnealingWarmRestarts
    >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
    >>> scheduler = CosineAnnealingWarmRestarts(optimizer, T_0=2)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(round(optimizer.lr, 6))
    ...     scheduler.step()
    >>> rates
    [1.0, 0.5, 1.0, 0.5]
    """

    chains = False

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,  # noqa: N803
        T_mult: int = 1,  # noqa: N803
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        self.T_0 = positive_integer("CosineAnnealingWarmRestarts", "T_0", T_0)
        self.T_mult = positive_integer("CosineAnnealingWarmRestarts", "T_mult", T_mult)
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def rate(self, epoch: int, base: float) -> float:
        """eta_min + (base - eta_min) (1 + cos(pi done / length)) / 2 within the latest cosine."""
        length = self.T_0
        if self.T_mult == 1:
            epoch %= length
        while epoch >= length:
            epoch -= length
            length *= self.T_mult
        return self.eta_min + (base - self.eta_min) * (1 + math.cos(math.pi * epoch / length)) / 2


class SequentialLR(LRScheduler):
    """One schedule after the other, as a warm-up before a cosine.

    Args:
        optimizer: that of all the schedules.
        schedulers: in their order.
        milestones: the steps at which the next one begins, one fewer.

    >>> import nn
    >>> from nn.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR
    >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
    >>> parts = [LinearLR(optimizer, 0.5, total_iters=2), CosineAnnealingLR(optimizer, 4)]
    >>> scheduler = SequentialLR(optimizer, parts, milestones=[2])
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(round(optimizer.lr, 2))
    ...     scheduler.step()
    >>> rates
    [0.5, 0.75, 1.0, 0.85]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        if len(milestones) != len(schedulers) - 1 or any(
            s.optimizer is not optimizer for s in schedulers
        ):
            raise ValueError(
                f"SequentialLR: {len(schedulers)} schedules with {len(milestones)} milestones: "
                "give one milestone fewer, and schedules of this optimiser"
            )
        if list(milestones) != sorted(milestones):
            raise ValueError(f"SequentialLR: milestones {milestones}: give them in their order")
        if any(isinstance(s, ReduceLROnPlateau) for s in schedulers):
            raise ValueError(
                "SequentialLR: ReduceLROnPlateau needs a number at each step, which a sequence "
                "does not have: step it by itself"
            )
        self.schedulers = list(schedulers)
        self.milestones = list(milestones)
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """What `load_state_dict` of a schedule made alike needs to go on."""
        parts = [scheduler.state_dict() for scheduler in self.schedulers]
        return {**super().state_dict(), "parts": parts}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave, with its rates.

        Raises:
            TypeError, ValueError: for what is no state of such a schedule, which changes nothing.
        """
        self.check_state(state_dict)
        before = self.state_dict()["parts"]
        try:
            self._load_parts(state_dict["parts"])
            super().load_state_dict(state_dict)
        except Exception:  # a step past the end of a cycle
            self._load_parts(before)
            raise

    def _load_parts(self, parts: list[dict[str, Any]]) -> None:
        for scheduler, part in zip(self.schedulers, parts, strict=True):
            scheduler.load_state_dict(part)

    def check_state(self, state_dict: Any) -> None:
        """Raise unless `load_state_dict` can take this, in all parts."""
        super().check_state(state_dict)
        parts = state_dict["parts"]
        if not isinstance(parts, list) or len(parts) != len(self.schedulers):
            raise ValueError(
                f"SequentialLR.load_state_dict: parts {parts!r:.60}: give the states of "
                f"{len(self.schedulers)} schedules"
            )
        for scheduler, part in zip(self.schedulers, parts, strict=True):
            scheduler.check_state(part)

    def _whose_turn(self, epoch: int) -> tuple[LRScheduler, int]:
        """The schedule that sets the rates after `epoch` steps, and how many of them are its."""
        turn = bisect_right(self.milestones, epoch)
        return self.schedulers[turn], epoch - (self.milestones[turn - 1] if turn else 0)

    def apply(self, epoch: int) -> None:
        """As the schedule whose turn it is."""
        scheduler, done = self._whose_turn(epoch)
        scheduler.apply(done)

    def advance(self, epoch: int) -> None:
        """As the schedule whose turn it is; at its first step from the first rates."""
        scheduler, done = self._whose_turn(epoch)
        if done:
            scheduler.advance(done)
        else:
            scheduler.apply(0)
