"""Plain optimisers on nested containers, with HIPS autograd's names, arguments and results.

For models made of modules, `nn` has the optimisers to use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .flatten import flatten

Gradient = Callable[[Any, int], Any]
Callback = Callable[[Any, int, Any], Any] | None
Step = Callable[[np.ndarray, int], np.ndarray]


def _descend(grad: Gradient, x0: Any, callback: Callback, num_iters: int, step: Step) -> Any:
    """x0 after `num_iters` times adding `step(gradient, i)`."""
    x, unflatten = flatten(x0)
    for i in range(num_iters):
        g, _ = flatten(grad(unflatten(x), i))
        if callback is not None:
            callback(unflatten(x), i, unflatten(g))
        x = x + step(g, i)
    return unflatten(x)


def sgd(
    grad: Gradient,
    x0: Any,
    callback: Callback = None,
    num_iters: int = 200,
    step_size: float = 0.1,
    mass: float = 0.9,
) -> Any:
    """Gradient descent with momentum, from x0; `grad(x, i)` is called with the iteration's number.

    >>> from autograd.misc.optimizers import sgd
    >>> abs(sgd(lambda x, i: 2 * (x - 3), 0.0) - 3) < 1e-4
    True
    """
    velocity: Any = 0.0

    def step(g: Any, i: int) -> Any:
        nonlocal velocity
        velocity = mass * velocity - (1.0 - mass) * g
        return step_size * velocity

    return _descend(grad, x0, callback, num_iters, step)


def rmsprop(
    grad: Gradient,
    x0: Any,
    callback: Callback = None,
    num_iters: int = 100,
    step_size: float = 0.1,
    gamma: float = 0.9,
    eps: float = 1e-8,
) -> Any:
    """RMSprop (Hinton's lecture 6e), from x0.

    >>> from autograd.misc.optimizers import rmsprop
    >>> abs(rmsprop(lambda x, i: 2 * (x - 3), 0.0) - 3) < 0.1
    True
    """
    mean_square: Any = 1.0

    def step(g: Any, i: int) -> Any:
        nonlocal mean_square
        mean_square = mean_square * gamma + g**2 * (1 - gamma)
        return -step_size * g / (np.sqrt(mean_square) + eps)

    return _descend(grad, x0, callback, num_iters, step)


def adam(
    grad: Gradient,
    x0: Any,
    callback: Callback = None,
    num_iters: int = 100,
    step_size: float = 0.001,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
) -> Any:
    """Adam (Kingma & Ba 2015), from x0.

    >>> from autograd.misc.optimizers import adam
    >>> abs(adam(lambda x, i: 2 * (x - 3), 0.0, num_iters=500, step_size=0.1) - 3) < 0.1
    True
    """
    mean: Any = 0.0
    mean_square: Any = 0.0

    def step(g: Any, i: int) -> Any:
        nonlocal mean, mean_square
        mean = (1 - b1) * g + b1 * mean
        mean_square = (1 - b2) * g**2 + b2 * mean_square
        unbiased = mean_square / (1 - b2 ** (i + 1))
        return -step_size * mean / (1 - b1 ** (i + 1)) / (np.sqrt(unbiased) + eps)

    return _descend(grad, x0, callback, num_iters, step)
