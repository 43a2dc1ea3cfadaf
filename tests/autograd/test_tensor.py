"""Tensor: construction, leaves, assignment, backward, hooks, plain data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, enable_grad, gradients, no_grad

from .helpers import leaf, refuses, unless_refused

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


# --- recording on and off ----------------------------------------------------------------


def test_no_grad_as_context_decorator_and_nested() -> None:
    x = leaf([1.0])

    @no_grad()
    def double(t: Tensor) -> Tensor:
        """Twice."""
        return t * 2

    assert not double(x).requires_grad
    assert (double.__name__, double.__doc__) == ("double", "Twice.")
    with no_grad():
        assert not (x * 2).requires_grad
        with enable_grad():
            assert (x * 2).requires_grad
            with no_grad():
                assert not (x * 2).requires_grad
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad


def test_no_grad_ends_with_an_exception() -> None:
    x = leaf([1.0])
    with pytest.raises(ZeroDivisionError), no_grad():
        _ = 1 / 0
    assert (x * 2).requires_grad

    @no_grad()
    def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert (x * 2).requires_grad


def test_one_switch_object_used_again_and_inside_itself() -> None:
    x = leaf([1.0])
    switch = no_grad()
    with switch:
        with switch:
            pass
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad

    @no_grad()
    def recursive(n: int) -> bool:
        return not (x * 2).requires_grad and (n == 0 or recursive(n - 1))

    assert recursive(3)
    assert (x * 2).requires_grad


def test_a_failing_backward_leaves_recording_as_it_was() -> None:
    x = leaf([1.0])
    y = x * 2

    def fails(_: Any) -> None:
        raise ZeroDivisionError

    y.register_hook(fails)
    with pytest.raises(ZeroDivisionError):
        y.sum().backward()
    assert (x * 2).requires_grad
    assert x.grad is None


def test_create_graph_inside_no_grad() -> None:
    x = leaf([2.0])
    y = (x**3).sum()
    with no_grad():
        (slope,) = gradients(y, x, create_graph=True)
        assert not (x * 2).requires_grad
    assert slope.requires_grad


def test_detach_shares_contents_but_not_the_graph() -> None:
    x = leaf([1.0, 2.0])
    d = (x * 2).detach()
    assert not d.requires_grad
    assert d.is_leaf
    (x * d).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


# --- hooks -------------------------------------------------------------------------------


def test_a_hook_sees_the_complete_gradient_once() -> None:
    x = leaf([1.0, 2.0])
    h = x * 1
    seen: list[Any] = []
    h.register_hook(seen.append)
    (h * 2 + h * 3).sum().backward()
    assert [g.tolist() for g in seen] == [[5.0, 5.0]]


def test_a_hook_can_replace_the_gradient_and_be_removed() -> None:
    x = leaf([1.0, 2.0])
    handle = x.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: g + 1)
    x.sum().backward()
    assert x.grad.tolist() == [11.0, 11.0]
    handle.remove()
    handle.remove()
    x.grad = None
    x.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_a_hook_registered_twice_is_removed_once_by_each_handle() -> None:
    x = leaf([1.0])
    calls: list[Any] = []
    handle = x.register_hook(calls.append)
    x.register_hook(calls.append)
    handle.remove()
    handle.remove()
    x.sum().backward()
    assert len(calls) == 1


def test_a_hook_on_a_result_changes_what_flows_on() -> None:
    x = leaf([1.0, 2.0])
    h = x * 2
    h.register_hook(lambda g: np.zeros_like(g))
    h.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0]


def test_a_hook_may_write_into_what_it_is_given() -> None:
    x, y = leaf([1.0]), leaf([1.0])

    def spoil(g: Any) -> None:
        g[...] = 99

    h = x + y
    h.register_hook(spoil)
    x.register_hook(spoil)
    h.sum().backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([1.0], [1.0])


def test_a_hook_that_returns_another_shape() -> None:
    x = leaf([1.0, 2.0])
    x.register_hook(lambda g: g.sum())
    with refuses(ValueError, "hook", "()", "(2,)"):
        x.sum().backward()


def test_a_hook_in_a_pass_that_records() -> None:
    x = leaf([2.0])
    x.register_hook(lambda g: g * x)
    (slope,) = gradients((x * x).sum(), x, create_graph=True)
    assert slope.tolist() == [8.0]  # 2 x · x
    assert gradients(slope.sum(), x)[0].tolist() == [16.0]  # 4 x, through the hook again


def test_retain_grad() -> None:
    x = leaf([1.0, 2.0])
    h = x * 2
    h.retain_grad()
    h.retain_grad()
    (h * h).sum().backward()
    assert h.grad.tolist() == [4.0, 8.0]
    x.retain_grad()  # a leaf keeps it anyway
    assert x.grad.tolist() == [8.0, 16.0]


# --- plain data --------------------------------------------------------------------------


def test_item_and_format() -> None:
    t = leaf([[1.5]])
    assert t.item() == 1.5
    assert type(t.item()) is float
    assert f"{t:.3f}" == "1.500"
    with refuses(ValueError, "(2,)", "2"):
        leaf([1.0, 2.0]).item()


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
