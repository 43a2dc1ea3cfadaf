"""Bounds, jumps, zeros and complex numbers of the elementwise functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, check_gradients, gradients

from .helpers import leaf, refuses

nan, inf = math.nan, math.inf
both = pytest.mark.parametrize("create_graph", [False, True])


def slopes(f: Any, *data: Any, create_graph: bool = False) -> list[Any]:
    leaves = [leaf(x) for x in data]
    found = gradients(f(*leaves).sum(), leaves, create_graph=create_graph)
    return [g.tolist() for g in found]


@both
def test_clip_at_a_bound(create_graph: bool) -> None:
    found = slopes(autograd.clip, [-2.0, -1.0, 0.0, 1.0, 2.0], -1.0, 1.0, create_graph=create_graph)
    assert found == [[0.0, 1.0, 1.0, 1.0, 0.0], 1.0, 1.0]
    assert slopes(lambda t: t.clip(0, 1), [[0.0, 1.0, 3.0]], create_graph=create_graph) == [
        [[1.0, 1.0, 0.0]]
    ]


def test_clip_with_one_bound_and_with_none() -> None:
    x = leaf([-2.0, 2.0])
    assert np.clip(x, None, 1).tolist() == [-2.0, 1.0]
    assert np.clip(x, min=0).tolist() == [0.0, 2.0]
    assert np.clip(x, -1, 1).tolist() == autograd.clip(x, min=-1, max=1).tolist() == [-1.0, 1.0]
    assert autograd.clip(x).tolist() == [-2.0, 2.0]
    assert Value(3.0).clip(max=2.0).data == 2.0
    assert autograd.clip(3, 0, 2) == 2
    with refuses(ValueError, "np.clip", "both"):
        np.clip(x, 0, max=1)


def test_sinc_at_zero_to_any_order() -> None:
    """The derivatives of sin(u) / u at 0 are 0 and (-1)**k / (2k + 1)."""
    x = leaf(0.0)
    y = autograd.sinc(x)
    for order in range(1, 7):
        (y,) = gradients(y, x, create_graph=True)
        k = order // 2
        expected = 0.0 if order % 2 else (-1) ** k * math.pi**order / (2 * k + 1)
        assert y.item() == pytest.approx(expected, rel=1e-15)


def test_sinc_near_zero() -> None:
    """By the series u - u**3 / 30, where a quotient of differences would have no digit."""
    x = np.array([1e-9, 1e-5])
    ((found),) = slopes(autograd.sinc, x)
    np.testing.assert_allclose(found, -(math.pi**2) * x / 3, rtol=1e-9)


@both
def test_float_power_at_zero(create_graph: bool) -> None:
    base, exponent = slopes(autograd.float_power, [0.0, 0.0], [0.0, 2.0], create_graph=create_graph)
    assert (base, exponent) == ([0.0, 0.0], [0.0, 0.0])


@both
def test_fmax_and_fmin_pass_over_nan(create_graph: bool) -> None:
    x, y = [nan, 1.0, 2.0, 3.0], [1.0, nan, 2.0, 4.0]
    for f, last in [(autograd.fmax, 0.0), (autograd.fmin, 1.0)]:
        assert f(leaf(x), y).tolist()[:3] == [1.0, 1.0, 2.0]
        assert slopes(f, x, y, create_graph=create_graph) == [
            [0.0, 1.0, 0.5, last], [1.0, 0.0, 0.5, 1 - last]
        ]  # fmt: skip


@both
def test_numbers_for_nan_have_no_slope(create_graph: bool) -> None:
    x = [nan, inf, -inf, 2.0]
    filled = autograd.nan_to_num(leaf(x), nan=1.0, posinf=3.0, neginf=-3.0)
    assert filled.tolist() == [1.0, 3.0, -3.0, 2.0]
    found = slopes(lambda t: np.nan_to_num(t * 2), x, create_graph=create_graph)
    assert found == [[0.0, 0.0, 0.0, 2.0]]
    z = leaf([complex(nan, 1.0)])
    assert autograd.nan_to_num(z).tolist() == [1j]
    (g,) = gradients(autograd.imag(autograd.nan_to_num(z) ** 2 * 1j).sum(), z)
    assert g.tolist() == [2j]  # of x**2 - y**2 with x held at 0, - i d/dy, at y = 1
    with refuses(TypeError, "nan_to_num", "copy"):
        np.nan_to_num(leaf(x), copy=False)


@both
def test_copysign_and_heaviside_at_zero(create_graph: bool) -> None:
    assert slopes(lambda t: autograd.copysign(t, -1.0), [0.0, 2.0, -3.0],
                  create_graph=create_graph) == [[0.0, -1.0, 1.0]]  # fmt: skip
    assert slopes(lambda t: autograd.heaviside([-1.0, 0.0, 1.0], t), [5.0, 5.0, 5.0],
                  create_graph=create_graph) == [[0.0, 1.0, 0.0]]  # fmt: skip


def test_operators_of_division() -> None:
    t = leaf([5.5, -5.5])
    for left, right in [(t, 2.0), (7.5, t), (t, leaf([2.0, 2.0]))]:
        a, b = (getattr(x, "data", x) for x in (left, right))
        assert (left % right).tolist() == (a % b).tolist()
        assert (left // right).tolist() == (a // b).tolist()
        assert [x.tolist() for x in divmod(left, right)] == [x.tolist() for x in divmod(a, b)]
    v = Value(5.5)
    assert (v % 2).data == 1.5
    assert (v // 2).data == 2.0
    assert [x.data for x in divmod(7.5, v)] == [1.0, 2.0]
    u = Tensor([5.0])
    u %= 3
    assert u.tolist() == [2.0]
    u //= 2
    assert u.tolist() == [1.0]


def test_parts_of_digits() -> None:
    x = leaf([6.0, -0.75])
    mantissa, exponent = np.frexp(x)
    assert isinstance(exponent, np.ndarray)
    assert exponent.tolist() == [3, 0]
    assert gradients(mantissa.sum(), x)[0].tolist() == [0.125, 1.0]
    assert gradients(np.ldexp(x, [1, -1]).sum(), x)[0].tolist() == [2.0, 0.5]
    fraction, whole = np.modf(leaf([-1.25]))
    assert (fraction.tolist(), whole.tolist()) == ([-0.25], [-1.0])
    with refuses(TypeError, "ldexp"):
        autograd.ldexp(x, 0.5)


def test_gelu_far_out() -> None:
    """Torch's value at -6, -6 Phi(-6) with Phi(-6) = 9.865876450376946e-10, and no overflow."""
    x = leaf([-1000.0, -6.0, 1000.0])
    for kind in (np.float64, np.float32):
        y = autograd.gelu(autograd.astype(x, kind))
        expected = [0.0, -6 * 9.865876450376946e-10, 1000.0]
        # exp(-18) amplifies the rounding of 18 eighteen times in float32.
        np.testing.assert_allclose(y.numpy(), expected, rtol=2e-9 if kind is np.float64 else 1e-5)
        for approximate in ("none", "tanh"):
            (g,) = gradients(autograd.gelu(x, approximate).sum(), x)
            assert g[[0, 2]].tolist() == [0.0, 1.0]
    with refuses(ValueError, "gelu", "erf", "none"):
        autograd.gelu(x, "erf")


