"""autograd.gradients on Tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, gradients
from autograd.graph import backpropagate

from .helpers import leaf, refuses


def test_a_tuple_without_touching_grad() -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    found = gradients((x * x * y).sum(), [x, y])
    assert isinstance(found, tuple)
    assert [type(g) for g in found] == [np.ndarray, np.ndarray]
    assert [g.tolist() for g in found] == [[6.0, 16.0], [1.0, 4.0]]
    assert x.grad is None
    assert y.grad is None


def test_other_leaves_keep_their_gradient() -> None:
    x, y = leaf([1.0]), leaf([2.0])
    y.grad = np.array([7.0])
    gradients((x * y).sum(), x)
    assert y.grad.tolist() == [7.0]


def test_cotangents() -> None:
    x = leaf([1.0, 2.0])
    assert gradients(x * x, x, np.array([1.0, 10.0]))[0].tolist() == [2.0, 40.0]
    a, b = x * 2, (x * x).sum()
    (found,) = gradients([a, b], x, [np.ones(2), None])
    assert found.tolist() == [4.0, 6.0]
    with refuses(ValueError, "(3,)", "(2,)"):
        gradients(x * x, x, np.ones(3))
    with refuses(ValueError, "1", "2"):
        gradients([x * 2, x * 3], x, [np.ones(2)])
    with refuses(ValueError, "(2,)", "sum"):
        gradients(x * x, x)


def test_cotangents_are_not_changed() -> None:
    x = leaf([1.0, 2.0])
    c = np.ones(2)
    h = x * 1
    gradients([h, h + h], x, [c, c])
    assert c.tolist() == [1.0, 1.0]


def test_the_same_input_twice_and_the_output_itself() -> None:
    x = leaf([3.0])
    y = x * x
    found = gradients(y, [x, x, y])
    assert [g.tolist() for g in found] == [[6.0], [6.0], [1.0]]


def test_unused_inputs() -> None:
    x, y = leaf([1.0]), leaf([2.0])
    with refuses(RuntimeError, "input 1", "allow_unused"):
        gradients(x.sum(), [x, y])
    found = gradients(x.sum(), [x, y], allow_unused=True)
    assert found[1] is None


def test_inputs_that_record_nothing() -> None:
    x = leaf([1.0])
    with refuses(RuntimeError, "records nothing", "requires_grad"):
        gradients((x * 2).sum(), Tensor([1.0]))
    with refuses(RuntimeError, "records nothing", "requires_grad"):
        gradients(Tensor([1.0]), x)


@pytest.mark.parametrize("bad", [3.0, np.ones(2), [1.0], "x", None])
def test_outputs_and_inputs_that_are_no_tensors(bad: Any) -> None:
    x = leaf([1.0])
    with refuses(TypeError, "gradients", "outputs"):
        gradients(bad, x)
    with refuses(TypeError, "gradients", "inputs"):
        gradients((x * 2).sum(), bad)


def test_the_graph_is_freed_unless_asked() -> None:
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    gradients(y, x, retain_graph=True)
    gradients(y, x)
    with pytest.raises(RuntimeError, match="freed"):
        gradients(y, x)
    z = (x * x).sum()
    gradients(z, x, create_graph=True)
    gradients(z, x, create_graph=True, retain_graph=False)
    with pytest.raises(RuntimeError, match="freed"):
        gradients(z, x)


def test_a_pass_to_an_intermediate_result_stops_there() -> None:
    """What lies beyond it is neither needed nor freed."""
    x = leaf([1.0, 2.0])
    h = x * x
    assert gradients((h * 3).sum(), h)[0].tolist() == [3.0, 3.0]
    h.sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]
    assert gradients((h * 5).sum(), h)[0].tolist() == [5.0, 5.0]


def test_orders_one_to_four() -> None:
    x = leaf([0.5, 2.0])
    y: Any = x**4
    for k, factor in enumerate([4.0, 12.0, 24.0, 24.0], start=1):
        (y,) = gradients(y.sum(), x, create_graph=True)
        assert isinstance(y, Tensor)
        np.testing.assert_allclose(y.numpy(), factor * np.array([0.5, 2.0]) ** (4 - k))


def test_a_constant_gradient_is_a_tensor_where_a_graph_was_asked_for() -> None:
    x = leaf([1.0, 2.0])
    (g,) = gradients((3 * x).sum(), x, create_graph=True)
    assert isinstance(g, Tensor)
    assert g.tolist() == [3.0, 3.0]


def test_the_hessian_of_a_quadratic_form_is_its_symmetric_matrix() -> None:
    rng = np.random.default_rng(0)
    a, at = rng.normal(size=(4, 4)), rng.normal(size=4)
    x = leaf(at)
    (slope,) = gradients(x @ a @ x, x, create_graph=True)
    rows = [gradients(slope[i], x, retain_graph=True)[0] for i in range(4)]
    np.testing.assert_allclose(rows, a + a.T, rtol=1e-13)


def test_grad_outputs_that_record() -> None:
    x, c = leaf([2.0, 3.0]), leaf([1.0, 10.0])
    (g,) = gradients(x * x, x, c, create_graph=True)
    found = gradients(g.sum(), [x, c])
    assert [f.tolist() for f in found] == [[2.0, 20.0], [4.0, 6.0]]


def test_values_and_tensors_do_not_mix_in_one_graph_but_in_one_call() -> None:
    v, t = Value(2.0), leaf(3.0)
    assert gradients([v * v, t * t], [v, t])[0] == 4.0
    assert gradients([v * v, t * t], [v, t])[1] == 6.0


def test_backward_adds_while_gradients_do_not() -> None:
    x = leaf([1.0])
    y = (x * x).sum()
    y.backward(retain_graph=True)
    gradients(y, x)
    assert x.grad.tolist() == [2.0]


def test_a_second_derivative_of_a_piecewise_linear_function_is_zero() -> None:
    x = leaf([2.0, -3.0])
    for f in (autograd.abs, autograd.relu, lambda t: autograd.maximum(t, 0.5)):
        (slope,) = gradients((f(x) * x).sum(), x, create_graph=True)
        (second,) = gradients(slope.sum(), x)
        expected = 2 * gradients(f(x).sum(), x)[0]
        assert second.tolist() == expected.tolist()


def test_a_seed_that_is_an_end_of_the_walk_and_asked_for() -> None:
    x = leaf([1.0, 2.0])
    a = x * 3.0
    b = a * a
    one = np.ones(2)
    first, node, root = (t._recorded("test") for t in (x, a, b))
    found = backpropagate({node: one, root: one}, wanted={first, node}, since=node.number)
    assert found[node].tolist() == [1 + 6.0, 1 + 12.0]
    assert found[first].tolist() == [3 * 7.0, 3 * 13.0]


# --- where `grad` is mistaken for it -----------------------------------------------------

OF_FUNCTIONS: list[Any] = [
    autograd.grad, autograd.value_and_grad, autograd.grad_and_aux, autograd.holomorphic_grad,
    autograd.elementwise_grad, autograd.deriv, autograd.jacobian, autograd.hessian,
    autograd.tensor_jacobian_product, autograd.hessian_tensor_product, autograd.make_vjp,
    autograd.make_jvp, autograd.make_hvp, autograd.make_ggnvp, autograd.vjp, autograd.checkpoint,
]  # fmt: skip


@pytest.mark.parametrize("transform", OF_FUNCTIONS)
def test_what_is_no_function_is_refused_at_once(transform: Any) -> None:
    for wrong in (leaf([1.0]).sum(), Value(1.0) * 2):
        with refuses(TypeError, transform.__name__, "autograd.gradients(outputs, inputs)"):
            transform(wrong)
    with refuses(TypeError, f"{transform.__name__}: float 5.0 is not a function: give one"):
        transform(5.0)


def test_pytorchs_call_of_grad() -> None:
    x = leaf([1.0])
    with refuses(TypeError, "grad", "autograd.gradients(outputs, inputs)"):
        autograd.grad((x * x).sum(), x)  # type: ignore[arg-type]
    for call in (autograd.jvp, autograd.hvp):
        with refuses(TypeError, call.__name__, "autograd.gradients"):
            call(x.sum(), (1.0,), (1.0,))  # type: ignore[arg-type]
    with refuses(TypeError, "make_ggnvp: float"):
        autograd.make_ggnvp(abs, 2.0)  # type: ignore[arg-type]


def test_a_derivative_of_what_was_not_recorded() -> None:
    x = leaf([1.0, 2.0])
    (slope,) = gradients((x**3).sum(), [x])
    with refuses(TypeError, "outputs", "float64", "create_graph=True"):
        gradients(slope.sum(), [x])
