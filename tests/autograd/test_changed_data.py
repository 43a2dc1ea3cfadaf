"""Contents changed between forward and backward: the original gradient or an error, no mixture."""

from __future__ import annotations

import array
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, detect_anomaly, gradients, no_grad
from autograd.extend import defvjp, primitive

from .helpers import leaf, refuses, unless_refused
from .numeric import spread
from .strategies import Array

# --- leaves ------------------------------------------------------------------------------


def _assign(w: Tensor) -> None:
    w.data = np.array([50.0, 60.0])


def _in_place(w: Tensor) -> None:
    w.data -= 10.0


def _step(w: Tensor) -> None:
    with no_grad():
        w -= 10.0


def _scale(w: Tensor) -> None:
    with no_grad():
        w *= 10.0


def _item(w: Tensor) -> None:
    with no_grad():
        w[0] = 100.0


def _through_detach(w: Tensor) -> None:
    w.detach().data -= 10.0


FORMULAS: list[Callable[[Tensor], Tensor]] = [
    lambda w: (w * w).sum(),
    lambda w: (w * np.array([2.0, 3.0])).sum(),
    lambda w: w.exp().sum(),
    lambda w: (w**3).sum(),
    lambda w: w @ w,
    lambda w: (w.reshape(2, 1) * w).sum(),  # a view of the leaf's memory is kept
    lambda w: (w[::-1] * w).sum(),
    lambda w: w.T @ np.eye(2) @ w,
    lambda w: autograd.einsum("i,i->", w, w),
    lambda w: w.prod(),
    lambda w: w.std(),
    lambda w: (w.max() * w).sum(),
    lambda w: w.softmax()[0],
    lambda w: autograd.where([True, False], w, w * w).sum(),
]


@pytest.mark.parametrize("change", [_assign, _in_place, _step, _scale, _item, _through_detach])
@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_changed_leaf(
    formula: Callable[[Tensor], Tensor], change: Callable[[Tensor], None], create_graph: bool
) -> None:
    w = leaf([1.0, 2.0])
    (expected,) = gradients(formula(w), w)
    loss = formula(w)
    change(w)
    assert w.tolist() != [1.0, 2.0]
    found = unless_refused(
        lambda: gradients(loss, w, create_graph=create_graph), RuntimeError, "written to"
    )
    if found is not None:
        g = found[0].numpy() if create_graph else found[0]
        np.testing.assert_allclose(g, expected, rtol=1e-15)


def test_a_refused_pass_changes_nothing() -> None:
    w, x = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    loss = (w * w).sum() + (x * x).sum()
    w.data += 1.0
    with refuses(RuntimeError, "multiply", "(2,)", "written to"):
        loss.backward()
    assert w.grad is None
    assert x.grad is None


def test_what_is_computed_after_the_change_is_fine() -> None:
    w = leaf([1.0, 2.0])
    w.data -= 1.0
    (w * w).sum().backward()
    assert w.grad.tolist() == [0.0, 2.0]


def test_a_change_matters_only_where_the_contents_are_needed() -> None:
    w, x = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    sums, products = (w + w).sum(), (x * x).sum()
    w.data -= 1.0
    sums.backward()
    products.backward()
    assert w.grad.tolist() == [2.0, 2.0]
    assert x.grad.tolist() == [6.0, 8.0]


def test_training_steps_in_place_are_not_mistaken_for_changes() -> None:
    w = leaf([1.0, 2.0])
    for _ in range(5):
        (w * w).sum().backward()
        w.data -= 0.1 * w.grad
        w.grad = None
    np.testing.assert_allclose(w.numpy(), np.array([1.0, 2.0]) * 0.8**5)


@pytest.mark.parametrize("formula", FORMULAS[:1] + FORMULAS[2:8])
def test_debugging_mode_catches_a_write_behind_the_graphs_back(
    formula: Callable[[Tensor], Tensor],
) -> None:
    w = leaf([1.0, 2.0])
    with detect_anomaly():
        loss = formula(w)
    w.data[0] = 100.0
    found = unless_refused(lambda: gradients(loss, w), RuntimeError, "written to")
    if found is not None:  # nothing of w was kept: the gradient of the original contents
        u = leaf([1.0, 2.0])
        np.testing.assert_array_equal(found[0], gradients(formula(u), u)[0])


def test_debugging_mode_catches_a_write_into_a_result() -> None:
    w = leaf([1.0, 2.0])
    with detect_anomaly():
        y = w.exp()
        loss = y.sum()
    y.data[0] = 100.0
    with refuses(RuntimeError, "exp", "written to"):
        loss.backward()


def test_debugging_mode_lets_clean_passes_through() -> None:
    w = leaf([1.0, np.nan, 3.0])  # a nan is equal to itself here
    with detect_anomaly():
        loss = (w**0).sum()
    loss.backward()
    assert w.grad[[0, 2]].tolist() == [0.0, 0.0]


# --- plain arrays and parameters ---------------------------------------------------------

X = np.array([[1.0, 2.0], [3.0, 4.0]])

