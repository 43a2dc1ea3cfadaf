"""Tensor: construction, leaves, backward, plain data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Tensor

from .helpers import leaf, refuses

# --- construction ------------------------------------------------------------------------


def test_data_is_copied_and_keeps_its_dtype() -> None:
    source = np.array([1.0, 2.0], np.float32)
    t = Tensor(source, label="t")
    source[0] = 9
    assert t.tolist() == [1.0, 2.0]
    assert (t.dtype, t.shape, t.ndim, t.size, t.label) == (np.float32, (2,), 1, 2, "t")
    assert not t.requires_grad
    assert t.grad is None


@pytest.mark.parametrize("data", [3, 2.5, True, [[1, 2], [3, 4]], np.float32(2), range(3), ()])
def test_data_of_every_numeric_kind(data: Any) -> None:
    np.testing.assert_array_equal(Tensor(data).numpy(), np.array(data))
    assert Tensor(data).dtype == np.array(data).dtype


def test_dtype_and_conversion() -> None:
    t = Tensor([1, 2], dtype=np.float32, requires_grad=True)
    assert t.dtype == np.float32
    (t.astype(np.float64) * np.array([1.5, 2.5])).sum().backward()
    assert t.grad.dtype == np.float32
    assert t.grad.tolist() == [1.5, 2.5]


def test_a_tensor_as_data_is_copied_without_its_graph() -> None:
    t = leaf([1.0, 2.0])
    u = Tensor(t)
    assert not u.requires_grad
    u.data[0] = 9
    assert t.tolist() == [1.0, 2.0]


def test_requires_grad_can_be_switched_on_a_leaf() -> None:
    t = Tensor([1.0])
    t.requires_grad = True
    (t * 2).sum().backward()
    assert t.grad.tolist() == [2.0]
    t.requires_grad = False
    assert not (t * 2).requires_grad


# --- backward ----------------------------------------------------------------------------


def test_gradients_are_on_leaves_only() -> None:
    x = leaf([1.0, 2.0])
    h = x * x
    y = h.sum()
    y.backward()
    assert x.grad.tolist() == [2.0, 4.0]
    assert h.grad is None
    assert y.grad is None
    assert x.is_leaf
    assert not h.is_leaf


def test_gradients_accumulate_into_new_arrays() -> None:
    x = leaf([1.0, 2.0])
    (x * 2).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    assert first.tolist() == [2.0, 2.0]
    assert x.grad.tolist() == [5.0, 5.0]
    assert x.grad is not first


def test_a_leaf_is_its_own_root() -> None:
    x = leaf(3.0)
    x.backward()
    assert x.grad == 1.0
    x = leaf([1.0, 2.0])
    x.backward(np.array([3.0, 4.0]))
    assert x.grad.tolist() == [3.0, 4.0]


@pytest.mark.parametrize("gradient", [np.array([1.0, 2.0]), [1.0, 2.0], [1, 2], Tensor([1.0, 2.0])])
def test_backward_takes_a_gradient(gradient: Any) -> None:
    x = leaf([3.0, 4.0])
    (x * x).backward(gradient)
    assert x.grad.tolist() == [6.0, 16.0]


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_a_single_element_needs_no_gradient(shape: tuple[int, ...]) -> None:
    x = leaf(np.full(shape, 3.0))
    (x * x).backward()
    np.testing.assert_array_equal(x.grad, np.full(shape, 6.0))


def test_retain_graph_allows_a_second_pass() -> None:
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [6.0, 12.0]
    with pytest.raises(RuntimeError, match="freed"):
        y.backward()
    assert x.grad.tolist() == [6.0, 12.0]


def test_create_graph_makes_grad_a_tensor_to_go_on_with() -> None:
    x = leaf([1.0, 2.0])
    (x**3).sum().backward(create_graph=True)
    slope = x.grad
    assert isinstance(slope, Tensor)
    assert slope.tolist() == [3.0, 12.0]
    x.grad = None
    (slope**2).sum().backward()
    assert x.grad.tolist() == [2 * 3 * 6, 2 * 12 * 12]


def test_create_graph_makes_a_constant_grad_a_tensor_too() -> None:
    x = leaf([1.0, 2.0])
    (2 * x).sum().backward(create_graph=True)
    assert isinstance(x.grad, Tensor)
    assert x.grad.tolist() == [2.0, 2.0]


def test_only_what_records_gets_a_gradient() -> None:
    x, constant = leaf([1.0]), Tensor([5.0])
    (x * constant).sum().backward()
    assert x.grad.tolist() == [5.0]
    assert constant.grad is None


def test_a_tensor_used_many_times() -> None:
    x = leaf([2.0])
    y = x * x + x * x * x - x + (x + x)
    y.sum().backward()
    assert x.grad.tolist() == [4 + 12 - 1 + 2]


def test_grad_can_be_assigned_and_cleared() -> None:
    x = leaf([1.0, 2.0])
    mine = np.array([5.0, 5.0])
    x.grad = mine
    mine[0] = 0
    (x * 2).sum().backward()
    assert x.grad.tolist() == [7.0, 7.0]
    x.grad = None
    assert x.grad is None
    x.grad = None


@pytest.mark.parametrize("gradient", [np.ones(3), 1.0, Tensor(np.ones((2, 1)))])
def test_grad_of_another_shape_is_refused(gradient: Any) -> None:
    with refuses(ValueError, "(2,)"):
        leaf([1.0, 2.0]).grad = gradient


# --- plain data --------------------------------------------------------------------------


def test_item_and_format() -> None:
    t = leaf([[1.5]])
    assert t.item() == 1.5
    assert type(t.item()) is float
    assert f"{t:.3f}" == "1.500"
    with refuses(ValueError, "(2,)", "2"):
        leaf([1.0, 2.0]).item()
    table = leaf([[1.0, 2.0], [3.0, 4.0]])
    assert (table.item(2), table.item(1, 1), table.item((0, 1))) == (3.0, 4.0, 2.0)
    with pytest.raises(IndexError):
        table.item(4)


@pytest.mark.parametrize("convert", [float, int, complex])
def test_a_constant_converts_to_a_number(convert: Callable[[Any], Any]) -> None:
    assert convert(Tensor(2.0)) == convert(2.0)


def test_a_constant_converts_to_an_array() -> None:
    t = Tensor([1.0, 2.0])
    array = np.array(t)
    array[0] = 9
    assert t.tolist() == [1.0, 2.0]
    assert np.array([t, t]).tolist() == [[1.0, 2.0], [1.0, 2.0]]


def test_comparisons_are_plain_booleans() -> None:
    t = leaf([1.0, 2.0, 3.0])
    for found, expected in [
        (t < 2, [True, False, False]), (t <= 2, [True, True, False]), (t > 2, [False, False, True]),
        (t >= Tensor([2.0, 2.0, 2.0]), [False, True, True]), (t == 2, [False, True, False]),
        (t != 2, [True, False, True]), (np.float64(2) < t, [False, False, True]),
        (np.array([1.0, 0.0, 3.0]) == t, [True, False, True]),
    ]:  # fmt: skip
        assert isinstance(found, np.ndarray)
        assert found.tolist() == expected
    assert (t > 0).all()
    assert len({t, leaf([1.0])}) == 2


def test_truth_of_a_single_element() -> None:
    assert leaf([[2.0]])
    assert not leaf(0.0)


def test_length_iteration_and_membership() -> None:
    t = leaf([[1.0, 2.0], [3.0, 4.0]])
    assert len(t) == 2
    rows = list(t)
    assert [row.tolist() for row in rows] == [[1.0, 2.0], [3.0, 4.0]]
    rows[1].sum().backward()
    assert t.grad.tolist() == [[0.0, 0.0], [1.0, 1.0]]
    assert 3.0 in t
    assert 9.0 not in t
    for use in (len, iter):
        with pytest.raises(TypeError, match="0-d"):
            use(leaf(1.0))


def test_repr() -> None:
    assert repr(Tensor([1.0, 2.0])) == "Tensor([1., 2.])"
    assert repr(leaf([1.0])) == "Tensor([1.], requires_grad=True)"
    assert repr(leaf([1.0]) * 2) == "Tensor([2.], operation=multiply)"
    assert (
        repr(Tensor([1], dtype=np.float32, label="w")) == "Tensor([1.], dtype=float32, label='w')"
    )


def test_plain_methods() -> None:
    t = leaf([[1.0, 0.0], [3.0, 4.0]])
    assert t.argmax() == 3
    assert t.argmin(axis=1).tolist() == [1, 0]
    assert t.any()
    assert not t.all()
    assert t.nbytes == 32


def test_assignment_to_data() -> None:
    x = leaf([1.0, 2.0], np.float32)
    source = np.array([5.0, 6.0])
    x.data = source
    source[0] = 0
    assert x.tolist() == [5.0, 6.0]
    assert x.dtype == np.float32
    assert x.requires_grad
    with refuses(ValueError, ".data", "(3,)", "(2,)"):
        x.data = np.ones(3)
    with refuses(RuntimeError, ".data", "multiply"):
        (x * 2).data = np.ones(2)


def test_labels_follow_the_tensor() -> None:
    x = Tensor([1.0], requires_grad=True, label="x")
    y = x * 2
    y.label = "y"
    assert (x.label, y.label) == ("x", "y")
