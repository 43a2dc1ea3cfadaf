"""Logistic regression: the gradient, and descent beside the perceptron rule."""

from __future__ import annotations

import numpy as np
import pytest

from demos import logistic, points

from .conftest import Run


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    return points.read(points.SHIPPED)


def test_the_gradient_is_error_times_input(data: tuple[np.ndarray, np.ndarray]) -> None:
    rng = np.random.default_rng(0)
    for x, y in zip(*data, strict=True):
        w, b = rng.normal(size=2), float(rng.normal())
        engine = logistic.gradient_by_engine(w, b, x, y)
        # Four roundings of numbers up to 1 on the way back.
        assert engine == pytest.approx(logistic.gradient_by_formula(w, b, x, y), rel=1e-14)


def test_an_epoch_by_hand(data: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = data
    (w, b), rate = logistic.START, 0.1
    v, c = w, b
    for point, label in zip(x, y, strict=True):
        step = rate * (label - 1 / (1 + np.exp(-(point @ w + b))))
        w, b = w + step * point, b + step
        step = rate * (label - int(point @ v + c >= 0))
        v, c = v + step * point, c + step
    descent = logistic.descend(x, y, rate, 1)
    rule = logistic.perceptron(x, y, rate, 1)
    assert [*descent.w[-1], descent.b[-1]] == pytest.approx([*w, b], rel=1e-12)
    assert [*rule.w[-1], rule.b[-1]] == pytest.approx([*v, c], rel=1e-12)


def test_both_separate_and_only_descent_goes_on(data: tuple[np.ndarray, np.ndarray]) -> None:
    rule, descent = logistic.perceptron(*data), logistic.descend(*data)
    assert rule.wrong[-1] == descent.wrong[-1] == 0
    assert np.array_equal(rule.w[-1], rule.w[20])
    assert np.linalg.norm(descent.w[-1]) > 1.5 * np.linalg.norm(descent.w[20])
    assert all(np.diff(descent.error) < 0)


def test_the_run(run: Run) -> None:
    text = run(logistic)
    assert "largest difference over all 60 points" in text
    assert "0.750000" in text  # the error before the first epoch