@both
def test_kinks_of_the_activations(create_graph: bool) -> None:
    x = [-2.0, 0.0, 3.0]
    assert slopes(autograd.leaky_relu, x, 0.1, create_graph=create_graph) == [[0.1, 0.1, 1.0], -2.0]
    by_x, by_scale = slopes(autograd.elu, x, 2.0, create_graph=create_graph)
    assert by_x == [pytest.approx(2 * math.exp(-2)), 2.0, 1.0]
    assert by_scale == pytest.approx(math.expm1(-2))


def test_gradients_of_complex_functions_are_those_of_jax() -> None:
    """The gradient of a real number by x + iy is d/dx - i d/dy."""
    z = leaf([3 + 4j, 0j])
    assert gradients((z.real**2 + 3 * z.imag).sum(), z)[0].tolist() == [6 - 3j, -3j]
    np.testing.assert_allclose(gradients(abs(z).sum(), z)[0], [0.6 - 0.8j, 0], rtol=1e-15)
    np.testing.assert_allclose(
        gradients(autograd.angle(z).sum(), z)[0], [-1j * (0.6 - 0.8j) / 5, 0], atol=1e-16
    )
    assert gradients((z * z.conj()).real.sum(), z)[0].tolist() == [6 - 8j, 0j]
    x = leaf([1.0, 2.0])
    (g,) = gradients((x * (1 + 2j)).imag.sum(), x)
    assert (g.dtype, g.tolist()) == (np.float64, [2.0, 2.0])


@pytest.mark.parametrize("x", [-2.5, -0.5, 0.5, 2.5])
@pytest.mark.parametrize("y", [-1.5, 0.5])
@pytest.mark.parametrize("name", ["arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh",
                                  "sqrt", "log"])  # fmt: skip
def test_branches_of_the_inverse_functions(name: str, x: float, y: float) -> None:
    check_gradients(getattr(autograd, name), complex(x, y))


