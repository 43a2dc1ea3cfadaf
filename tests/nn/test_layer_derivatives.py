"""The layers without PyTorch: recorded numbers, finite differences, higher derivatives, modes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, check_gradients, jvp, vjp

from ..autograd.numeric import inner, spread

# --- numbers of PyTorch 2.13 in float64 ---------------------------------------------------


def waves(shape: tuple[int, ...], rate: float) -> Any:
    """sin(rate), sin(2 rate), ...: numbers that any language can write down."""
    return np.sin(np.arange(1, 1 + int(np.prod(shape))) * rate).reshape(shape)


# Class, arguments, input shape; then sums of squares: of the output, of the input's gradient and
# of each parameter's, for the loss sum(output * waves(1.1)) with parameters waves(0.7 + 0.1 i).
RECORDED: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...], float, float, Any]] = [
    (
        "Conv2d",
        (2, 3, 3, 2, 1),
        {},
        (2, 2, 5, 4),
        196.538774101654,
        387.215202097097,
        [10.117539484725, 0.804542695915],
    ),
    (
        "ConvTranspose2d",
        (2, 3, 3, 2, 1, 1),
        {},
        (2, 2, 3, 2),
        265.676313762568,
        70.099602228805,
        [251.93097011023, 0.678710071241],
    ),
    (
        "GroupNorm",
        (2, 4),
        {},
        (3, 4, 2),
        15.085005011883,
        9.599548504223,
        [0.525415092183, 2.541868208197],
    ),
    (
        "BatchNorm1d",
        (3,),
        {},
        (4, 3),
        16.404840616941,
        6.071286954368,
        [11.860106643533, 0.145102871039],
    ),
    (
        "LSTM",
        (2, 3, 2),
        {"bidirectional": True},
        (4, 2, 2),
        4.682029240418,
        0.16205135633,
        [
            0.249193269575,
            0.031156169918,
            0.439215943951,
            0.439215943951,
            0.167950480506,
            0.035306695096,
            0.424656560136,
            0.424656560136,
            0.312167901118,
            0.165463988669,
            0.974147039913,
            0.974147039913,
            2.238768697221,
            1.234394694626,
            6.724013161603,
            6.724013161603,
        ],
    ),
    (
        "GRU",
        (2, 3),
        {"bidirectional": True},
        (4, 2, 2),
        14.599184846297,
        2.293670630963,
        [
            4.425630160926,
            7.016950731522,
            28.389552725294,
            22.0673618777,
            3.14202893514,
            1.448507766211,
            6.908767394106,
            3.595692660607,
        ],
    ),
    (
        "TransformerEncoderLayer",
        (4, 2, 5, 0.0, "gelu"),
        {},
        (3, 2, 4),
        42.548762847556,
        0.756177109747,
        [
            0.580558168611,
            0.428005608373,
            0.362243813163,
            0.080708595791,
            0.026029958377,
            0.003632408518,
            1.654990868223,
            0.14909113359,
            0.051405797808,
            0.156020260206,
            0.84811506163,
            0.867886868712,
        ],
    ),
]


@pytest.mark.parametrize("number", range(len(RECORDED)))
def test_recorded_numbers(number: int) -> None:
    name, args, keywords, shape, out, by_input, by_parameters = RECORDED[number]
    layer = getattr(nn, name)(*args, **keywords, dtype=float)
    for i, p in enumerate(layer.parameters()):
        p.data = waves(p.shape, 0.7 + 0.1 * i)
    x = Tensor(waves(shape, 0.9), requires_grad=True)
    y = layer(x)
    y = y[0] if isinstance(y, tuple) else y
    (y * waves(y.shape, 1.1)).sum().backward()
    found = [y.numpy(), x.grad, *[p.grad for p in layer.parameters()]]
    sums = [float((a**2).sum()) for a in found]
    np.testing.assert_allclose(sums, [out, by_input, *by_parameters], rtol=1e-10, atol=1e-12)


# --- every layer by finite differences, in higher orders and in forward mode --------------


def first(layer: Any) -> Callable[[Any], Any]:
    """The layer's output alone, without states or weights."""

    def call(x: Any) -> Any:
        out = layer(x)
        return out[0] if isinstance(out, tuple) else out

    return call


def make(name: str, *args: Any, **keywords: Any) -> Any:
    return lambda: getattr(nn, name)(*args, **keywords, dtype=float)


class SelfAttention(nn.Module):
    """Attention of a sequence to itself, fused or not."""

    def __init__(self, need_weights: bool, causal: bool = False) -> None:
        self.inner = nn.MultiheadAttention(4, 2, batch_first=True, dtype=float)
        self.keywords = {"need_weights": need_weights, "is_causal": causal}

    def forward(self, x: Any) -> Any:
        return self.inner(x, x, x, **self.keywords)[0]


class FlatLSTM(nn.Module):
    """All results in one tuple."""

    def __init__(self) -> None:
        self.inner = nn.LSTM(2, 3, bidirectional=True, dtype=float)

    def forward(self, x: Any) -> Any:
        output, (state, cell) = self.inner(x)
        return output, state, cell


