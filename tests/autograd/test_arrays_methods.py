"""Each attribute of ndarray on a Tensor: it works, or says what to do instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, gradients, no_grad

from .helpers import leaf, refuses
from .strategies import Array

X = np.array([[3.0, 1.0, 2.0], [4.0, 6.0, 5.0]])


def test_every_public_attribute_exists_or_names_a_remedy() -> None:
    t = leaf(X)
    for name in dir(np.ndarray):
        if name.startswith("_") or hasattr(t, name):
            continue
        with refuses(AttributeError, repr(name), "use "):
            getattr(t, name)


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("unsqueeze", lambda t: t.expand_dims(0)),
        ("expand", lambda t: t.broadcast_to((2, 2, 3))),
        ("permute", lambda t: t.transpose((1, 0))),
        ("norm", lambda t: autograd.linalg.norm(t)),
        ("masked_fill", lambda t: autograd.where(X > 2, 0.0, t)),
        ("gather", lambda t: autograd.take_along_axis(t, np.array([[0], [1]]), 1)),
        ("double", lambda t: t.astype(np.float64)),
        ("clamp", lambda t: t.clip(1.5, 4.5)),
        ("pow", lambda t: t**3),
        ("chunk", lambda t: np.array_split(t, 2)[0]),
    ],
)
def test_names_of_pytorch_name_what_to_use_and_it_records(
    name: str, instead: Callable[[Tensor], Tensor]
) -> None:
    t = leaf(X)
    with refuses(AttributeError, repr(name), "use "):
        getattr(t, name)
    assert instead(t).requires_grad


def test_an_attribute_nobody_has() -> None:
    with refuses(AttributeError, "'reshap'"):
        leaf(X).reshap  # noqa: B018


PLAIN: dict[str, Callable[[Any], Any]] = {
    "argsort": lambda x: x.argsort(),
    "argsort by columns": lambda x: x.argsort(0, stable=True),
    "argpartition": lambda x: x.argpartition(1, 0)[1],
    "argmax": lambda x: x.argmax(1, keepdims=True),
    "nonzero": lambda x: x.nonzero()[1],
    "searchsorted": lambda x: x[0].searchsorted([1.5, 2.5], "right"),
    "any": lambda x: x.any(axis=0, keepdims=True),
    "astype int": lambda x: x.astype(int),
    "astype bool": lambda x: x.astype("bool"),
    "np.astype": lambda x: np.astype(x, np.int8),
    "np.argpartition": lambda x: np.argpartition(x, 1, axis=0)[1],
    "np.triu_indices_from": lambda x: np.triu_indices_from(x)[0],
    "np.unique's counts": lambda x: np.unique(x, return_counts=True)[1],
    "np.unique's inverse": lambda x: np.unique(x, return_inverse=True, return_index=True)[2],
}


@pytest.mark.parametrize("call", PLAIN.values(), ids=PLAIN)
def test_integers_and_booleans_are_plain(call: Callable[[Any], Any]) -> None:
    found, expected = call(leaf(X)), call(X)
    assert type(found) is type(expected)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def test_astype() -> None:
    x = leaf(X)
    assert x.astype("float32").dtype == np.float32
    assert gradients(x.astype(complex).sum().reshape(1), x, [1.0])[0].tolist() == [[1.0] * 3] * 2
    assert isinstance(autograd.astype(X, "f4"), np.ndarray)
    with refuses(TypeError, "astype", "float64", "float32", "safe"):
        x.astype("float32", casting="safe")


IN_PLACE: dict[str, Callable[[Any], None]] = {
    "sort": lambda x: x.sort(),
    "sort by columns": lambda x: x.sort(axis=0, kind="stable"),
    "partition": lambda x: x.partition(1, axis=-1),
    "put": lambda x: x.put([0, 7], [7.0, 8.0], mode="clip"),
    "fill": lambda x: x.fill(2.0),
    "np.put": lambda x: np.put(x, [-1], 7.0),
    "np.fill_diagonal": lambda x: np.fill_diagonal(x, [1.0, 2.0]),
}


@pytest.mark.parametrize("write", IN_PLACE.values(), ids=IN_PLACE)
def test_what_ndarray_does_in_place_moves_the_handle_on(write: Callable[[Any], None]) -> None:
    expected = X.copy()
    write(expected)
    leaf_, constant = leaf(X), Tensor(X)
    y = leaf_ * 1
    other, before = y, (y * y).sum()
    for t in (y, constant):
        write(t)
        np.testing.assert_array_equal(t.data, expected)
    assert other is y
    np.testing.assert_array_equal(gradients(before, leaf_)[0], 2 * X)
    with refuses(RuntimeError, "leaf", "no_grad"):
        write(leaf_)
    with no_grad():
        write(leaf_)
    np.testing.assert_array_equal(leaf_.data, expected)
    assert leaf_.is_leaf


def test_equal_entries_are_sorted_by_their_places() -> None:
    x = leaf([2.0, 1.0, 2.0, 1.0])
    assert gradients(np.sort(x), x, [1.0, 2.0, 3.0, 4.0])[0].tolist() == [3.0, 1.0, 4.0, 2.0]
    assert gradients(np.unique(x), x, [1.0, 2.0])[0].tolist() == [2.0, 1.0, 0.0, 0.0]


WRITES: dict[str, Callable[[Any, Any], None]] = {
    "put": lambda a, v: np.put(a, [0], v),
    "place": lambda a, v: np.place(a, np.ones((2, 3), bool), v),
    "putmask": lambda a, v: np.putmask(a, np.ones((2, 3), bool), v),
    "copyto": lambda a, v: autograd.copyto(a, v),
    "put_along_axis": lambda a, v: autograd.put_along_axis(a, np.zeros((2, 1), int), v, 1),
    "fill_diagonal": lambda a, v: autograd.fill_diagonal(a, v),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_value_that_records_needs_a_target_that_can_keep_its_gradient(name: str) -> None:
    target: Array = np.zeros((2, 3))
    with refuses(TypeError, name, "plain array", "Tensor"):
        WRITES[name](target, leaf(7.0))
    assert not target.any()
    numbers = Tensor(np.zeros((2, 3), int))
    with pytest.raises(TypeError):
        WRITES[name](numbers, leaf(7.0))
    assert numbers.data.dtype.kind == "i"
    assert not numbers.data.any()


def test_writing_plain_values_into_plain_arrays() -> None:
    target: Array = np.zeros((2, 3))
    autograd.put(target, [0], Tensor(7.0))
    assert target[0, 0] == 7.0
