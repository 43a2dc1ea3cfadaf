"""The layers against PyTorch's with the same weights: outputs, gradients and state."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import nn

from ..autograd.helpers import leaf
from ..autograd.numeric import spread

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

RTOL = {np.dtype(np.float32): 1e-5, np.dtype(np.float64): 1e-10}
DTYPES = [np.float32, np.float64]


def close(found: Any, expected: Any, what: str) -> None:
    """Equal to 1e-5 (float32) or 1e-10 (float64) of the largest entry.

    The tolerances leave two orders of magnitude to the roundings of sums of up to a few hundred
    terms of that size: 1e2 * 6e-8 and 1e2 * 1e-16, in another order in PyTorch.
    """
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape, what
    assert found.dtype == expected.dtype, what
    scale = np.max(np.abs(expected), initial=1e-3)
    np.testing.assert_allclose(found, expected, rtol=0, atol=RTOL[found.dtype] * scale,
                               err_msg=what)  # fmt: skip


def flat(outputs: Any) -> list[Any]:
    if isinstance(outputs, (tuple, list)):
        return [x for item in outputs for x in flat(item)]
    return [] if outputs is None else [outputs]


def twin(ours: nn.Module, theirs: Any, dtype: Any) -> Any:
    """Their layer with our weights, by the names of the state, which must be the same."""
    theirs = theirs.to(torch.float64 if np.dtype(dtype) == np.float64 else torch.float32)
    state = {name: torch.tensor(array) for name, array in ours.state_dict().items()}
    theirs.load_state_dict(state)
    assert {k: tuple(v.shape) for k, v in theirs.state_dict().items()} == {
        k: v.shape for k, v in ours.state_dict().items()
    }
    return theirs


def compare(ours: Any, theirs: Any, inputs: Sequence[Any], dtype: Any, **keywords: Any) -> None:
    """Outputs, gradients of inputs and parameters, and the state after it."""
    theirs = twin(ours, theirs, dtype)
    xs = [leaf(x, dtype) if np.asarray(x).dtype.kind == "f" else np.asarray(x) for x in inputs]
    ts = [torch.tensor(getattr(x, "data", x) if hasattr(x, "grad") else x) for x in xs]
    for t in ts:
        t.requires_grad_(t.is_floating_point())
    mine = flat(ours(*xs, **keywords))
    their_keywords = {
        k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in keywords.items()
    }
    others = flat(theirs(*ts, **their_keywords))
    assert len(mine) == len(others)
    total, their_total = 0, 0
    for i, (y, t) in enumerate(zip(mine, others, strict=True)):
        close(y.numpy(), t.detach().numpy(), f"output {i}")
        c = spread(y.shape, 40 + i).astype(dtype)
        total = total + (y * c).sum()
        their_total = their_total + (t * torch.tensor(c)).sum()
    total.backward()  # type: ignore[attr-defined]
    their_total.backward()  # type: ignore[attr-defined]
    for i, (x, t) in enumerate(zip(xs, ts, strict=True)):
        if t.requires_grad:
            close(x.grad, t.grad.numpy(), f"gradient of input {i}")
    named = dict(theirs.named_parameters())
    for name, p in ours.named_parameters():
        close(p.grad, named[name].grad.numpy(), f"gradient of {name}")
    for name, array in ours.state_dict().items():
        expected = theirs.state_dict()[name].numpy()
        if array.dtype.kind == "f":
            close(array, expected, name)
        else:
            assert array == expected


def both(name: str, *args: Any, dtype: Any, **keywords: Any) -> tuple[Any, Any]:
    generator = np.random.default_rng(0)
    mine = getattr(nn, name)
    given = {"generator": generator} if "generator" in inspect.signature(mine).parameters else {}
    return mine(*args, **keywords, **given, dtype=dtype), getattr(torch.nn, name)(*args, **keywords)


# --- convolution and pooling --------------------------------------------------------------

CONVOLUTIONS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((2, 4, 3), {}),
    ((2, 4, 3, 2, 1), {"bias": False}),
    ((4, 6, 2), {"groups": 2, "dilation": 2}),
    ((4, 4, 3), {"groups": 4, "padding": "same"}),
    ((2, 3, 2), {"padding": "same", "dilation": 3}),
    ((2, 3, 3), {"padding": "valid"}),
    ((2, 3, 3), {"padding": 2, "padding_mode": "reflect"}),
    ((2, 3, 3), {"padding": 1, "padding_mode": "replicate", "stride": 2}),
    ((2, 3, 3), {"padding": 2, "padding_mode": "circular"}),
    ((2, 3, 2), {"padding": "same", "padding_mode": "circular"}),
    ((3, 2, 1), {}),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("number", range(len(CONVOLUTIONS)))
def test_convolution(number: int, rank: int, dtype: Any) -> None:
    args, keywords = CONVOLUTIONS[number]
    layers = both(f"Conv{rank}d", *args, **keywords, dtype=dtype)
    compare(*layers, [spread((3, args[0], 7, 6, 5)[: rank + 2], 1)], dtype)


TRANSPOSED: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((2, 4, 3), {}),
    ((2, 4, 3, 2, 1, 1), {"bias": False}),
    ((4, 6, 2), {"groups": 2, "dilation": 2, "stride": 3, "output_padding": 2}),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("number", range(len(TRANSPOSED)))
def test_transposed_convolution(number: int, rank: int, dtype: Any) -> None:
    args, keywords = TRANSPOSED[number]
    layers = both(f"ConvTranspose{rank}d", *args, **keywords, dtype=dtype)
    compare(*layers, [spread((3, args[0], 4, 3, 2)[: rank + 2], 1)], dtype)


def test_transposed_convolution_to_a_wanted_size() -> None:
    layers = both("ConvTranspose2d", 2, 3, 3, stride=3, dtype=float)
    compare(*layers, [spread((2, 2, 4, 3), 1)], float, output_size=[13, 9])


POOLS = [
    ("MaxPool", (2,), {}),
    ("MaxPool", (3, 2, 1), {"ceil_mode": True}),
    ("MaxPool", (2, 1), {"dilation": 2}),
    ("AvgPool", (2,), {}),
    ("AvgPool", (3, 2, 1, True, False), {}),
    ("AvgPool", (3, 2, 1), {"ceil_mode": True}),
    ("AdaptiveAvgPool", (1,), {}),
    ("AdaptiveAvgPool", (3,), {}),
]


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("number", range(len(POOLS)))
def test_pooling(number: int, rank: int) -> None:
    name, args, keywords = POOLS[number]
    layers = [getattr(n, f"{name}{rank}d")(*args, **keywords) for n in (nn, torch.nn)]
    compare(*layers, [spread((2, 3, 7, 6, 5)[: rank + 2], 1)], float)  # type: ignore[call-arg]
    compare(*layers, [spread((3, 7, 6, 5)[: rank + 1], 1)], np.float32)  # type: ignore[call-arg]


# --- normalisation ------------------------------------------------------------------------

NORMS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    ("BatchNorm1d", (3,), {}, (8, 3)),
    ("BatchNorm1d", (3,), {"momentum": None, "eps": 1e-3}, (8, 3, 4)),
    ("BatchNorm2d", (3, 1e-5, 0.3), {}, (4, 3, 5, 2)),
    ("BatchNorm2d", (3,), {"affine": False}, (4, 3, 5, 2)),
    ("BatchNorm2d", (3,), {"track_running_stats": False}, (4, 3, 5, 2)),
    ("BatchNorm3d", (3,), {}, (4, 3, 2, 5, 2)),
    ("BatchNorm2d", (3,), {"bias": False}, (4, 3, 5, 2)),
    ("LayerNorm", (6,), {}, (4, 5, 6)),
    ("LayerNorm", ((5, 6),), {"bias": False}, (4, 5, 6)),
    ("LayerNorm", (6,), {"elementwise_affine": False}, (6,)),
    ("RMSNorm", (6,), {}, (4, 5, 6)),
    ("RMSNorm", ((5, 6), 1e-3), {"elementwise_affine": False}, (4, 5, 6)),
    ("GroupNorm", (2, 6), {}, (4, 6, 5, 2)),
    ("GroupNorm", (3, 6), {"affine": False}, (4, 6, 3)),
    ("GroupNorm", (3, 6), {"bias": False}, (4, 6, 3)),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("number", range(len(NORMS)))
def test_normalisation(number: int, dtype: Any) -> None:
    name, args, keywords, shape = NORMS[number]
    layer, other = both(name, *args, **keywords, dtype=dtype)
    for i, p in enumerate(layer.parameters()):
        p.data = 1 + spread(p.shape, 20 + i).astype(dtype) / 2
    twin(layer, other, dtype)
    for step in range(3):  # the running moments grow
        layer.zero_grad()
        other.zero_grad()
        compare(layer, other, [3 + 2 * spread(shape, step)], dtype)
    layer.zero_grad()
    other.zero_grad()
    compare(layer.eval(), other.eval(), [3 + 2 * spread(shape, 9)], dtype)


# --- embedding and bilinear ---------------------------------------------------------------


@pytest.mark.parametrize("padding_idx", [None, 2, -1])
@pytest.mark.parametrize("dtype", DTYPES)
def test_embedding(padding_idx: int | None, dtype: Any) -> None:
    layers = both("Embedding", 7, 3, padding_idx=padding_idx, dtype=dtype)
    compare(*layers, [[[1, 2, 2, 6], [0, 1, 1, 4]]], dtype)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", DTYPES)
def test_bilinear(bias: bool, dtype: Any) -> None:
    layers = both("Bilinear", 3, 4, 5, bias, dtype=dtype)
    compare(*layers, [spread((2, 6, 3), 1), spread((2, 6, 4), 2)], dtype)
    compare(
        *both("Bilinear", 3, 4, 5, bias, dtype=dtype), [spread((3,), 1), spread((4,), 2)], dtype
    )


# --- recurrent ----------------------------------------------------------------------------

RECURRENT: list[dict[str, Any]] = [
    {},
    {"num_layers": 2, "bias": False},
    {"bidirectional": True, "batch_first": True},
    {"num_layers": 2, "bidirectional": True},
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", ["RNN", "RNN relu", "GRU", "LSTM"])
@pytest.mark.parametrize("number", range(len(RECURRENT)))
def test_recurrent(number: int, kind: str, dtype: Any) -> None:
    keywords = RECURRENT[number] | ({"nonlinearity": "relu"} if "relu" in kind else {})
    name = kind.split()[0]
    compare(*both(name, 3, 4, **keywords, dtype=dtype), [spread((5, 2, 3), 1)], dtype)
    compare(*both(name, 3, 4, **keywords, dtype=dtype), [spread((5, 3), 1)], dtype)


class WithState(nn.Module):
    """Takes the parts of the state one by one."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def forward(self, x: Any, *state: Any) -> Any:
        return self.inner(x, state if len(state) > 1 else state[0])


