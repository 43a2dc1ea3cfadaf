"""Activations: slopes, gradients through ten layers, dropout."""

from __future__ import annotations

import numpy as np
import pytest

from demos import activations

from .conftest import Run


def test_slopes() -> None:
    z = np.linspace(-6, 6, 25)
    s = 1 / (1 + np.exp(-z))
    expected = {"sigmoid": s * (1 - s), "tanh": 1 - np.tanh(z) ** 2, "ReLU": 1.0 * (z > 0)}
    for name, activation in activations.ACTIVATIONS.items():
        assert activations.slope(activation, z) == pytest.approx(expected[name], abs=1e-15)


def test_gradients_by_hand() -> None:
    """tanh, two layers deep, written out."""
    n, scale = activations.LAYERS, 1.0
    rng = np.random.default_rng(0)
    a = [rng.normal(size=(activations.ROWS, activations.WIDTH))]
    ws = []
    for _ in range(n):
        ws.append(rng.normal(0, scale / np.sqrt(activations.WIDTH), (activations.WIDTH,) * 2))
        a.append(np.tanh(a[-1] @ ws[-1]))
    g = rng.normal(size=a[-1].shape) / a[-1].size
    lengths = []
    for w, output in zip(ws[::-1], a[::-1], strict=False):
        g = (g * (1 - output**2)) @ w.T
        lengths.append(np.linalg.norm(g))
    found = activations.gradients_by_layer(np.tanh, scale)
    assert found == pytest.approx(lengths[::-1], rel=1e-12)


def test_what_vanishes() -> None:
    share = {}
    for scale, factor in activations.SCALES.items():
        for name, activation in activations.ACTIVATIONS.items():
            lengths = activations.gradients_by_layer(activation, factor)
            share[name, scale] = lengths[0] / lengths[-1]
    assert share["sigmoid", "small"] < 1e-7
    assert share["ReLU", "small"] < 1e-3
    assert share["sigmoid", "larger"] < 1e-3
    assert 0.3 < share["ReLU", "larger"] < 3
    assert share["tanh", "small"] < 1e-2 < 0.3 < share["tanh", "larger"] < 3


def test_dropout() -> None:
    once, gradient, mean, evaluation = activations.dropout().values()
    x = np.arange(1.0, 9.0)
    assert np.all((once == 0) | (once == 2 * x))
    assert 0 < np.count_nonzero(once) < 8
    assert np.array_equal(gradient, 2.0 * (once != 0))
    # The mean of 4000 draws of 0 or 2x has a standard deviation of x/63; five of them.
    assert np.all(abs(mean - x) < 5 * x / np.sqrt(4000))
    assert np.array_equal(evaluation, x)


def test_the_run(run: Run) -> None:
    text = run(activations)
    assert "0.104994" in text
    assert "7.13616" in text
