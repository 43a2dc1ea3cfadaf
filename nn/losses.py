"""Losses as modules; see the functions of the same purpose in `nn.functional`."""

from __future__ import annotations

from typing import Any

from . import functional as F  # noqa: N812
from .module import Module


class _Loss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        F._check_reduction(reduction)
        self.reduction = reduction

    def extra_repr(self) -> str:
        return "" if self.reduction == "mean" else f"reduction={self.reduction!r}"


class MSELoss(_Loss):
    """`functional.mse_loss` with a fixed reduction.

    >>> import numpy as np
    >>> import nn
    >>> round(float(nn.MSELoss()(np.array([1.0, 3.0]), np.array([1.0, 1.0]))), 6)
    2.0
    """

    def forward(self, input: Any, target: Any) -> Any:
        """Two arrays of one shape to a number."""
        return F.mse_loss(input, target, self.reduction)


class CrossEntropyLoss(_Loss):
    """`functional.cross_entropy` with a fixed reduction.

    >>> import numpy as np
    >>> import nn
    >>> loss = nn.CrossEntropyLoss()
    >>> round(float(loss(np.array([[0.0, 0.0]]), np.array([1]))), 6)
    0.693147
    """

    def forward(self, input: Any, target: Any) -> Any:
        """Logits (rows, classes) and class indices (rows,) to a number."""
        return F.cross_entropy(input, target, self.reduction)


class BCELoss(_Loss):
    """`functional.binary_cross_entropy` with a fixed reduction.

    >>> import numpy as np
    >>> import nn
    >>> round(float(nn.BCELoss()(np.array([0.5]), np.array([1.0]))), 6)
    0.693147
    """

    def forward(self, input: Any, target: Any) -> Any:
        """Probabilities and targets of one shape to a number."""
        return F.binary_cross_entropy(input, target, self.reduction)


class BCEWithLogitsLoss(_Loss):
    """`functional.binary_cross_entropy_with_logits` with a fixed reduction.

    >>> import numpy as np
    >>> import nn
    >>> round(float(nn.BCEWithLogitsLoss()(np.array([-1000.0]), np.array([1.0]))), 6)
    1000.0
    """

    def forward(self, input: Any, target: Any) -> Any:
        """Logits and targets of one shape to a number."""
        return F.binary_cross_entropy_with_logits(input, target, self.reduction)


class HingeLoss(_Loss):
    """`functional.hinge_loss` with a fixed reduction.

    >>> import numpy as np
    >>> import nn
    >>> round(float(nn.HingeLoss()(np.array([0.5, -2.0]), np.array([1.0, -1.0]))), 6)
    0.25
    """

    def forward(self, input: Any, target: Any) -> Any:
        """Scores and targets -1 or 1 of one shape to a number."""
        return F.hinge_loss(input, target, self.reduction)
