"""The forward pass on the digits: the numbers the digits text prints with seed 42."""

from __future__ import annotations

import numpy as np
import pytest

from demos import digits_forward

from .conftest import Run

DIGITS = 5e-9
"""Half a unit of the eighth decimal that the text prints."""


@pytest.fixture(scope="module")
def images() -> tuple[np.ndarray, np.ndarray]:
    return digits_forward.images()


def test_the_images(images: tuple[np.ndarray, np.ndarray]) -> None:
    x, even = images
    assert x.shape == (64, 1797)
    assert even[[0, 1, 2, -3, -2, -1]].tolist() == [1, 0, 1, 1, 0, 1]
    assert x[:8, 0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]


def test_one_neuron(images: tuple[np.ndarray, np.ndarray]) -> None:
    w, z, a = digits_forward.one_neuron(images[0])
    first = [-0.02509198, 0.09014286, 0.04639879, 0.0197317, -0.06879627,
             -0.0688011, -0.08838328, 0.07323523, 0.020223, 0.04161452]  # fmt: skip
    assert w.data[:10, 0] == pytest.approx(first, abs=DIGITS)
    ends = [0, 1, 2, -3, -2, -1]
    sums = [-1.11477398, 2.00446732, 1.57488402, 1.02274619, -2.65746847, -1.01276836]
    outputs = [0.24698194, 0.88126532, 0.82847875, 0.73550718, 0.06553018, 0.26643843]
    assert z.data[0, ends] == pytest.approx(sums, abs=DIGITS)
    assert a.data[0, ends] == pytest.approx(outputs, abs=DIGITS)


def test_four_neurons(images: tuple[np.ndarray, np.ndarray]) -> None:
    layers = digits_forward.forward(images[0])
    assert layers.w1.data[-1] == pytest.approx(
        [0.07022733, -0.0366156, -0.06610145, 0.01136025], abs=DIGITS
    )
    columns = {
        0: [0.0359462173, 0.0373693562, 0.872297692, 0.935265146],
        1: [0.963628877, 0.000159409117, 0.922069900, 0.0508299415],
        -1: [0.0726458363, 0.00101253415, 0.877486074, 0.903811215],
    }
    for i, column in columns.items():  # nine significant digits in the text
        assert layers.a1.data[:, i] == pytest.approx(column, rel=5e-9)


def test_137_even_predictions(images: tuple[np.ndarray, np.ndarray]) -> None:
    layers = digits_forward.forward(images[0])
    assert digits_forward.even_predictions(layers) == 137
    sums = layers.w2.data.T @ (layers.w1.data.T @ images[0])
    assert int((sums > 0).sum()) == 137


def test_the_run(run: Run) -> None:
    text = run(digits_forward)
    assert "0.0359462173, 0.0373693562, 0.872297692, 0.935265146" in text
    assert "137 images even, of 891 that are" in text
    assert "[-0.02509198  0.09014286  0.04639879  0.0197317" in text
    assert "260 weights (and 5 biases)" in text
