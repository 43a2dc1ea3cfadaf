"""Tensor: what shares memory with what, and item assignment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, gradients, no_grad

from .helpers import leaf, refuses, unless_refused

# --- aliasing ----------------------------------------------------------------------------

SHARING: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "add": lambda x, y: x + y,
    "add twice": lambda x, y: x + y + x,
    "subtract": lambda x, y: x - y,
    "reshape": lambda x, y: x.reshape(2, 1).reshape(2) + y.ravel(),
    "transpose": lambda x, y: x.T + y.T,
    "swapaxes": lambda x, y: (x.expand_dims(0).swapaxes(0, 1) + y.expand_dims(1)).ravel(),
    "broadcast": lambda x, y: x.broadcast_to((2,)) + y.broadcast_to((2,)),
    "concatenate": lambda x, y: autograd.concatenate([x, y]),
    "stack": lambda x, y: autograd.stack([x, y]).ravel(),
    "index": lambda x, y: x[...] + y[:],
    "copy": lambda x, y: x.copy() + y,
    "astype": lambda x, y: x.astype(float) + y,
    "setitem": lambda x, y: autograd.op.OPERATIONS["setitem"](x * 1, y, index=slice(None)) + x,
    "pad": lambda x, y: autograd.pad(x, 1)[1:-1] + y,
    "where": lambda x, y: autograd.where([True, False], x, y),
    "einsum": lambda x, y: autograd.einsum("i->i", x) + y,
    "sum": lambda x, y: x.sum(axis=()) + y.sum(keepdims=True),
}


@pytest.mark.parametrize("f", SHARING.values(), ids=SHARING)
def test_no_gradient_shares_memory_with_anything(f: Callable[[Tensor, Tensor], Tensor]) -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    out = f(x, y)
    out.retain_grad()
    gradient = np.arange(1.0, out.size + 1).reshape(out.shape)
    out.backward(gradient)
    held = [x.grad, y.grad, out.grad, gradient, x.data, y.data, out.data]
    for i, one in enumerate(held[:3]):
        assert one.flags.writeable
        for other in held[i + 1 :]:
            assert not np.shares_memory(one, other)


def test_gradients_that_are_tensors_share_no_memory_either() -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    seed = Tensor([1.0, 1.0])
    (x + y).backward(seed, create_graph=True)
    arrays = [x.grad.data, y.grad.data, seed.data]
    for i, one in enumerate(arrays):
        assert not any(np.shares_memory(one, other) for other in arrays[i + 1 :])


@pytest.mark.parametrize("create_graph", [False, True])
def test_writing_into_a_gradient_spoils_no_later_pass(create_graph: bool) -> None:
    x, y = leaf(1.0), leaf(2.0)
    (x + 1).backward(create_graph=create_graph)
    array = x.grad.data if create_graph else x.grad
    array *= 5
    (y * 3).backward()
    assert y.grad == 3.0


def test_gradients_returned_share_no_memory() -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    h = x + y
    seed = np.ones(2)
    found = gradients(h, [x, y, h], seed)
    arrays = [*found, seed]
    for i, one in enumerate(arrays):
        assert not any(np.shares_memory(one, other) for other in arrays[i + 1 :])


def test_numpy_gives_an_array_of_the_callers_own() -> None:
    x = leaf([1.0, 2.0])
    x.numpy()[0] = 9
    assert x.tolist() == [1.0, 2.0]


def test_a_copy_has_memory_of_its_own() -> None:
    x = Tensor([1.0, 2.0])
    twin = x.copy()
    twin.data[0] = 9
    assert x.tolist() == [1.0, 2.0]
    y = leaf([1.0, 2.0])
    (y.copy() * 2).sum().backward()
    assert y.grad.tolist() == [2.0, 2.0]


# --- item assignment ---------------------------------------------------------------------


def test_item_assignment_is_recorded() -> None:
    x, v = leaf([1.0, 2.0, 3.0]), leaf(10.0)
    y = x * 2
    y[1] = v * v
    y[2:] = 5.0
    assert y.tolist() == [2.0, 100.0, 5.0]
    (y * np.array([1.0, 10.0, 100.0])).sum().backward()
    assert x.grad.tolist() == [2.0, 0.0, 0.0]
    assert v.grad == 200.0


def test_a_plain_buffer_becomes_part_of_the_graph() -> None:
    v = leaf(3.0)
    buffer = Tensor(np.zeros(3))
    for i in range(3):
        buffer[i] = v**i
    assert buffer.requires_grad
    buffer.sum().backward()
    assert v.grad == 1 + 2 * 3.0


def test_assignment_changes_no_other_handle() -> None:
    x = leaf([1.0, 2.0])
    y = x * 1
    before = y
    view = y[:1]
    alias = y.detach()
    z = y * y
    y[0] = 100.0
    assert before is y  # the handle itself moved on
    assert view.tolist() == [1.0]
    assert alias.tolist() == [1.0, 2.0]
    z.sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_an_integer_buffer_does_not_swallow_a_gradient() -> None:
    """Writing 2.5 into integers rounds it, and no gradient comes back: an error, or a float."""
    v = leaf(2.5)
    buffer = Tensor([1, 2, 3])

    def slope() -> Any:
        buffer[0] = v
        return gradients((buffer * 0.5).sum(), v)

    assert unless_refused(slope, TypeError, "int") in (None, (0.5,))


@pytest.mark.parametrize("operator", ["+=", "-=", "*=", "/=", "**="])
def test_augmented_assignment_is_recorded(operator: str) -> None:
    x, v = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    plain = operator[:-1]
    names: dict[str, Any] = {"y": x * 1, "v": v}
    exec(f"y {operator} v", names)
    exec(f"z = y0 {plain} v", expected := {"y0": x * 1, "v": v})
    assert names["y"].tolist() == expected["z"].tolist()
    found = gradients(names["y"].sum(), [x, v])
    wanted = gradients(expected["z"].sum(), [x, v])
    np.testing.assert_array_equal(found, wanted)


def test_matmul_assignment() -> None:
    x, m = leaf(np.eye(2)), leaf([[1.0, 2.0], [3.0, 4.0]])
    y = x * 1
    y @= m
    y.sum().backward()
    assert m.grad.tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert x.grad.tolist() == [[3.0, 7.0], [3.0, 7.0]]


def test_augmented_assignment_leaves_earlier_records_alone() -> None:
    x = leaf([2.0])
    y = x * 1
    z = y * y
    y += 100.0
    (z + y).sum().backward()
    assert x.grad.tolist() == [5.0]


def test_augmented_assignment_to_a_plain_array_is_refused_not_detached() -> None:
    array = np.zeros(2)
    with refuses(TypeError, "add"):
        array += leaf([1.0, 2.0])


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.__setitem__(0, 1.0),
        lambda t: t.__iadd__(1.0),
        lambda t: t.__isub__(1.0),
        lambda t: t.__imul__(1.0),
        lambda t: t.__itruediv__(2.0),
        lambda t: t.__ipow__(2.0),
    ],
)
def test_a_leaf_that_records_is_changed_only_under_no_grad(change: Callable[[Tensor], Any]) -> None:
    w = leaf([1.0, 2.0])
    with refuses(RuntimeError, "leaf", "no_grad"):
        change(w)
    assert w.tolist() == [1.0, 2.0]
    with no_grad():
        change(w)
    assert w.is_leaf
    assert w.requires_grad


def test_the_update_of_a_training_step() -> None:
    w = leaf([1.0, 2.0])
    handle = w
    for _ in range(2):
        (w * w).sum().backward()
        with no_grad():
            w -= 0.25 * w.grad
        w.grad = None
    assert w is handle
    assert w.tolist() == [0.25, 0.5]
    with no_grad():
        w[0] = 7.0
        w *= 2
    assert w.tolist() == [14.0, 1.0]
    (w * 3).sum().backward()
    assert w.grad.tolist() == [3.0, 3.0]


def test_an_update_keeps_dtype_and_shape() -> None:
    w = leaf([1.0, 2.0], np.float32)
    with no_grad():
        w -= np.array([0.5, 0.5])
    assert w.dtype == np.float32
    with no_grad(), refuses(ValueError, "(2,)", "(2, 2)"):
        w += np.ones((2, 2))
    plain = Tensor([1.0, 2.0])
    with refuses(ValueError, "(2,)", "(2, 2)"):
        plain += np.ones((2, 2))
    integers = Tensor([1, 2])
    with refuses(TypeError, "int"):
        integers += 0.5
