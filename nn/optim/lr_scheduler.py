"""Schedules of learning rates, by PyTorch's names; each sets the rates when it is made."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .optimizer import Optimizer, at_least_zero


class LRScheduler:
    """What all schedules share: the steps done, and the rates the optimiser began with.

    Subclasses define `rate`. Call `step()` after each epoch, or after each batch where that is
    what the schedule counts.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(
                f"{type(self).__name__}: {type(optimizer).__name__} is no optimiser: give one of "
                "nn.optim"
            )
        self.optimizer = optimizer
        self.base_lrs = [
            group.setdefault("initial_lr", group["lr"]) for group in optimizer.param_groups
        ]
        self.last_epoch = 0
        self.apply(0)

    def rate(self, epoch: int, base: float) -> float:
        """The learning rate after `epoch` steps of a group that began with `base`."""
        raise NotImplementedError(f"{type(self).__name__} defines no rate")

    def apply(self, epoch: int) -> None:
        """Set the rates as they are after `epoch` steps."""
        for group, base in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = self.rate(epoch, base)

    def step(self) -> None:
        """Go on by one."""
        self.last_epoch += 1
        self.apply(self.last_epoch)

    def get_last_lr(self) -> list[float]:
        """The rates as they are now, one for each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """What `load_state_dict` of a schedule made alike needs to go on."""
        return {"last_epoch": self.last_epoch, "base_lrs": list(self.base_lrs)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave; the rates are set anew."""
        if len(state["base_lrs"]) != len(self.base_lrs):
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: rates of {len(state['base_lrs'])} groups "
                f"for {len(self.base_lrs)}"
            )
        self.last_epoch = int(state["last_epoch"])
        self.base_lrs = list(state["base_lrs"])
        self.apply(self.last_epoch)


class LambdaLR(LRScheduler):
    """The first rate times `lr_lambda(steps)`.

    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
    >>> scheduler = nn.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5**epoch)
    >>> scheduler.step()
    >>> optimizer.lr
    0.5
    """

    def __init__(self, optimizer: Optimizer, lr_lambda: Callable[[int], float]) -> None:
        self.lr_lambda = lr_lambda
        super().__init__(optimizer)

    def rate(self, epoch: int, base: float) -> float:
        """base lr_lambda(epoch)."""
        return base * self.lr_lambda(epoch)


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

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        if not step_size >= 1:
            raise ValueError(f"StepLR: step_size {step_size}: give a positive integer")
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer)

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

    def __init__(self, optimizer: Optimizer, milestones: Sequence[int], gamma: float = 0.1) -> None:
        self.milestones = sorted(milestones)
        self.gamma = gamma
        super().__init__(optimizer)

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

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = gamma
        super().__init__(optimizer)

    def rate(self, epoch: int, base: float) -> float:
        """base gamma**epoch."""
        return float(base * self.gamma**epoch)


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
    ) -> None:
        if not (0 < start_factor <= 1 and 0 <= end_factor <= 1):
            raise ValueError(f"LinearLR: factors {start_factor} and {end_factor}: give up to 1")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer)

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

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:  # noqa: N803
        if not T_max >= 1:
            raise ValueError(f"CosineAnnealingLR: T_max {T_max}: give a positive integer")
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer)

    def rate(self, epoch: int, base: float) -> float:
        """eta_min + (base - eta_min) (1 + cos(pi epoch / T_max)) / 2."""
        share = (1 + math.cos(math.pi * epoch / self.T_max)) / 2
        return self.eta_min + (base - self.eta_min) * share


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
        self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int]
    ) -> None:
        if len(milestones) != len(schedulers) - 1 or any(
            s.optimizer is not optimizer for s in schedulers
        ):
            raise ValueError(
                f"SequentialLR: {len(schedulers)} schedules with {len(milestones)} milestones: "
                "give one milestone fewer, and schedules of this optimiser"
            )
        self.schedulers = list(schedulers)
        self.milestones = list(milestones)
        super().__init__(optimizer)

    def apply(self, epoch: int) -> None:
        """As the schedule whose turn it is."""
        turn = bisect_right(self.milestones, epoch)
        self.schedulers[turn].apply(epoch - (self.milestones[turn - 1] if turn else 0))