LAYERS: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "Conv1d": (make("Conv1d", 2, 3, 2, padding="same"), (2, 2, 4)),
    "Conv2d": (make("Conv2d", 2, 2, 2, stride=2, padding=1, groups=2), (2, 2, 3, 4)),
    "Conv2d circular": (make("Conv2d", 1, 2, 3, padding=1, padding_mode="circular"), (1, 1, 3, 3)),
    "Conv3d": (make("Conv3d", 1, 2, 2), (1, 1, 2, 3, 2)),
    "ConvTranspose2d": (make("ConvTranspose2d", 2, 2, 2, stride=2, padding=1), (1, 2, 2, 3)),
    "MaxPool2d": (lambda: nn.MaxPool2d(2, 1), (1, 2, 3, 3)),
    "AvgPool2d": (lambda: nn.AvgPool2d(2, 1, 1), (1, 2, 3, 3)),
    "AdaptiveAvgPool2d": (lambda: nn.AdaptiveAvgPool2d((2, 1)), (1, 2, 3, 3)),
    "BatchNorm1d": (make("BatchNorm1d", 3), (4, 3)),
    "BatchNorm2d": (make("BatchNorm2d", 2), (2, 2, 2, 2)),
    "BatchNorm2d evaluating": (lambda: nn.BatchNorm2d(2, dtype=float).eval(), (2, 2, 2, 2)),
    "BatchNorm3d": (make("BatchNorm3d", 2), (2, 2, 1, 2, 2)),
    "LayerNorm": (make("LayerNorm", (2, 3)), (2, 2, 3)),
    "RMSNorm": (make("RMSNorm", 3), (2, 3)),
    "GroupNorm": (make("GroupNorm", 2, 4), (2, 4, 3)),
    "RNN": (make("RNN", 2, 3, 2), (3, 2, 2)),
    "RNN relu": (make("RNN", 2, 3, nonlinearity="relu", bias=False), (3, 2, 2)),
    "GRU": (make("GRU", 2, 3, bidirectional=True), (3, 2, 2)),
    "LSTM": (FlatLSTM, (3, 2, 2)),
    "attention": (lambda: SelfAttention(True), (2, 3, 4)),
    "attention fused": (lambda: SelfAttention(False), (2, 3, 4)),
    "attention causal": (lambda: SelfAttention(False, True), (2, 3, 4)),
    "transformer": (make("TransformerEncoderLayer", 4, 2, 3, 0.0, "gelu"), (3, 1, 4)),
    "positions": (make("LearnedPositionalEncoding", 4, 5), (3, 2, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_are_those_of_finite_differences(name: str) -> None:
    make_layer, shape = LAYERS[name]
    nn.manual_seed(1)
    layer = make_layer()
    assert check_gradients(layer, spread(shape, 1)).passed


def test_gradients_of_layers_with_other_inputs() -> None:
    nn.manual_seed(1)
    bilinear = nn.Bilinear(2, 3, 2, dtype=float)
    assert check_gradients(bilinear, spread((2, 2), 1), spread((2, 3), 2)).passed
    embedding = nn.Embedding(4, 2, dtype=float)
    assert check_gradients(lambda w: nn.functional.embedding([[0, 3], [3, 1]], w),
                           embedding.weight.data).passed  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_second_derivatives_and_forward_mode(name: str) -> None:
    """By the input, the parameters held."""
    make_layer, shape = LAYERS[name]
    nn.manual_seed(1)
    call = first(make_layer())
    check_gradients(lambda x: call(x), spread(shape, 1), modes="both", order=2)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_derivatives_by_the_weights_of_derivatives(kind: str) -> None:
    """The cotangent of a weight's gradient reaches the other weights and the input."""
    nn.manual_seed(1)
    layer = getattr(nn, kind)(2, 3, dtype=float)
    check_gradients(lambda x, *_: layer(x)[0], spread((3, 2, 2), 1), *layer.parameters(), order=2)


# --- the padding row of an embedding ------------------------------------------------------


def test_the_padding_row_is_constant_in_every_mode() -> None:
    w, v = spread((4, 2), 1), spread((4, 2), 2)
    indices = [[0, 2], [2, 3]]

    def look_up(weight: Any) -> Any:
        return nn.functional.embedding(indices, weight, padding_idx=2)

    _, tangent = jvp(look_up, (w,), (v,))
    expected = v[np.array(indices)]
    expected[0, 1] = expected[1, 0] = 0
    np.testing.assert_array_equal(np.asarray(tangent), expected)
    c = spread((2, 2, 2), 3)
    (pulled,) = vjp(look_up, w)[1](c)
    back = inner([np.asarray(pulled)], [v])
    assert inner([np.asarray(tangent)], [c]) == pytest.approx(back, rel=1e-12)
    assert not np.asarray(pulled)[2].any()
