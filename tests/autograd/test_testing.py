"""autograd.testing: what the strategies promise, and the decorator."""

from __future__ import annotations

import builtins
import importlib
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

import autograd
from autograd import GradientCheckError, Tensor, check_gradients, elementwise, testing

from .helpers import refuses


@given(st.data())
def test_arrays_keep_to_their_domain(data: st.DataObject) -> None:
    low = data.draw(st.sampled_from([-1000.0, -2.0, 0.0, 0.001]))
    high = low + data.draw(st.sampled_from([0.01, 1.0, 500.0]))
    dtype = data.draw(st.sampled_from([np.float32, np.float64, np.complex128]))
    x = data.draw(testing.arrays((3,), dtype, low, high))
    parts = [x.real, x.imag] if x.dtype.kind == "c" else [x]
    assert x.dtype == dtype
    assert all(((p >= np.float32(low)) & (p <= np.float32(high))).all() for p in parts)


@given(testing.arrays((4,), away_from=[0, 1], margin=0.25, distinct=True))
def test_arrays_stay_away_from_points(x: np.ndarray) -> None:
    assert (abs(x) >= 0.25).all()
    assert (abs(x - 1) >= 0.25).all()
    assert len(set(x.tolist())) == 4


def test_arrays_have_special_values_and_ties() -> None:
    assert find(testing.arrays((3,)), lambda x: bool((x == 1).all())).shape == (3,)
    assert find(testing.arrays(()), lambda x: bool(x == -2)) == -2


def test_arrays_that_cannot_be() -> None:
    with refuses(TypeError, "int"):
        testing.arrays((2,), int)
    with refuses(ValueError, "away"):
        testing.arrays((2,), low=0, high=1, away_from=[0.5], margin=1)
    with refuses(ValueError, "between"):
        testing.arrays((2,), low=1, high=1)


@given(st.data())
def test_matrices(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 4))
    dtype = data.draw(st.sampled_from([np.float64, np.complex128]))
    q = data.draw(testing.orthogonal(n, dtype))
    np.testing.assert_allclose(np.conj(q.T) @ q, np.eye(n), atol=1e-13)
    a = data.draw(testing.positive_definite(n, dtype))
    np.testing.assert_array_equal(a, np.conj(a.T))
    values = np.linalg.eigvalsh(a)
    assert values.min() > 1 - 1e-9
    assert values.max() < 100 + 1e-9
    assert (np.diff(values) > 1e-3).all()
    b = data.draw(testing.well_conditioned(st.just(n), dtype, condition=10))
    assert np.linalg.cond(b) < 10 + 1e-9


@given(testing.pytrees(testing.arrays(())))
def test_pytrees_are_checked_as_inputs(tree: Any) -> None:
    def total(t: Any) -> Any:
        if isinstance(t, Tensor):
            return t * t
        return sum([total(x) for x in (t.values() if isinstance(t, dict) else t)])

    assert check_gradients(total, tree).passed


@given(testing.expressions(inputs=2, kinks=True), testing.arrays((3,)))
def test_expressions_are_the_same_on_every_kind(e: testing.Expression, x: np.ndarray) -> None:
    plain = e(x, 2 * x)
    np.testing.assert_array_equal(e(Tensor(x), Tensor(2 * x)).data, plain)
    values = [e(autograd.Value(a), autograd.Value(2 * a)).data for a in x.tolist()]
    np.testing.assert_allclose(values, plain, rtol=1e-12)
    assert repr(e).startswith("lambda x0, x1: ")


@settings(max_examples=60)
@given(testing.expressions(inputs=2, max_steps=8), testing.arrays((2,)), testing.arrays(()))
def test_random_graphs_in_both_modes_and_two_orders(
    e: testing.Expression, x: np.ndarray, y: np.ndarray
) -> None:
    assert check_gradients(e, x, y, modes="both", order=2).passed


def test_a_wrong_rule_shrinks_to_a_small_counterexample() -> None:
    """|x| with the derivative 1: wrong for negative numbers only."""
    careless = elementwise(np.abs, abs, lambda g, x: g * (1 + 0 * x), name="careless_abs")

    @settings(database=None, derandomize=True, max_examples=200)
    @testing.gradients_agree(testing.arrays(away_from=[0.0]))
    def test_abs(x: Any) -> Any:
        return careless(x)

    with pytest.raises(GradientCheckError) as caught:
        test_abs()
    worst = caught.value.report.worst
    assert (worst.shape, worst.ours, worst.numeric) == ((), 1.0, pytest.approx(-1.0))
    assert "array(-0.25)" in "\n".join(caught.value.__notes__)


def test_the_decorator_with_parameters_and_dependent_arguments() -> None:
    @testing.gradients_agree(testing.arrays((2, 3)), testing.axis(2), order=1)
    def softmax(x: Any, axis: int) -> Any:
        """Softmax along any axis."""
        return autograd.softmax(x, axis)

    assert (softmax.__name__, softmax.__doc__) == ("softmax", "Softmax along any axis.")
    softmax()

    @st.composite
    def pairs(draw: st.DrawFn) -> Any:
        shapes = draw(testing.broadcastable_shapes(2))
        return tuple(draw(testing.arrays(shape)) for shape in shapes)

    testing.gradients_agree(pairs(), unpack=True)(autograd.multiply)()
    with refuses(TypeError, "unpack"):
        testing.gradients_agree(pairs(), pairs(), unpack=True)


def test_without_hypothesis_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.split(".")[0] == "hypothesis":
            raise ModuleNotFoundError("No module named 'hypothesis'")
        return real(name, *args, **kwargs)

    known = {k: v for k, v in sys.modules.items() if k.startswith("autograd.testing")}
    for name in known:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with refuses(ModuleNotFoundError, "chainrule[test]"):
        importlib.import_module("autograd.testing")
    monkeypatch.undo()
    sys.modules.update(known)
