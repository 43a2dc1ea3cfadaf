"""copy, deepcopy and pickle: contents, graphs of any depth, shared identity."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value

from .helpers import leaf

DEEP = 100_000


def by_pickle(x: Any) -> Any:
    return pickle.loads(pickle.dumps(x))


def by_python_pickle(x: Any) -> Any:
    return pickle.loads(pickle._dumps(x))  # type: ignore[attr-defined]  # the pure Python one


whole = pytest.mark.parametrize("twin_of", [copy.deepcopy, by_pickle, by_python_pickle])
every = pytest.mark.parametrize("twin_of", [copy.copy, copy.deepcopy, by_pickle])
Copier = Callable[[Any], Any]


@every
def test_a_leaf(twin_of: Copier) -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, dtype=np.float32, label="x")
    (x * 3).sum().backward()
    twin = twin_of(x)
    assert (twin.tolist(), twin.dtype, twin.label) == ([1.0, 2.0], np.float32, "x")
    assert twin.requires_grad
    assert twin.is_leaf
    assert twin.grad.tolist() == [3.0, 3.0]
    (twin * 5).sum().backward()
    assert twin.grad.tolist() == [8.0, 8.0]
    assert x.grad.tolist() == [3.0, 3.0]


@every
def test_copies_of_a_leaf_share_no_memory(twin_of: Copier) -> None:
    x = leaf([1.0, 2.0])
    (x * 3).sum().backward()
    twin = twin_of(x)
    twin.data -= 1.0
    twin.grad *= 2.0
    assert x.tolist() == [1.0, 2.0]
    assert x.grad.tolist() == [3.0, 3.0]


@every
def test_a_constant(twin_of: Copier) -> None:
    twin = twin_of(Tensor([1, 2], label="c"))
    assert (twin.tolist(), twin.dtype, twin.label) == ([1, 2], np.int64, "c")
    assert not twin.requires_grad


@every
def test_a_value(twin_of: Copier) -> None:
    v = Value(2.0, label="v")
    (v * v).backward()
    twin = twin_of(v)
    assert (twin.data, twin.grad, twin.label) == (2.0, 4.0, "v")
    (twin * 3).backward()
    assert (twin.grad, v.grad) == (7.0, 4.0)


def test_a_shallow_copy_of_a_result_shares_its_graph() -> None:
    x = leaf([1.0, 2.0])
    copy.copy(x * x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]
    v = Value(3.0)
    copy.copy(v * v).backward()
    assert v.grad == 6.0


@whole
def test_a_graph_of_tensors_is_still_differentiable(twin_of: Copier) -> None:
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    y = autograd.einsum("ij,jk->ik", x, x.T)[[0, 1], 1:] * np.array([2.0]) + x.std(axis=0)
    y = autograd.where([True, False], y, y.softmax()).sum()
    x2, y2 = twin_of((x, y))
    y2.backward()
    assert x.grad is None
    y.backward()
    np.testing.assert_array_equal(x2.grad, x.grad)


@whole
def test_a_graph_of_values_is_still_differentiable(twin_of: Copier) -> None:
    a, b = Value(2.0, label="a"), Value(-3.0)
    c = autograd.dot([a, b, a], [b, 2.0, a]) + (a**b).tanh() * 2**a + autograd.sum([a, b, 1.0])
    a2, b2, c2 = twin_of([a, b, c])
    assert (c2.data, a2.label) == (c.data, "a")
    for root in (c, c2):
        root.backward()
    assert (a2.grad, b2.grad) == (a.grad, b.grad)
    (slope,) = autograd.gradients(c2, a2, create_graph=True)
    expected = autograd.gradients(autograd.gradients(c, a, create_graph=True)[0], a)
    assert autograd.gradients(slope, a2) == expected


@whole
def test_handles_copied_together_still_share_their_graph(twin_of: Copier) -> None:
    x = leaf([1.0, 2.0])
    h = x * x
    first, second = (h * 3).sum(), (h * 5).sum()
    x2, h2, first2, second2 = twin_of([x, h, first, second])
    (first2 + second2).backward(retain_graph=True)
    assert x2.grad.tolist() == [16.0, 32.0]
    assert autograd.gradients((h2 * x2).sum(), [x2, h2])[1].tolist() == [1.0, 2.0]
    v = Value(2.0)
    w = v * v
    pair = twin_of((w, v, w))
    assert pair[0] is pair[2]
    assert pair[0]._prev == {pair[1]}


@whole
def test_new_results_on_a_copy_come_after_it(twin_of: Copier) -> None:
    """Creation numbers order the graph, so those of copies must fit in."""
    x = leaf([2.0])
    y = x * x * x
    x2, y2 = twin_of((x, y))
    z = (y2 * x2 + y2).sum()
    z.backward()
    assert x2.grad.tolist() == [4 * 8 + 3 * 4]


@whole
def test_what_was_freed_stays_freed(twin_of: Copier) -> None:
    x = leaf([2.0])
    y = (x * x).sum()
    y.backward()
    twin = twin_of(y)
    assert twin.item() == 4.0
    with pytest.raises(RuntimeError, match="freed"):
        twin.backward()


@pytest.mark.parametrize("twin_of", [copy.deepcopy, by_pickle])
@pytest.mark.parametrize("make", [Value, leaf])
def test_deep_graphs(twin_of: Copier, make: Callable[[float], Any]) -> None:
    x = make(1.0)
    y = x
    for _ in range(DEEP):
        y = y + x
    x2, y2 = twin_of([x, y])
    y2.backward()
    assert x2.grad == DEEP + 1
    assert x.grad in (None, 0.0)


@whole
def test_operations_are_copied_by_name(twin_of: Copier) -> None:
    assert twin_of(autograd.exp) is autograd.exp


@whole
def test_subclasses_stay_what_they_are(twin_of: Copier) -> None:
    w = Weight([1.0], requires_grad=True)
    twin = twin_of(w)
    assert type(twin) is Weight
    assert twin.requires_grad


class Weight(Tensor):
    """A subclass, as nn.Parameter is one."""

    __slots__ = ()
