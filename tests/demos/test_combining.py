"""Two linear models into a curve."""

from __future__ import annotations

import numpy as np
import pytest

from demos import combining

from .conftest import Run


def test_the_sums_of_the_texts() -> None:
    z, p = combining.combine(0.7, 0.8, np.ones(2), 0.0)
    assert z == pytest.approx(1.5, rel=1e-15)
    assert p == pytest.approx(0.8175744761936437, rel=1e-15)
    z, p = combining.combine(0.7, 0.8, combining.WEIGHTS, combining.BIAS)
    assert z == pytest.approx(2.9, rel=1e-15)
    assert p == pytest.approx(0.9478464369215823, rel=1e-15)


def test_the_network_by_hand() -> None:
    def s(z: float) -> float:
        return 1 / (1 + np.exp(-z))

    for x1, x2 in ((0.0, 0.0), (-2.0, -3.0), (1.5, 4.0)):
        inside = 7 * s(5 * x1 - 2 * x2 + 8) + 5 * s(7 * x1 - 3 * x2 - 1) - 6
        assert combining.by_hand(np.array([[x1, x2]])) == pytest.approx([s(inside)], rel=1e-13)


def test_a_network_finds_the_corner_that_no_line_does() -> None:
    x, y = combining.wedge()
    model = combining.build()
    errors = combining.train(model, x, y)
    assert errors[-1] < 0.02 < errors[0]
    assert ((combining.probability(model, x) > 0.5) == y).all()
    best = max(
        np.mean((x @ [np.cos(a), np.sin(a)] > c) == y)
        for a in np.linspace(0, 2 * np.pi, 60)
        for c in np.linspace(-1.2, 1.2, 40)
    )
    assert best < 0.95


def test_the_run(run: Run) -> None:
    text = run(combining)
    assert "0.7 + 0.8 = 1.500000 -> 0.817574" in text
    assert "7 * 0.7 + 5 * 0.8 - 6 = 2.900000 -> 0.947846" in text
    assert "120 of 120 points right" in text
