"""Hooks on nodes: functions that are given a cotangent when it is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .graph import Pending

RETAIN = -1
"""A key among a node's hooks: keep the gradient on the node, as `Tensor.retain_grad` asks."""


class HookHandle:
    """What `register_hook` returns: `remove()` takes the hook back."""

    def __init__(self, hooks: dict[int, Any], key: int) -> None:
        self._hooks = hooks
        self._key = key

    def remove(self) -> None:
        """Take the hook back; a second call does nothing."""
        self._hooks.pop(self._key, None)


def run_hooks(node: Any, g: Any, pending: Pending) -> tuple[Any, bool]:
    """The cotangent after the node's hooks, and whether the node retains it."""
    for key, hook in list(node.hooks.items()):
        if key == RETAIN:
            continue
        pending.shared.add(node)  # the hook may keep what it was given
        given = node.finish(g, pending)
        result = hook(given)
        if result is None:
            continue
        g = getattr(result, "_array", result) if isinstance(given, np.ndarray) else result
        if np.shape(g) != node.shape:
            raise ValueError(
                f"a hook returned a gradient of shape {np.shape(g)} for a tensor of shape "
                f"{node.shape}: return a gradient of the same shape, or None"
            )
        if isinstance(given, np.ndarray):
            g = np.asarray(g, node.dtype)
        pending.masks.pop(node, None)  # it lives where the hook put it
    return g, RETAIN in node.hooks