PLAIN: dict[str, tuple[Callable[[Tensor, Any], Tensor], Array]] = {
    "add": (lambda x, a: x + a, X),
    "multiply": (lambda x, a: x * a, X),
    "reflected multiply": (lambda x, a: a * x, X),
    "multiply by a mask": (lambda x, a: x * a, X > 2),
    "multiply by integers": (lambda x, a: a * x, X.astype(int)),
    "power of integers": (lambda x, a: x**a, X.astype(int)),
    "multiply by a large mask": (lambda x, a: x[:1, :1] * a, np.arange(3000) % 3 == 0),
    "divide by": (lambda x, a: x / a, X),
    "divided": (lambda x, a: a / x, X),
    "power": (lambda x, a: x**a, X),
    "base": (lambda x, a: a**x, X),
    "maximum": (lambda x, a: autograd.maximum(x, a), X.T),
    "np.multiply": (np.multiply, X),
    "matmul": (lambda x, a: x @ a, X),
    "reflected matmul": (lambda x, a: a @ x, X),
    "matmul of a view": (lambda x, a: x @ a.T[::-1], X),
    "broadcast view": (lambda x, a: x * np.broadcast_to(a[0], (2, 2)), X),
    "dot": (lambda x, a: autograd.dot(x, a), X),
    "einsum": (lambda x, a: autograd.einsum("ij,jk->ik", x, a), X),
    "condition": (lambda x, a: autograd.where(a, x, 2 * x), X > 2),
    "np.where": (lambda x, a: np.where(a, x, 2 * x), X > 2),
    "branch": (lambda x, a: autograd.where(X > 2, x * x, a), X),
    "mask": (lambda x, a: x[a] * x[a], X > 2),
    "index": (lambda x, a: x[a], np.array([0, 0, 1])),
    "index in a tuple": (lambda x, a: x[np.arange(2), a], np.array([1, 0])),
    "take": (lambda x, a: x.take(a, axis=1), np.array([1, 0, 0])),
    "take with clip": (lambda x, a: x.take(a, axis=0, mode="clip"), np.array([7, 0])),
    "concatenate": (lambda x, a: autograd.concatenate([x, a]) ** 2, X),
    "stack": (lambda x, a: autograd.stack([a, x]) ** 2, X),
    "broadcast beside x": (lambda x, a: _product(autograd.broadcast_arrays(x, a)), X),
    "grid beside x": (lambda x, a: _product(np.meshgrid(x[0], a[0], sparse=True)), X),
    "axes beside x": (lambda x, a: _product(np.atleast_2d(x, a)), X),
    "bases": (lambda x, a: autograd.logspace(x, 1.0, 3, base=a), X),
    "checkpoint": (lambda x, a: autograd.checkpoint(lambda x, a: x * a)(x, a), X),
}


def _product(xs: Any) -> Tensor:
    product: Tensor = xs[0] * xs[1]
    return product


def _index_assigned(x: Tensor, a: Any) -> Tensor:
    y = x * 1
    y[a] = x[0]
    return y


def _value_assigned(x: Tensor, a: Any) -> Tensor:
    y = x * 1
    y[0] = a[0]
    return y * x


PLAIN["index of an assignment"] = (_index_assigned, np.array([1]))
PLAIN["mask of an assignment"] = (lambda x, a: _mask_assigned(x, a), X > 2)
PLAIN["assigned value"] = (_value_assigned, X)


def _mask_assigned(x: Tensor, a: Any) -> Tensor:
    y = x * 1
    y[a] = x[0, 1] * 3
    return y


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize(("f", "start"), PLAIN.values(), ids=PLAIN)
def test_a_plain_array_written_to_after_it_went_in(
    f: Callable[[Tensor, Any], Tensor], start: Array, create_graph: bool
) -> None:
    def found(write: bool) -> Array:
        x, a = leaf(X), start.copy()
        y = f(x, a)
        if write:
            a[...] = ~a if a.dtype == bool else a[..., ::-1] - 1
            assert not np.array_equal(a, start)
        (g,) = gradients(y, x, spread(y.shape, 5), create_graph=create_graph)
        return g.numpy() if create_graph else g

    np.testing.assert_array_equal(found(write=True), found(write=False))


def test_an_array_written_to_between_two_passes() -> None:
    x, a = leaf([1.0, 2.0]), np.array([3.0, 4.0])
    y = (x * a).sum()
    y.backward(retain_graph=True)
    a[...] = 0
    y.backward()
    assert x.grad.tolist() == [6.0, 8.0]


def test_the_contents_of_a_tensor_that_records_nothing() -> None:
    x, constant = leaf([1.0, 2.0]), Tensor([3.0, 4.0])
    y = (x * constant).sum()
    constant[0] = 100.0
    constant *= 2
    y.backward()
    assert x.grad.tolist() == [3.0, 4.0]
    z = (x * constant).sum()
    constant.data -= 1.0
    with refuses(RuntimeError, "multiply", "written to"):
        z.backward()


