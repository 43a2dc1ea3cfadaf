"""Recording switched on and off, and hooks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor, enable_grad, gradients, no_grad

from .helpers import leaf, refuses

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