class TheirsWithState(torch.nn.Module):  # type: ignore[name-defined,misc]
    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Any, *state: Any) -> Any:
        return self.inner(x, state if len(state) > 1 else state[0])


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_recurrent_with_a_first_state(kind: str) -> None:
    ours, theirs = both(kind, 3, 4, num_layers=2, bidirectional=True, dtype=float)
    state = [spread((4, 2, 4), 5), spread((4, 2, 4), 6)][: 1 + (kind == "LSTM")]
    compare(WithState(ours), TheirsWithState(theirs), [spread((5, 2, 3), 1), *state], float)


# --- attention ----------------------------------------------------------------------------

MASKS: dict[str, Any] = {
    "none": lambda t, s: {},
    "booleans": lambda t, s: {"attn_mask": spread((t, s), 7) > 0.5},
    "numbers": lambda t, s: {"attn_mask": spread((t, s), 7)},
    "each head": lambda t, s: {"attn_mask": spread((3 * 2, t, s), 7)},
    "padding": lambda t, s: {"key_padding_mask": np.arange(s) >= np.array([[s], [s - 1], [s - 2]])},
    "both": lambda t, s: {
        "attn_mask": np.triu(np.ones((t, s), bool), 2),
        "key_padding_mask": np.arange(s) >= np.array([[s], [s - 1], [s - 2]]),
    },
}


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("kind", ["self", "cross", "other widths"])
def test_attention(kind: str, mask: str, need_weights: bool) -> None:
    for dtype, batch_first in itertools.product(DTYPES, [True, False]):
        widths = {"kdim": 3, "vdim": 5} if kind == "other widths" else {}
        layers = both("MultiheadAttention", 6, 2, batch_first=batch_first, **widths, dtype=dtype)
        layers[0].in_proj_bias.data = spread((18,), 8).astype(dtype)
        sources = 4 if kind == "self" else 5
        shapes = [(3, 4, 6), (3, sources, widths.get("kdim", 6)),
                  (3, sources, widths.get("vdim", 6))]  # fmt: skip
        inputs = [spread(s if batch_first else (s[1], s[0], s[2]), i)
                  for i, s in enumerate(shapes)]  # fmt: skip
        keywords = MASKS[mask](4, sources) | {"need_weights": need_weights}
        keywords = {
            k: v.astype(dtype) if np.asarray(v).dtype.kind == "f" else v
            for k, v in keywords.items()
        }
        if kind == "self":
            compare(Same(layers[0]), TheirSame(layers[1]), inputs[:1], dtype, **keywords)
        else:
            compare(*layers, inputs, dtype, **keywords)


