"""Sizes and numbers that layers are made with: what is refused, and NumPy's among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from nn import functional as F  # noqa: N812

from ..autograd.helpers import refuses

F32 = np.float32

# --- what can never work is refused when the layer is made --------------------------------

SIZES: list[tuple[Callable[..., Any], tuple[Any, ...], str]] = [
    (nn.Linear, (-1, 2), "in_features=-1"),
    (nn.Linear, (2, -1), "out_features=-1"),
    (nn.Linear, ("2", 3), "in_features='2'"),
    (nn.Linear, (2, 3.0), "out_features=3.0"),
    (nn.Embedding, (-1, 2), "num_embeddings=-1"),
    (nn.Embedding, (2, -1), "embedding_dim=-1"),
    (nn.Embedding, (3, 2, 1.5), "padding_idx=1.5"),
    (nn.Bilinear, (0, 2, 2), "in1_features=0"),
    (nn.Bilinear, (-1, 2, 3), "in1_features=-1"),
    (nn.Bilinear, (2, -1, 3), "in2_features=-1"),
    (nn.BatchNorm1d, (-1,), "num_features=-1"),
    (nn.LayerNorm, (-1,), "normalized_shape=-1"),
    (nn.LayerNorm, ((),), "normalized_shape=()"),
    (nn.RMSNorm, ((2, 3.0),), "normalized_shape=3.0"),
    (nn.GroupNorm, (0, 4), "num_groups=0"),
    (nn.GroupNorm, (2, -4), "num_channels=-4"),
    (nn.PReLU, (-1,), "num_parameters=-1"),
    (nn.LSTM, (2.0, 2), "input_size=2.0"),
    (nn.GRU, (2, 3, 0), "num_layers=0"),
    (nn.MultiheadAttention, (-4, 2), "embed_dim=-4"),
    (nn.MultiheadAttention, (4, 0), "num_heads=0"),
    (nn.TransformerEncoder, (nn.Identity(), -1), "num_layers=-1"),
    (nn.SinusoidalPositionalEncoding, (-4,), "d_model=-4"),
    (nn.LearnedPositionalEncoding, (4, -1), "max_len=-1"),
    (nn.Perceptron, (-1,), "n=-1"),
    (nn.Neuron, (-1,), "nin=-1"),
    (nn.Layer, (2, -1), "nout=-1"),
    (nn.Conv2d, (1, 2, 3.0), "kernel_size=3.0"),
    (nn.Conv2d, (1, 2, 3, 1.5), "stride=1.5"),
    (nn.Conv2d, (1.0, 2, 3), "in_channels=1.0"),
    (nn.Conv1d, (1, 2, 3, 1, -1), "padding=-1"),
    (nn.MaxPool2d, (0,), "kernel_size=0"),
    (nn.MaxPool2d, (2.0,), "kernel_size=2.0"),
    (nn.AvgPool2d, ((2, 0),), "kernel_size=0"),
    (nn.AdaptiveAvgPool2d, ((None, -1),), "output_size=-1"),
]


@pytest.mark.parametrize(("make", "args", "word"), SIZES)
def test_sizes(make: Any, args: tuple[Any, ...], word: str) -> None:
    name = "embedding" if "padding_idx" in word else make.__name__
    with refuses((TypeError, ValueError), name, word, "give"):
        make(*args)


def test_sizes_of_functions() -> None:
    with refuses(ValueError, "steps=-1"):
        nn.generate_square_subsequent_mask(-1)
    with refuses(TypeError, "max_pool", "kernel_size=(2.0, 2.0)"):
        F.max_pool2d(np.ones((1, 4, 4)), 2.0)  # type: ignore[arg-type]


NUMBERS: list[tuple[Callable[..., Any], dict[str, Any], tuple[str, ...]]] = [
    (nn.Dropout, {"p": "a"}, ("Dropout", "p='a'")),
    (nn.Dropout, {"p": 1.5}, ("Dropout", "1.5")),
    (nn.CrossEntropyLoss, {"label_smoothing": 2}, ("CrossEntropyLoss", "label_smoothing 2")),
    (nn.HuberLoss, {"delta": 0}, ("HuberLoss", "delta 0")),
    (nn.SmoothL1Loss, {"beta": -1}, ("SmoothL1Loss", "beta -1")),
    (nn.MultiMarginLoss, {"p": 3}, ("MultiMarginLoss", "p=3", "1 or 2")),
    (nn.GELU, {"approximate": "tan"}, ("GELU", "'tan'", "'tanh'")),
    (nn.Hardtanh, {"min_val": 1, "max_val": -1}, ("Hardtanh", "min_val 1", "max_val -1")),
    (nn.RReLU, {"lower": 0.5, "upper": 0.1}, ("RReLU", "lower 0.5", "upper 0.1")),
    (nn.Softplus, {"beta": 0}, ("Softplus", "beta 0")),
    (nn.CELU, {"alpha": 0}, ("CELU", "alpha 0")),
    (nn.Softshrink, {"lambd": -1}, ("Softshrink", "lambd -1")),
]


@pytest.mark.parametrize(("make", "settings", "words"), NUMBERS)
def test_numbers(make: Any, settings: dict[str, Any], words: tuple[str, ...]) -> None:
    with refuses((TypeError, ValueError), *words):
        make(**settings)


# --- NumPy's numbers ----------------------------------------------------------------------

A = np.float64(0.5)
ROWS, LABELS = np.array([[0.5, -2.0], [1.0, 3.0]], F32), np.array([0, 1])
NARROW: dict[str, Callable[[], Any]] = {
    "LeakyReLU": lambda: nn.LeakyReLU(A)(ROWS),
    "LeakyReLU of an array": lambda: nn.LeakyReLU(np.array(0.5))(ROWS),  # type: ignore[arg-type]
    "ELU": lambda: nn.ELU(A)(ROWS),
    "CELU": lambda: nn.CELU(A)(ROWS),
    "Hardtanh": lambda: nn.Hardtanh(-A, A)(ROWS),
    "RReLU": lambda: nn.RReLU(A, A).eval()(ROWS),
    "Softplus": lambda: nn.Softplus(A, A)(ROWS),
    "Softshrink": lambda: nn.Softshrink(A)(ROWS),
    "Hardshrink": lambda: nn.Hardshrink(A)(ROWS),
    "Threshold": lambda: nn.Threshold(A, A)(ROWS),
    "LayerNorm": lambda: nn.LayerNorm(2, A)(ROWS),
    "RMSNorm": lambda: nn.RMSNorm(2, A)(ROWS),
    "GroupNorm": lambda: nn.GroupNorm(1, 2, A)(ROWS),
    "BatchNorm1d": lambda: nn.BatchNorm1d(2, A, A)(ROWS),
    "BatchNorm1d evaluating": lambda: nn.BatchNorm1d(2, A).eval()(ROWS),
    "Dropout": lambda: nn.Dropout(A)(ROWS),
    "HuberLoss": lambda: nn.HuberLoss(delta=A)(ROWS, ROWS[::-1]),
    "SmoothL1Loss": lambda: nn.SmoothL1Loss(beta=A)(ROWS, ROWS[::-1]),
    "CrossEntropyLoss": lambda: nn.CrossEntropyLoss(label_smoothing=A)(ROWS, LABELS),
    "cross-entropy of probabilities": lambda: F.cross_entropy(
        ROWS, np.eye(2, dtype=F32), label_smoothing=A
    ),
    "MultiMarginLoss": lambda: nn.MultiMarginLoss(margin=A)(ROWS, LABELS),
    "CosineEmbeddingLoss": lambda: nn.CosineEmbeddingLoss(A)(ROWS, ROWS, np.array([1, -1])),
    "attention": lambda: F.scaled_dot_product_attention(ROWS, ROWS, ROWS, scale=A),
    "CosineSimilarity": lambda: nn.CosineSimilarity(eps=A)(ROWS, ROWS),
    "PairwiseDistance": lambda: nn.PairwiseDistance(np.float64(3), A)(ROWS, ROWS),
    "normalize": lambda: F.normalize(ROWS, np.float64(3), eps=A),
    "AvgPool2d": lambda: F.avg_pool2d(ROWS[None], 2, divisor_override=np.int64(3)),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", NARROW)
def test_numbers_of_numpy_keep_single_precision(name: str) -> None:
    assert NARROW[name]().dtype == F32


def test_sizes_of_numpy() -> None:
    n: Any = np.int64(4)
    x = np.ones((2, 3, 4), F32)
    for layer in (
        nn.LayerNorm(n),
        nn.RMSNorm(n),
        nn.TransformerEncoderLayer(n, 2, n),
        nn.LSTM(n, n),
    ):
        layer(x)
    assert F.layer_norm(x, n).shape == x.shape
    assert type(nn.Linear(n, n).in_features) is int
    pair: Any = np.array([2, 3])
    assert nn.LayerNorm(pair).normalized_shape == nn.Conv2d(1, 1, pair).kernel_size == (2, 3)
    assert nn.MaxPool2d(pair)(np.ones((1, 4, 6), F32)).shape == (1, 2, 2)
