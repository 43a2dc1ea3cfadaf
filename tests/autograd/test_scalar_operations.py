"""Every function of Values: against NumPy, finite differences, and at the edges of its domain."""

from __future__ import annotations

import itertools
import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, check_gradients, gradients

from .strategies import grid
from .table import SCALAR_CASES, ScalarCase

every_case = pytest.mark.parametrize("case", SCALAR_CASES, ids=[c.name for c in SCALAR_CASES])
EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -3.0, 1000.0, -1000.0, 1e308, 5e-324,
         math.inf, -math.inf, math.nan]  # fmt: skip
UNDECIDED = (-math.inf, 0.5)  # NumPy's power gives nan or inf here, as the two are arrays or not


def points(case: ScalarCase) -> st.SearchStrategy[tuple[float, ...]]:
    return st.tuples(*[grid(*domain) for domain in case.domains])


def plain(case: ScalarCase, xs: Any) -> float:
    with np.errstate(all="ignore"):
        return float(case.reference(*map(np.float64, xs)))


def value_of(g: Any) -> float:
    """A gradient as a float; 0 for one that does not exist, as that of a constant."""
    return 0.0 if g is None else g.data if isinstance(g, Value) else float(g)


@every_case
@given(data=st.data())
def test_forward_is_numpys(case: ScalarCase, data: st.DataObject) -> None:
    xs = data.draw(points(case))
    found = case.ours(*map(Value, xs))
    assert isinstance(found, Value)
    assert type(found.data) is float
    assert found.data == pytest.approx(plain(case, xs), rel=1e-14, abs=1e-15)


@every_case
@settings(max_examples=max(5, settings.default.max_examples // 3))
@given(data=st.data())
def test_derivatives_are_those_of_the_gradient_check(case: ScalarCase, data: st.DataObject) -> None:
    xs = data.draw(points(case))
    constant = data.draw(st.sets(st.sampled_from(range(len(xs))), max_size=len(xs) - 1))
    moving = [i for i in range(len(xs)) if i not in constant]

    def along(*moved: Any) -> Any:
        operands: list[Any] = list(xs)
        for i, v in zip(moving, moved, strict=True):
            operands[i] = v
        return case.ours(*operands)

    values = [Value(xs[i]) for i in moving]
    along(*values).backward()
    assert all(type(v.grad) is float for v in values)
    check_gradients(along, *values, modes="both", order=2)


@every_case
def test_edges_of_the_domain_are_numpys_without_a_warning(case: ScalarCase) -> None:
    """Python's math and NumPy may differ in the last digits, hence the relative 1e-13."""
    if len(case.domains) > 2:
        combinations: Any = [(x,) * len(case.domains) for x in EDGES]
    else:
        combinations = itertools.product(EDGES, repeat=len(case.domains))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for xs in combinations:
            if case.name == "power" and xs == UNDECIDED:
                continue
            found = case.ours(*map(Value, xs))
            found.backward()
            assert type(found.data) is float
            assert found.data == pytest.approx(plain(case, xs), rel=1e-13, nan_ok=True), xs


@every_case
def test_recorded_factors_and_rules_agree_at_edges_and_ties(case: ScalarCase) -> None:
    """The plain pass multiplies recorded factors, `create_graph` evaluates the rules on Values:
    two ways to one number, also where something is 0, equal, infinite or undefined."""
    n = len(case.domains)
    combinations = itertools.product(EDGES, repeat=n) if n <= 2 else [(x,) * n for x in EDGES]
    for xs in combinations:
        leaves = [Value(x) for x in xs]
        out = case.ours(*leaves)
        first = gradients(out, leaves, allow_unused=True)
        graph = gradients(out, leaves, create_graph=True, allow_unused=True)
        found, expected = list(map(value_of, graph)), list(map(value_of, first))
        assert found == pytest.approx(expected, rel=1e-13, nan_ok=True), xs


@every_case
def test_functions_methods_and_numpys_are_the_same(case: ScalarCase) -> None:
    if case.name in ("sum_values", "dot_values"):
        return  # functions of lists
    xs = [low + 0.25 for low, _ in case.domains]
    spellings = [case.ours]
    if hasattr(Value, case.name):
        spellings.append(lambda v, *others: getattr(v, case.name)(*others))
    if isinstance(getattr(np, case.name, None), np.ufunc):
        spellings.append(getattr(np, case.name))
    results = []
    for call in spellings:
        leaves = [Value(x) for x in xs]
        out = call(*leaves)
        assert isinstance(out, Value)
        out.backward()
        results.append((out.data, [v.grad for v in leaves]))
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize("name", [
    "exp", "log", "log1p", "expm1", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sigmoid",
    "softplus", "relu", "abs", "maximum", "minimum",
])  # fmt: skip
def test_the_promised_functions_exist_as_methods(name: str) -> None:
    assert callable(getattr(autograd, name))
    arguments = [0.25] if name in ("maximum", "minimum") else []
    assert isinstance(getattr(Value(0.5), name)(*arguments), Value)
