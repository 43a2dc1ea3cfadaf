"""Initialisers: their distributions, shapes, generators, and PyTorch's names in place."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import pytest

import nn
from nn import init

from ..autograd.helpers import refuses

SHAPE = (60, 40, 5)  # 200 inputs for each output, 300 outputs of each input

# The standard deviation, and the bound where the distribution is uniform.
UNIFORM = math.sqrt(3)
CASES: list[tuple[str, dict[str, Any], float, bool]] = [
    ("normal", {"std": 0.3}, 0.3, False),
    ("xavier_uniform", {"gain": 2.0}, 2 * math.sqrt(2 / 500), True),
    ("xavier_normal", {}, math.sqrt(2 / 500), False),
    ("kaiming_uniform", {"nonlinearity": "relu"}, math.sqrt(2 / 200), True),
    ("kaiming_normal", {"mode": "fan_out", "a": 0.5}, math.sqrt(2 / 1.25 / 300), False),
    ("kaiming_normal", {"nonlinearity": "tanh"}, 5 / 3 / math.sqrt(200), False),
]


@pytest.mark.parametrize(("name", "settings", "std", "bounded"), CASES)
def test_distributions(name: str, settings: dict[str, Any], std: float, bounded: bool) -> None:
    """Of 12,000 draws the deviation is known to 1 %, the mean to std / 100."""
    rng = np.random.default_rng(0)
    x = getattr(init, name)(SHAPE, **settings, generator=rng, dtype=float)
    assert x.shape == SHAPE
    assert x.std() == pytest.approx(std, rel=0.03)
    assert abs(x.mean()) < 0.04 * std
    if bounded:
        assert 0.99 * UNIFORM * std < abs(x).max() <= UNIFORM * std
    else:
        assert abs(x).max() > 3 * std


@pytest.mark.parametrize(("name", "settings", "std", "bounded"), CASES)
def test_parameters_in_place(name: str, settings: Any, std: float, bounded: bool) -> None:
    del bounded
    p = nn.Parameter(np.zeros(SHAPE, np.float32))
    fill = getattr(init, f"{name}_")
    assert fill(p, **settings, generator=np.random.default_rng(0)) is p
    assert p.dtype == np.float32
    assert p.data.std() == pytest.approx(std, rel=0.03)
    expected = getattr(init, name)(SHAPE, **settings, generator=np.random.default_rng(0))
    np.testing.assert_array_equal(p.data, expected)


@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (5, 2), (3, 2, 4)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    x = init.orthogonal(shape, 0.5, generator=np.random.default_rng(0), dtype=float)
    assert x.shape == shape
    flat = x.reshape(shape[0], -1)
    few = flat if flat.shape[0] <= flat.shape[1] else flat.T
    np.testing.assert_allclose(few @ few.T, 0.25 * np.eye(len(few)), atol=1e-14)


def test_orthogonal_is_uniform() -> None:
    """The signs of the first entry, which plain QR would make all alike, are half and half."""
    rng = np.random.default_rng(0)
    signs = [init.orthogonal((3, 3), generator=rng)[0, 0] > 0 for _ in range(400)]
    assert 150 < sum(signs) < 250


def test_constants() -> None:
    p = nn.Parameter([1.0, 2.0])
    assert init.zeros_(p).tolist() == [0.0, 0.0]
    assert init.ones_(p).tolist() == [1.0, 1.0]
    assert init.constant_(p, 0.5).tolist() == [0.5, 0.5]
    init.uniform_(p, 2.0, 3.0, generator=np.random.default_rng(0))
    assert ((p.data >= 2) & (p.data < 3)).all()
    assert init.zeros((2, 3), dtype=np.float64).dtype == np.float64


# Bounds on both sides, on one, in the middle and far out in the tails, in a narrow window.
WINDOWS = [(-2.0, 2.0), (-0.1, 0.3), (1.0, np.inf), (-np.inf, 0.5), (6.0, 100.0), (-9.0, -8.0)]


@pytest.mark.parametrize(("a", "b"), WINDOWS)
def test_truncated_normal(a: float, b: float) -> None:
    """Mean and variance of 20,000 draws against SciPy's, within six of their deviations."""
    stats = pytest.importorskip("scipy.stats", reason="SciPy's distribution is the oracle")
    rng = np.random.default_rng(0)
    x = init.trunc_normal((100, 200), 3.0, 0.5, 3 + a / 2, 3 + b / 2, generator=rng, dtype=float)
    z = (x - 3) * 2
    assert a - 1e-14 <= z.min() <= z.max() <= b + 1e-14
    mean, variance, kurtosis = stats.truncnorm.stats(a, b, moments="mvk")
    assert abs(z.mean() - mean) < 6 * math.sqrt(variance / x.size)
    assert abs(z.var() / variance - 1) < 6 * math.sqrt((kurtosis + 2) / x.size)


def test_truncated_normal_in_place() -> None:
    p = nn.Parameter(np.zeros((40, 50), np.float32))
    assert init.trunc_normal_(p, std=0.02, a=-0.03, b=0.03) is p
    assert p.dtype == np.float32
    assert 0.025 < abs(p.data).max() <= np.float32(0.03)
    init.trunc_normal_(p, 0.0, 1.0, -2.0, 2.0, np.random.default_rng(0))
    assert 1.9 < abs(p.data).max() <= 2


