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


def test_gains_are_pytorchs() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is in the bench extra")
    for name in ("linear", "sigmoid", "tanh", "relu", "selu", "leaky_relu"):
        assert init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: init.xavier_uniform((3,)), ["xavier_uniform", "(3,)"]),
        (lambda: init.kaiming_normal((3, 2), mode="fan"), ["kaiming_normal", "'fan'", "fan_out"]),
        (lambda: init.kaiming_normal((3, 2), nonlinearity="gelu"), ["'gelu'", "relu"]),
        (lambda: init.orthogonal((3,)), ["orthogonal", "(3,)"]),
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
