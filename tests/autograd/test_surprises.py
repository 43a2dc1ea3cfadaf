"""What a fresh reader found in ordinary use."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value, elementwise, gradients, no_grad, operation, where
from autograd.test_util import check_grads

from .helpers import refuses


def leaf(data: Any) -> Tensor:
    return Tensor(data, requires_grad=True)


def test_a_condition_smaller_than_the_result() -> None:
    x = leaf(np.arange(9.0).reshape(3, 3) / 5)
    where(np.array([True, False, False]), np.exp(x).T, 0.0).sum().backward()
    expected = np.zeros((3, 3))
    expected[0] = np.exp(x.data[0])
    np.testing.assert_allclose(x.grad, expected, rtol=1e-15)
    for whole in (lambda t: t.reshape(9), lambda t: (t * 1).sum(axis=0)):
        y = leaf(x.data)
        where(True, whole(y), 0.0).sum().backward()
        assert (y.grad == 1).all()


def test_a_rule_may_return_what_it_was_given() -> None:
    def product(x: Any, /, J: Any) -> Any:  # noqa: N803
        return np.sum(x * J)

    linear = operation(lambda g, J: J, name="given_static")(product)  # noqa: N803
    x = leaf([1.0, 2.0])
    other = (x * 10.0).sum()  # older, so its share is added to that of `linear`
    y = linear(x, np.array([1.0, 2.0])) + other
    for _ in range(2):
        assert gradients(y, x, retain_graph=True)[0].tolist() == [11.0, 12.0]

    @operation(lambda g, x: x, name="given_input")
    def half_square(x: Any, /) -> Any:
        return (x * x).sum() / 2

    other = (x * 10.0).sum()
    (half_square(x) + other).backward()
    assert x.tolist() == [1.0, 2.0]
    x.grad = None
    half_square(x).backward()
    x.grad *= 0
    assert x.tolist() == [1.0, 2.0]


def test_freezing_and_thawing_keeps_graph_gradient_and_hooks() -> None:
    w = nn.Parameter([2.0])
    y = (w * w).sum()
    calls = []
    w.register_hook(calls.append)
    w.requires_grad = False
    assert not (w * w).requires_grad
    w.requires_grad = True
    y.backward()
    assert w.grad.tolist() == [4.0]
    assert len(calls) == 1
    w.requires_grad = False
    w.requires_grad = True
    assert w.grad.tolist() == [4.0]


def test_operations_of_one_name_are_not_mistaken_for_each_other() -> None:
    def make(n: int) -> Any:
        return elementwise(lambda x: x**n, None, lambda g, x: g * n * x ** (n - 1), name="one_name")

    first, _ = make(3), make(5)
    x = leaf([2.0])
    x2, y2 = copy.deepcopy((x, first(x)))
    y2.backward()
    assert x2.grad.tolist() == [12.0]
    with pytest.raises(pickle.PicklingError, match="one_name"):
        pickle.dumps(first(x))
    with refuses(TypeError, "name="):
        elementwise(lambda x: x, None, lambda g: g)


def test_subclasses_of_ndarray() -> None:
    x = leaf(np.ones((2, 2)))
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix([[1.0, 2.0], [3.0, 4.0]])
    (x * matrix).sum().backward()
    assert x.grad.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    with refuses(TypeError, "multiply", "filled"):
        leaf([1.0, 2.0]) * np.ma.array([1.0, 2.0], mask=[True, False])


def test_threads_that_share_a_leaf_lose_nothing() -> None:
    w = leaf(np.zeros(100_000))

    def work() -> None:
        for _ in range(30):
            (w * 1.0).sum().backward()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (w.grad == 120).all()


def test_a_hook_overrides_a_mask() -> None:
    x = leaf([1.0, 2.0, 3.0])
    y = x * 2
    y.register_hook(lambda g: np.ones(3))
    where([True, False, True], y, 0.0).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


def test_a_result_that_cannot_carry_a_gradient() -> None:
    rounded = elementwise(lambda x: np.rint(x).astype(int), None, lambda g: g, name="to_integers")
    with refuses(TypeError, "to_integers", "int", "floats"):
        rounded(leaf([1.4, 2.6]))


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_what_is_not_selected_gets_exactly_nothing() -> None:
    for select in (autograd.relu, lambda x: autograd.maximum(x, 0.0)):
        x = leaf([-1.0, 4.0])
        autograd.sqrt(select(x)).sum().backward()
        assert x.grad.tolist() == [0.0, 0.25]


def test_a_neighbour_of_what_was_written_is_not_accused() -> None:
    a, b = nn.Parameter([1.0, 2.0]), nn.Parameter([3.0])
    optimizer = nn.optim.SGD([a, b], lr=0.1)
    (a.sum() + b.sum()).backward()
    optimizer.step()  # now both lie in one array
    y = (a * a).sum()
    b.data -= 1.0
    a.grad = None
    y.backward()
    np.testing.assert_allclose(a.grad, 2 * a.data)


def test_switches_left_out_of_order() -> None:
    def paused() -> Any:
        with no_grad():
            yield

    generator = paused()
    next(generator)
    with autograd.detect_anomaly():
        generator.close()
    assert (leaf([1.0]) * 2).requires_grad


def test_a_rule_that_returns_no_array_is_named() -> None:
    careless = elementwise(np.sin, None, lambda g, x: 1.0, name="careless_rule")
    with refuses(TypeError, "careless_rule", "float"):
        careless(leaf([1.0])).sum().backward()


def test_adding_to_a_plain_array_what_records_nothing() -> None:
    total = np.zeros(2)
    with no_grad():
        total += leaf([1.0, 2.0]) * 2
    total += Tensor([1.0, 1.0])
    assert total.tolist() == [3.0, 5.0]


def test_everyday_spellings() -> None:
    x = leaf([[1.0, 2.0]])
    assert x.flatten().shape == (2,)
    assert np.amax(x).item() == 2.0

    @no_grad
    def doubled(t: Tensor) -> Tensor:
        return t * 2

    assert not doubled(x).requires_grad
    first, second = gradients((x * x).sum(), [x, x])
    first *= 0
    assert second.tolist() == [[2.0, 4.0]]
    p = nn.Parameter([1.0])
    optimizer = nn.optim.SGD([p])
    optimizer.zero_grad(set_to_none=False)
    assert p.grad.tolist() == [0.0]
    namespace: dict[str, Any] = {}
    exec("from autograd import *", namespace)
    assert not {"sum", "min", "max", "abs"} & namespace.keys()


def test_a_subclass_of_value() -> None:
    class Named(Value):
        pass

    v = Named(2.0)
    (v * v + v.exp() + autograd.dot([v], [3.0])).backward()
    assert v.grad == pytest.approx(4 + np.exp(2) + 3)
    with refuses(TypeError, "label", "elementwise"):
        Value(1.0, (v,))  # type: ignore[arg-type]


def test_a_declaration_takes_no_function_of_numpys_away() -> None:
    wrong = elementwise(np.cos, None, lambda g, x: g * 0, name="wrong_cosine")
    x = leaf([1.0])
    np.cos(x).sum().backward()
    assert x.grad.tolist() == [-np.sin(1.0)]
    assert gradients(wrong(x).sum(), x)[0].tolist() == [0.0]


def test_a_subclass_written_to_after_it_went_in(tmp_path: Any) -> None:
    stored = np.memmap(tmp_path / "numbers", dtype=float, mode="w+", shape=2)
    stored[:] = [1.0, 2.0]
    x = leaf([1.0, 1.0])
    y = (x * stored).sum()
    stored[:] = 100.0
    y.backward()
    assert x.grad.tolist() == [1.0, 2.0]


def test_a_rule_may_return_what_it_was_given_also_under_a_mask() -> None:
    @operation(lambda g, J: J, name="given_under_a_mask")  # noqa: N803
    def product(x: Any, /, J: Any) -> Any:  # noqa: N803
        return np.sum(x * J)

    x = leaf([1.0, 2.0])
    other = (x * 10.0).sum()  # older, so its share is added to that of `product`
    y = where(True, product(x, np.array([1.0, 2.0])), 0.0) + other
    for _ in range(2):
        assert gradients(y, x, retain_graph=True)[0].tolist() == [11.0, 12.0]


def test_a_step_at_a_plain_number() -> None:
    assert autograd.grad(lambda y: np.heaviside(0.0, y))(0.5) == 1.0
    assert autograd.grad(lambda y: np.heaviside(-2.0, y))(0.5) == 0.0
    assert autograd.grad(lambda y: np.heaviside(0, y).sum())(np.ones(2)).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("median", [np.median, np.nanmedian])
def test_medians_over_nothing_but_along_something(median: Any) -> None:
    for shape, axis in [((0, 2), 1), ((2, 0), 0), ((2, 0, 3), 2)]:
        x = np.ones(shape)
        assert autograd.grad(lambda z, axis=axis: median(z, axis=axis).sum())(x).shape == shape
        assert autograd.jvp(lambda z, axis=axis: median(z, axis=axis), (x,), (x,))[1].size == 0


@pytest.mark.parametrize("order", ["A", "K"])
def test_an_order_that_depends_on_the_memory_is_the_arguments(order: Any) -> None:
    x = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    weights = np.arange(6.0)
    expected = x.ravel(order).tolist()
    value, pullback = autograd.vjp(lambda z: z.ravel(order), x)
    assert value.tolist() == expected
    assert pullback(weights)[0].tolist() == weights.reshape(3, 2).T.tolist()
    assert autograd.jvp(lambda z: z.ravel(order), (x,), (x,))[1].tolist() == expected


@pytest.mark.parametrize("argnum", [(0, 0), (0, -2), (1, 0, 1)])
def test_an_argument_named_twice(argnum: tuple[int, ...]) -> None:
    for transform in (autograd.grad, autograd.jacobian, autograd.hessian):
        with refuses(TypeError, "argnum", "twice"):
            transform(lambda x, y: x * y, argnum)(2.0, 3.0)


def test_checks_of_a_function_that_differentiates_or_returns_constants() -> None:
    check_grads(lambda x: x * autograd.grad(lambda y: x * y)(2.0))(1.0)
    check_grads(lambda x: autograd.value_and_grad(lambda y: (y**3).sum())(x))(np.ones(2))
    check_grads(lambda x: autograd.jvp(np.sin, (1.0,), (x,))[1] * x)(0.5)
    check_grads(lambda x: (x * 2, 3.0))(0.5)
    check_grads(lambda x: np.ones(2))(np.ones(3))  # zero, which is right
    with pytest.raises(AssertionError, match="wrong"):
        check_grads(lambda x: autograd.stop_gradient(x) ** 2)(2.0)


def test_the_remedy_for_a_singular_matrix() -> None:
    x = leaf(np.zeros((2, 2)))
    with refuses(np.linalg.LinAlgError, "inv", "Singular", "full rank"):
        np.linalg.inv(x)
    with refuses(np.linalg.LinAlgError, "solve", "Singular", "full rank"):
        np.linalg.solve(x, np.ones(2))


def test_operators_have_names_of_their_own() -> None:
    for name in ("__add__", "__rsub__", "__pow__", "__matmul__", "__neg__", "__abs__"):
        operator = getattr(Tensor, name)
        assert operator.__name__ == name
        assert pickle.loads(pickle.dumps(operator)) is operator


@pytest.mark.parametrize("package", ["drawing", "gradcheck"])
def test_packages_that_are_loaded_later_are_there(package: str) -> None:
    program = f"import autograd; print(autograd.{package}.__name__)"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert found.stdout.strip() == f"autograd.{package}", found.stderr


def test_a_checkpointed_branch_that_is_not_taken() -> None:
    root = autograd.checkpoint(autograd.sqrt)
    x = np.array([0.0, 4.0])
    found = autograd.grad(lambda x: np.sum(np.where(x > 0, root(x), 0.0)))(x)
    np.testing.assert_array_equal(found, [0.0, 0.25])
