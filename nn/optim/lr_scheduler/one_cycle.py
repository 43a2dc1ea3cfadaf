"""The one-cycle schedule."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...settings import at_least_zero, positive_integer
from ..optimizer import Optimizer
from .base import LRScheduler, each_group


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
        last_epoch: see `LRScheduler`.

    >>> import nn
    >>> optimizer = nn.optim.Adam([nn.Parameter([1.0])])
    >>> scheduler = nn.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
    >>> round(optimizer.lr, 6), optimizer.param_groups[0]["betas"]
    (0.04, (0.95, 0.999))
    """

    chains = False

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
        last_epoch: int = -1,
    ) -> None:
        if total_steps is None:
            if not epochs or not steps_per_epoch:
                raise ValueError("OneCycleLR: give total_steps, or epochs and steps_per_epoch")
            total_steps = epochs * steps_per_epoch
        total_steps = positive_integer("OneCycleLR", "total_steps", total_steps)
        if not 0 <= pct_start <= 1 or anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"OneCycleLR: pct_start {pct_start} is not in 0 to 1, or anneal_strategy "
                f"{anneal_strategy!r} is neither 'cos' nor 'linear'"
            )
        if not (div_factor > 0 and final_div_factor > 0):
            raise ValueError(
                f"OneCycleLR: div_factor {div_factor} and final_div_factor {final_div_factor}: "
                "give positive numbers"
            )
        tops = each_group("OneCycleLR", optimizer, max_lr)
        if cycle_momentum and not {"momentum", "betas"} & optimizer.defaults.keys():
            raise ValueError(
                f"OneCycleLR: {type(optimizer).__name__} has no momentum: give cycle_momentum=False"
            )
        self.total_steps = total_steps
        self.cosine = anneal_strategy == "cos"
        self.momenta = (base_momentum, max_momentum) if cycle_momentum else None
        for group, top in zip(optimizer.param_groups, tops, strict=True):
            group["initial_lr"] = at_least_zero("OneCycleLR", "max_lr", top) / div_factor
        # The steps at which each phase ends, and the factors of the first rate there.
        ends = [pct_start * total_steps - 1]
        factors = [1.0, div_factor]
        if three_phase:
            ends.append(2 * pct_start * total_steps - 2)
            factors.append(1.0)
        self.ends = [*ends, total_steps - 1]
        self.factors = [*factors, 1 / final_div_factor]
        super().__init__(optimizer, last_epoch)

    def _between(self, epoch: int, values: Sequence[float]) -> float:
        """Of values at the start and the end of each phase, the one after `epoch` steps."""
        # A step after the last batch goes a little beyond, as in PyTorch.
        if epoch > self.total_steps:
            raise ValueError(
                f"OneCycleLR: step {epoch} of a cycle of {self.total_steps}: give more total_steps"
            )
        last = len(self.ends) - 1
        phase = next((i for i, end in enumerate(self.ends) if epoch <= end), last)
        start = self.ends[phase - 1] if phase else 0.0
        length = self.ends[phase] - start
        done = (epoch - start) / length if length else 1.0  # it ends where it begins
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
        for group in self.optimizer.param_groups[: len(self.base_lrs)]:
            if "betas" in group:
                group["betas"] = (momentum, *group["betas"][1:])
            elif "momentum" in group:
                group["momentum"] = momentum
