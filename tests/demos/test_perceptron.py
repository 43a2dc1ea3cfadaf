"""The perceptron trick and algorithm, and the files of points."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from demos import perceptron, points

from .conftest import Run


def test_one_step_of_the_trick() -> None:
    assert perceptron.trick((3, 4, -10), (4, 5), 1, -1) == (-1, -1, -11)
    line = perceptron.trick((3.0, 4.0, -10.0), (4, 5), 0.1, -1)
    assert line == pytest.approx((2.6, 3.5, -10.1), rel=1e-15)


def test_ten_steps_exactly_and_eleven_in_floats() -> None:
    exact = perceptron.steps_until_right((3, 4, -10), (1, 1), Fraction(1, 10))
    assert len(exact) - 1 == 10
    assert exact == [Fraction(3 * i - 30, 10) for i in range(11)]
    floats = perceptron.steps_until_right((3.0, 4.0, -10.0), (1, 1), 0.1)
    assert len(floats) - 1 == 11
    assert -1e-14 < floats[10] < 0


def test_the_algorithm_separates_the_shipped_points() -> None:
    x, y = points.read(points.SHIPPED)
    lines, mistakes = perceptron.train(x, y)
    assert len(lines) == len(mistakes) + 1
    assert mistakes[-1] == 0
    w1, w2, b = lines[-1]
    assert ((x @ [w1, w2] + b >= 0) == y).all()
    (u1, u2, c) = lines[0]
    assert ((x @ [u1, u2] + c >= 0) != y).sum() > 10


def test_the_run(run: Run) -> None:
    text = run(perceptron)
    assert "Right after 10 steps in exact arithmetic, 11 in floats" in text
    assert "2.600000 x1 +3.500000 x2 -10.100000 = 0" in text
    assert "mistakes 0" in text


def test_points_that_no_line_separates(run: Run) -> None:
    x = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    assert "no line may separate them" in run(perceptron, (x, np.array([0, 0, 1, 1])))


# --- the files -----------------------------------------------------------------------------


def test_the_shipped_points_are_those_of_their_seed() -> None:
    x, y = points.read(points.SHIPPED)
    made_x, made_y = points.generate()
    assert np.array_equal(x, made_x)
    assert np.array_equal(y, made_y)
    assert 0.4 < y.mean() < 0.6


def test_a_file_with_and_without_a_header(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    for header in ("", "x1,x2,label\n"):
        file.write_text(header + "0.5, -1e3, 1\n\n2,3,0\n")
        x, y = points.read(file)
        assert x.tolist() == [[0.5, -1000.0], [2.0, 3.0]]
        assert y.tolist() == [1, 0]


def test_every_bad_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("1,2,0\n1,b,1\n3,4\n1,nan,1\n1,2,2\n5,6,1\n1,2,1,4\n")
    with pytest.raises(ValueError, match=r"line 2: 1,b,1; line 3: 3,4; ") as caught:
        points.read(file)
    named = [number for number in range(1, 9) if f"line {number}:" in str(caught.value)]
    assert named == [2, 3, 4, 5, 7]


@pytest.mark.parametrize("text", ["", "x1,x2,label\n", "1,2,1\n3,4,1\n"])
def test_a_class_is_missing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(text)
    with pytest.raises(ValueError, match="give some of each label"):
        points.read(file)
