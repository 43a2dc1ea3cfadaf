"""Attention of a sequence to itself, long enough to be computed in runs, and out of exp's range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, gradients

from ..autograd.numeric import spread
from ..autograd.strategies import Array

STEPS, BATCH, WIDTH, HEADS = 70, 2, 4, 2  # two runs of 32 queries, and a short one
HIDDEN = -np.inf
INDEX = np.arange(STEPS)


def _masked(hidden: Any) -> Array:
    return np.where(hidden, HIDDEN, 0.0)


MASKS = {
    "causal": _masked(INDEX[:, None] < INDEX),
    "causal with a slope": _masked(INDEX[:, None] < INDEX) - 0.1 * (INDEX[:, None] - INDEX),
    "a band": _masked(abs(INDEX[:, None] - INDEX) > 5),
    "anticausal": _masked(INDEX[:, None] > INDEX),
    "the last keys hidden": _masked(np.broadcast_to(INDEX > 40, (STEPS, STEPS))),
    "some see nothing": _masked((INDEX[:, None] < INDEX) | (INDEX[:, None] % 7 == 3)),
    "a run sees nothing": _masked(np.broadcast_to(INDEX[:, None] < 32, (STEPS, STEPS))),
    "nobody sees anything": _masked(np.ones((STEPS, STEPS), bool)),
    "scattered": _masked(np.sin(7 * INDEX[:, None] + INDEX**2) > 0.5),
    "far apart": np.where(INDEX[:, None] < INDEX, HIDDEN, -300.0 * (INDEX[:, None] % 3)),
    "very large": np.where(INDEX[:, None] < INDEX, HIDDEN, 2000.0 * (INDEX % 2)),
    "one row for all": np.zeros((1, STEPS)),
}


def _expected(x: Array, mask: Array) -> Array:
    """One query after the other, in longdouble."""
    q, k, v = np.moveaxis(x.reshape(BATCH, STEPS, 3, HEADS, 2), 2, 0).astype(np.longdouble)
    out = np.zeros((BATCH, STEPS, HEADS, 2))
    mask = np.broadcast_to(mask, (STEPS, STEPS))
    for b, t, h in np.ndindex(BATCH, STEPS, HEADS):
        scores = k[b, :, h] @ q[b, t, h] / np.sqrt(np.longdouble(2)) + mask[t]
        if scores.max() > HIDDEN:
            weights = np.exp(scores - scores.max())
            out[b, t, h] = weights @ v[b, :, h] / weights.sum()
    return out.reshape(BATCH, STEPS, WIDTH)


def _fused(x: Tensor, mask: Array) -> Tensor:
    attend = nn.functional.attention.self_attention
    y: Tensor = attend(x, HEADS, mask.astype(x.dtype))
    return y


@pytest.mark.parametrize("scale", [1.0, 30.0])
@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
@pytest.mark.filterwarnings("error")
def test_values_and_gradients(mask: Array, scale: float) -> None:
    x = Tensor(scale * spread((BATCH, STEPS, 3 * WIDTH), 1), requires_grad=True)
    expected = _expected(x.data, mask)
    y = _fused(x, mask)
    np.testing.assert_allclose(y.data, expected, rtol=1e-9, atol=1e-12 * scale)
    g = spread(y.shape, 2)
    (dx,) = gradients(y, x, g)
    # The same by recorded operations, which have their rules from elsewhere.
    composed = nn.functional.attention._composed(x, HEADS, mask)
    (by_parts,) = gradients(composed, x, g)
    np.testing.assert_allclose(dx, by_parts, rtol=1e-8, atol=1e-10 * scale)


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
def test_single_precision(mask: Array) -> None:
    x = Tensor(10 * spread((BATCH, STEPS, 3 * WIDTH), 3).astype(np.float32), requires_grad=True)
    y = _fused(x, mask)
    # Scores up to some 100, or 2,000 of a mask, are rounded to 1e-7 of that.
    tolerance = 2e-3 if np.nanmax(mask) > 100 else 1e-4
    np.testing.assert_allclose(y.data, _expected(x.data, mask), rtol=tolerance, atol=tolerance)
    assert np.isfinite(gradients(y.sum(), x)[0]).all()


@pytest.mark.parametrize("steps", [1, 63, 64, 256, 257, 300])
def test_any_length(steps: int) -> None:
    x = Tensor(spread((1, steps, 3 * WIDTH), 5), requires_grad=True)
    mask = nn.functional.causal_mask(steps, float)
    y = _fused(x, mask)
    composed = nn.functional.attention._composed(x, HEADS, mask)
    np.testing.assert_allclose(y.data, composed.data, rtol=1e-10, atol=1e-13)
    found, expected = (gradients((z * z).sum(), x)[0] for z in (y, composed))
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-11)


def test_what_no_query_of_a_run_sees_cannot_spoil_it() -> None:
    x = spread((BATCH, STEPS, 3 * WIDTH), 4)
    x[:, 64:] = np.nan  # in the third run: the first two do not see it
    t = Tensor(x, requires_grad=True)
    y = _fused(t, MASKS["causal"])
    assert np.isfinite(y.data[:, :64]).all()
    assert np.isnan(y.data[:, 64:]).all()


@pytest.mark.parametrize("lower", [0, 10, 14, 16])
def test_half_precision_keeps_its_digits(lower: float) -> None:
    scores = np.array([[0, -1, -2, -0.5], [0, -1, -2, -0.5]], np.float16)
    scores[1] -= lower
    found = nn.functional.attention._attention_weights(Tensor(scores, requires_grad=True)).data
    expected = np.exp(scores.astype(float))
    expected /= expected.sum(axis=1, keepdims=True)
    # Its unit roundoff is 5e-4: of the difference, 2 at most, the exponential and the quotient.
    np.testing.assert_allclose(found, expected, rtol=4e-3)


def test_the_layers_of_an_encoder_drop_other_places() -> None:
    generator = np.random.default_rng(0)
    layer = nn.TransformerEncoderLayer(4, 1, 4, dropout=0.5, generator=generator)
    encoder = nn.TransformerEncoder(layer, 3)
    dropouts = [m for m in encoder.modules() if isinstance(m, nn.Dropout)]
    assert len(dropouts) == 9
    assert all(m.generator is generator for m in dropouts)
    masks = {tuple(layer.dropout1(np.ones(32))) for layer in encoder.layers}
    assert len(masks) == 3


@pytest.mark.parametrize("shape", [(0, 3, 4), (2, 0, 4)])
@pytest.mark.parametrize("need_weights", [True, False])
def test_nothing_attends_to_nothing(shape: tuple[int, ...], need_weights: bool) -> None:
    layer = nn.MultiheadAttention(4, 2, batch_first=True, dtype=float)
    x = Tensor(np.zeros(shape), requires_grad=True)
    out, _ = layer(x, x, x, need_weights=need_weights)
    assert out.shape == shape
    out.sum().backward()
    assert x.grad.shape == shape
    encoder_layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True, dtype=float)
    assert nn.TransformerEncoder(encoder_layer, 2).eval()(x).shape == shape


def test_the_weights_are_those_that_gather() -> None:
    """As in PyTorch those after dropout: with p = 0.5 each is 0 or twice what it was."""
    layer = nn.MultiheadAttention(4, 1, 0.5, generator=np.random.default_rng(0), dtype=float)
    x = spread((5, 1, 4), 1)
    _, dropped = layer(x, x, x)
    _, weights = layer.eval()(x, x, x)
    assert 0 < (dropped.data == 0).sum() < 25
    kept = dropped.data != 0
    np.testing.assert_allclose(dropped.data[kept], 2 * weights.data[kept], rtol=1e-12)
