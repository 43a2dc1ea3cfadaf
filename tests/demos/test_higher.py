"""Newton, Taylor and Lagrange by derivatives of derivatives."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from demos import higher

from .conftest import Run


def test_newton_on_the_valley() -> None:
    path = higher.newton(np.array([-1.2, 1.0]))
    p = np.array([-1.2, 1.0])
    for found in path[1:]:  # the step by the formulas of the derivatives
        x, y = p
        gradient = [-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)]
        matrix = [[2 - 400 * (y - 3 * x**2), -400 * x], [-400 * x, 200]]
        p = p - np.linalg.solve(matrix, gradient)
        assert found == pytest.approx(p, rel=1e-9)
    assert path[-1] == pytest.approx([1, 1], abs=1e-9)
    assert path[2] == pytest.approx([0.763114871, -3.175033855], abs=1e-9)


def test_taylor_coefficients() -> None:
    expected = [1, 1, Fraction(1, 2), 0, Fraction(-1, 8), Fraction(-1, 15), Fraction(-1, 240),
                Fraction(1, 90), Fraction(31, 5760)]  # fmt: skip
    found = higher.taylor(higher.wave, 0.0, 8)
    assert found == pytest.approx([float(c) for c in expected], abs=1e-14)


def test_the_pendulums_acceleration() -> None:
    for q, v in ((0.3, 0.0), (2.0, -1.5)):
        a = higher.acceleration(higher.pendulum, np.array([q]), np.array([v]))
        assert a == pytest.approx([-9.81 * np.sin(q)], rel=1e-14)


def test_the_double_pendulums_acceleration() -> None:
    """Its equations of motion as textbooks have them, for rods and weights of 1."""
    q, v = np.array([1.1, -0.4]), np.array([0.7, 2.0])
    d, g = q[0] - q[1], 9.81
    bottom = 3 - np.cos(2 * d)
    swing = v[1] ** 2 + v[0] ** 2 * np.cos(d)
    first = -3 * g * np.sin(q[0]) - g * np.sin(q[0] - 2 * q[1]) - 2 * np.sin(d) * swing
    swing = 2 * v[0] ** 2 + 2 * g * np.cos(q[0]) + v[1] ** 2 * np.cos(d)
    expected = [first / bottom, 2 * np.sin(d) * swing / bottom]
    assert higher.acceleration(higher.double_pendulum, q, v) == pytest.approx(expected, rel=1e-12)


def test_the_period() -> None:
    assert higher.exact_period(1e-6) == pytest.approx(2 * np.pi / np.sqrt(9.81), rel=1e-12)
    # The series sin(a/2)^2 (1/2)^2 + ... of the complete elliptic integral.
    k2, term, total = np.sin(1.0) ** 2, 1.0, 1.0
    for n in range(1, 200):
        term *= ((2 * n - 1) / (2 * n)) ** 2 * k2
        total += term
    assert higher.exact_period(2.0) == pytest.approx(2 * np.pi / 9.81**0.5 * total, rel=1e-12)
    angles, _ = higher.simulate(higher.pendulum, [2.0], 0.01, 80)
    # The rule's error of order dt^4, that of the cubic between samples likewise.
    assert higher.measured_period(angles[:, 0], 0.01) == pytest.approx(2.665870943, abs=2e-8)


def test_energy_is_kept() -> None:
    angles, speeds = higher.simulate(higher.double_pendulum, [1.0, 2.0], 0.01, 60)
    energies = [
        higher.energy(higher.double_pendulum, q, v) for q, v in zip(angles, speeds, strict=True)
    ]
    assert energies[0] == pytest.approx(-9.81 * (2 * np.cos(1) + np.cos(2)), rel=1e-14)
    assert energies == pytest.approx([energies[0]] * 61, abs=1e-5)


def test_the_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    simulate = higher.simulate

    def short(lagrangian: Any, q: Any, dt: float, steps: int) -> Any:
        """A tenth of the double pendulum's steps, then standing still."""
        taken = steps if len(q) == 1 else steps // 10
        angles, speeds = simulate(lagrangian, q, dt, taken)
        more = ((0, steps - taken), (0, 0))
        return np.pad(angles, more, "edge"), np.pad(speeds, more, "edge")

    monkeypatch.setattr(higher, "simulate", short)
    text = run(higher)
    assert "after 6 steps: x +1.000000000, y +1.000000000" in text
    assert "1, 1, 0.5, 0, -0.125, -0.0666666667, -0.00416666667, 0.0111111111" in text
    assert text.count("2.66587094") + text.count("2.66587095") == 2