@pytest.mark.parametrize(
    "make", [lambda data: array.array("d", data), lambda data: memoryview(array.array("d", data))],
    ids=["array", "memoryview"],
)  # fmt: skip
def test_any_other_buffer_written_to_after_it_went_in(make: Callable[[Any], Any]) -> None:
    x, buffer = leaf([1.0, 1.0]), make([2.0, 3.0])
    y = (x * buffer).sum()
    buffer[0] = 100.0
    y.backward()
    assert x.grad.tolist() == [2.0, 3.0]


LISTS: dict[str, tuple[Callable[[Tensor, list[int]], Tensor], list[int], list[int]]] = {
    "axes": (lambda x, p: autograd.transpose(x, p), [1, 2, 0], [0, 1, 2]),
    "np.transpose": (np.transpose, [1, 2, 0], [0, 1, 2]),
    "method": (lambda x, p: x.transpose(p), [1, 2, 0], [0, 1, 2]),
    "shape": (lambda x, p: autograd.reshape(x, p), [4, 2], [2, 4]),
    "broadcast": (lambda x, p: autograd.broadcast_to(x, p), [2, 2, 2, 2], [2, 2, 2, 9]),
    "index": (lambda x, p: x[p], [1, 1], [0, 0]),
    "index in a tuple": (lambda x, p: x[:, p], [1, 1], [0, 0]),
    "take": (lambda x, p: x.take(p), [1, 1, 7], [0, 0, 0]),
    "split": (lambda x, p: x.split(p)[0], [1], [0]),
    "pad": (lambda x, p: autograd.pad(x, p), [1, 0], [0, 1]),
    "pad edge": (lambda x, p: autograd.pad(x, p, "edge"), [1, 0], [0, 1]),
}


@pytest.mark.parametrize(("f", "before", "after"), LISTS.values(), ids=LISTS)
def test_a_list_of_parameters_changed_after_the_call(
    f: Callable[[Tensor, list[int]], Tensor], before: list[int], after: list[int]
) -> None:
    def found(write: bool) -> Array:
        x, parameters = leaf(np.arange(8.0).reshape(2, 2, 2)), list(before)
        y = f(x, parameters)
        if write:
            parameters[:] = after
        g: Array = gradients(y, x, spread(y.shape, 5))[0]
        return g

    np.testing.assert_array_equal(found(write=True), found(write=False))


@primitive
def _scaled(x: Any, a: Any, factors: Any) -> Any:
    return x * a * factors["of x"]


defvjp(_scaled, lambda ans, x, a, factors: lambda g: g * a * factors["of x"])


def test_arguments_of_a_primitive_written_to_after_the_call() -> None:
    x, a, factors = leaf([1.0, 2.0]), np.array([3.0, 4.0]), {"of x": 2.0}
    y = _scaled(x, a, factors=factors).sum()
    a[...] = 0
    factors["of x"] = 9.0
    y.backward()
    assert x.grad.tolist() == [6.0, 8.0]


Later = tuple[Array, Callable[[], Array]]  # a result, and what is asked for after it


def _pulled(f: Callable[[Any], Any]) -> Later:
    y, pull = autograd.vjp(f, X)
    return y, lambda: pull(np.ones(y.shape))[0]


def _made_vjp() -> Later:
    pull, y = autograd.make_vjp(np.exp)(X)
    return y, lambda: pull(X)


def _made_jvp() -> Later:
    push = autograd.make_jvp(np.exp)(X)
    return push(X)[0], lambda: np.stack(push(X))


def _made_hvp() -> Later:
    product, gradient = autograd.make_hvp(lambda x: np.sqrt(x).sum())(X)
    return gradient, lambda: product(X)


@pytest.mark.parametrize(
    "made",
    [lambda: _pulled(np.exp), lambda: _pulled(lambda x: np.exp(x).T), _made_vjp, _made_jvp,
     _made_hvp],
    ids=["vjp", "vjp, a view", "make_vjp", "make_jvp", "make_hvp"],
)  # fmt: skip
def test_a_result_written_to_before_the_derivative_is_asked_for(made: Callable[[], Later]) -> None:
    def found(write: bool) -> Array:
        result, later = made()
        if write:
            result *= 100
        return later()

    np.testing.assert_array_equal(found(write=True), found(write=False))


def test_a_result_shares_no_memory_with_an_argument_or_a_variable_outside() -> None:
    x, w = X.copy(), leaf(X)
    _, parts = autograd.grad_and_aux(lambda x: (x.sum(), [x[0], w, w.T, w.detach()]))(x)
    value, tangent = autograd.jvp(lambda x: x.T, (x,), (x,))
    for result in (*parts, value, tangent):
        result[...] = 9
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(w.data, X)


def test_the_gradient_given_to_backward_belongs_to_the_caller() -> None:
    x, seed = leaf([1.0, 2.0]), np.ones(2)
    x.backward(seed)
    seed[...] = 9
    assert x.grad.tolist() == [1.0, 1.0]
    x.grad[...] = 7
    assert seed.tolist() == [9.0, 9.0]
