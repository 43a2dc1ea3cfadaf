"""Where a derivative does not exist, or exists against appearances: what is promised there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

import autograd
from autograd import gradients

from .helpers import leaf
from .strategies import grid

both = pytest.mark.parametrize("create_graph", [False, True])


def slopes(f: Callable[..., Any], *data: Any, create_graph: bool) -> list[Any]:
    leaves = [leaf(x) for x in data]
    found = gradients(f(*leaves).sum(), leaves, create_graph=create_graph)
    return [g.tolist() for g in found]


@both
def test_entries_that_tie_for_the_extreme_share_equally(create_graph: bool) -> None:
    x = [[2.0, 2.0, 1.0], [5.0, 4.0, 5.0]]
    assert slopes(lambda t: t.max(axis=1), x, create_graph=create_graph) == [
        [[0.5, 0.5, 0.0], [0.5, 0.0, 0.5]]
    ]
    assert slopes(lambda t: t.min(), [3.0, 1.0, 1.0, 1.0, 1.0], create_graph=create_graph) == [
        [0.0, 0.25, 0.25, 0.25, 0.25]
    ]
    assert slopes(autograd.maximum, [1.0, 2.0], [1.0, 1.0], create_graph=create_graph) == [
        [0.5, 1.0],
        [0.5, 0.0],
    ]
    assert slopes(autograd.minimum, [1.0, 2.0], [1.0, 1.0], create_graph=create_graph) == [
        [0.5, 0.0],
        [0.5, 1.0],
    ]


@both
@given(x=hnp.arrays(float, (3, 4), elements=grid(-1, 1)))
def test_the_shares_of_an_extreme_make_up_the_whole(x: Any, create_graph: bool) -> None:
    for axis in (None, 0, 1, (0, 1)):
        for f in (autograd.max, autograd.min):
            t = leaf(x)
            y = f(t, axis=axis)
            (g,) = gradients(y.sum(), t, create_graph=create_graph)
            np.testing.assert_allclose(np.array(g.tolist()).sum(axis), np.ones(y.shape))


@both
def test_zero_at_a_kink(create_graph: bool) -> None:
    for f in (autograd.abs, autograd.relu, abs):
        assert slopes(f, [0.0, 2.0], create_graph=create_graph) == [[0.0, 1.0]]


@both
def test_powers_at_zero(create_graph: bool) -> None:
    x = [0.0, 2.0]
    for exponent, expected in [
        (0, [0.0, 0.0]),
        (1, [1.0, 1.0]),
        (2, [0.0, 4.0]),
        (3.0, [0.0, 12.0]),
    ]:
        assert slopes(lambda t, e=exponent: t**e, x, create_graph=create_graph) == [expected]
    by_base, by_exponent = slopes(lambda t, e: t**e, x, [2.0, 2.0], create_graph=create_graph)
    assert by_base == [0.0, 4.0]
    assert by_exponent == [0.0, pytest.approx(4 * np.log(2))]  # 0**e is 0 all around e = 2


@both
def test_a_product_with_zeros(create_graph: bool) -> None:
    f = autograd.prod
    assert slopes(f, [0.0, 2.0, 3.0], create_graph=create_graph) == [[6.0, 0.0, 0.0]]
    assert slopes(f, [0.0, 2.0, 0.0], create_graph=create_graph) == [[0.0, 0.0, 0.0]]


@both
def test_the_deviation_of_equal_entries(create_graph: bool) -> None:
    assert slopes(autograd.std, [3.0, 3.0, 3.0], create_graph=create_graph) == [[0.0, 0.0, 0.0]]


@pytest.mark.parametrize("f", [autograd.logsumexp, autograd.log_softmax, autograd.softmax])
def test_softmax_does_not_overflow(f: Callable[[Any], Any]) -> None:
    """Shifting all entries changes neither the gradient nor, but for the shift, the value."""
    x, c = np.array([1000.0, 1001.0, 999.0]), np.array([1.0, 10.0, 100.0])
    big, small = leaf(x), leaf(x - 1000)
    y, z = f(big), f(small)
    assert np.isfinite(y.numpy()).all()
    weights = c if y.shape else 1.0
    (found,), (expected,) = gradients(y, big, weights), gradients(z, small, weights)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_large_arguments_of_the_activations() -> None:
    x = leaf([-1000.0, 1000.0])
    for f, values, derivatives in [
        (autograd.sigmoid, [0.0, 1.0], [0.0, 0.0]),
        (autograd.softplus, [0.0, 1000.0], [0.0, 1.0]),
        (autograd.tanh, [-1.0, 1.0], [0.0, 0.0]),
        (autograd.relu, [0.0, 1000.0], [0.0, 1.0]),
    ]:
        y = f(x)
        assert y.tolist() == values
        assert gradients(y.sum(), x)[0].tolist() == derivatives


def test_nan_stays_visible() -> None:
    for f in (autograd.relu, autograd.abs, autograd.max, autograd.maximum, autograd.sum):
        x = leaf([np.nan, 1.0])
        y = f(x, 0.5) if f is autograd.maximum else f(x)
        assert np.isnan(y.numpy()).any()
