"""The loss modules: the functions with a fixed reduction, and PyTorch's numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from nn import functional as F  # noqa: N812  (the field's name for it)

from ..autograd.helpers import leaf, refuses
from ..autograd.numeric import spread
from ..autograd.strategies import Array

LOGITS = np.concatenate([3 * spread((4, 3), 1), [[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 999.0]]])
LABELS = np.array([2, 0, 1, 1, 0, 0])
PROBABILITIES = np.abs(spread((6, 3), 2)) / np.abs(spread((6, 3), 2)).sum(1, keepdims=True)
SIGNS = np.where(spread((6, 3), 3) > 0, 1.0, -1.0)
CHANCES = np.concatenate(
    [0.5 + 0.5 * spread((4, 3), 4), [[1e-3, 0.999, 0.5], [1e-9, 0.25, 1 - 1e-9]]]
)

# Module, function of the same purpose, input, target.
LOSSES: dict[str, tuple[Any, Any, Array, Array]] = {
    "MSELoss": (nn.MSELoss, F.mse_loss, LOGITS, PROBABILITIES),
    "CrossEntropyLoss": (nn.CrossEntropyLoss, F.cross_entropy, LOGITS, LABELS),
    "CrossEntropyLoss, probabilities": (
        nn.CrossEntropyLoss, F.cross_entropy, LOGITS, PROBABILITIES
    ),
    "BCELoss": (nn.BCELoss, F.binary_cross_entropy, CHANCES, PROBABILITIES),
    "BCEWithLogitsLoss": (
        nn.BCEWithLogitsLoss, F.binary_cross_entropy_with_logits, LOGITS, PROBABILITIES
    ),
    "HingeLoss": (nn.HingeLoss, F.hinge_loss, LOGITS, SIGNS),
}  # fmt: skip
every = pytest.mark.parametrize(("kind", "function", "x", "y"), LOSSES.values(), ids=LOSSES)


@every
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_modules_do_what_the_functions_do(
    kind: Any, function: Any, x: Array, y: Array, reduction: str
) -> None:
    module = kind(reduction=reduction)
    np.testing.assert_array_equal(module(leaf(x), y).numpy(), function(x, y, reduction=reduction))
    if reduction == "mean":
        np.testing.assert_array_equal(kind()(x, y), function(x, y))


@every
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_pytorchs_numbers(kind: Any, function: Any, x: Array, y: Array, reduction: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")
    if kind is nn.HingeLoss:
        theirs: Any = lambda a, b: _reduced_by_torch((1 - b * a).relu(), reduction)  # noqa: E731
    else:
        theirs = getattr(torch.nn, kind.__name__)(reduction=reduction)
    input, other = leaf(x), torch.tensor(x.copy(), requires_grad=True)
    loss, expected = kind(reduction=reduction)(input, y), theirs(other, torch.tensor(y))
    # Losses up to 2,000 beside a rounding of each logit: relative to the largest.
    scale = float(np.abs(expected.detach().numpy()).max())
    np.testing.assert_allclose(loss.numpy(), expected.detach().numpy(), 1e-13, 1e-15 * scale)
    c = spread(loss.shape, 5)
    loss.backward(c)
    expected.backward(torch.tensor(c))
    np.testing.assert_allclose(input.grad, other.grad.numpy(), rtol=1e-12, atol=1e-15)


def _reduced_by_torch(losses: Any, reduction: str) -> Any:
    return losses if reduction == "none" else getattr(losses, reduction)()


@every
def test_reprs_and_parameters(kind: Any, function: Any, x: Array, y: Array) -> None:
    del function, x, y
    assert repr(kind()) == f"{kind.__name__}()"
    assert repr(kind(reduction="sum")) == f"{kind.__name__}(reduction='sum')"
    assert kind().parameters() == []


@every
def test_an_unknown_reduction_is_refused_when_the_loss_is_made(
    kind: Any, function: Any, x: Array, y: Array
) -> None:
    del function, x, y
    with refuses(ValueError, "reduction", "'avg'"):
        kind(reduction="avg")


def test_batches_of_different_lengths() -> None:
    with refuses(ValueError, "mse_loss", "(3,)", "(4,)"):
        nn.MSELoss()(np.ones(3), np.ones(4))
    with refuses(ValueError, "cross_entropy", "3 labels", "2 rows"):
        nn.CrossEntropyLoss()(np.ones((2, 3)), np.zeros(3, int))