def test_powers_with_a_complex_part() -> None:
    x, y = leaf([-2.0, 0.0]), leaf([1 + 1j, 2 + 0j])
    by_x, by_y = gradients(x**y, [x, y], [1.0, 1.0])
    np.testing.assert_allclose(by_y, [(-2 + 0j) ** (1 + 1j) * np.log(-2 + 0j), 0])
    np.testing.assert_allclose(by_x, [((1 + 1j) * (-2 + 0j) ** 1j).real, 0])


def test_a_complex_root_needs_a_cotangent() -> None:
    z = leaf(1 + 1j)
    with refuses(ValueError, "backward", "complex", "gradient=", "real"):
        (z * z).backward()
    (z * z).backward(gradient=1.0)
    assert z.grad == 2 + 2j
    with refuses(TypeError, "backward", "complex", "real"):
        abs(z).backward(gradient=1j)


def test_a_complex_number_keeps_a_narrow_dtype() -> None:
    z = leaf(np.ones(2, np.float32)) * 1j
    assert z.dtype == np.complex64


def test_sigmoid_of_complex_numbers() -> None:
    z = np.array([2 + 1j, -2 + 1j, 1000 + 1j, -1000 - 1j])
    with np.errstate(over="ignore"):
        expected = np.array([1 / (1 + np.exp(-z[0])), 1 / (1 + np.exp(-z[1])), 1, 0])
    np.testing.assert_allclose(autograd.sigmoid(z), expected, rtol=1e-15, atol=1e-300)


@pytest.mark.parametrize("kind", [np.float32, float])
def test_relu_of_arrays_of_any_size(kind: Any) -> None:
    few = np.array([nan, -inf, -2.0, -0.0, 0.0, 3.0, inf], kind)
    for data in (few, np.tile(few, 1000), np.tile(few, (1000, 2)).T):
        x = Tensor(data, requires_grad=True)
        y = autograd.relu(x)
        assert y.dtype == kind
        assert np.array_equal(y.data, np.maximum(data, 0), equal_nan=True)
        assert not np.signbit(y.data[y.data == 0]).any()
        (g,) = gradients(y, x, np.full(data.shape, inf, kind))
        assert np.array_equal(g, np.where(data <= 0, 0, inf))
    assert np.array_equal(
        autograd.relu(np.arange(-4000, 4000)), np.maximum(np.arange(-4000, 4000), 0)
    )


BROADCAST = [
    ((5, 3), (3,)), ((5, 3), (1, 3)), ((40, 30), (30,)), ((40, 30), (1, 30)), ((40, 30), (40, 1)),
    ((9, 8, 50), (50,)), ((9, 8, 50), (1, 1, 50)), ((9, 8, 50), (8, 50)), ((9, 8, 50), (8, 1)),
    ((9, 8, 50), (9, 1, 50)), ((9, 8, 50), ()), ((2000, 1), (1,)), ((0, 3), (3,)), ((3, 0), (0,)),
]  # fmt: skip


@pytest.mark.parametrize("kind", [np.float16, np.float32, float, complex])
@pytest.mark.parametrize(("shape", "small"), BROADCAST)
def test_gradients_of_what_was_broadcast(
    shape: tuple[int, ...], small: tuple[int, ...], kind: Any
) -> None:
    x = Tensor(np.zeros(small, kind), requires_grad=True)
    g = np.arange(math.prod(shape)).reshape(shape) % 7  # sums that every dtype has exactly
    (by_x,) = gradients(x + np.zeros(shape, kind), x, g.astype(kind))
    assert (by_x.shape, by_x.dtype) == (small, kind)
    whole = np.broadcast_to(np.arange(math.prod(small)).reshape(small), shape)
    expected = np.bincount(whole.ravel(), g.ravel(), math.prod(small)).reshape(small)
    # Half precision counts to 2,048 by ones.
    np.testing.assert_allclose(by_x, expected, rtol=1e-2 if kind is np.float16 else 0)


@pytest.mark.parametrize("size", [3, 3000])
@pytest.mark.parametrize(
    "operand", [bool, np.int8, np.uint64, np.float16, np.float32, np.longdouble]
)
@pytest.mark.parametrize("kind", [np.float32, float])
@pytest.mark.parametrize("f", [np.multiply, np.divide, np.power, np.maximum, np.arctan2])
def test_the_dtype_beside_a_plain_array_is_numpys(
    f: Any, kind: Any, operand: Any, size: int
) -> None:
    x, y = np.linspace(1, 2, size).astype(kind), np.ones(size, operand)
    t = Tensor(x, requires_grad=True)
    for ours, numpys in ((f(t, y), f(x, y)), (f(y, t), f(y, x))):
        assert ours.dtype == numpys.dtype
        assert np.array_equal(ours.data, numpys)
