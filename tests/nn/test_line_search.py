"""The line search: what it finds fulfils the strong Wolfe conditions, in as few evaluations."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest

from nn.optim.line_search import Point, strong_wolfe

# A loss and its slope along the line, both at t >= 0; each slopes down at 0.
LINES: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "parabola": (lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3)),
    "far away": (lambda t: (t / 500 - 1) ** 2, lambda t: (t / 500 - 1) / 250),
    "very close": (lambda t: (1000 * t - 1) ** 2, lambda t: 2000 * (1000 * t - 1)),
    "a wall": (lambda t: np.exp(20 * t - 5) - t, lambda t: 20 * np.exp(20 * t - 5) - 1),
    "a steep start": (
        lambda t: 1 / (1 + 100 * t) + 0.1 * t, lambda t: -100 / (1 + 100 * t) ** 2 + 0.1
    ),
    "waves": (
        lambda t: -t / (t * t + 2) + 0.02 * np.sin(9 * t),
        lambda t: (t * t - 2) / (t * t + 2) ** 2 + 0.18 * np.cos(9 * t) - 0.18,
    ),
    "a valley with an edge": (
        lambda t: abs(t - 0.3) ** 1.2 + 0.01 * t,
        lambda t: 1.2 * np.sign(t - 0.3) * abs(t - 0.3) ** 0.2 + 0.01,
    ),
    "a sharp edge": (
        lambda t: abs(t - 0.17) ** 1.05 + 0.49 * t + 0.36 * t**4,
        lambda t: 1.05 * np.sign(t - 0.17) * abs(t - 0.17) ** 0.05 + 0.49 + 1.44 * t**3,
    ),
}  # fmt: skip


def searched(name: str, first: float) -> tuple[Point, Point, int]:
    loss, slope = LINES[name]

    def at(t: float) -> Point:
        with np.errstate(over="ignore"):
            return Point(t, float(loss(t)), np.array([float(slope(t))]), float(slope(t)))

    start = at(0.0)
    return start, *strong_wolfe(at, start, np.ones(1), first, 1e-9, 25)


@pytest.mark.parametrize("name", [name for name in LINES if name not in ("waves",)])
@pytest.mark.parametrize("first", [1e-3, 0.1, 1.0, 30.0])
def test_the_conditions(name: str, first: float) -> None:
    start, found, _ = searched(name, first)
    assert start.slope < 0
    assert found.loss <= start.loss + 1e-4 * found.t * start.slope
    assert abs(found.slope) <= 0.9 * abs(start.slope)


def test_a_try_close_to_an_end_for_the_second_time_is_moved_away() -> None:
    """The number of evaluations and the place, which PyTorch finds as well."""
    _, found, count = searched("a sharp edge", 30.0)
    assert count == 8
    assert found.t == pytest.approx(0.16611282110421277, rel=1e-9)


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("first", [1e-3, 0.1, 1.0, 30.0])
def test_pytorchs_steps(name: str, first: float) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")
    if (name, first) == ("a wall", 30.0):
        pytest.skip("PyTorch goes to nan where a loss of 1e258 is squared")
    theirs = sys.modules["torch.optim.lbfgs"]._strong_wolfe
    loss, slope = LINES[name]
    _, found, count = searched(name, first)

    def objective(x: object, t: float, d: object) -> tuple[float, object]:
        return float(loss(t)), torch.tensor([float(slope(t))], dtype=torch.float64)

    one = torch.ones(1, dtype=torch.float64)
    value, _, t, evaluations = theirs(
        objective, one, first, one, float(loss(0.0)), one * float(slope(0.0)),
        torch.tensor(float(slope(0.0)), dtype=torch.float64),
    )  # fmt: skip
    assert count == evaluations
    assert found.t == pytest.approx(float(t), rel=1e-9)
    assert found.loss == pytest.approx(float(value), rel=1e-9)
