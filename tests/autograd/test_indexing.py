"""Reading and writing parts of tensors, form by form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, gradients, no_grad

from .helpers import leaf, refuses
from .numeric import spread

X = np.arange(24.0).reshape(2, 3, 4)
MASK = X % 3 == 0

FORMS: dict[str, Any] = {
    "integer": 1,
    "negative": -1,
    "numpy integer": np.int64(1),
    "slice": slice(1, 3),
    "step": slice(None, None, 2),
    "reversed": slice(None, None, -1),
    "empty slice": slice(2, 1),
    "tuple": (1, slice(None), 2),
    "ellipsis": (..., 1),
    "nothing": (),
    "everything": ...,
    "new axis": (None, 0, None),
    "list": [1, 0, 1],
    "empty list": [],
    "array": np.array([[0, 1], [1, 1]]),
    "small integers": np.array([1, 0], np.uint8),
    "0-d array": np.array(1),
    "tensor": Tensor([1, 0]),
    "mask": MASK,
    "mask of rows": np.array([True, False]),
    "list mask": [False, True],
    "empty mask": np.zeros((2, 3, 4), bool),
    "tensor mask": Tensor(MASK),
    "true": True,
    "false": False,
    "two arrays": (np.array([0, 1]), np.array([2, 0])),
    "arrays apart": (np.array([0, 1]), slice(None), np.array([3, 3])),
    "broadcast arrays": (np.array([[0], [1]]), np.array([2, 0])),
    "array and slice": (slice(None), [2, 2, 0], slice(1, None)),
    "mask and integer": (np.array([True, True]), 1),
    "mask and list": (np.array([True, True]), [1, 2]),
    "array and new axis": ([0, 0], None, 1),
}
every_form = pytest.mark.parametrize("index", FORMS.values(), ids=FORMS)


def plain(index: Any) -> Any:
    if isinstance(index, tuple):
        return tuple(plain(part) for part in index)
    if isinstance(index, Tensor):
        return index.numpy()
    return np.array(index, np.intp) if isinstance(index, list) and not index else index


@every_form
def test_reading(index: Any) -> None:
    """The gradient adds the cotangent up at every place it was read from."""
    x = leaf(X)
    part = x[index]
    expected = X[plain(index)]
    np.testing.assert_array_equal(part.numpy(), expected)
    assert part.shape == expected.shape
    c = spread(part.shape, 1)
    total = np.zeros_like(X)
    np.add.at(total, plain(index), c)
    np.testing.assert_allclose(gradients(part, x, c)[0], total, rtol=1e-15)


@every_form
@pytest.mark.parametrize("shape", ["scalar", "full"])
def test_writing(index: Any, shape: str) -> None:
    """By linearity: with y = x then y[index] = v, what v gets and what x keeps make up all of c
    that was overwritten by the last of the values to one place."""
    x, start = leaf(X), X.copy()
    part = start[plain(index)]
    v = leaf(100.0 if shape == "scalar" else 100.0 + np.arange(part.size).reshape(part.shape))
    y = x * 1
    y[index] = v
    start[plain(index)] = v.numpy()
    np.testing.assert_array_equal(y.numpy(), start)
    c = spread(y.shape, 2)
    gx, gv = gradients(y, [x, v], c)
    survives = start == X
    np.testing.assert_array_equal(gx, np.where(survives, c, 0))
    expected = np.zeros(v.shape)
    for place in np.argwhere(~survives):
        value = start[tuple(place)]
        expected += np.where(v.numpy() == value, c[tuple(place)], 0)
    np.testing.assert_allclose(gv, expected, rtol=1e-13, atol=1e-15)


def test_the_last_of_several_values_to_one_place_wins() -> None:
    v = leaf([1.0, 2.0, 3.0])
    y = Tensor(np.zeros(2))
    y[[0, 0, 1]] = v
    assert y.tolist() == [2.0, 3.0]
    (y * np.array([10.0, 100.0])).sum().backward()
    assert v.grad.tolist() == [0.0, 10.0, 100.0]


def test_second_derivatives_through_reading_and_writing() -> None:
    x, v = leaf([1.0, 2.0, 3.0]), leaf([4.0, 5.0])
    y = x**3
    y[[0, 2]] = v**2 * x[[1, 1]]
    first = gradients((y**2).sum(), [x, v], create_graph=True)
    # y² sums (16 x1)² + x1⁶ + (25 x1)²
    assert first[0].tolist() == [0.0, 2 * (256 + 625) * 2.0 + 6 * 2.0**5, 0.0]
    second = gradients(first[0].sum(), [x, v])
    assert second[0].tolist() == [0.0, 2 * 881 + 30 * 2.0**4, 0.0]
    # d/dv of 2 v⁴ x1: 8 v³ x1
    np.testing.assert_allclose(second[1], 8 * np.array([64.0, 125.0]) * 2)


@pytest.mark.parametrize("v", [7, 7.0, np.float32(7), [7, 7], np.array([7, 7]), Tensor([7, 7])])
def test_writing_constants(v: Any) -> None:
    x = leaf([1.0, 2.0, 3.0])
    y = x * 2
    y[1:] = v
    assert y.tolist() == [2.0, 7.0, 7.0]
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 0.0, 0.0]


def test_writing_a_value_with_leading_axes_of_length_one() -> None:
    v = leaf([[1.0, 2.0]])
    y = Tensor(np.zeros(3))
    y[:2] = v
    y.sum().backward()
    assert v.grad.tolist() == [[1.0, 1.0]]


def test_writing_under_no_grad_updates_the_leaf() -> None:
    w = leaf([1.0, 2.0, 3.0])
    with no_grad():
        w[np.array([True, False, True])] = leaf([10.0, 30.0])
        w[1] += 5
    assert w.tolist() == [10.0, 7.0, 30.0]
    assert w.is_leaf


def test_augmented_assignment_to_a_part() -> None:
    x = leaf([1.0, 2.0, 3.0])
    y = x * 2
    y[1:] *= x[:2]
    y[[0, 0]] += 1.0  # as in NumPy: once
    assert y.tolist() == [3.0, 4.0, 12.0]
    y.sum().backward()
    assert x.grad.tolist() == [2 + 4.0, 2 * 1.0 + 6.0, 2 * 2.0]


def test_an_index_that_was_drawn_with_a_generator_twice_the_same() -> None:
    x, labels = leaf(X[0]), np.array([3, 0, 1])
    picked = x[np.arange(3), labels]
    picked.sum().backward()
    assert np.argwhere(x.grad).tolist() == [[0, 3], [1, 0], [2, 1]]


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (2, ["getitem", "2", "(2, 3, 4)"]),
        ((0, 0, 0, 0), ["getitem", "(2, 3, 4)"]),
        ([5], ["getitem", "5"]),
        (np.array([True] * 3), ["getitem", "(2, 3, 4)"]),
        (1.5, ["index", "float"]),
        (np.array([0.5]), ["index", "float"]),
        ("a", ["index"]),
        (leaf([0.0, 1.0]), ["index", "float"]),
    ],
)
def test_bad_indices(index: Any, words: list[str]) -> None:
    with refuses(IndexError, *words):
        leaf(X)[index]


def test_bad_assignments() -> None:
    y = leaf(X) * 1
    with refuses(ValueError, "setitem", "(5,)", "broadcast"):
        y[0] = np.ones(5)
    with refuses(IndexError, "setitem", "9"):
        y[9] = 1.0
    with refuses(TypeError, "setitem", "str"):
        y[0] = "text"
    assert y.tolist() == X.tolist()


def test_take_modes_and_errors() -> None:
    x = leaf([1.0, 2.0, 3.0])
    assert x.take([3, -4], mode="wrap").tolist() == [1.0, 3.0]
    assert x.take([3, -4], mode="clip").tolist() == [3.0, 1.0]
    with refuses(IndexError, "3"):
        x.take([3])
    with refuses(ValueError, "take", "nearest", "wrap"):
        x.take([0], mode="nearest")
    with refuses(IndexError, "float"):
        x.take([0.5])
    assert autograd.take(np.array([1.0, 2.0]), 1) == 2.0