class Same(nn.Module):
    """Attention of a sequence to itself."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def forward(self, x: Any, **keywords: Any) -> Any:
        return self.inner(x, x, x, **keywords)


class TheirSame(torch.nn.Module):  # type: ignore[name-defined,misc]
    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Any, **keywords: Any) -> Any:
        return self.inner(x, x, x, **keywords)


@pytest.mark.parametrize("average", [True, False])
def test_attention_without_a_batch(average: bool) -> None:
    layers = both("MultiheadAttention", 6, 2, dtype=float)
    inputs = [spread((4, 6), 1), spread((5, 6), 2), spread((5, 6), 3)]
    compare(*layers, inputs, float, average_attn_weights=average)


@pytest.mark.parametrize(
    "keywords", [{}, {"is_causal": True}, {"scale": 0.3}, {"attn_mask": spread((4, 5), 5) > 0}]
)
def test_scaled_dot_product_attention(keywords: dict[str, Any]) -> None:
    xs = [spread((2, 3, 4, 6), 1), spread((2, 3, 5, 6), 2), spread((2, 3, 5, 7), 3)]
    leaves, theirs = [leaf(x) for x in xs], [torch.tensor(x, requires_grad=True) for x in xs]
    y = nn.functional.scaled_dot_product_attention(*leaves, **keywords)
    given = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in keywords.items()}
    t = torch.nn.functional.scaled_dot_product_attention(*theirs, **given)
    close(y.numpy(), t.detach().numpy(), "output")
    c = spread(y.shape, 4)
    y.backward(c)
    t.backward(torch.tensor(c))
    for a, b in zip(leaves, theirs, strict=True):
        close(a.grad, b.grad.numpy(), "gradient")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_transformer(activation: str, norm_first: bool, dtype: Any) -> None:
    keywords = {"dropout": 0.0, "activation": activation, "norm_first": norm_first}
    layers = both("TransformerEncoderLayer", 6, 2, 8, **keywords, batch_first=True, dtype=dtype)
    ours = nn.TransformerEncoder(layers[0], 2, nn.LayerNorm(6, dtype=dtype))
    theirs = torch.nn.TransformerEncoder(
        layers[1], 2, torch.nn.LayerNorm(6), enable_nested_tensor=False
    )
    mask = nn.generate_square_subsequent_mask(5, dtype)
    compare(ours, theirs, [spread((3, 5, 6), 1)], dtype, mask=mask, is_causal=True)
    ours.eval()
    theirs.eval()
    ours.zero_grad()
    theirs.zero_grad()
    compare(ours, theirs, [spread((3, 5, 6), 1)], dtype)


# --- initial values -----------------------------------------------------------------------

LAYERS: list[tuple[str, tuple[Any, ...]]] = [
    ("Conv2d", (8, 64, 3)),
    ("ConvTranspose2d", (8, 64, 3)),
    ("LSTM", (16, 64)),
    ("Embedding", (64, 64)),
    ("Bilinear", (16, 16, 16)),
    ("MultiheadAttention", (64, 4)),
    ("TransformerEncoderLayer", (32, 4, 64)),
]


@pytest.mark.parametrize(("name", "args"), LAYERS)
def test_initial_values_are_distributed_as_pytorchs(name: str, args: tuple[Any, ...]) -> None:
    """Mean, spread and largest of n numbers: five standard errors, or 1/n of the range, apart."""
    torch.manual_seed(0)
    ours, theirs = both(name, *args, dtype=np.float32)
    expected = theirs.state_dict()
    for key, array in ours.state_dict().items():
        other = expected[key].numpy()
        n, std = array.size, float(other.std())
        assert abs(array.mean() - other.mean()) <= 5 * std * (2 / n) ** 0.5, key
        assert abs(array.std() - std) <= 5 * std * (1 / n) ** 0.5, key
        if name != "Embedding":
            assert abs(np.abs(array).max() - np.abs(other).max()) <= 12 * std / n**0.5, key
