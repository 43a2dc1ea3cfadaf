"""What layers and losses do with operands that are no arrays of floats."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from nn import functional as F  # noqa: N812

from ..autograd.helpers import leaf, refuses
from ..autograd.numeric import spread

LABELS = np.array([0, 2])
OF_NUMBERS: dict[str, Any] = {
    "mse": lambda x: F.mse_loss(x, x[::-1]),
    "l1": lambda x: F.l1_loss(x, x[::-1]),
    "huber": lambda x: F.huber_loss(x, x[::-1]),
    "smooth l1": lambda x: F.smooth_l1_loss(x, x[::-1]),
    "hinge": lambda x: F.hinge_loss(x, np.ones(x.shape)),
    "bce": lambda x: F.binary_cross_entropy(x > 0, x > 2),
    "bce with logits": lambda x: F.binary_cross_entropy_with_logits(x, x > 2),
    "kl": lambda x: F.kl_div(x, x / 10),
    "cross-entropy": lambda x: F.cross_entropy(x, LABELS),
    "cross-entropy of probabilities": lambda x: F.cross_entropy(x, x / 10),
    "nll": lambda x: F.nll_loss(x, LABELS),
    "multi-margin": lambda x: F.multi_margin_loss(x, LABELS),
    "cosine": lambda x: F.cosine_embedding_loss(x, x[::-1], np.array([1, -1])),
    "normalize": F.normalize,
    "softmax": F.softmax,
    "softmin": F.softmin,
    "log softmax": F.log_softmax,
    "layer norm": lambda x: F.layer_norm(x, 3),
} | {
    name: getattr(nn, name)()
    for name in ("CELU", "ELU", "GELU", "Hardshrink", "Hardsigmoid", "Hardswish",
                 "Hardtanh", "LeakyReLU", "LogSigmoid", "Mish", "RReLU", "SELU", "SiLU",
                 "Sigmoid", "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink")
}  # fmt: skip
COUNTS = [[3, 5, 0], [7, 1, 2]]


@pytest.mark.parametrize("kind", [np.asarray, Tensor])
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, bool, np.int64])
@pytest.mark.parametrize("name", OF_NUMBERS)
def test_integers_are_computed_in_double_precision(name: str, dtype: Any, kind: Any) -> None:
    """Of small ones NumPy's differences wrap around, and its functions give float16."""
    layer = OF_NUMBERS[name]
    if isinstance(layer, nn.Module):
        layer.eval()
    x = np.array(COUNTS, dtype)
    found, expected = layer(kind(x)), layer(x.astype(float))
    assert found.dtype == np.float64
    np.testing.assert_allclose(np.asarray(getattr(found, "data", found)), expected, rtol=1e-12)


@pytest.mark.parametrize("name", [n for n in OF_NUMBERS if n[0].islower()])
def test_masked_arrays_are_refused(name: str) -> None:
    x = np.ma.array(COUNTS, float, mask=np.eye(2, 3))
    with refuses(TypeError, "masked array", ".filled()"):
        OF_NUMBERS[name](x)


def test_masked_targets_are_refused() -> None:
    with refuses(TypeError, "masked array", ".filled()"):
        F.mse_loss(np.ones(2), np.ma.array([1.0, 2.0], mask=[0, 1]))
    with refuses(TypeError, "masked array", ".filled()"):
        F.cross_entropy(np.ones((2, 3)), np.ma.array([1, 2], mask=[0, 1]))


# --- what is taken as it comes ------------------------------------------------------------


def test_layers_that_move_entries_keep_integers() -> None:
    tokens = np.arange(12).reshape(3, 4) % 5
    model = nn.Sequential(nn.Flatten(), nn.Embedding(5, 2))
    assert model(tokens.reshape(3, 2, 2)).shape == (3, 4, 2)
    assert nn.Unflatten(1, (2, 2))(tokens).dtype == tokens.dtype
    assert nn.Dropout1d().eval()(tokens).dtype == tokens.dtype


@pytest.mark.parametrize("shape", [(1, 2), (5, 2), (1,), (2,), (3, 1, 2)])
def test_a_bias_that_broadcasts(shape: tuple[int, ...]) -> None:
    x, weight = spread((5, 3), 1), spread((2, 3), 2)
    bias = leaf(spread(shape, 3))
    out = F.linear(x, leaf(weight), bias)
    np.testing.assert_allclose(out.data, x @ weight.T + bias.data, rtol=1e-12)
    out.sum().backward()
    assert bias.grad.shape == shape
    np.testing.assert_allclose(bias.grad, np.full(shape, out.size / bias.size), rtol=1e-12)


def test_lists() -> None:
    assert F.embedding([0, 0], [[1.0, 2.0]]).tolist() == [[1.0, 2.0]] * 2
    layer = nn.MultiheadAttention(4, 2, batch_first=True)
    x = np.ones((1, 2, 4), np.float32)
    mask = np.array([[[False, True]] * 2] * 2)
    for found, expected in zip(
        layer(x, x, x, attn_mask=mask.tolist()), layer(x, x, x, attn_mask=mask), strict=True
    ):
        np.testing.assert_array_equal(found.data, expected.data)


def test_one_output_size_for_all_axes() -> None:
    layer = nn.ConvTranspose2d(1, 1, 2, stride=2)
    assert layer(np.ones((1, 1, 3, 3), np.float32), output_size=7).shape == (1, 1, 7, 7)


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("mode", ["reflect", "circular", "replicate", "zeros"])
def test_an_empty_batch_in_any_padding(mode: str, padding: int) -> None:
    layer = nn.Conv2d(2, 3, 3, padding=padding, padding_mode=mode)
    out = layer(np.zeros((0, 2, 4, 5), np.float32))
    assert out.shape == (0, 3, 2 + 2 * padding, 3 + 2 * padding)


def test_a_number_as_bias_keeps_the_dtype() -> None:
    x = np.ones((2, 3), np.float32)
    out = nn.functional.linear(x, x, 0.5)
    assert out.dtype == np.float32
    assert out.tolist() == [[3.5, 3.5], [3.5, 3.5]]


def test_sizes_may_be_arrays_of_one_number() -> None:
    assert nn.Linear(np.array(3), 2).weight.shape == (2, 3)  # type: ignore[arg-type]
