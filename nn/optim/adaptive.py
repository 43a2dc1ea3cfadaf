"""Optimisers that divide by a root mean square of gradients: RMSprop, Adagrad, Adadelta."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..settings import at_least_zero, flag, fraction
from .optimizer import Optimizer


class RMSprop(Optimizer):
    """The gradient divided by its running root mean square (Tieleman & Hinton, 2012).

    Args:
        params: the parameters, as `model.parameters()` gives them, or groups of them.
        lr: the learning rate.
        alpha: the decay rate of the running mean of the square.
        eps: what is added to the denominator.
        weight_decay: the factor of the L2 penalty.
        momentum: how much of the last update goes on.
        centered: whether the mean is subtracted, which makes it a standard deviation (Graves,
            2013, arXiv:1308.0850).
        maximize: whether to climb.

    >>> import nn
    >>> w = nn.Parameter([1.0])
    >>> optimizer = nn.optim.RMSprop([w])
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6)
    array([0.9])
    """

    checks: ClassVar = {
        **Optimizer.checks, "alpha": at_least_zero, "eps": at_least_zero,
        "momentum": at_least_zero, "centered": flag,
    }  # fmt: skip

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr, "alpha": alpha, "eps": eps, "weight_decay": weight_decay,
            "momentum": momentum, "centered": centered, "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _state_names(self, group: dict[str, Any]) -> tuple[str, ...]:
        names = {"momentum_buffer": group["momentum"], "grad_avg": group["centered"]}
        return ("square_avg", *[name for name, wanted in names.items() if wanted])

    def _update(
        self,
        data: np.ndarray,
        gradient: np.ndarray,
        state: list[np.ndarray],
        step: int,
        group: dict[str, Any],
    ) -> None:
        square, *others = state
        alpha = group["alpha"]
        if group["weight_decay"]:
            gradient += group["weight_decay"] * data
        square *= alpha
        square += (1 - alpha) * gradient * gradient
        if group["centered"]:
            mean = others[-1]
            mean *= alpha
            mean += (1 - alpha) * gradient
            root = square - mean * mean
            np.maximum(root, 0, out=root)  # rounding may bring it below
            np.sqrt(root, root)
        else:
            root = np.sqrt(square)
        root += group["eps"]
        gradient /= root
        if group["momentum"]:
            buffer = others[0]
            buffer *= group["momentum"]
            buffer += gradient
            gradient[...] = buffer
        gradient *= group["lr"]
        data -= gradient


class Adagrad(Optimizer):
    """The gradient divided by the root of the sum of all squares so far (Duchi et al., 2011).

    Args:
        params: the parameters, as `model.parameters()` gives them, or groups of them.
        lr: the learning rate.
        lr_decay: the rate of step t is lr / (1 + (t - 1) lr_decay).
        weight_decay: the factor of the L2 penalty.
        initial_accumulator_value: what the sums begin with.
        eps: what is added to the denominator.
        maximize: whether to climb.

    >>> import nn
    >>> w = nn.Parameter([1.0])
    >>> optimizer = nn.optim.Adagrad([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6)
    array([0.9])
    """

    checks: ClassVar = {
        **Optimizer.checks, "lr_decay": at_least_zero, "eps": at_least_zero,
        "initial_accumulator_value": at_least_zero,
    }  # fmt: skip

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr, "lr_decay": lr_decay, "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value, "eps": eps,
            "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _state_names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("sum",)

    def _initial(self, group: dict[str, Any]) -> float:
        start: float = group["initial_accumulator_value"]
        return start

    def _update(
        self,
        data: np.ndarray,
        gradient: np.ndarray,
        state: list[np.ndarray],
        step: int,
        group: dict[str, Any],
    ) -> None:
        (total,) = state
        if group["weight_decay"]:
            gradient += group["weight_decay"] * data
        total += gradient * gradient
        root = np.sqrt(total)
        root += group["eps"]
        gradient /= root
        gradient *= group["lr"] / (1 + (step - 1) * group["lr_decay"])
        data -= gradient


class Adadelta(Optimizer):
    """Steps in the units of the parameters (Zeiler, 2012, arXiv:1212.5701).

    The gradient is divided by its running root mean square and multiplied by that of the steps.

    Args:
        params: the parameters, as `model.parameters()` gives them, or groups of them.
        lr: a factor of the step.
        rho: the decay rate of both running means.
        eps: what is added to both means.
        weight_decay: the factor of the L2 penalty.
        maximize: whether to climb.

    >>> import nn
    >>> w = nn.Parameter([1.0])
    >>> optimizer = nn.optim.Adadelta([w])
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6)
    array([0.996838])
    """

    checks: ClassVar = {**Optimizer.checks, "rho": fraction, "eps": at_least_zero}

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize
        }  # fmt: skip
        super().__init__(params, defaults)

    def _state_names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("square_avg", "acc_delta")

    def _update(
        self,
        data: np.ndarray,
        gradient: np.ndarray,
        state: list[np.ndarray],
        step: int,
        group: dict[str, Any],
    ) -> None:
        square, moved = state
        rho, eps = group["rho"], group["eps"]
        if group["weight_decay"]:
            gradient += group["weight_decay"] * data
        square *= rho
        square += (1 - rho) * gradient * gradient
        gradient *= np.sqrt(moved + eps)
        gradient /= np.sqrt(square + eps)
        moved *= rho
        moved += (1 - rho) * gradient * gradient
        gradient *= group["lr"]
        data -= gradient
