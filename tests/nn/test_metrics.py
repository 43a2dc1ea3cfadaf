"""Metrics against scikit-learn's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor
from nn import metrics

from ..autograd.helpers import refuses

sklearn = pytest.importorskip("sklearn.metrics", reason="scikit-learn is the oracle")


@given(
    st.integers(1, 4).flatmap(
        lambda n: st.lists(st.tuples(st.integers(0, n), st.integers(0, n)), min_size=1, max_size=12)
    )
)
def test_classes(pairs: list[tuple[int, int]]) -> None:
    predicted, true = np.array(pairs).T
    assert metrics.accuracy(predicted, true) == sklearn.accuracy_score(true, predicted)
    n = int(max(predicted.max(), true.max())) + 1
    np.testing.assert_array_equal(
        metrics.confusion_matrix(predicted, true),
        sklearn.confusion_matrix(true, predicted, labels=range(n)),
    )
    for ours, theirs in [
        (metrics.precision, sklearn.precision_score),
        (metrics.recall, sklearn.recall_score),
        (metrics.f1, sklearn.f1_score),
    ]:
        settings: dict[str, Any] = {"zero_division": 0}
        assert ours(predicted, true) == pytest.approx(
            theirs(true, predicted, average="macro", **settings)
        )
        np.testing.assert_allclose(
            ours(predicted, true, average=None),
            theirs(true, predicted, average=None, labels=range(n), **settings),
        )
        if n <= 2:
            assert ours(predicted, true, average="binary") == pytest.approx(
                theirs(true, predicted, average="binary", **settings)
            )


def test_scores_are_taken_for_their_largest() -> None:
    scores, true = np.array([[0.1, 0.9, 0.0], [5.0, 1.0, 2.0]]), np.array([1, 2])
    for output in (scores, Tensor(scores, requires_grad=True)):
        assert metrics.accuracy(output, true) == 0.5
    assert metrics.confusion_matrix(scores, true).shape == (3, 3)
    images = np.moveaxis(np.eye(3)[np.array([[[0, 1], [2, 2]]])], -1, 1)  # (1, 3, 2, 2)
    assert metrics.accuracy(images, np.array([[[0, 1], [2, 0]]])) == 0.75


def test_targets_that_do_not_count() -> None:
    """As if they were not there, whatever their scores."""
    rng = np.random.default_rng(0)
    scores, true = rng.normal(size=(4, 3, 5)), rng.integers(0, 3, (4, 5))
    padded = true.copy()
    padded[1, 2:] = -100
    scores[1, :, 3] = np.nan
    rows, counted = np.moveaxis(scores, 1, -1)[padded >= 0], padded[padded >= 0]
    for metric in (metrics.accuracy, metrics.precision, metrics.recall, metrics.f1):
        assert metric(scores, padded, ignore_index=-100) == metric(rows, counted)
    np.testing.assert_array_equal(
        metrics.confusion_matrix(scores, padded, ignore_index=-100),
        metrics.confusion_matrix(rows, counted),
    )
    assert metrics.accuracy([0, 1, 1], [0, 2, 2], ignore_index=2) == 1.0


@pytest.mark.parametrize("shape", [(5,), (5, 1), (5, 3)])
def test_r2(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    predicted, true = rng.normal(size=shape), rng.normal(size=shape)
    assert metrics.r2(predicted, true) == pytest.approx(sklearn.r2_score(true, predicted))
    constant = np.ones(shape)
    assert metrics.r2(constant, constant) == 1.0
    assert metrics.r2(predicted, constant) == sklearn.r2_score(constant, predicted) == 0.0
    tenths = np.full(shape, 0.1)  # of three, the mean is another number
    assert metrics.r2(predicted, tenths) == 0.0


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: metrics.accuracy([0.5, 0.2], [1, 0]), TypeError, ["accuracy", "output > 0"]),
        (lambda: metrics.accuracy(np.ones((2, 1)), [1, 0]), TypeError, ["accuracy", "(2, 1)"]),
        (lambda: metrics.confusion_matrix([-1, 1], [1, 1]), IndexError, ["from -1 to 1"]),
        (lambda: metrics.accuracy([0.1, 0.9], 1), TypeError, ["accuracy", "(2,)", "shape ()"]),
        (
            lambda: metrics.accuracy([1, 0], [1.0, 0.0]),
            TypeError,
            ["targets of dtype float64", "target.astype(int)", "(output > 0).astype(int)"],
        ),
        (lambda: metrics.accuracy(np.eye(2), [1, -100]), IndexError, ["-100", "ignore_index"]),
        (lambda: metrics.accuracy(np.eye(2), [1, 7]), IndexError, ["accuracy", "7", "0 to 1"]),
        (lambda: metrics.recall(np.eye(2), [1, 2]), IndexError, ["recall", "0 to 1"]),
        (lambda: metrics.accuracy([[np.nan, 1.0], [0, 1]], [0, 1]), ValueError, ["1 of 2", "nan"]),
        (lambda: metrics.f1([[np.nan, 1.0], [0, 1]], [0, 1]), ValueError, ["f1", "nan"]),
        (lambda: metrics.accuracy([1], [3], ignore_index=3), ValueError, ["no predictions"]),
        (lambda: metrics.r2([1.0, 2, 3], [1, np.nan, 3]), ValueError, ["r2: targets", "nan"]),
        (lambda: metrics.r2([1.0, np.inf, 3], [1, 2, 3]), ValueError, ["r2: predictions"]),
        (lambda: metrics.r2([1.0, 2j, 3], [1, 2, 3]), TypeError, ["r2: predictions", "complex"]),
        (lambda: metrics.accuracy([1, 0, 1], [1, 0]), ValueError, ["(3,)", "(2,)"]),
        (lambda: metrics.accuracy(np.zeros(0, int), np.zeros(0, int)), ValueError, ["no pred"]),
        (lambda: metrics.f1([0, 1, 2], [0, 1, 2], average="binary"), ValueError, ["3 classes"]),
        (lambda: metrics.f1([0, 1], [0, 1], average="micro"), ValueError, ["'micro'"]),
        (lambda: metrics.confusion_matrix([0, 3], [0, 1], 3), IndexError, ["0 to 2"]),
        (lambda: metrics.confusion_matrix([0, -1], [0, 1]), IndexError, ["confusion"]),
        (lambda: metrics.r2(np.ones((3, 1)), np.ones(3)), ValueError, ["(3, 1)", "(3,)"]),
        (lambda: metrics.r2([1.0], [1.0]), ValueError, ["two"]),
    ],
)
def test_refusals(call: Any, kind: type[Exception], words: list[str]) -> None:
    with refuses(kind, *words):
        call()


def test_accuracy_of_labels_that_are_no_indices() -> None:
    assert metrics.accuracy(np.array([-1, 1, 1]), np.array([1, 1, 1])) == pytest.approx(2 / 3)