@pytest.mark.parametrize("shape", [(2, 3), (3, 2), (2, 2)])
def test_eye(shape: tuple[int, ...]) -> None:
    p = nn.Parameter(np.ones(shape, np.float32))
    assert init.eye_(p).tolist() == np.eye(*shape).tolist()


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize(("inputs", "outputs", "groups"), [(4, 4, 1), (4, 6, 1), (6, 4, 2)])
def test_dirac_hands_on_the_input(rank: int, inputs: int, outputs: int, groups: int) -> None:
    kind = getattr(nn, f"Conv{rank}d")
    layer = kind(inputs, outputs, 3, padding=1, groups=groups, bias=False)
    init.dirac_(layer.weight, groups)
    x = np.random.default_rng(0).normal(size=(2, inputs, *[5] * rank)).astype(np.float32)
    out = layer(x).numpy().reshape(2, groups, outputs // groups, -1)
    each = min(inputs, outputs) // groups
    np.testing.assert_array_equal(out[:, :, :each], x.reshape(2, groups, -1, 5**rank)[:, :, :each])
    assert not out[:, :, each:].any()


@pytest.mark.parametrize(
    ("shape", "groups", "ones"),
    [
        ((1, 1, 2), 1, [(0, 0, 1)]),
        ((1, 1, 4), 1, [(0, 0, 2)]),
        ((2, 2, 2, 4), 1, [(0, 0, 1, 2), (1, 1, 1, 2)]),
        (
            (4, 2, 1, 4, 6), 2,
            [(0, 0, 0, 2, 3), (1, 1, 0, 2, 3), (2, 0, 0, 2, 3), (3, 1, 0, 2, 3)],
        ),
    ],
)  # fmt: skip
def test_dirac_in_kernels_without_a_middle(shape: Any, groups: int, ones: Any) -> None:
    """The places where PyTorch's has its ones."""
    p = init.dirac_(nn.Parameter(np.full(shape, 5.0)), groups)
    assert list(zip(*np.nonzero(p.data), strict=True)) == ones
    assert p.data.sum() == len(ones)


def test_sparse() -> None:
    p = nn.Parameter(np.ones((10, 300)))
    init.sparse_(p, 0.25, 0.5, generator=np.random.default_rng(0))
    assert ((p.data == 0).sum(0) == 3).all()
    assert len({tuple(column) for column in (p.data == 0).T}) > 50
    assert p.data[p.data != 0].std() == pytest.approx(0.5, rel=0.05)


def test_gains_are_pytorchs() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is in the bench extra")
    for name in ("linear", "conv2d", "conv_transpose3d", "sigmoid", "tanh", "relu", "selu",
                 "leaky_relu"):  # fmt: skip
        assert init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name))
    assert init.calculate_gain("leaky_relu", param=0.2) == pytest.approx(
        torch.nn.init.calculate_gain("leaky_relu", 0.2)
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: init.xavier_uniform((3,)), ["xavier_uniform", "(3,)"]),
        (lambda: init.kaiming_normal((3, 2), mode="fan"), ["kaiming_normal", "'fan'", "fan_out"]),
        (lambda: init.kaiming_normal((3, 2), nonlinearity="gelu"), ["'gelu'", "relu"]),
        (lambda: init.orthogonal((3,)), ["orthogonal", "(3,)"]),
        (lambda: init.trunc_normal((3,), std=0.0), ["trunc_normal", "std=0.0"]),
        (lambda: init.trunc_normal((3,), a=2.0), ["trunc_normal", "a=2.0", "b=2.0"]),
        (lambda: init.eye_(nn.Parameter([1.0])), ["eye_", "(1,)", "2 axes"]),
        (lambda: init.dirac_(nn.Parameter([1.0])), ["dirac_", "(1,)", "3 to 5 axes"]),
        (lambda: init.dirac_(nn.Parameter(np.ones((3, 1, 1))), 2), ["dirac_", "3", "2 groups"]),
        (lambda: init.sparse_(nn.Parameter(np.ones((2, 2))), 1.5), ["sparse_", "1.5"]),
    ],
)
def test_refusals(call: Any, words: list[str]) -> None:
    with refuses(ValueError, *words):
        call()


def test_a_default_generator_is_that_of_its_block_and_thread() -> None:
    nn.manual_seed(0)
    expected = nn.Linear(2, 2).weight.tolist()
    nn.manual_seed(0)
    elsewhere: list[Any] = []
    with init.default_generator(np.random.default_rng(5)):
        inside = nn.Linear(2, 2).weight.tolist()
        thread = threading.Thread(target=lambda: elsewhere.append(nn.Linear(2, 2).weight.tolist()))
        thread.start()
        thread.join()
    assert elsewhere == [expected]
    with init.default_generator(np.random.default_rng(5)):
        assert nn.Linear(2, 2).weight.tolist() == inside != expected
    with refuses(TypeError, "generator", "default_rng"), init.default_generator(5):  # type: ignore[arg-type]
        pass
