"""What a mask leaves out contributes exactly nothing, also where its derivative is infinite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, gradients, jvp

from .helpers import leaf

X = np.array([0.0, 4.0, 0.0, 9.0])


def _after(write: Callable[[Tensor, Any], None]) -> Callable[[Tensor], Tensor]:
    """The square root after `write(root, x)` has taken its zeros away."""

    def call(x: Tensor) -> Tensor:
        root = np.sqrt(x)
        write(root, x.data)
        return root

    return call


def _piece_by_piece(x: Tensor) -> Any:
    return np.piecewise(x, [x.data > 0], [np.sqrt])


SELECTING: dict[str, Callable[[Tensor], Any]] = {
    "mask": lambda x: np.sqrt(x)[x > 0],
    "mask of two axes": lambda x: np.sqrt(x).reshape(2, 2)[x.data.reshape(2, 2) > 0],
    "mask and slice": lambda x: np.sqrt(x).reshape(2, 2)[:, np.array([False, True])],
    "masks of rows and columns": lambda x: np.sqrt(x).reshape(4, 1)[x.data > 0, np.array([True])],
    "mask, then moved": lambda x: np.sqrt(x).reshape(2, 2).T.ravel()[[0, 2, 1, 3]][x.data > 0],
    "mask of a mask": lambda x: np.sqrt(x)[[False, True, True, True]][[True, False, True]],
    "compress": lambda x: np.compress(x.data > 0, np.sqrt(x)),
    "method compress": lambda x: np.sqrt(x).compress(x.data > 0),
    "extract": lambda x: np.extract(x.data > 0, np.sqrt(x)),
    "select": lambda x: np.select([x.data > 0], [np.sqrt(x)], 1.0),
    "choose": lambda x: np.choose(x.data > 0, [x * 0.0, np.sqrt(x)]),
    "delete": lambda x: np.delete(np.sqrt(x), [0, 2]),
    "piecewise": _piece_by_piece,
    "take_along_axis": lambda x: np.take_along_axis(np.sqrt(x), np.array([1, 3]), 0),
    "triangle": lambda x: np.triu(np.sqrt(x.reshape(2, 2)), 1) + np.sqrt(x[3]) * np.diag([0, 1]),
    "assignment": _after(lambda y, x: y.__setitem__(x == 0, 0.0)),
    "putmask": _after(lambda y, x: np.putmask(y, x == 0, 0.0)),
    "place": _after(lambda y, x: np.place(y, x == 0, [0.0])),
    "put": _after(lambda y, x: np.put(y, [0, 2], 0.0)),
    "copyto": _after(lambda y, x: np.copyto(y, 0.0, where=x == 0)),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the roots' own derivatives at 0
@pytest.mark.parametrize("select", SELECTING.values(), ids=SELECTING)
def test_the_gradient_is_zero_where_nothing_was_taken(select: Callable[[Tensor], Any]) -> None:
    slope = np.array([0.0, 1 / 4, 0.0, 1 / 6])
    x = leaf(X)
    assert gradients(select(x).sum(), x)[0].tolist() == slope.tolist()
    first = gradients(select(x).sum(), x, create_graph=True)[0]
    second = gradients(first.sum(), x)[0]
    np.testing.assert_allclose(second, [0.0, -1 / 32, 0.0, -1 / 108], rtol=1e-15)
    _, tangent = jvp(lambda x: select(x).sum(), (X,), (np.ones(4),))
    assert tangent == pytest.approx(slope.sum(), rel=1e-15)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_is_taken_elsewhere_as_well_is_not_hidden() -> None:
    x = leaf([0.0, 4.0])
    root = np.sqrt(x)
    (root[x > 0].sum() + root.sum()).backward()
    assert x.grad.tolist() == [np.inf, 0.5]


def test_a_mask_that_takes_nothing() -> None:
    x = leaf(X)
    assert gradients(autograd.log(x + 1.0)[x < 0].sum(), x)[0].tolist() == [0.0] * 4
