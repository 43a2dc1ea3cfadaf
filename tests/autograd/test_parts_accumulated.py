"""Cotangents of parts of an array, written into one sum in place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, gradients, graph, hvp, jacobian, jvp, where
from autograd.test_util import check_grads

from .helpers import leaf

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])

# Functions that read parts of x in many ways; each is a sum of terms in powers of x.
READERS: dict[str, Any] = {
    "entries": lambda x: sum(x[i, j] ** 2 * (i + 3 * j) for i in range(2) for j in range(3)),
    "the same entry": lambda x: x[0, 0] * x[0, 0] + x[-2, -3] ** 3,
    "overlapping slices": lambda x: (x[:, 1:] * x[:, :-1] ** 2).sum() + (x[::-1, ::2] ** 2).sum(),
    "new axes and all": lambda x: (x[None, ..., 0] * x[()][:, 1]).sum() + x[...].sum(),
    "the whole first": lambda x: (x * 2).sum() + x[0].sum() ** 2,
    "the whole last": lambda x: x[0].sum() ** 2 + (x * 2).sum(),
    "the whole as it is": lambda x: x.sum() + x[0, 1] ** 2 + x.T.sum() + x[1, 1],
    "places and a mask": lambda x: x[0, 1] ** 2 + x[[0, 0, 1]].sum() + (x[X > 2] ** 2).sum(),
    "a branch": lambda x: where(X > 2, x**2, 0.0).sum() + x[0, 0] ** 2 + x[1, 1],
    "parts of parts": lambda x: (x[0] ** 2)[1] + (x[0] ** 2)[1:].sum() + x[1][2] ** 3,
    "unpacked": lambda x: sum((a * b * c for a, b, c in x), 0.0),
}


@pytest.mark.parametrize("name", READERS)
def test_parts_of_one_array(name: str) -> None:
    f = READERS[name]
    check_grads(f)(X)
    for kind, atol in ((np.float32, 1e-4), (np.complex128, 1e-10)):
        found = autograd.vjp(f, X.astype(kind))[1](np.asarray(1.0, kind))[0]
        assert found.dtype == kind
        np.testing.assert_allclose(found, autograd.grad(f)(X), atol=atol)
    v = np.array([[1.0, -1.0, 2.0], [0.5, 3.0, 1.0]])
    first = jacobian(autograd.grad(f))(X)
    np.testing.assert_allclose(np.tensordot(first, v), hvp(f, (X,), (v,)), rtol=1e-12)
    pushed = jvp(f, (X,), (v,))[1]
    np.testing.assert_allclose(pushed, np.sum(autograd.grad(f)(X) * v), rtol=1e-13)


def test_a_part_beside_a_branch_lifts_its_mask() -> None:
    """The zeros around a part are numbers, as everywhere outside of `where`."""
    x = leaf([1.0, 4.0])
    y = x * 3
    taken = where(np.array([False, True]), y, 0.0)
    (taken.sum() + y[0] * 2).backward()
    np.testing.assert_array_equal(x.grad, [6.0, 3.0])
    y = x * 3
    (y[0] * 2 + where(np.array([False, True]), y, 0.0).sum()).backward()
    np.testing.assert_array_equal(x.grad, [12.0, 6.0])


def test_arrays_of_others_are_not_written_to() -> None:
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    seen = []
    y.register_hook(lambda g: seen.append(g))
    y.retain_grad()
    seed = np.array([1.0, 1.0, 1.0])
    gradients([y, y[0] * 2], x, [seed, 1.0], retain_graph=True)
    assert seed.tolist() == [1.0, 1.0, 1.0]
    z = y + 0.0  # hands on the very cotangent it is given
    (found,) = gradients([z, y[1], y[1:]], x, [seed, 5.0, np.ones(2)])
    assert seed.tolist() == [1.0, 1.0, 1.0]
    assert found.tolist() == [1.0, 7.0, 2.0]
    assert [g.tolist() for g in seen] == [[3.0, 1.0, 1.0], [1.0, 7.0, 2.0]]


def test_a_retained_gradient_is_not_written_to() -> None:
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    part = y[1]
    z = y + 0.0  # whose cotangent is handed on as y's
    z.retain_grad()
    ((z * [1.0, 2.0, 3.0]).sum() + part * 5).backward()
    assert z.grad.tolist() == [1.0, 2.0, 3.0]
    assert x.grad.tolist() == [1.0, 7.0, 3.0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64])
def test_a_loop_over_entries_makes_one_array(monkeypatch: pytest.MonkeyPatch, dtype: Any) -> None:
    made = []
    whole = graph.whole
    monkeypatch.setattr(graph, "whole", lambda c, parent: made.append(c) or whole(c, parent))
    x = leaf(np.arange(50.0), dtype)
    total: Any = Tensor(0.0, dtype=dtype)
    for i in range(50):
        total = total + x[i] * x[i]
    total.backward(np.ones((), dtype))
    np.testing.assert_array_equal(x.grad, 2 * np.arange(50.0))
    assert x.grad.dtype == dtype
    assert len(made) == 1
