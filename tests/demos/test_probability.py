"""Softmax, likelihoods and cross-entropies with the texts' numbers."""

from __future__ import annotations

import numpy as np
import pytest

from demos import probability

from .conftest import Run


def test_softmax_of_5_6_7() -> None:
    expected = [0.09003057317038046, 0.24472847105479764, 0.6652409557748219]
    found = probability.softmax_by_formula(np.array([5.0, 6.0, 7.0]))
    assert found == pytest.approx(expected, rel=1e-15)


def test_one_hot() -> None:
    rows = probability.one_hot(["dog", "owl", "cat", "dog"])
    assert rows.tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]]


def test_likelihoods_and_cross_entropies() -> None:
    first, second = probability.MODELS.values()
    assert probability.likelihood(first) == pytest.approx(0.0084, rel=1e-15)
    assert probability.likelihood(second) == pytest.approx(0.3024, rel=1e-15)
    for model, rounded in ((first, 4.8), (second, 1.2)):
        entropy = probability.cross_entropy(model)
        assert round(entropy, 1) == rounded
        assert entropy == pytest.approx(-np.log(probability.likelihood(model)), rel=1e-15)


def test_the_cross_entropy_of_the_texts() -> None:
    found = probability.binary_cross_entropy([1, 0, 1, 1], [0.4, 0.6, 0.1, 0.5])
    assert found == pytest.approx(4.828313737302301, rel=2e-16)


def test_two_classes_are_a_case_of_many() -> None:
    y, p = np.array([1, 0, 1, 1]), np.array([0.4, 0.6, 0.1, 0.5])
    many = probability.multiclass_cross_entropy(
        np.stack([y, 1 - y], axis=1), np.stack([p, 1 - p], axis=1)
    )
    assert many == pytest.approx(4.828313737302301, rel=1e-15)


def test_the_run(run: Run) -> None:
    text = run(probability)
    for number in (
        "[0.09003057317038046, 0.24472847105479764, 0.66524095577482",
        "[nan, nan, nan]",
        "likelihood 0.008400",
        "likelihood 0.302400",
        "4.779523573132869",
        "1.196004634676759",
        "4.82831373730230",
        "3.324236340526027",
    ):
        assert number in text
