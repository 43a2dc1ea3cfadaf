"""Losses as modules; see the functions of the same purpose in `nn.functional`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from . import functional as F  # noqa: N812
from .functional.checks import REDUCTIONS, check_constant, check_reduction
from .module import Module
from .settings import chosen, not_negative, positive, probability


class _Loss(Module):
    """`function` with fixed settings; weights among them are buffers, as in PyTorch."""

    function: ClassVar[Callable[..., Any]]
    defaults: ClassVar[dict[str, Any]] = {"reduction": "mean"}
    reductions: ClassVar[tuple[str, ...]] = REDUCTIONS

    def _set(self, **settings: Any) -> None:
        check_reduction(settings["reduction"], self.reductions)
        for name, setting in settings.items():
            if name.endswith("weight"):
                check_constant(type(self).__name__, name, setting)
                self.register_buffer(name, setting)
            else:
                setattr(self, name, setting)
        self._settings = tuple(settings)

    def forward(self, input: Any, target: Any) -> Any:
        """Predictions and targets to a number, or to one for each where nothing is reduced."""
        settings = {name: getattr(self, name) for name in self._settings}
        return type(self).function(input, target, **settings)

    def extra_repr(self) -> str:
        shown = {name: getattr(self, name) for name in self._settings}
        return ", ".join(
            f"{name}={x!r}"
            for name, x in shown.items()
            if not isinstance(x, np.ndarray) and x != self.defaults.get(name)
        )


class MSELoss(_Loss):
    """`functional.mse_loss` with a fixed reduction.

    >>> import numpy as np
    >>> import nn
    >>> round(float(nn.MSELoss()(np.array([1.0, 3.0]), np.array([1.0, 1.0]))), 6)
    2.0
    """

    function = F.mse_loss

    def __init__(self, *, reduction: str = "mean") -> None:
        self._set(reduction=reduction)


class L1Loss(_Loss):
    """`functional.l1_loss` with a fixed reduction.

    >>> import numpy as np
    >>> import nn
    >>> float(nn.L1Loss()(np.array([1.0, 3.0]), np.array([2.0, 1.0])))
    1.5
    """

    function = F.l1_loss

    def __init__(self, *, reduction: str = "mean") -> None:
        self._set(reduction=reduction)


class HuberLoss(_Loss):
    """`functional.huber_loss` with fixed settings.

    >>> import numpy as np
    >>> import nn
    >>> float(nn.HuberLoss(delta=2.0)(np.array([3.0]), np.array([0.0])))
    4.0
    """

    function = F.huber_loss
    defaults: ClassVar[dict[str, Any]] = {"reduction": "mean", "delta": 1.0}

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        delta = positive("HuberLoss", "delta", delta)
        self._set(reduction=reduction, delta=delta)


class SmoothL1Loss(_Loss):
    """`functional.smooth_l1_loss` with fixed settings.

    >>> import numpy as np
    >>> import nn
    >>> float(nn.SmoothL1Loss(beta=2.0)(np.array([3.0]), np.array([0.0])))
    2.0
    """

    function = F.smooth_l1_loss
    defaults: ClassVar[dict[str, Any]] = {"reduction": "mean", "beta": 1.0}

    def __init__(self, *, reduction: str = "mean", beta: float = 1.0) -> None:
        beta = not_negative("SmoothL1Loss", "beta", beta)
        self._set(reduction=reduction, beta=beta)


class CrossEntropyLoss(_Loss):
    """`functional.cross_entropy` with fixed settings.

    >>> import numpy as np
    >>> import nn
    >>> loss = nn.CrossEntropyLoss()
    >>> round(float(loss(np.array([[0.0, 0.0]]), np.array([1]))), 6)
    0.693147
    """

    function = F.cross_entropy
    defaults: ClassVar[dict[str, Any]] = {
        "reduction": "mean", "ignore_index": -100, "label_smoothing": 0.0
    }  # fmt: skip

    def __init__(
        self,
        weight: Any = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        self._set(
            weight=weight,
            ignore_index=ignore_index,
            reduction=reduction,
            label_smoothing=probability("CrossEntropyLoss", label_smoothing, "label_smoothing"),
        )

    def forward(self, input: Any, target: Any) -> Any:
        """Logits (rows, classes) and class indices (rows,) to a number."""
        return F.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )

    weight: Any
    ignore_index: int
    reduction: str
    label_smoothing: float


class NLLLoss(_Loss):
    """`functional.nll_loss` with fixed settings.

    >>> import numpy as np
    >>> import nn
    >>> float(nn.NLLLoss()(np.array([[-0.5, -2.0]]), np.array([1])))
    2.0
    """

    function = F.nll_loss
    defaults: ClassVar[dict[str, Any]] = {"reduction": "mean", "ignore_index": -100}

    def __init__(
        self, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        self._set(weight=weight, ignore_index=ignore_index, reduction=reduction)


class BCELoss(_Loss):
    """`functional.binary_cross_entropy` with fixed settings.

    >>> import numpy as np
    >>> import nn
    >>> round(float(nn.BCELoss()(np.array([0.5]), np.array([1.0]))), 6)
    0.693147
    """

    function = F.binary_cross_entropy

    def __init__(self, weight: Any = None, *, reduction: str = "mean") -> None:
        self._set(weight=weight, reduction=reduction)


class BCEWithLogitsLoss(_Loss):
    """`functional.binary_cross_entropy_with_logits` with fixed settings.

    >>> import numpy as np
    >>> import nn
    >>> round(float(nn.BCEWithLogitsLoss()(np.array([-1000.0]), np.array([1.0]))), 6)
    1000.0
    """

    function = F.binary_cross_entropy_with_logits

    def __init__(
        self, weight: Any = None, *, reduction: str = "mean", pos_weight: Any = None
    ) -> None:
        self._set(weight=weight, reduction=reduction, pos_weight=pos_weight)


class KLDivLoss(_Loss):
    """`functional.kl_div` with fixed settings.

    >>> import numpy as np
    >>> import nn
    >>> loss = nn.KLDivLoss(reduction="batchmean")
    >>> round(float(loss(np.log([[0.5, 0.5]]), np.array([[1.0, 0.0]]))), 6)
    0.693147
    """

    function = F.kl_div
    defaults: ClassVar[dict[str, Any]] = {"reduction": "mean", "log_target": False}
    reductions = (*REDUCTIONS, "batchmean")

    def __init__(self, *, reduction: str = "mean", log_target: bool = False) -> None:
        self._set(reduction=reduction, log_target=log_target)


class HingeLoss(_Loss):
    """`functional.hinge_loss` with a fixed reduction.

    >>> import numpy as np
    >>> import nn
    >>> round(float(nn.HingeLoss()(np.array([0.5, -2.0]), np.array([1.0, -1.0]))), 6)
    0.25
    """

    function = F.hinge_loss

    def __init__(self, *, reduction: str = "mean") -> None:
        self._set(reduction=reduction)


class MultiMarginLoss(_Loss):
    """`functional.multi_margin_loss` with fixed settings.

    >>> import numpy as np
    >>> import nn
    >>> loss = nn.MultiMarginLoss()
    >>> round(float(loss(np.array([[0.1, 0.2, 0.4, 0.8]]), np.array([3]))), 6)
    0.325
    """

    function = F.multi_margin_loss
    defaults: ClassVar[dict[str, Any]] = {"reduction": "mean", "p": 1, "margin": 1.0}

    def __init__(
        self, p: int = 1, margin: float = 1.0, weight: Any = None, *, reduction: str = "mean"
    ) -> None:
        chosen("MultiMarginLoss", "p", p, (1, 2))
        self._set(p=p, margin=margin, weight=weight, reduction=reduction)


class CosineEmbeddingLoss(_Loss):
    """`functional.cosine_embedding_loss` with fixed settings.

    >>> import numpy as np
    >>> import nn
    >>> x, y = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    >>> float(nn.CosineEmbeddingLoss()(x, y, np.array([1])))
    1.0
    """

    function = F.cosine_embedding_loss
    defaults: ClassVar[dict[str, Any]] = {"reduction": "mean", "margin": 0.0}

    def __init__(self, margin: float = 0.0, *, reduction: str = "mean") -> None:
        self._set(margin=margin, reduction=reduction)

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:  # type: ignore[override]
        """Two arrays (rows, features) and targets (rows,) to a number."""
        return F.cosine_embedding_loss(
            input1, input2, target, margin=self.margin, reduction=self.reduction
        )

    margin: float
    reduction: str
