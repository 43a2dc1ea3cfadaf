"""Adam and AdamW."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from ..settings import at_least_zero, flag, two_fractions
from .optimizer import Optimizer


@lru_cache(maxsize=64)
def _factors(beta1: float, beta2: float, dtype: Any) -> list[np.ndarray]:
    """beta1, 1 - beta1, beta2, and what makes ((1 - beta1) g)**2 to (1 - beta2) g**2.

    As arrays, which NumPy multiplies by sooner than by Python's numbers.
    """
    numbers = beta1, 1 - beta1, beta2, (1 - beta2) / (1 - beta1) ** 2
    return [np.array(number, dtype) for number in numbers]


class Adam(Optimizer):
    """Adam (Kingma & Ba, 2015, arXiv:1412.6980), with PyTorch's defaults.

    Args:
        params: the parameters, as `model.parameters()` gives them, or groups of them.
        lr: the learning rate.
        betas: the decay rates of the running mean of the gradient and of its square.
        eps: what is added to the denominator.
        weight_decay: the factor of the L2 penalty.
        amsgrad: whether the largest mean square so far takes the place of the last (Reddi et
            al., 2018, arXiv:1904.09237).
        maximize: whether to climb.

    >>> import nn
    >>> w = nn.Parameter([1.0])
    >>> optimizer = nn.optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6)
    array([0.9])
    """

    checks: ClassVar = {
        **Optimizer.checks, "betas": two_fractions, "eps": at_least_zero, "amsgrad": flag
    }  # fmt: skip
    decoupled = False

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "amsgrad": amsgrad, "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _state_names(self, group: dict[str, Any]) -> tuple[str, ...]:
        names = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
        return names if group["amsgrad"] else names[:2]

    def _update(
        self,
        data: np.ndarray,
        gradient: np.ndarray,
        state: list[np.ndarray],
        step: int,
        group: dict[str, Any],
    ) -> None:
        mean, square, *largest = state
        beta1, beta2 = group["betas"]
        lr, decay = group["lr"], group["weight_decay"]
        if decay and self.decoupled:
            data *= 1 - lr * decay
        elif decay:
            gradient += decay * data
        keep_mean, into_mean, keep_square, into_square = _factors(beta1, beta2, data.dtype)
        mean *= keep_mean
        gradient *= into_mean
        mean += gradient
        square *= keep_square
        gradient *= gradient
        gradient *= into_square
        square += gradient
        if largest:
            square = np.maximum(largest[0], square, out=largest[0])
        # lr mean / (1 - beta1**t) / (sqrt(square / (1 - beta2**t)) + eps), with what are numbers
        # for all entries taken together.
        root = math.sqrt(1 - beta2**step)
        np.sqrt(square, gradient)
        gradient += group["eps"] * root
        np.divide(mean, gradient, gradient)
        gradient *= lr * root / (1 - beta1**step)
        data -= gradient


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov & Hutter, 2019, arXiv:1711.05101).

    Arguments as those of `Adam`; `weight_decay` is how much of each parameter a step takes away,
    times `lr`.

    >>> import nn
    >>> nn.optim.AdamW(nn.Linear(2, 2).parameters()).defaults["weight_decay"]
    0.01
    """

    decoupled = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)
