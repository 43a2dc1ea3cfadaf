from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograd import check_gradients

from .table import CASES, Case

every_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


@every_case
@given(data=st.data())
def test_derivatives_are_those_of_finite_differences(case: Case, data: st.DataObject) -> None:
    """In both modes and two orders, by the inputs that move."""
    xs, params = case.inputs(data)
    moving = sorted(data.draw(st.sets(st.sampled_from(range(len(xs))), min_size=1)))
    out = case.reference(*xs, **params)
    sizes = [np.size(y) for y in (out if isinstance(out, (list, tuple)) else [out])]
    assume(all(xs[i].size for i in moving) and sum(sizes))

    def f(*moved: Any) -> Any:
        inputs: list[Any] = list(xs)
        for i, x in zip(moving, moved, strict=True):
            inputs[i] = x
        return case.ours(*inputs, **params)

    check_gradients(f, *[xs[i] for i in moving], modes="both", order=2)
