"""Activations: their formulas, slopes, kinks and extremes, as functions and as modules."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, check_gradients
from nn import functional as F  # noqa: N812  (the field's name for it)

from ..autograd.helpers import leaf, refuses
from ..autograd.numeric import spread
from ..autograd.strategies import Array


def expit(x: Array) -> Array:
    return np.exp(-np.logaddexp(0, -x))


def erf(x: Array) -> Array:
    return np.vectorize(math.erf)(x)


def elu(x: Array, alpha: float = 1.0) -> Array:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def mish(x: Array) -> Array:
    return x * np.tanh(np.logaddexp(0, x))


# Name of the module and of the function, settings, formula.
CASES: list[tuple[str, str, dict[str, Any], Callable[[Array], Array]]] = [
    ("ReLU", "relu", {}, lambda x: np.maximum(x, 0)),
    ("ReLU6", "relu6", {}, lambda x: np.clip(x, 0, 6)),
    ("Tanh", "tanh", {}, np.tanh),
    ("Sigmoid", "sigmoid", {}, expit),
    ("SiLU", "silu", {}, lambda x: x * expit(x)),
    ("Mish", "mish", {}, mish),
    ("SELU", "selu", {}, lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772)),
    ("ELU", "elu", {"alpha": 0.7}, lambda x: elu(x, 0.7)),
    ("CELU", "celu", {"alpha": 0.7}, lambda x: elu(x / 0.7) * 0.7),
    ("GELU", "gelu", {}, lambda x: x * (1 + erf(x / math.sqrt(2))) / 2),
    (
        "GELU", "gelu", {"approximate": "tanh"},
        lambda x: x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    ),
    ("LeakyReLU", "leaky_relu", {"negative_slope": 0.2}, lambda x: np.where(x > 0, x, 0.2 * x)),
    ("Hardtanh", "hardtanh", {"min_val": -0.5, "max_val": 2.0}, lambda x: np.clip(x, -0.5, 2)),
    ("Hardsigmoid", "hardsigmoid", {}, lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    ("Hardswish", "hardswish", {}, lambda x: x * np.clip(x / 6 + 0.5, 0, 1)),
    ("Hardshrink", "hardshrink", {"lambd": 0.75}, lambda x: np.where(abs(x) > 0.75, x, 0)),
    (
        "Softshrink", "softshrink", {"lambd": 0.75},
        lambda x: np.sign(x) * np.maximum(abs(x) - 0.75, 0),
    ),
    ("Softplus", "softplus", {"beta": 2.0}, lambda x: np.logaddexp(0, 2 * x) / 2),
    ("LogSigmoid", "logsigmoid", {}, lambda x: -np.logaddexp(0, -x)),
    ("Softsign", "softsign", {}, lambda x: x / (1 + abs(x))),
    ("Tanhshrink", "tanhshrink", {}, lambda x: x - np.tanh(x)),
    (
        "Threshold", "threshold", {"threshold": 0.5, "value": -7.0},
        lambda x: np.where(x > 0.5, x, -7),
    ),
    ("Softmax", "softmax", {"dim": 0}, lambda x: np.exp(x) / np.exp(x).sum(0)),
    ("Softmin", "softmin", {"dim": 0}, lambda x: np.exp(-x) / np.exp(-x).sum(0)),
    ("LogSoftmax", "log_softmax", {"dim": 0}, lambda x: x - np.log(np.exp(x).sum(0))),
    ("GLU", "glu", {"dim": 1}, lambda x: x[:, :2] * expit(x[:, 2:])),
]  # fmt: skip
IDS = [f"{name} {settings}" for name, _, settings, _ in CASES]
each = pytest.mark.parametrize(("name", "function", "settings", "formula"), CASES, ids=IDS)

KINKS = np.array(
    [0.0, 0.5, -0.5, 0.75, -0.75, 2.0, 3.0, -3.0, 6.0, 10.0, -10.0, 11.0, 1.0, -1.0, 20.0, -20.0]
).reshape(4, 4)


@each
def test_values(name: str, function: str, settings: dict[str, Any], formula: Any) -> None:
    x = 4 * spread((3, 4), 1)
    module = getattr(nn, name)(**settings)
    for found in (getattr(F, function)(x, **settings), module(x), module(Tensor(x)).numpy()):
        np.testing.assert_allclose(found, formula(x), rtol=1e-13, atol=1e-15)


@each
def test_gradients(name: str, function: str, settings: dict[str, Any], formula: Any) -> None:
    del name, formula
    x = 4 * spread((3, 4), 2)
    assert check_gradients(lambda t: getattr(F, function)(t, **settings), x).passed


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtypes_and_extremes(
    name: str, function: str, settings: dict[str, Any], formula: Any, dtype: Any
) -> None:
    del name, formula
    x = leaf(np.array([[1000, -1000, 0, 88], [-88, 1e-3, -1e-3, 1000]], dtype))
    out = getattr(F, function)(x, **settings)
    assert out.dtype == dtype
    assert np.isfinite(out.numpy()).all()
    out.backward(np.ones(out.shape, dtype))
    assert x.grad.dtype == dtype
    assert np.isfinite(x.grad).all()


@each
def test_pytorch_at_the_kinks(
    name: str, function: str, settings: dict[str, Any], formula: Any
) -> None:
    """Values and slopes where they bend; PyTorch computes CELU's and Hardsigmoid's in float32."""
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")
    del formula
    tolerance = 1e-7 if name in ("CELU", "Hardsigmoid") else 1e-12
    x, other = leaf(KINKS), torch.tensor(KINKS, requires_grad=True)
    out = getattr(F, function)(x, **settings)
    theirs = getattr(torch.nn.functional, function)(other, **settings)
    np.testing.assert_allclose(out.numpy(), theirs.detach().numpy(), tolerance, tolerance)
    c = spread(out.shape, 3)
    out.backward(c)
    theirs.backward(torch.tensor(c))
    np.testing.assert_allclose(x.grad, other.grad.numpy(), tolerance, tolerance)


@each
def test_names_and_defaults_are_pytorchs(
    name: str, function: str, settings: dict[str, Any], formula: Any
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")
    del formula, function
    ours = repr(getattr(nn, name)(**settings)).replace("lambd=", "")
    assert ours == repr(getattr(torch.nn, name)(**settings))
    if name not in ("Threshold", "Softmax", "Softmin", "LogSoftmax", "Hardshrink", "Softshrink"):
        assert repr(getattr(nn, name)()) == repr(getattr(torch.nn, name)())


def test_slopes_at_the_kinks_by_definition() -> None:
    """0 where a piecewise linear function is flat on one side; as in PyTorch."""
    for function, x, slope in [
        (F.relu6, [0.0, 6.0], [0.0, 0.0]),
        (F.hardtanh, [-1.0, 1.0], [0.0, 0.0]),
        (F.hardsigmoid, [-3.0, 3.0], [0.0, 0.0]),
        (F.hardshrink, [-0.5, 0.5], [0.0, 0.0]),
        (F.softshrink, [-0.5, 0.5], [0.0, 0.0]),
        (F.hardswish, [-3.0, 3.0], [0.0, 1.0]),
    ]:
        t = leaf(x)
        function(t).sum().backward()
        assert t.grad.tolist() == slope, function


def test_inplace_is_taken_and_changes_nothing() -> None:
    x = np.array([-1.0, 1.0])
    for name in ("ReLU", "ReLU6", "ELU", "SELU", "LeakyReLU", "SiLU", "Hardtanh", "Mish"):
        getattr(nn, name)(inplace=True)(x)
        assert x.tolist() == [-1.0, 1.0]
    t = Tensor(x)
    for function in (F.relu, F.relu6, F.elu, F.selu, F.celu, F.leaky_relu, F.silu, F.hardtanh,
                     F.mish, F.hardswish, F.hardsigmoid, F.rrelu):  # fmt: skip
        assert function(input=t, inplace=True) is not t
        assert t.tolist() == [-1.0, 1.0]
    np.testing.assert_array_equal(F.threshold(t, 2.0, 3.0, inplace=True).data, [3.0, 3.0])


def test_softmax_in_a_wider_dtype() -> None:
    """As half-precision models compute it: exp(12) does not fit float16."""
    x = leaf(np.array([12.0, 12.0, 0.0], np.float16))
    for function in (F.softmax, F.log_softmax, F.softmin):
        out = function(x, dim=-1, dtype=np.float64)
        np.testing.assert_array_equal(out.data, function(x.data.astype(float), -1))
    F.softmax(x, dtype=np.float64).sum().backward()
    assert x.grad.dtype == np.float16


# --- those with parameters or chance -----------------------------------------------------


@pytest.mark.parametrize("shape", [(), (4,), (2, 4), (2, 4, 3)])
@pytest.mark.parametrize("channels", [1, 4])
def test_prelu(shape: tuple[int, ...], channels: int) -> None:
    if channels > 1 and len(shape) < 2:
        with refuses(ValueError, "prelu", str(shape)):
            F.prelu(np.ones(shape), np.ones(channels))
        return
    x, w = 3 * spread(shape, 1), spread((channels,), 2)
    wide = w.reshape(-1, *(1,) * (len(shape) - 2)) if channels > 1 else w[0]
    found = F.prelu(x, w)
    assert found.shape == shape
    np.testing.assert_allclose(found, np.where(x > 0, x, wide * x), rtol=1e-14)
    assert check_gradients(F.prelu, x, w).passed


def test_prelu_as_a_module() -> None:
    module = nn.PReLU(3, init=0.5, dtype=float)
    assert {k: x.tolist() for k, x in module.state_dict().items()} == {"weight": [0.5] * 3}
    assert repr(module) == "PReLU(num_parameters=3)"
    assert module(np.full((1, 3), -2.0)).tolist() == [[-1.0] * 3]


def test_float64_into_a_float32_slope_is_refused() -> None:
    with refuses(TypeError, "float64", "float32", ".astype"):
        nn.PReLU()(np.ones((2, 3)))


@pytest.mark.parametrize(
    "module",
    [nn.PReLU(3, dtype=float), nn.Linear(3, 2, dtype=float), nn.Sequential(
        nn.Linear(3, 4, dtype=float), nn.Mish(), nn.Dropout().eval(), nn.PReLU(dtype=float))],
    ids=["PReLU", "Linear", "Sequential"],
)  # fmt: skip
@pytest.mark.parametrize("shape", [(1, 3), (2, 3)])
def test_gradients_of_modules(module: nn.Module, shape: tuple[int, ...]) -> None:
    assert check_gradients(module, 2 * spread(shape, 1)).passed


def test_rrelu() -> None:
    x = np.full(1000, -1.0)
    module = nn.RReLU(0.25, 0.75, generator=np.random.default_rng(0))
    slopes = -module(x)
    assert 0.25 <= slopes.min() < 0.26
    assert 0.74 < slopes.max() <= 0.75
    t = leaf(x)
    out = module(t)
    out.sum().backward()
    np.testing.assert_array_equal(t.grad, -out.numpy())  # the very slopes of the forward pass
    assert module.eval()(x).tolist() == [-0.5] * 1000


def test_softmax2d() -> None:
    x = spread((2, 3, 4, 5), 1)
    np.testing.assert_allclose(nn.Softmax2d()(x).sum(1), np.ones((2, 4, 5)), rtol=1e-14)
    with refuses(ValueError, "Softmax2d", "(2, 3)"):
        nn.Softmax2d()(np.ones((2, 3)))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: F.hardtanh(np.ones(2), 1.0, -1.0), ["hardtanh", "-1.0"]),
        (lambda: F.softshrink(np.ones(2), -1.0), ["softshrink", "-1.0"]),
        (lambda: F.celu(np.ones(2), 0.0), ["celu", "positive"]),
        (lambda: F.softplus(np.ones(2), 0.0), ["softplus", "beta"]),
        (lambda: F.glu(np.ones(3)), ["glu", "(3,)"]),
        (lambda: F.rrelu(np.ones(3), 0.5, 0.2), ["rrelu", "0.5"]),
    ],
)
def test_settings_out_of_range(call: Any, words: list[str]) -> None:
    with refuses(ValueError, *words):
        call()


# --- dropout, flatten, identity ----------------------------------------------------------


def test_dropout_keeps_the_mean_and_scales() -> None:
    """Of 100,000 entries 30 % +- 4 * sqrt(0.3 * 0.7 / 100,000) are dropped."""
    layer = nn.Dropout(0.3, generator=np.random.default_rng(0))
    x = leaf(np.ones(100_000))
    out = layer(x)
    dropped = out.numpy() == 0
    assert abs(dropped.mean() - 0.3) < 0.006
    np.testing.assert_allclose(out.numpy()[~dropped], 1 / 0.7, rtol=1e-15)
    out.sum().backward()
    np.testing.assert_array_equal(x.grad, out.numpy())
    assert layer(leaf(np.ones(3, np.float32))).dtype == np.float32
    assert layer.eval()(x) is x


def test_dropout_of_everything_and_of_nothing() -> None:
    assert F.dropout(np.array([1.0, -2.0]), 1.0).tolist() == [0.0, 0.0]
    x = np.ones(3)
    assert F.dropout(x, 0.0) is x
    with refuses(ValueError, "Dropout", "1.5"):
        nn.Dropout(1.5)


# The rank, an input's shape, and the shape of what is dropped or kept together.
CHANNELS = [
    (1, (300, 5, 4), (300, 5, 1)), (1, (300, 4), (300, 1)),
    (2, (60, 5, 3, 2), (60, 5, 1, 1)), (2, (60, 5, 4), (60, 5, 1)),
    (3, (60, 5, 2, 3, 2), (60, 5, 1, 1, 1)), (3, (300, 2, 3, 2), (300, 1, 1, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("rank", "shape", "together"), CHANNELS)
def test_dropout_of_channels(rank: int, shape: Any, together: Any) -> None:
    """300 or 1,500 channels, of which a share of 0.3 +- 4 * sqrt(0.3 * 0.7 / 300) is dropped."""
    layer = getattr(nn, f"Dropout{rank}d")(0.3, generator=np.random.default_rng(0))
    x = leaf(np.ones(shape))
    out = layer(x)
    first = out.numpy()[tuple(slice(n) for n in together)]
    np.testing.assert_array_equal(out.numpy(), np.broadcast_to(first, shape))
    assert abs((first == 0).mean() - 0.3) < 0.106
    assert set(first.ravel()) == {0.0, 1 / 0.7}
    assert together[1] == 1 or (first.min(1) < first.max(1)).any()  # channel by channel
    out.sum().backward()
    np.testing.assert_array_equal(x.grad, out.numpy())
    assert layer.eval()(x) is x
    assert repr(layer) == f"Dropout{rank}d(p=0.3)"


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_shapes_without_channels(rank: int) -> None:
    for n in (1, 6):
        with refuses(ValueError, f"dropout{rank}d", str((2,) * n)):
            getattr(F, f"dropout{rank}d")(np.ones((2,) * n))


def test_dropout_by_the_packages_generator() -> None:
    nn.manual_seed(3)
    first = nn.Dropout()(np.ones(50))
    nn.manual_seed(3)
    np.testing.assert_array_equal(nn.Dropout()(np.ones(50)), first)


def test_unflatten() -> None:
    x = spread((2, 12), 1)
    for sizes in [(3, 4), (3, -1), (-1, 4), (12,), (1, 12, 1)]:
        out = nn.Unflatten(-1, sizes)(x)
        np.testing.assert_array_equal(nn.Flatten()(out), x)
        assert out.shape == (2, *np.empty(12).reshape(sizes).shape)
    assert F.unflatten(x, 0, (2, 1)).shape == (2, 1, 12)
    t = leaf(x)
    (nn.Unflatten(1, (3, 4))(t) * spread((2, 3, 4), 2)).sum().backward()
    np.testing.assert_array_equal(t.grad, spread((2, 3, 4), 2).reshape(2, 12))
    wrong = [(2, (12,)), (1, (5, -1)), (1, (3, 3)), (1, (-1, -1)), (1, (0, -1)), (1, ())]
    for dim, sizes in wrong:
        with refuses(ValueError, "unflatten", f"axis {dim}", "(2, 12)", str(sizes)):
            F.unflatten(x, dim, sizes)


@pytest.mark.parametrize(
    ("shape", "dims", "expected"),
    [
        ((2, 3, 4), (1, -1), (2, 12)), ((2, 3, 4), (0, 1), (6, 4)), ((2, 3), (1, 1), (2, 3)),
        ((0, 3, 4), (1, -1), (0, 12)), ((5,), (0, -1), (5,)), ((), (0, -1), (1,)),
    ],
)  # fmt: skip
def test_flatten(shape: Any, dims: Any, expected: Any) -> None:
    x = leaf(spread(shape, 1))
    out = nn.Flatten(*dims)(x)
    assert out.shape == expected
    np.testing.assert_array_equal(out.numpy().ravel(), x.numpy().ravel())


def test_flatten_refuses_axes_that_are_not_there() -> None:
    for dims in ((1, 0), (3, -1), (0, 5)):
        with refuses(ValueError, "flatten", "(2, 3, 4)"):
            nn.Flatten(*dims)(np.ones((2, 3, 4)))


def test_identity() -> None:
    x = object()
    assert nn.Identity(1, 2, key=3)(x) is x
    assert repr(nn.Identity(1)) == "Identity()"


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "gelu", "elu", "leaky_relu", "silu"])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_ends_of_the_range(name: str, dtype: str) -> None:
    """Against the same for each number in float64: exact but for what the dtype rounds away."""
    function = getattr(autograd, name)
    x = np.array([-1000, -90, -20, -8, -1, -1e-7, -0.0, 0, 1e-7, 1, 8, 20, 90, 1000], dtype)
    expected = np.array([function(float(number)) for number in x])
    with np.errstate(all="raise", under="ignore"):
        found = function(x)
    assert found.dtype == x.dtype
    info = np.finfo(dtype)
    least = max(info.tiny, 3e-16 if name == "gelu" else 0)  # the error of its formula
    np.testing.assert_allclose(found, expected, rtol=20 * info.eps, atol=least)


@pytest.mark.parametrize("name", ["sigmoid", "softplus"])
@pytest.mark.parametrize("dtype", ["u1", "i4", "?"])
def test_whole_numbers(name: str, dtype: str) -> None:
    function = getattr(autograd, name)
    x = np.array([0, 1, 1], dtype)
    expected = [function(float(number)) for number in x]
    np.testing.assert_allclose(function(x), expected, rtol=1e-12)


def test_the_least_integer_and_complex_numbers() -> None:
    least = np.array([-128], np.int8)
    assert autograd.sigmoid(least) < 1e-50
    assert autograd.softplus(least) < 1e-50
    with refuses(TypeError, "softplus", "complex"):
        autograd.softplus(np.array([1 + 2j]))


def test_an_alpha_that_is_nan_leaves_positive_entries_alone() -> None:
    found = autograd.elu(np.array([2.0, -3.0]), np.array([np.nan, np.nan]))
    np.testing.assert_array_equal(found, [2.0, np.nan])


@pytest.mark.parametrize(("dtype", "large"), [("f2", 1e4), ("f4", 1e20), ("f8", 1e150)])
def test_the_slope_of_the_approximate_gelu_far_out(dtype: str, large: float) -> None:
    t = leaf(np.array([-large, -100, 100, large], dtype))
    with np.errstate(over="ignore"):
        autograd.gelu(t, "tanh").sum().backward()
    np.testing.assert_array_equal(t.grad, [0, 0, 1, 1])
