"""Shapes, joining, padding and interpolation: edges, errors, and what differs from the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, gradients

from .helpers import leaf, refuses

X = np.arange(6.0).reshape(2, 3)

REFUSED: dict[str, tuple[Callable[[Any], Any], list[str]]] = {
    "moveaxis": (lambda t: np.moveaxis(t, 5, 0), ["moveaxis", "5", "(2, 3)"]),
    "rollaxis": (lambda t: np.rollaxis(t, 0, 9), ["rollaxis", "9", "(2, 3)"]),
    "mT": (lambda t: t[0].mT, ["matrix_transpose", "(3,)"]),
    "tile": (lambda t: np.tile(t, -1), ["tile", "(2, 3)", "-1"]),
    "repeat": (lambda t: np.repeat(t, [1, 2], axis=1), ["repeat", "(2, 3)", "[1, 2]"]),
    "repeat less than 0 times": (lambda t: np.repeat(t, -1), ["repeat", "negative"]),
    "resize": (lambda t: np.resize(t, (-1,)), ["resize", "(2, 3)", "-1"]),
    "flip": (lambda t: np.flip(t, 3), ["flip", "3", "(2, 3)"]),
    "rot90": (lambda t: np.rot90(t, 1, (0, 0)), ["rot90", "(0, 0)"]),
    "fliplr": (lambda t: np.fliplr(t[0]), ["fliplr", "(3,)", "two axes"]),
    "meshgrid": (lambda t: np.meshgrid(t[0], indexing="yx"), ["meshgrid", "yx", "'ij'"]),
    "hstack": (lambda t: np.hstack([t, t[:1]]), ["concatenate", "(1, 3)", "equal lengths"]),
    "vstack of nothing": (lambda t: autograd.vstack([]), ["at least one"]),
    "block of depths": (lambda t: np.block([[t], t]), ["block", "depths"]),
    "array_split": (lambda t: np.array_split(t, 0), ["array_split", "0"]),
    "hsplit": (lambda t: np.hsplit(t, 2), ["hsplit", "(2, 3)", "2"]),
    "vsplit": (lambda t: np.vsplit(t[0], 1), ["vsplit", "(3,)", "2 axes"]),
    "unstack": (lambda t: np.unstack(t[0, 0]), ["unstack", "0-d"]),
    "diag": (lambda t: np.diag(t[None]), ["diag", "(1, 2, 3)", "one axis or two"]),
    "diagonal": (lambda t: np.diagonal(t, 0, 0, 0), ["diagonal", "(2, 3)"]),
    "insert": (lambda t: np.insert(t, 9, 1.0), ["insert", "9", "(2, 3)"]),
    "delete": (lambda t: np.delete(t, 9), ["delete", "9", "(2, 3)"]),
    "select": (lambda t: np.select([t.data > 0], [t, t]), ["select", "same length"]),
    "choose": (lambda t: np.choose([0, 2], [t, t]), ["choose", "2"]),
    "compress": (lambda t: np.compress([[True]], t), ["compress", "1-d"]),
    "take_along_axis": (lambda t: np.take_along_axis(t, np.array([[5]]), 0), ["5"]),
    "piecewise": (lambda t: np.piecewise(t, [t.data > 0], []), ["piecewise", "functions"]),
    "trim": (lambda t: np.trim_zeros(t[0], "x"), ["trim_zeros", "'x'"]),
    "sort": (lambda t: np.sort(t, 5), ["sort", "5", "(2, 3)"]),
    "sort of a kind": (lambda t: np.sort(t, kind="fast"), ["sort", "fast"]),
    "partition": (lambda t: np.partition(t, 7), ["partition", "7"]),
    "interp": (lambda t: np.interp(t, [0.0, 1.0], [0.0]), ["interp", "length"]),
    "interp period": (lambda t: np.interp(t, [0.0], [0.0], period=0), ["interp", "non-zero"]),
    "pad mode": (lambda t: np.pad(t, 1, "mirror"), ["pad", "mirror"]),
    "pad argument": (lambda t: np.pad(t, 1, "edge", end_values=1), ["pad", "end_values"]),
    "pad width": (lambda t: np.pad(t, 0.5), ["pad", "float64", "integers"]),
    "pad below 0": (lambda t: np.pad(t, -1), ["pad", "-1", "index"]),
    "pad nothing": (lambda t: np.pad(t[:0], 1, "edge"), ["pad", "(0, 3)", "'constant'"]),
    "pad statistics of none": (lambda t: np.pad(t, 1, "maximum", stat_length=0), ["max", "0"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_named(name: str) -> None:
    call, words = REFUSED[name]
    for t in (leaf(X), Tensor(X)):
        with pytest.raises((ValueError, TypeError, IndexError)) as caught:
            call(t)
        if t.requires_grad:
            missing = [word for word in words if word not in str(caught.value)]
            assert not missing, str(caught.value)


def test_padding_by_a_function_of_what_records_is_refused() -> None:
    with refuses(TypeError, "pad", "function"):
        np.pad(leaf(X), 1, lambda *_: None)


def test_a_value_that_records_is_not_rounded() -> None:
    with refuses(TypeError, "insert", "int64", "floats"):
        np.insert(np.array([1, 2]), 0, leaf(1.0))


def test_functions_of_nothing_that_records_are_numpys() -> None:
    assert type(autograd.flip([1, 2])) is np.ndarray
    assert isinstance(autograd.tile(Tensor([1, 2]), 2), Tensor)
    assert autograd.tile(Tensor([1, 2]), 2).dtype == np.int64
    assert [type(x) for x in autograd.atleast_1d(1.0, [2.0])] == [np.ndarray] * 2
    assert type(autograd.trace(X)) is np.float64
    ramp = autograd.pad(Tensor([7, 9]), 2, "linear_ramp")
    np.testing.assert_array_equal(ramp.data, np.pad([7, 9], 2, "linear_ramp"))


def test_lists_with_tensors_in_them() -> None:
    x = leaf(2.0)
    assert autograd.flip([x, 1.0]).tolist() == [1.0, 2.0]
    padded = autograd.pad([x, 1.0], 1, constant_values=(x * 3, 0))
    assert padded.tolist() == [6.0, 2.0, 1.0, 0.0]
    assert gradients(padded.sum(), x)[0] == 4.0


def test_empty_padding_is_zeros() -> None:
    x = leaf([1.0, 2.0])
    assert np.pad(x, 1, "empty").tolist() == [0.0, 1.0, 2.0, 0.0]


def test_padding_by_axis_and_trimming() -> None:
    x = leaf(X)
    assert np.pad(x, {-1: (1, 2)}).shape == (2, 6)
    assert np.pad(x, {0: 1}, "edge").shape == (4, 3)
    y = np.trim_zeros(leaf([0.0, 0.0, 1.0, 0.0, 2.0, 0.0]))
    assert y.tolist() == [1.0, 0.0, 2.0]
    z = leaf([0.0, 1.0, 0.0])
    assert gradients(np.trim_zeros(z, "b").sum(), z)[0].tolist() == [1.0, 1.0, 0.0]
    assert np.trim_zeros(leaf([0.0, 0.0])).shape == (0,)


def test_interpolation_at_the_points_and_outside() -> None:
    """To the right of a point, to the left of the last one, and 0 outside."""
    xp, fp = [0.0, 1.0, 2.0], [0.0, 10.0, 30.0]
    x = leaf([-1.0, 0.0, 1.0, 2.0, 3.0])
    y = np.interp(x, xp, fp)
    assert y.tolist() == [0.0, 0.0, 10.0, 30.0, 30.0]
    assert gradients(y.sum(), x)[0].tolist() == [0.0, 10.0, 20.0, 20.0, 0.0]
    f = leaf(fp)
    assert gradients(np.interp([-1.0, 0.5, 9.0], xp, f), f, [1.0, 1.0, 1.0])[0].tolist() == [
        1.5, 0.5, 1.0]  # fmt: skip
    left = leaf(5.0)
    y = np.interp(leaf([-1.0, 1.0]), xp, fp, left=left)
    assert gradients(y.sum(), left)[0] == 1.0


def test_interpolation_of_complex_values() -> None:
    x, f = leaf([0.25]), leaf(np.array([1.0 + 2.0j, 3.0 - 1.0j]))
    y = np.interp(x, [0.0, 1.0], f)
    assert y.tolist() == [1.5 + 1.25j]
    gx, gf = gradients(y, [x, f], np.array([1.0 + 0.0j]))
    assert gx.tolist() == [2.0]  # the real part of the slope 2 - 3j
    assert gf.tolist() == [0.75, 0.25]


@pytest.mark.parametrize("repeated", [False, True])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_large_scatters_add_as_small_ones(axis: int, repeated: bool) -> None:
    """Whole lines are added by another way than single entries."""
    rng = np.random.default_rng(0)
    shape = (5, 30, 20)
    places = rng.integers(-shape[axis], shape[axis], (4, 25))
    if repeated:
        places[:] = places[0, 0]
    index = (slice(None),) * axis + (places,)
    x = leaf(rng.standard_normal(shape))
    part = x[index]
    g = rng.standard_normal(part.shape)
    expected = np.zeros(shape)
    np.add.at(expected, index, g)
    np.testing.assert_allclose(gradients(part, x, g)[0], expected, rtol=1e-12, atol=1e-12)
