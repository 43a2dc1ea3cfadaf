"""Models in another dtype: the same computations, the same objects."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor

from ..autograd.helpers import refuses
from ..autograd.numeric import spread

STEPS = spread((4, 5, 6), 1)  # a sequence: steps, batch, features
IMAGES = spread((2, 3, 6, 6), 2)
MODELS: dict[str, tuple[Callable[[], Any], Any]] = {
    "Linear": (lambda: nn.Linear(6, 3), STEPS),
    "Bilinear": (lambda: Twice(nn.Bilinear(6, 6, 2)), STEPS),
    "PReLU": (nn.PReLU, STEPS),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(3), IMAGES),
    "LayerNorm": (lambda: nn.LayerNorm(6), STEPS),
    "GroupNorm": (lambda: nn.GroupNorm(3, 3), IMAGES),
    "RMSNorm": (lambda: nn.RMSNorm(6), STEPS),
    "Conv2d": (lambda: nn.Conv2d(3, 4, 3), IMAGES),
    "ConvTranspose2d": (lambda: nn.ConvTranspose2d(3, 4, 3), IMAGES),
    "RNN": (lambda: First(nn.RNN(6, 4)), STEPS),
    "LSTM": (lambda: First(nn.LSTM(6, 4, num_layers=2, bidirectional=True)), STEPS),
    "GRU": (lambda: First(nn.GRU(6, 4)), STEPS),
    "Transformer": (
        lambda: nn.Sequential(
            nn.SinusoidalPositionalEncoding(6), nn.TransformerEncoderLayer(6, 2, 8, dropout=0.0)
        ),
        STEPS,
    ),
    "Embedding": (lambda: nn.Embedding(5, 3), np.array([[1, 2], [4, 0]])),
}


class First(nn.Module):
    """The first result of a module."""

    def __init__(self, inner: nn.Module) -> None:
        self.inner = inner

    def forward(self, x: Any) -> Any:
        return self.inner(x)[0]


class Twice(First):
    """A module of two inputs on one."""

    def forward(self, x: Any) -> Any:
        return self.inner(x, x)


def inputs(x: Any, dtype: Any) -> Any:
    return x.astype(dtype) if x.dtype.kind == "f" else x


@pytest.mark.parametrize(("made", "x"), MODELS.values(), ids=MODELS)
@pytest.mark.parametrize(
    ("change", "dtype", "tolerance"),
    [("double", "float64", 1e-5), ("float", "float32", 1e-5), ("half", "float16", 2e-2)],
)
def test_the_model_computes_the_same_in_the_new_dtype(
    made: Callable[[], Any], x: Any, change: str, dtype: str, tolerance: float
) -> None:
    """float32 has 7 digits and float16 3, of outputs and gradients of a size of about 1."""
    nn.manual_seed(0)
    model = made()
    twin = copy.deepcopy(model)
    assert getattr(twin, change)() is twin
    assert {p.dtype.name for p in twin.parameters()} == {dtype}
    assert {b.dtype.name for b in twin.buffers() if b.dtype.kind == "f"} <= {dtype}
    out, other = model(inputs(x, "float32")), twin(inputs(x, dtype))
    assert other.dtype == dtype
    np.testing.assert_allclose(other.numpy(), out.numpy(), tolerance, tolerance)
    c = spread(out.shape, 3)
    out.backward(c)
    other.backward(c.astype(dtype))
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        assert q.grad.dtype == dtype
        np.testing.assert_allclose(q.grad, p.grad, 10 * tolerance, 10 * tolerance)


def test_the_parameters_stay_themselves() -> None:
    """Tied, frozen and labelled ones, with their gradients and memory order."""
    a, b = nn.Linear(2, 3), nn.Linear(2, 3)
    b.weight = a.weight
    model: Any = nn.Sequential(a, b)
    a.weight.label = "shared"
    assert a.bias is not None
    a.bias.requires_grad = False
    a.weight.grad = np.ones((3, 2))
    before = model.parameters()
    model.double()
    assert all(p is q for p, q in zip(model.parameters(), before, strict=True))
    assert b.weight is a.weight
    assert a.weight.label == "shared"
    assert a.weight.data.flags.f_contiguous
    assert a.weight.grad.dtype == np.float64
    assert not a.bias.requires_grad
    a.bias.requires_grad = True  # as at first: with a gradient of its new dtype
    a(np.ones((1, 2))).sum().backward()
    assert a.bias.grad.dtype == np.float64


def test_thawed_before_and_after() -> None:
    p = nn.Parameter(np.ones(2, np.float32))
    p.requires_grad = False
    p.requires_grad = True
    p.cast(np.dtype(float))
    (p * 2.0).sum().backward()
    assert p.grad.dtype == np.float64


def test_what_is_no_float_stays() -> None:
    norm = nn.BatchNorm1d(2).double()
    assert norm.num_batches_tracked is not None
    assert norm.num_batches_tracked.dtype.kind == "i"
    assert nn.CrossEntropyLoss(weight=[1.0, 2.0]).float().weight.dtype == np.float32
    holder = nn.Identity()
    holder.register_parameter("z", nn.Parameter([1j]))
    assert holder.float().get_parameter("z").dtype == complex


@pytest.mark.parametrize("dtype", ["float64", float, np.float64, np.ones(1), Tensor([1.0])])
def test_dtypes_are_named_as_in_numpy_or_given_by_an_array(dtype: Any) -> None:
    assert nn.Linear(1, 1).to(dtype).weight.dtype == np.float64


@pytest.mark.parametrize("dtype", ["cpu", "cuda:0", None, int, "int64", complex, 3])
def test_what_is_no_floating_dtype(dtype: Any) -> None:
    layer = nn.Linear(1, 1)
    with refuses(TypeError, "to", repr(dtype), "floating", "no devices"):
        layer.to(dtype)
    assert layer.weight.dtype == np.float32


def test_a_model_of_values() -> None:
    model = nn.MLP(2, [2, 1])
    assert model.double() is model
    with refuses(TypeError, "MLP", "float32", "to_tensors"):
        model.float()


def test_an_optimiser_made_before_says_so() -> None:
    """Its state would be of the old dtype."""
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    optimizer = nn.optim.Adam(model.parameters())
    for change in (model.double, lambda: (model.float(), model[0].half())):
        change()
        before = [p.numpy() for p in model.parameters()]
        for p in model.parameters():
            p.grad = np.ones(p.shape)
        with refuses(TypeError, "float32", "make the optimiser after"):
            optimizer.step()
        for p, x in zip(model.parameters(), before, strict=True):
            np.testing.assert_array_equal(p.data, x)


@pytest.mark.parametrize("order", "<>")
def test_parameters_are_in_the_machines_byte_order(order: str) -> None:
    """Which optimisers compute in."""
    made, asked, cast = (
        nn.Parameter(np.ones(2, f"{order}f4")),
        nn.Parameter([1.0], dtype=f"{order}f4"),
        nn.Parameter([1.0]),
    )
    cast.cast(f"{order}f4")
    for p in (made, asked, cast):
        assert p.dtype.isnative
        assert p.dtype == np.float32
        assert p.requires_grad
        (2 * p).sum().backward()
        nn.optim.SGD([p], lr=0.25).step()
        assert p.tolist() == [0.5] * p.size
