"""Linear and Sequential."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Tensor, gradients
from nn import functional as F  # noqa: N812  (the field's name for it)

from ..autograd.helpers import leaf, refuses
from ..autograd.numeric import spread

# --- Linear ------------------------------------------------------------------------------

SHAPES = [(3,), (5, 3), (2, 5, 3), (2, 1, 4, 3), (0, 3), (2, 0, 3)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("bias", [True, False])
def test_values_and_gradients(shape: tuple[int, ...], bias: bool) -> None:
    layer = nn.Linear(3, 2, bias, dtype=float)
    x = leaf(spread(shape, 1))
    out = layer(x)
    w = layer.weight.numpy()
    b = layer.bias.numpy() if layer.bias is not None else np.zeros(2)
    assert out.shape == (*shape[:-1], 2)
    np.testing.assert_allclose(out.numpy(), x.numpy() @ w.T + b, rtol=1e-14, atol=1e-15)

    c = spread(out.shape, 2)
    out.backward(c)
    rows, cotangents = x.numpy().reshape(-1, 3), c.reshape(-1, 2)
    np.testing.assert_allclose(x.grad, c @ w, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(layer.weight.grad, cotangents.T @ rows, rtol=1e-13, atol=1e-14)
    if layer.bias is not None:
        np.testing.assert_allclose(layer.bias.grad, cotangents.sum(0), rtol=1e-13, atol=1e-14)


@given(st.integers(0, 4), st.integers(1, 4), st.integers(1, 4), st.booleans())
def test_second_derivatives(rows: int, inputs: int, outputs: int, bias: bool) -> None:
    """The gradient by x is g @ W, whose own derivatives are known."""
    layer = nn.Linear(inputs, outputs, bias, dtype=float)
    x, c = leaf(spread((rows, inputs), 3)), leaf(spread((rows, outputs), 4))
    (slope,) = gradients((layer(x) * c).sum(), x, create_graph=True)
    d = spread((rows, inputs), 5)
    by_c, by_w = gradients(slope, [c, layer.weight], d)
    np.testing.assert_allclose(by_c, d @ layer.weight.numpy().T, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(by_w, c.numpy().T @ d, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("shape", [(2, 0), (2, 3, 0), (0,)])
def test_no_input_features(shape: tuple[int, ...]) -> None:
    layer = nn.Linear(0, 2)
    out = layer(np.ones(shape, np.float32))
    assert out.shape == (*shape[:-1], 2)
    out.sum().backward()
    assert layer.weight.grad.shape == (2, 0)
    assert layer.bias is not None
    assert layer.bias.grad.tolist() == [math.prod(shape[:-1])] * 2


def test_the_weight_has_pytorchs_shape_and_dtype() -> None:
    layer = nn.Linear(3, 2)
    assert layer.weight.shape == (2, 3)
    assert layer.bias is not None
    assert layer.bias.shape == (2,)
    assert layer.weight.dtype == layer.bias.dtype == np.float32
    assert isinstance(layer.weight, nn.Parameter)
    assert len(layer.parameters()) == 2
    assert nn.Linear(3, 2, bias=False).bias is None
    assert len(nn.Linear(3, 2, bias=False).parameters()) == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_dtype_goes_through(dtype: Any) -> None:
    layer = nn.Linear(3, 2, dtype=dtype)
    out = layer(np.ones((4, 3), dtype))
    out.sum().backward()
    assert out.dtype == layer.weight.grad.dtype == dtype
    assert layer(np.ones((4, 3), dtype)).sum().dtype == dtype


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("ours", "given"), [(np.float32, float), (float, np.float32), (float, int)]
)
def test_another_dtype_is_refused(bias: bool, ours: Any, given: Any) -> None:
    layer = nn.Linear(3, 2, bias, dtype=ours)
    for x in (np.ones((4, 3), given), Tensor(np.ones((4, 3), given))):
        with refuses(TypeError, np.dtype(given).name, np.dtype(ours).name, ".astype"):
            layer(x)


@pytest.mark.parametrize("layer", [nn.Linear(3, 2), nn.LSTM(3, 2)])
def test_no_layer_of_integers_is_advised(layer: nn.Module) -> None:
    with pytest.raises(TypeError, match="int64") as caught:
        layer(np.ones((4, 3), int))
    assert "make the layer" not in str(caught.value)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(4,), (5, 2), (2, 5, 4)])
def test_another_width_is_refused(bias: bool, shape: tuple[int, ...]) -> None:
    with refuses(ValueError, str(shape), "last"):
        nn.Linear(3, 2, bias, dtype=float)(np.ones(shape))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("x", [np.float64(2.0), np.array(2.0), Tensor(2.0)])
def test_a_number_is_no_row(bias: bool, x: Any) -> None:
    with refuses((TypeError, ValueError), "()"):
        nn.Linear(3, 2, bias, dtype=float)(x)


def test_a_bias_of_another_shape_never_gives_a_wrong_gradient() -> None:
    x, weight = np.ones((5, 3)), leaf(np.ones((2, 3)))
    for shape in [(3,), (2, 2)]:
        with refuses(ValueError, str(shape)):
            F.linear(x, weight, leaf(np.ones(shape)))
    one = leaf(np.ones(1))
    F.linear(x, weight, one).sum().backward()
    assert one.grad.tolist() == [10.0]


def test_a_write_into_the_input_array_does_not_reach_the_gradient() -> None:
    layer = nn.Linear(3, 2, dtype=float)
    x = np.ones((4, 3))
    out = layer(x)
    x[:] = 100.0
    out.sum().backward()
    assert layer.weight.grad.tolist() == [[4.0] * 3] * 2


# --- initialisation ----------------------------------------------------------------------


@pytest.mark.parametrize("features", [1, 4, 100])
def test_initial_values_fill_pytorchs_range(features: int) -> None:
    """Uniform in +-1/sqrt(in_features): 4,000 draws come within 1 % of both ends.

    A draw misses the last half per cent of the range at one end with probability 0.995, so all
    4,000 miss it with 2e-9. The standard deviation, bound / sqrt(3), is estimated to 1 %.
    """
    rows = 4000 // features
    layer = nn.Linear(features, rows, generator=np.random.default_rng(0), dtype=float)
    other = nn.Linear(features, 4000, generator=np.random.default_rng(1), dtype=float)
    assert other.bias is not None
    bound = 1 / math.sqrt(features)
    for values in (layer.weight.numpy(), other.bias.numpy()):
        assert -bound <= values.min() <= -0.99 * bound
        assert 0.99 * bound <= values.max() <= bound
        assert values.std() == pytest.approx(bound / math.sqrt(3), rel=0.05)
        assert abs(values.mean()) < 0.05 * bound


def test_dropout_takes_inplace_and_changes_no_input() -> None:
    x = np.ones(100, np.float32)
    assert (nn.Dropout(0.5, True)(x) == 0).any()
    assert (nn.Dropout(0.5, inplace=True)(x) == 0).any()
    assert (x == 1).all()


def test_one_seed_one_layer() -> None:
    def made(seed: int) -> list[Any]:
        layer = nn.Linear(3, 2, generator=np.random.default_rng(seed))
        return [p.tolist() for p in layer.parameters()]

    assert made(0) == made(0)
    assert made(0) != made(1)


def test_manual_seed() -> None:
    nn.manual_seed(5)
    first, second = nn.Linear(3, 2).weight.tolist(), nn.Linear(3, 2).weight.tolist()
    nn.manual_seed(5)
    assert nn.Linear(3, 2).weight.tolist() == first
    assert nn.Linear(3, 2).weight.tolist() == second != first


def test_a_generator_of_another_kind() -> None:
    with refuses(TypeError, "generator", "int", "default_rng"):
        nn.Linear(3, 2, generator=3)  # type: ignore[arg-type]


def test_an_integer_dtype() -> None:
    with refuses(TypeError, "int64", "floating"):
        nn.Linear(3, 2, dtype=int)


# --- Sequential --------------------------------------------------------------------------


def test_modules_and_functions_one_after_the_other() -> None:
    model = nn.Sequential(nn.Linear(3, 2, dtype=float), np.exp, lambda x: x * 2, nn.Tanh())
    x = spread((4, 3), 1)
    expected = np.tanh(2 * np.exp(model[0](x).numpy()))
    np.testing.assert_allclose(model(x).numpy(), expected, rtol=1e-15)


def test_indexing_length_and_iteration() -> None:
    stages = [nn.Linear(3, 2), nn.ReLU(), nn.Tanh()]
    model: Any = nn.Sequential(*stages)
    assert len(model) == 3
    assert [model[i] for i in range(3)] == stages
    assert [model[i] for i in (-3, -2, -1)] == stages
    assert list(model) == stages
    for i in (3, -4):
        with refuses(IndexError, str(i), "3 items"):
            model[i]


@pytest.mark.parametrize("index", ["0", None, 1.0])
def test_an_index_of_another_kind_is_named(index: Any) -> None:
    with refuses(TypeError, "Sequential", "index"):
        nn.Sequential(nn.ReLU(), nn.Tanh())[index]


def test_nesting() -> None:
    model = nn.Sequential(nn.Sequential(nn.Linear(3, 2, dtype=float)), nn.Sequential(nn.ReLU()))
    assert [name for name, _ in model.named_parameters()] == ["0.0.weight", "0.0.bias"]
    x = spread((4, 3), 1)
    np.testing.assert_array_equal(model(x).numpy(), np.maximum(model[0](x).numpy(), 0))


def test_a_module_used_twice() -> None:
    layer = nn.Linear(2, 2, bias=False, dtype=float)
    model = nn.Sequential(layer, layer)
    assert model.parameters() == [layer.weight]
    w = layer.weight.numpy()
    np.testing.assert_allclose(model(np.eye(2)).numpy(), w.T @ w.T, rtol=1e-14)


def test_an_empty_sequential_changes_nothing() -> None:
    x = leaf([1.0])
    assert nn.Sequential()(x) is x
    assert len(nn.Sequential()) == 0


@pytest.mark.parametrize("argument", [[nn.ReLU()], 3, "relu", None])
def test_what_cannot_be_called(argument: Any) -> None:
    with refuses(TypeError, "Sequential", "argument 1"):
        nn.Sequential(nn.ReLU(), argument)
