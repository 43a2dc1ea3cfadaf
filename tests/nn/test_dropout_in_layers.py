"""Dropout within layers: where it is, where it is not, with which share, and only in training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import no_grad
from nn import functional as F  # noqa: N812  (the field's name for it)

from ..autograd.numeric import spread
from ..autograd.strategies import Array

# A share of zeros among n independent draws lies within four of its deviations of p, but for one
# case in 16,000; the seeds are fixed.
P = 0.3


def allowed(n: int, p: float = P) -> float:
    return float(4 * np.sqrt(p * (1 - p) / n))


# --- between recurrent layers -------------------------------------------------------------


def _alone(layer: Any, number: int, width: int) -> Any:
    """A layer of its own with the weights of one of several."""
    alone = type(layer)(width, layer.hidden_size, dtype=float)
    for name, _ in alone.named_parameters():
        setattr(alone, name, getattr(layer, name.replace("_l0", f"_l{number}")))
    return alone


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_where_all_is_dropped_the_second_recurrent_layer_gets_zeros(kind: str) -> None:
    """And the first one all of its input; nothing is dropped behind the second."""
    layer = getattr(nn, kind)(2, 3, 2, dropout=1.0, dtype=float)
    x = spread((5, 4, 2), 1)
    output, state = layer(x)
    expected, second = _alone(layer, 1, 3)(np.zeros((5, 4, 3)))
    _, first = _alone(layer, 0, 2)(x)
    np.testing.assert_array_equal(output.data, expected.data)
    pairs = zip(state, first, second, strict=True) if kind == "LSTM" else [(state, first, second)]
    for found, one, two in pairs:
        np.testing.assert_array_equal(found.data, np.concatenate([one.data, two.data]))


def test_the_share_that_is_dropped_between_recurrent_layers() -> None:
    """Layers that hand on their input show the masks: none, one and two have been on the states."""
    layer = nn.RNN(200, 200, 3, "relu", bias=False, dropout=P, dtype=float,
                   generator=np.random.default_rng(0))  # fmt: skip
    for name, p in layer.named_parameters():
        p.data = np.eye(200) if "ih" in name else np.zeros((200, 200))
    output, states = layer(np.ones((1, 50, 200)))
    np.testing.assert_array_equal(output.data[0], states.data[2])
    assert (states.data[0] == 1).all()
    for masks, found in ((1, states.data[1]), (2, states.data[2])):
        kept = (1 - P) ** masks
        assert abs((found == 0).mean() - (1 - kept)) < allowed(found.size, 1 - kept)
        np.testing.assert_allclose(found[found != 0], 1 / kept, rtol=1e-15)
    assert (layer.eval()(np.ones((1, 50, 200)))[0].data == 1).all()


# --- attention ----------------------------------------------------------------------------


def test_the_share_of_attentions_weights_that_is_dropped() -> None:
    """Queries of zeros attend to all equally, and values of ones and zeros show the weights."""
    n = 200
    zeros, generator = np.zeros((n, 2)), np.random.default_rng(0)
    found = F.scaled_dot_product_attention(
        zeros, zeros, np.eye(n), dropout_p=P, generator=generator
    )
    assert abs((found == 0).mean() - P) < allowed(n * n)
    np.testing.assert_allclose(found[found != 0], 1 / n / (1 - P), rtol=1e-13)
    dropped = F.scaled_dot_product_attention(zeros, zeros, np.eye(n), dropout_p=1.0)
    assert not dropped.any()


@pytest.mark.parametrize("need_weights", [True, False])
def test_multihead_attention_drops_in_training_only(need_weights: bool) -> None:
    """Where all is dropped, the bias of the last projection is left."""
    layer = nn.MultiheadAttention(4, 2, dropout=1.0, batch_first=True, dtype=float)
    layer.out_proj.bias.data = np.array([1.0, 2.0, 3.0, 4.0])  # type: ignore[union-attr]
    x = spread((2, 3, 4), 1)
    out, _ = layer(x, x, x, need_weights=need_weights)
    np.testing.assert_array_equal(out.data, np.broadcast_to([1.0, 2.0, 3.0, 4.0], (2, 3, 4)))
    plain = nn.MultiheadAttention(4, 2, batch_first=True, dtype=float)
    plain.load_state_dict(layer.state_dict())
    out, expected = (m(x, x, x, need_weights=need_weights)[0] for m in (layer.eval(), plain))
    np.testing.assert_array_equal(out.data, expected.data)


# --- transformers -------------------------------------------------------------------------


def _normalised(x: Array) -> Array:
    return np.asarray((x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5))


PLACES = ["self_attn", "dropout1", "dropout", "dropout2"]


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("place", [None, *PLACES])
def test_each_dropout_of_an_encoder_layer(place: str | None, norm_first: bool) -> None:
    """All is dropped at one of the four places, and nothing at the others."""
    layer = nn.TransformerEncoderLayer(4, 2, 8, 1.0, norm_first=norm_first, dtype=float)
    for name, p in layer.named_parameters():
        if "norm" not in name:
            p.data = spread(p.shape, len(name))
    for other in PLACES:
        if other != place:
            part = getattr(layer, other)
            setattr(part, "dropout" if other == "self_attn" else "p", 0.0)
    x = spread((3, 2, 4), 1)

    def attention(y: Array) -> Array:
        if place == "dropout1":
            return np.zeros_like(y)
        if place == "self_attn":
            return np.broadcast_to(state["self_attn.out_proj.bias"], y.shape)
        twin = nn.MultiheadAttention(4, 2, dtype=float)
        twin.load_state_dict(layer.self_attn.state_dict())
        out, _ = twin(y, y, y)
        return np.asarray(out.data)

    def network(y: Array) -> Array:
        hidden = np.maximum(y @ state["linear1.weight"].T + state["linear1.bias"], 0)
        hidden = hidden * (place != "dropout")
        out = hidden @ state["linear2.weight"].T + state["linear2.bias"]
        return np.asarray(out * (place != "dropout2"))

    state = layer.state_dict()
    if norm_first:
        between = x + attention(_normalised(x))
        expected = between + network(_normalised(between))
    else:
        between = _normalised(x + attention(x))
        expected = _normalised(between + network(between))
    # The sums of a few numbers of size 1, in another order; dividing by a deviation keeps that.
    np.testing.assert_allclose(layer(x).data, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("kind", [nn.SinusoidalPositionalEncoding, nn.LearnedPositionalEncoding])
def test_dropout_behind_the_encoding_of_positions(kind: Any) -> None:
    x = np.ones((50, 4, 6))
    generator = np.random.default_rng(0)
    with no_grad():
        assert not kind(6, 50, dropout=1.0, dtype=float)(x).any()
        found = kind(6, 50, dropout=P, dtype=float, generator=generator)(x)
    assert abs((found == 0).mean() - P) < allowed(x.size)
