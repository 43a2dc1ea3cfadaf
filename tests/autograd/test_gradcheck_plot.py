"""The plot of errors against steps: the slopes that the theory gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import elementwise, plot_steps

matplotlib = pytest.importorskip("matplotlib")


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    matplotlib.use("Agg")
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def curves(ax: Any) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {line.get_label(): line.get_data() for line in ax.get_lines()}


@pytest.mark.parametrize(("name", "slope"), [("one-sided", 1), ("central", 2), ("extrapolated", 4)])
def test_errors_fall_with_the_order_of_the_difference(name: str, slope: int) -> None:
    steps, errors = curves(plot_steps(autograd.exp, 1.0))[name]
    falling = (steps < 1) & (steps > 0.01)
    found = np.polyfit(np.log(steps[falling]), np.log(errors[falling]), 1)[0]
    assert found == pytest.approx(slope, abs=0.1)
    assert errors.min() < {1: 1e-7, 2: 1e-9, 4: 1e-11}[slope]
    assert errors[-1] > 1e-3  # rounding


def test_a_wrong_derivative_is_flat_at_its_error() -> None:
    wrong = elementwise(np.exp, None, lambda g, out: g * out * 1.001, name="wrong_exp")
    steps, errors = curves(plot_steps(wrong, 1.0))["central"]
    flat = errors[(steps < 1e-4) & (steps > 1e-8)]
    np.testing.assert_allclose(flat, 1e-3, rtol=0.01)


def test_differences_without_error_and_steps_out_of_the_domain() -> None:
    for steps, errors in curves(plot_steps(lambda x: 2 * x.relu(), np.array([1.0, 2.0]))).values():
        assert (errors >= 2.0**-52).all()
        assert len(steps) > 50
    steps, _ = curves(plot_steps(autograd.log, 1e-3))["central"]
    assert 1e-4 < steps.max() < 0.1


def test_axes_of_ones_own_with_labels() -> None:
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    assert plot_steps(autograd.sin, 1.0, ax=ax) is ax
    assert (ax.get_xscale(), ax.get_yscale(), ax.get_xlabel()) == ("log", "log", "step")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [*curves(ax)]
