"""The gradient check by its own measure: wrong rules caught, right functions not refused.

The same cases go through the checkers of PyTorch and JAX in `benchmarks/gradchecks.py`.
"""

from __future__ import annotations

import os
import warnings
from collections import Counter

import numpy as np
import pytest

from autograd import GradientCheckError, check_gradients

from .mutants import CHANGES, Mutant, mutants
from .right_functions import Right, right_functions


def outcome(mutant: Mutant) -> str:
    """ "caught" by the check, "refused" by the engine, "equivalent" or "missed"."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some wrong rules divide by zero
        try:
            with mutant.in_use():
                check_gradients(mutant.f, *mutant.xs, **mutant.options)
        except GradientCheckError:
            return "caught"
        except (TypeError, ValueError) as error:
            if "in a derivative rule" not in str(error):
                raise
            return "refused"  # by the engine: its result does not fit the input
        return "equivalent" if mutant.is_equivalent() else "missed"


THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"


@pytest.mark.parametrize("change", CHANGES)
def test_wrong_rules_are_caught(change: str) -> None:
    """A third of the rules of the operations, another one for each change; all if thorough."""
    found = Counter[str]()
    missed = []
    every = 1 if THOROUGH else 3
    for mutant in list(mutants((change,)))[list(CHANGES).index(change) % every :: every]:
        verdict = outcome(mutant)
        found[verdict] += 1
        if verdict == "missed":
            missed.append(mutant.name)
    assert not missed
    assert found["caught"] >= 10
    if change == "factor 1.001":  # what is equivalent here has a zero derivative
        assert found["caught"] >= 100 / every
        assert found["equivalent"] <= found["caught"] / 5


def test_there_are_enough_wrong_rules() -> None:
    assert len(list(mutants())) >= 1000


RIGHT = list(right_functions())


def test_there_are_enough_right_functions() -> None:
    assert len(RIGHT) >= 200
    assert min(Counter(right.kind for right in RIGHT).values()) >= 5


@pytest.mark.parametrize("right", RIGHT, ids=[f"{r.kind}-{r.name}" for r in RIGHT])
def test_right_functions_are_not_refused(right: Right) -> None:
    with np.errstate(all="ignore"):
        assert check_gradients(right.f, *right.inputs, **right.options).passed
