"""Initial values of parameters, with PyTorch's distributions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

_default = np.random.default_rng()


def manual_seed(seed: int) -> None:
    """Seed the generator that layers use where none is given.

    >>> import nn
    >>> nn.init.manual_seed(0)
    >>> first = nn.Linear(2, 2).weight.data
    >>> nn.init.manual_seed(0)
    >>> bool((nn.Linear(2, 2).weight.data == first).all())
    True
    """
    global _default
    _default = np.random.default_rng(seed)


def generator_or_default(generator: np.random.Generator | None) -> np.random.Generator:
    """The generator given, or the package's own.

    Raises:
        TypeError: for anything else, such as a seed.
    """
    if generator is None:
        return _default
    if not isinstance(generator, np.random.Generator):
        raise TypeError(
            f"generator: {type(generator).__name__} is no NumPy Generator: "
            "give np.random.default_rng(seed)"
        )
    return generator


def uniform(
    shape: Sequence[int],
    bound: float,
    *,
    generator: np.random.Generator | None = None,
    dtype: Any = np.float32,
) -> np.ndarray:
    """An array of `shape` drawn from the uniform distribution over [-bound, bound).

    >>> import nn
    >>> nn.init.uniform((2, 3), 0.5).shape
    (2, 3)
    """
    return generator_or_default(generator).uniform(-bound, bound, tuple(shape)).astype(dtype)


def linear_bound(in_features: int) -> float:
    """The bound of PyTorch's initialisation of a linear layer, 1/sqrt(in_features).

    That is Kaiming initialisation with a = sqrt(5) (He et al., 2015, arXiv:1502.01852) for the
    weight, and what PyTorch takes for the bias.

    >>> import nn
    >>> nn.init.linear_bound(4)
    0.5
    """
    return 1 / math.sqrt(in_features) if in_features else 0.0
