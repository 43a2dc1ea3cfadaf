"""What pytest shows of a failed gradient check: the call and the table, none of our own lines."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

HEAD = """
    import numpy as np
    import autograd
    from autograd.testing import arrays, gradients_agree
    from hypothesis import settings

    half = autograd.elementwise(np.square, None, lambda g, x: g * x, name="half_the_slope")
"""


@pytest.mark.parametrize(
    "test",
    [
        "autograd.check_gradients(half, 2.0)",
        "autograd.check_gradients(half, 2.0, modes='both', order=2)",
    ],
)
def test_the_call_and_the_table(pytester: pytest.Pytester, test: str) -> None:
    pytester.makepyfile(f"{HEAD}\n    def test_half():\n        {test}\n")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    shown = result.stdout.str()
    assert f">       {test}" in shown
    result.stdout.fnmatch_lines(["E *the gradient by input 0 is wrong*ours 2,*differences 4 *"])
    result.stdout.fnmatch_lines(["E *verdict", "E *1 WRONG*"])
    assert "def check_gradients" not in shown
    assert "raise GradientCheckError" not in shown


def test_a_property_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(f"""{HEAD}
    @settings(derandomize=True, database=None)
    @gradients_agree(arrays((), away_from=[0.0]))
    def test_half(x):
        return half(x)
    """)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *1 WRONG*", "*Failing test case: test_half(*"])
    assert "raise GradientCheckError" not in result.stdout.str()
