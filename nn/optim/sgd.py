"""Optimisers that follow the gradient, or the sign of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..settings import at_least_zero, finite, flag, two_fractions
from .optimizer import Optimizer


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum as PyTorch defines it.

    Args:
        params: the parameters, as `model.parameters()` gives them, or groups of them.
        lr: the learning rate.
        momentum: how much of the last update goes on.
        dampening: how much less of the gradient joins it.
        weight_decay: the factor of the L2 penalty.
        nesterov: whether to look ahead along the momentum (Sutskever et al., 2013).
        maximize: whether to climb.

    >>> import nn
    >>> w = nn.Parameter([1.0])
    >>> optimizer = nn.optim.SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([0.8])
    """

    checks: ClassVar = {
        **Optimizer.checks, "momentum": at_least_zero, "dampening": finite, "nesterov": flag
    }  # fmt: skip

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
            "nesterov": nesterov, "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _check(self, settings: dict[str, Any]) -> None:
        if settings["nesterov"] and (settings["momentum"] == 0 or settings["dampening"] != 0):
            raise ValueError("SGD: nesterov needs a momentum and no dampening")

    def _state_names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("momentum_buffer",) if group["momentum"] else ()

    def _counts(self, group: dict[str, Any]) -> bool:
        # The first step with a momentum is the first, as in PyTorch: only there the number is used.
        return bool(group["momentum"])

    def _update(
        self,
        data: np.ndarray,
        gradient: np.ndarray,
        state: list[np.ndarray],
        step: int,
        group: dict[str, Any],
    ) -> None:
        if group["weight_decay"]:
            gradient += group["weight_decay"] * data
        if state:
            (buffer,) = state
            buffer *= group["momentum"]
            buffer += gradient if step == 1 else (1 - group["dampening"]) * gradient
            if group["nesterov"]:
                gradient += group["momentum"] * buffer
            else:
                gradient[...] = buffer
        gradient *= group["lr"]
        data -= gradient


class Lion(Optimizer):
    """Steps of equal length in the sign of a mean gradient (Chen et al., 2023, arXiv:2302.06675).

    Args:
        params: the parameters, as `model.parameters()` gives them, or groups of them.
        lr: the learning rate, which is the length of a step; 3 to 10 times less than Adam's.
        betas: how much of the running mean goes into the sign, and how much of it goes on.
        weight_decay: how much of each parameter a step takes away, times `lr`.
        maximize: whether to climb.

    >>> import nn
    >>> w = nn.Parameter([1.0, -1.0])
    >>> optimizer = nn.optim.Lion([w], lr=0.25)
    >>> (w**2).sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([ 0.75, -0.75])
    """

    checks: ClassVar = {**Optimizer.checks, "betas": two_fractions}

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {"lr": lr, "betas": betas, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, defaults)

    def _state_names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("exp_avg",)

    def _update(
        self,
        data: np.ndarray,
        gradient: np.ndarray,
        state: list[np.ndarray],
        step: int,
        group: dict[str, Any],
    ) -> None:
        (mean,) = state
        in_sign, kept = group["betas"]
        direction = np.sign(in_sign * mean + (1 - in_sign) * gradient)
        data *= 1 - group["lr"] * group["weight_decay"]
        data -= group["lr"] * direction
        mean *= kept
        gradient *= 1 - kept
        mean += gradient
