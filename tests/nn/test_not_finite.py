"""nan and inf: what is not a number stays one, and what has a limit takes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from nn import functional as F  # noqa: N812

from ..autograd.helpers import leaf

ACTIVATIONS = [
    nn.CELU(), nn.ELU(), nn.GELU(), nn.GELU("tanh"), nn.Hardshrink(), nn.Hardsigmoid(),
    nn.Hardswish(), nn.Hardtanh(), nn.LeakyReLU(), nn.LogSigmoid(), nn.Mish(),
    nn.PReLU(dtype=float), nn.ReLU(), nn.ReLU6(), nn.RReLU().eval(), nn.SELU(),
    nn.Sigmoid(), nn.SiLU(),
    nn.Softplus(), nn.Softshrink(), nn.Softshrink(0.0), nn.Softsign(), nn.Tanh(), nn.Tanhshrink(),
    nn.Threshold(0.0, -7.0),
]  # fmt: skip


@pytest.mark.parametrize("layer", ACTIVATIONS, ids=repr)
def test_activations_keep_nan(layer: Any) -> None:
    x = leaf([np.nan, 2.0])
    out = layer(x)
    out.backward([1.0, 0.0])
    assert np.isnan(out.data).tolist() == [True, False]
    assert x.grad[0] != 0


@pytest.mark.parametrize("place", ["input", "target"])
def test_the_divergence_keeps_nan(place: str) -> None:
    input, target = leaf([-1.0, -2.0]), np.array([0.0, 0.5])
    if place == "input":
        input.data = np.array([np.nan, -2.0])
    else:
        target[0] = np.nan
    losses = F.kl_div(input, target, reduction="none")
    assert np.isnan(losses.data).tolist() == [True, False]


@pytest.mark.filterwarnings("ignore:invalid value")  # of inf - inf, and 0 times inf
@pytest.mark.parametrize("p", [1, 2])
def test_an_infinite_score_of_the_label_leaves_nothing_to_lose(p: int) -> None:
    x = leaf([[np.inf, 2.0, 3.0], [1.0, -np.inf, 3.0]])
    losses = F.multi_margin_loss(x, np.array([0, 1]), p, reduction="none")
    losses.backward([1.0, 0.0])
    assert losses.data.tolist() == [0.0, np.inf]
    assert x.grad[0].tolist() == [0.0, 0.0, 0.0]
