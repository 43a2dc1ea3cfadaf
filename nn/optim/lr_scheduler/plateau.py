"""A schedule that waits until a number no longer improves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ...settings import count
from ..optimizer import Optimizer
from .base import LRScheduler, each_group


class ReduceLROnPlateau(LRScheduler):
    """The rate times `factor` once a number has not improved for `patience` epochs.

    Args:
        optimizer: the optimiser.
        mode: "min" where smaller is better, or "max".
        factor: what the rate is multiplied by.
        patience: how many epochs without improvement are let pass.
        threshold: by how much a number has to be better to count.
        threshold_mode: "rel" for a share of the best number, or "abs". The share is of its size,
            so that a negative number, too, has to get better; with PyTorch's formula, best
            (1 - threshold), it may get worse. They agree for positive numbers.
        cooldown: how many epochs after a reduction do not count.
        min_lr: the rates do not go below; a number, or one for each group.
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
        min_lr: float | Sequence[float] = 0.0,
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
        each_group("ReduceLROnPlateau", optimizer, min_lr)
        self.min_lr = min_lr
        self.eps = eps
        self.best = math.inf if mode == "min" else -math.inf
        self.bad_epochs = self.cooling = 0
        super().__init__(optimizer)

    def apply(self, epoch: int) -> None:
        """Nothing: the rates depend on the numbers given to `step`."""

    def advance(self, epoch: int) -> None:
        """Nothing, for the same reason."""

    def step(self, metrics: Any) -> None:  # type: ignore[override]
        """Take the number of an epoch, such as the validation loss."""
        number = float(metrics)
        least_rates = each_group("ReduceLROnPlateau", self.optimizer, self.min_lr)
        self.last_epoch += 1
        if self._better(number):
            self.best, self.bad_epochs = number, 0
        else:
            self.bad_epochs += 1
        if self.cooling:
            self.cooling -= 1
            self.bad_epochs = 0
        if self.bad_epochs > self.patience:
            for group, least in zip(self.optimizer.param_groups, least_rates, strict=True):
                lower = max(group["lr"] * self.factor, least)
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

    def check_state(self, state_dict: Any) -> None:
        """Raise unless `load_state_dict` can take this."""
        super().check_state(state_dict)
        name = "ReduceLROnPlateau.load_state_dict"
        if not isinstance(state_dict["best"], (int, float)):
            raise TypeError(f"{name}: best {state_dict['best']!r:.60}: give a number")
        for key in ("bad_epochs", "cooling"):
            count(name, key, state_dict[key])

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave, with its rates.

        Raises:
            TypeError, ValueError: for what is no state of such a schedule, which changes nothing.
        """
        super().load_state_dict(state_dict)
        self.best = float(state_dict["best"])
        self.bad_epochs, self.cooling = int(state_dict["bad_epochs"]), int(state_dict["cooling"])
