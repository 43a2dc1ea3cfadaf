"""Depth and memory: a million operations, nothing left behind, no reference cycles."""

from __future__ import annotations

import contextlib
import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, gradients, no_grad

from .helpers import leaf

DEPTH = 1_000_000


@pytest.fixture(autouse=True)
def _without_the_cyclic_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def chain(make: Callable[[float], Any], depth: int) -> tuple[Any, Any]:
    x = y = make(1.0)
    for _ in range(depth):
        y = y + 1.0
    return x, y


@pytest.mark.parametrize("make", [Value, leaf])
@pytest.mark.parametrize("backward", [True, False])
def test_a_chain_of_a_million_operations(make: Callable[[float], Any], backward: bool) -> None:
    chain(make, DEPTH // 100)  # fills Python's free lists, which would look like growth
    limit, blocks = sys.getrecursionlimit(), sys.getallocatedblocks()
    depth = DEPTH if backward else DEPTH // 10
    x, y = chain(make, depth)
    assert sys.getallocatedblocks() - blocks > depth
    if backward:
        y.backward()
        assert x.grad == 1.0
    assert sys.getrecursionlimit() == limit
    del x, y
    assert sys.getallocatedblocks() - blocks < 1000


@pytest.mark.parametrize("make", [Value, leaf])
def test_a_deep_graph_of_second_order(make: Callable[[float], Any]) -> None:
    x = make(1.0)
    y = x
    n = 20_000
    for _ in range(n):
        y = y + x * x
    (slope,) = gradients(y, x, create_graph=True)
    assert slope.item() == 1 + 2 * n
    assert gradients(slope, x)[0] == 2 * n


def tensor_step(w: Tensor, b: Tensor) -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    h = (x @ w + b).tanh()
    h[0] = 0.5
    loss = (autograd.where(h.data > 0, h, h * h).softmax() ** 2).mean(axis=0).sum()
    loss.backward()
    with no_grad():
        for p in (w, b):
            p -= 0.01 * p.grad
            p.grad = None


def value_step(w: Value, b: Value) -> None:
    loss = autograd.sum([(w * x + b - x).relu() ** 2 for x in (1.0, 2.0)]) / autograd.dot(
        [w, b], [b, w]
    )
    loss.backward()
    for p in (w, b):
        p.data -= 0.001 * p.grad
        p.grad = 0.0


def second_order_step(w: Tensor, b: Tensor) -> None:
    found = gradients(((w @ w + b).tanh() ** 2).sum(), [w, b], create_graph=True)
    autograd.sum(found[0] * found[0]).backward()
    for p in (w, b):
        p.grad = None


STEPS: list[tuple[Callable[[Any, Any], None], Callable[[], tuple[Any, Any]]]] = [
    (tensor_step, lambda: (leaf([[0.1, 0.2], [0.3, 0.4]]), leaf([0.0, 0.1]))),
    (value_step, lambda: (Value(0.5), Value(0.25))),
    (second_order_step, lambda: (leaf([[0.1, 0.2], [0.3, 0.4]]), leaf([0.0, 0.1]))),
]
every_step = pytest.mark.parametrize(("step", "make"), STEPS, ids=[s.__name__ for s, _ in STEPS])


@every_step
def test_ten_thousand_steps_leave_no_growth(
    step: Callable[[Any, Any], None], make: Callable[[], tuple[Any, Any]]
) -> None:
    """Second-order steps are ten times as long, so there a thousand."""
    w, b = make()
    for _ in range(1_000):  # fills Python's free lists
        step(w, b)
    blocks = sys.getallocatedblocks()
    for _ in range(1_000 if step is second_order_step else 10_000):
        step(w, b)
    assert sys.getallocatedblocks() - blocks < 100


@every_step
def test_no_reference_cycles(
    step: Callable[[Any, Any], None], make: Callable[[], tuple[Any, Any]]
) -> None:
    w, b = make()
    step(w, b)
    gc.collect()
    for _ in range(10):
        step(w, b)
    assert gc.collect() == 0


def test_errors_leave_no_cycles() -> None:
    x, y = leaf([1.0, 2.0]), leaf([1.0, 2.0, 3.0])

    def fail() -> None:
        for wrong in (
            lambda: x + y,
            lambda: (x * x).backward(),
            lambda: float(x),
            lambda: np.sort(x),
        ):
            with contextlib.suppress(TypeError, ValueError):
                wrong()

    fail()
    gc.collect()
    for _ in range(10):
        fail()
    assert gc.collect() == 0


def test_hooks_copies_and_pictures_of_the_state_leave_no_cycles() -> None:
    x = leaf([1.0, 2.0])

    def use() -> None:
        h = x * x
        handle = h.register_hook(lambda g: g * 2)
        h.retain_grad()
        h.sum().backward()
        handle.remove()
        x.grad = None

    use()
    gc.collect()
    for _ in range(10):
        use()
    assert gc.collect() == 0


def test_a_backward_pass_frees_the_residuals() -> None:
    x = leaf(np.ones(1000))
    h = x.exp()
    y = (h * h).sum()
    residual = weakref.ref(h._array)
    del h
    assert residual() is not None
    y.backward()
    assert residual() is None


def test_a_retained_graph_keeps_them() -> None:
    x = leaf(np.ones(1000))
    h = x.exp()
    y = (h * h).sum()
    residual = weakref.ref(h._array)
    del h
    y.backward(retain_graph=True)
    assert residual() is not None
    del y
    assert residual() is None


def test_arrays_that_no_rule_needs_die_with_their_handle() -> None:
    x = leaf(np.ones(1000))
    h = x + 1
    k = h.sin()  # keeps h, not its own output
    kept, dropped = weakref.ref(h._array), weakref.ref(k._array)
    y = (k + 2).sum()
    del h, k
    assert kept() is not None
    assert dropped() is None
    y.backward()


def test_only_the_residuals_of_inputs_that_record_are_kept() -> None:
    x = leaf(np.ones(1000))
    h = x + 1
    y = h * 3.0  # the rule for h needs the 3 alone
    kept = weakref.ref(h._array)
    del h
    assert kept() is None
    y.sum().backward()


def test_the_backward_pass_frees_as_it_goes() -> None:
    """The peak of a pass over a chain must not hold all cotangents: at most a few arrays more
    than the residuals that the forward pass left."""
    import tracemalloc

    n, length = 100_000, 20
    x = leaf(np.ones(n))
    y = x
    for _ in range(length):
        y = y.sin()
    total = y.sum()
    del y
    tracemalloc.start()
    total.backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 * n * 8


def test_a_dropped_graph_is_freed_at_once() -> None:
    x = leaf(np.ones(1000))
    y = x.exp()
    array = weakref.ref(y._array)
    z = (y * y).tanh().sum()
    del y, z
    assert array() is None


def test_time_is_linear_in_a_graph_with_many_shared_parts() -> None:
    """Paths double at each step, nodes do not."""
    x = Value(1.0)
    y = x
    for _ in range(200):
        y = (y + y) * 0.5
    y.backward()
    assert x.grad == 1.0
    t = leaf(1.0)
    u = t
    for _ in range(200):
        u = (u + u) * 0.5
    u.backward()
    assert t.grad == 1.0
