"""What all schedules of learning rates share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...settings import count, finite
from ..optimizer import Optimizer


class LRScheduler:
    """What all schedules share: the steps done, and the rates the optimiser began with.

    Subclasses define `rate`. Call `step()` after each epoch, or after each batch where that is
    what the schedule counts. Where something else has changed a rate, another schedule or you, a
    schedule that chains goes on from there in proportion, as it does with groups added since; the
    others set the rates of the groups they were made for, whatever these are. Which do is as in
    PyTorch.

    Args:
        optimizer: the optimiser.
        last_epoch: -1 to begin; n - 1 to go on after n steps with an optimiser whose groups have
            the "initial_lr" and the rates of the first run, as its `load_state_dict` brings them.

    Raises:
        TypeError: for what is no optimiser; ValueError: for going on without an "initial_lr".
    """

    chains = True
    floor = 0.0
    """The rate that proportions are measured from."""

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        check_optimizer(type(self).__name__, optimizer)
        if last_epoch >= 0 and not all("initial_lr" in g for g in optimizer.param_groups):
            raise ValueError(
                f"{type(self).__name__}: last_epoch={last_epoch} for an optimiser without an "
                "'initial_lr': load the optimiser's state first, or leave last_epoch out"
            )
        self.optimizer = optimizer
        self.base_lrs: list[float] = []
        self._take_in_groups()
        self.last_epoch = last_epoch + 1
        if last_epoch < 0 or not self.chains:
            self.advance(self.last_epoch)

    def _take_in_groups(self) -> None:
        for group in self.optimizer.param_groups[len(self.base_lrs) :]:
            self.base_lrs.append(group.setdefault("initial_lr", group["lr"]))

    def rate(self, epoch: int, base: float) -> float:
        """The learning rate after `epoch` steps of a group that began with `base`."""
        raise NotImplementedError(f"{type(self).__name__} defines no rate")

    def apply(self, epoch: int) -> None:
        """Set the rates as they are after `epoch` steps."""
        for group, base in zip(self.optimizer.param_groups, self.base_lrs, strict=False):
            group["lr"] = self.rate(epoch, base)

    def advance(self, epoch: int) -> None:
        """Set the rates as they are after `epoch` steps, from those one step before."""
        if not self.chains:
            self.apply(epoch)
            return
        self._take_in_groups()
        for group, base in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            before = self.rate(epoch - 1, base) if epoch else base
            now, lr = self.rate(epoch, base), group["lr"]
            if lr == before:
                group["lr"] = now
            elif before == self.floor:
                group["lr"] = max(lr + (now - before), 0.0)
            else:  # from below the floor it goes down where the schedule goes up
                share = (now - self.floor) / (before - self.floor)
                group["lr"] = max(self.floor + (lr - self.floor) * share, 0.0)

    def step(self) -> None:
        """Go on by one."""
        self.advance(self.last_epoch + 1)
        self.last_epoch += 1

    def get_last_lr(self) -> list[float]:
        """The rates as they are now, one for each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """What `load_state_dict` of a schedule made alike needs to go on."""
        added = self.optimizer.param_groups[len(self.base_lrs) :] if self.chains else []
        bases = [*self.base_lrs, *[group.get("initial_lr", group["lr"]) for group in added]]
        return {"last_epoch": self.last_epoch, "base_lrs": bases, "lrs": self.get_last_lr()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave, with its rates.

        Raises:
            TypeError, ValueError: for what is no state of such a schedule, which changes nothing.
        """
        self.check_state(state_dict)
        before = self.last_epoch, self.base_lrs
        self.last_epoch = int(state_dict["last_epoch"])
        self.base_lrs = [float(rate) for rate in state_dict["base_lrs"]]
        try:
            self.apply(self.last_epoch)  # a cycle has momenta, too
        except Exception:
            self.last_epoch, self.base_lrs = before
            raise
        for group, rate in zip(self.optimizer.param_groups, state_dict["lrs"], strict=True):
            group["lr"] = float(rate)

    def check_state(self, state_dict: Any) -> None:
        """Raise unless `load_state_dict` can take this."""
        name = f"{type(self).__name__}.load_state_dict"
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"{name}: {state_dict!r:.60}: give what state_dict() returned")
        missing = self.state_dict().keys() - state_dict.keys()
        if missing:
            raise ValueError(
                f"{name}: {', '.join(sorted(missing))} missing: give what state_dict() of such a "
                "schedule returned"
            )
        count(name, "last_epoch", state_dict["last_epoch"])
        groups = len(self.optimizer.param_groups)
        for key, least in (("lrs", groups), ("base_lrs", groups if self.chains else 0)):
            rates = state_dict[key]
            if not isinstance(rates, list):
                raise TypeError(f"{name}: {key} {rates!r:.60}: give what state_dict() returned")
            for rate in rates:
                finite(name, key, rate)
            if not least <= len(rates) <= groups:
                raise ValueError(f"{name}: {key} of {len(rates)} groups for {groups}")


def check_optimizer(name: str, optimizer: Any) -> None:
    """Refuse what is no optimiser."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{name}: {type(optimizer).__name__} is no optimiser: give one of nn.optim")


def each_group(name: str, optimizer: Optimizer, given: Any) -> list[Any]:
    """One for each group: `given`, or its items."""
    check_optimizer(name, optimizer)
    groups = len(optimizer.param_groups)
    items = list(given) if isinstance(given, (list, tuple)) else [given] * groups
    if len(items) != groups:
        raise ValueError(f"{name}: {len(items)} for {groups} groups: give one for each")
    return items