class OneCycleLR(LRScheduler):
    """Up to `max_lr` and down again within `total_steps` (Smith & Topin, arXiv:1708.07120).

    Call `step()` after each batch.

    Args:
        optimizer: the optimiser; its momentum, or the first of its betas, goes the other way.
        max_lr: the largest rate, or one for each group.
        total_steps: of the cycle; or give `epochs` and `steps_per_epoch`.
        epochs: how many epochs the cycle has.
        steps_per_epoch: how many batches an epoch has.
        pct_start: the share of the cycle in which the rate rises.
        anneal_strategy: "cos" or "linear".
        cycle_momentum: whether the momentum goes the other way.
        base_momentum: its smallest value.
        max_momentum: its largest value.
        div_factor: the first rate is max_lr / div_factor.
        final_div_factor: the last rate is the first divided by it.
        three_phase: whether the rate falls to the first before it goes on to the last.

    >>> import nn
    >>> optimizer = nn.optim.Adam([nn.Parameter([1.0])])
    >>> scheduler = nn.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
    >>> round(optimizer.lr, 6), optimizer.param_groups[0]["betas"]
    (0.04, (0.95, 0.999))
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | Sequence[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float = 0.85,
        max_momentum: float = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
    ) -> None:
        if total_steps is None:
            total_steps = (epochs or 0) * (steps_per_epoch or 0)
        if not total_steps >= 1:
            raise ValueError("OneCycleLR: give total_steps, or epochs and steps_per_epoch")
        if not 0 <= pct_start <= 1 or anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"OneCycleLR: pct_start {pct_start} is not in 0 to 1, or anneal_strategy "
                f"{anneal_strategy!r} is neither 'cos' nor 'linear'"
            )
        self.total_steps = total_steps
        self.cosine = anneal_strategy == "cos"
        self.momenta = (base_momentum, max_momentum) if cycle_momentum else None
        groups = len(optimizer.param_groups)
        tops = list(max_lr) if isinstance(max_lr, Sequence) else [max_lr] * groups
        if len(tops) != groups:
            raise ValueError(f"OneCycleLR: {len(tops)} rates for {groups} groups: give one each")
        for group, top in zip(optimizer.param_groups, tops, strict=True):
            group["initial_lr"] = at_least_zero("max_lr", top) / div_factor
        # The steps at which each phase ends, and the factors of the first rate there.
        ends = [pct_start * total_steps - 1]
        factors = [1.0, div_factor]
        if three_phase:
            ends.append(2 * pct_start * total_steps - 2)
            factors.append(1.0)
        self.ends = [*ends, total_steps - 1]
        self.factors = [*factors, 1 / final_div_factor]
        super().__init__(optimizer)

    def _between(self, epoch: int, values: Sequence[float]) -> float:
        """Of values at the begin and the end of each phase, the one after `epoch` steps."""
        # A step after the last batch goes a little beyond, as in PyTorch.
        if epoch > self.total_steps:
            raise ValueError(
                f"OneCycleLR: step {epoch} of a cycle of {self.total_steps}: give more total_steps"
            )
        last = len(self.ends) - 1
        phase = next((i for i, end in enumerate(self.ends) if epoch <= end), last)
        start = self.ends[phase - 1] if phase else 0.0
        done = (epoch - start) / (self.ends[phase] - start)
        share = (1 - math.cos(math.pi * done)) / 2 if self.cosine else done
        return values[phase] + (values[phase + 1] - values[phase]) * share

    def rate(self, epoch: int, base: float) -> float:
        """The first rate times the factor of the cycle."""
        return base * self._between(epoch, self.factors)

    def apply(self, epoch: int) -> None:
        """Set rates and momenta as they are after `epoch` steps."""
        super().apply(epoch)
        if self.momenta is None:
            return
        low, high = self.momenta
        turns = [high, low, *[high] * (len(self.ends) - 1)]
        momentum = self._between(epoch, turns)
        for group in self.optimizer.param_groups:
            if "betas" in group:
                group["betas"] = (momentum, *group["betas"][1:])
            elif "momentum" in group:
                group["momentum"] = momentum


class ReduceLROnPlateau(LRScheduler):
    """The rate times `factor` once a number has not improved for `patience` epochs.

    Args:
        optimizer: the optimiser.
        mode: "min" where smaller is better, or "max".
        factor: what the rate is multiplied by.
        patience: how many epochs without improvement are let pass.
        threshold: by how much a number has to be better to count.
        threshold_mode: "rel" for a share of the best number, or "abs".
        cooldown: how many epochs after a reduction do not count.
        min_lr: the rates do not go below.
        eps: a reduction by less is left out.

    >>> import nn
    >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
    >>> scheduler = nn.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0):
    ...     scheduler.step(loss)
    >>> optimizer.lr
    0.1
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float = 0.0,
        eps: float = 1e-8,
    ) -> None:
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(
                f"ReduceLROnPlateau: mode {mode!r} is 'min' or 'max', threshold_mode "
                f"{threshold_mode!r} 'rel' or 'abs'"
            )
        if not 0 <= factor < 1:
            raise ValueError(f"ReduceLROnPlateau: factor {factor}: give a number below 1")
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.relative = threshold_mode == "rel"
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.eps = eps
        self.best = math.inf if mode == "min" else -math.inf
        self.bad_epochs = self.cooling = 0
        super().__init__(optimizer)

    def apply(self, epoch: int) -> None:
        """Nothing: the rates depend on the numbers given to `step`."""

    def step(self, metric: Any) -> None:  # type: ignore[override]
        """Take the number of an epoch, such as the validation loss."""
        self.last_epoch += 1
        number = float(metric)
        if self._better(number):
            self.best, self.bad_epochs = number, 0
        else:
            self.bad_epochs += 1
        if self.cooling:
            self.cooling -= 1
            self.bad_epochs = 0
        if self.bad_epochs > self.patience:
            for group in self.optimizer.param_groups:
                lower = max(group["lr"] * self.factor, self.min_lr)
                if group["lr"] - lower > self.eps:
                    group["lr"] = lower
            self.cooling, self.bad_epochs = self.cooldown, 0

    def _better(self, number: float) -> bool:
        sign = 1 if self.mode == "min" else -1
        margin = abs(self.best) * self.threshold if self.relative else self.threshold
        if not math.isfinite(self.best):
            margin = 0.0
        return sign * number < sign * self.best - margin

    def state_dict(self) -> dict[str, Any]:
        """What `load_state_dict` of a schedule made alike needs to go on."""
        counts = {"best": self.best, "bad_epochs": self.bad_epochs, "cooling": self.cooling}
        return {**super().state_dict(), **counts}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave; the rates are the optimiser's to restore."""
        super().load_state_dict(state)
        self.best = float(state["best"])
        self.bad_epochs, self.cooling = int(state["bad_epochs"]), int(state["cooling"])
