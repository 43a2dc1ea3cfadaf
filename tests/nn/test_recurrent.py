"""Recurrent layers through time: the loops in place against the same composed of operations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, gradients, no_grad
from nn.functional import recurrent, through_time

from ..autograd.helpers import refuses
from ..autograd.numeric import spread

KINDS = ["LSTM", "GRU", "RNN_TANH", "RNN_RELU"]
CASES = [(5, 2, 3, 4, True), (4, 3, 2, 8, False), (1, 1, 1, 1, False), (3, 20, 2, 4, True)]


def _pulled(compute: Any, flat: Any, reached: slice) -> tuple[Any, Any]:
    """A result of a flat array, and the gradient where only some steps are made use of."""
    t = Tensor(flat, requires_grad=True)
    out = compute(t)
    weights = np.zeros(out.shape)
    weights[reached] = spread(weights[reached].shape, 7)
    return out.data, gradients(out, t, weights)[0]


@pytest.mark.parametrize("reached", [slice(None), slice(-2, None), slice(1, 2)])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("small", "factors"), [(10**6, 10**6), (20, 1), (1, 200)])
def test_the_loops_are_right(
    kind: str, case: Any, reached: slice, small: int, factors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether products are divided, and in however many runs the way back is."""
    monkeypatch.setattr(through_time, "SMALL", small)
    monkeypatch.setattr(through_time, "FACTORS", factors)
    plan = through_time.Plan(kind, *case, input_gradient=True)
    size = sum(np.size(part) for part in plan.parts(np.zeros(10**4)).values())
    flat = spread((size,), 1)
    found = _pulled(lambda t: recurrent._recurrent(t, plan), flat, reached)
    expected = _pulled(lambda t: recurrent._composed(t, plan), flat, reached)
    for f, e in zip(found, expected, strict=True):
        np.testing.assert_allclose(f, e, rtol=1e-11, atol=1e-13)


def test_tiny_cotangents_are_not_taken_for_zeros() -> None:
    layer = nn.LSTM(2, 3, generator=np.random.default_rng(0))
    x = spread((4, 5, 2), 1).astype(np.float32)
    (layer(x)[0][1] * np.float32(1e-30)).sum().backward()
    gradient = layer.bias_ih_l0.grad
    assert 0 < np.abs(gradient).max() < 1e-28


@pytest.mark.parametrize(
    "layer", [nn.GRU(2, 1, bias=False), nn.RNN(1, 3, bias=False), nn.LSTM(1, 1, bias=False)]
)
def test_nan_in_a_weight_is_not_lost_where_zeros_meet_it(layer: Any) -> None:
    for weight in layer.parameters():
        kept, weight.data = weight.data, np.full_like(weight.data, np.nan)
        output, _ = layer(np.zeros((2, 1, layer.input_size), np.float32))
        assert np.isnan(output.data).all()
        weight.data = kept


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_an_output_keeps_no_more_than_itself(kind: str) -> None:
    layer = getattr(nn, kind)(100, 2)
    with no_grad():
        output, _ = layer(np.zeros((10, 3, 100), np.float32))
    memory = output.data if output.data.base is None else output.data.base
    assert memory.nbytes <= 11 * 3 * 2 * 4


@pytest.mark.parametrize(
    ("layer", "name", "wrong", "words"),
    [
        (nn.RNN(3, 2), "weight_ih_l0", np.ones((3, 2), np.float32), ("RNN", "(3, 2)", "(2, 3)")),
        (nn.LSTM(3, 2), "weight_hh_l0", np.ones((8, 3), np.float32), ("LSTM", "(8, 3)", "(8, 2)")),
        (nn.GRU(3, 2, 2), "bias_hh_l1", np.ones(5, np.float32), ("bias_hh_l1", "(5,)", "(6,)")),
        (nn.GRU(3, 2), "bias_ih_l0", None, ("GRU", "bias_ih_l0", "None", "(6,)")),
        (
            nn.LSTM(3, 2, 2, bidirectional=True), "weight_ih_l1_reverse",
            np.ones((8, 2), np.float32), ("weight_ih_l1_reverse", "(8, 2)", "(8, 4)"),
        ),
    ],
)  # fmt: skip
def test_parameters_of_another_shape_are_refused(
    layer: Any, name: str, wrong: Any, words: tuple[str, ...]
) -> None:
    setattr(layer, name, None if wrong is None else nn.Parameter(wrong))
    with refuses(ValueError, name, *words):
        layer(np.ones((2, 1, 3), np.float32))


def test_parameters_of_several_dtypes_are_refused() -> None:
    layer = nn.GRU(3, 2)
    layer.weight_hh_l0.cast(float)
    with refuses(TypeError, "GRU", "weight_hh_l0", "float64", "float32", ".to('float32')"):
        layer(np.ones((2, 1, 3), np.float32))
