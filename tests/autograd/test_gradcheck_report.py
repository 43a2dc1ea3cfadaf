"""The report of a gradient check, and its error."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import autograd
from autograd import (
    GradientCheckError,
    Value,
    check_gradients,
)

from .helpers import leaf, refuses, wrong_sine
from .numeric import spread

V = spread((4,), 1)


def test_the_error_names_input_index_and_both_values() -> None:
    f = wrong_sine(lambda g, x: g * autograd.cos(x) * np.array([1.0, 3.0]))
    x = leaf([0.0, 0.0])
    x.label = "angle"
    with pytest.raises(GradientCheckError) as caught:
        check_gradients(lambda a, b: a + f(b), leaf([1.0, 2.0]), x)
    message = str(caught.value)
    ratio = caught.value.report.worst
    assert "input 1 (angle)" in message.splitlines()[0]
    assert "(1,)" in message.splitlines()[0]
    assert f"{ratio.ours:.9g}" in message.splitlines()[0]
    assert f"{ratio.numeric:.9g}" in message.splitlines()[0]
    assert ratio.ours / ratio.numeric == pytest.approx(3.0, rel=1e-6)
    assert isinstance(caught.value, AssertionError)


def test_the_values_of_a_single_number_are_the_derivatives_themselves() -> None:
    f = wrong_sine(lambda g, x: -g * autograd.cos(x))
    with refuses(GradientCheckError, "input 0", "()", "ours -1", "differences 1"):
        check_gradients(f, 0.0)
    report = check_gradients(lambda v: v**2, Value(3.0))
    assert report.worst.ours == 6.0
    assert report.worst.numeric == pytest.approx(6.0, rel=1e-9)


def test_the_error_pickles() -> None:
    with pytest.raises(GradientCheckError) as caught:
        check_gradients(wrong_sine(lambda g, x: -g * autograd.cos(x)), V)
    twin = pickle.loads(pickle.dumps(caught.value))
    assert str(twin) == str(caught.value)
    assert twin.report == caught.value.report


def test_the_report_prints_a_table() -> None:
    report = check_gradients(lambda x, y: x.sum() * y, V, 2.0)
    head, first, second, verdict = str(report).splitlines()
    assert head.split()[:2] == ["input", "shape"]
    assert first.startswith("input 0  (4,)")
    assert second.startswith("input 1  ()")
    assert first.endswith("ok")
    assert "all gradients agree" in verdict
    assert f"({report.evaluations} evaluations)" in verdict
    assert report.evaluations >= 5 * 4  # every entry at four points


def test_the_report_of_a_failure_prints_the_number_of_wrong_entries() -> None:
    f = wrong_sine(lambda g, x: -g * autograd.cos(x))
    with pytest.raises(GradientCheckError) as caught:
        check_gradients(lambda x, y: f(x).sum() + y, V, 1.0)
    text = str(caught.value.report)
    assert "4 WRONG" in text
    assert "DISAGREE" in text
    assert text in str(caught.value)


def test_the_report_renders_in_a_notebook() -> None:
    html = check_gradients(lambda x, y: x * y, V, 2.0)._repr_html_()
    assert html.count("<tr>") == 3
    assert "input 1" in html
