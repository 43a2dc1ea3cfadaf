"""Evaluation mode for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .module import Module


@contextmanager
def evaluating(*models: Any) -> Iterator[None]:
    """Evaluation mode, and then each module's mode as it was; what is no Module has none.

    >>> import nn
    >>> from nn.modes import evaluating
    >>> layer = nn.Dropout()
    >>> with evaluating(layer):
    ...     print(layer.training)
    False
    >>> layer.training
    True
    """
    roots = [model for model in models if isinstance(model, Module)]
    modules = [module for root in roots for module in root.modules()]
    modes = [module.training for module in modules]
    for root in roots:
        root.eval()
    try:
        yield
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode
