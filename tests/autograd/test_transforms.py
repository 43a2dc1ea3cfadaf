"""Transforms: nesting, structures, plain data, both modes, errors."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict, namedtuple
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    Tensor,
    Value,
    checkpoint,
    deriv,
    elementwise_grad,
    grad,
    grad_and_aux,
    hessian,
    hessian_tensor_product,
    holomorphic_grad,
    hvp,
    jacobian,
    jvp,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_vjp,
    no_grad,
    stop_gradient,
    tensor_jacobian_product,
    value_and_grad,
    vjp,
)

from .helpers import leaf, refuses

Array = np.ndarray[Any, np.dtype[Any]]
RNG = np.random.default_rng(0)
A = RNG.normal(size=(3, 3))
X = RNG.normal(size=3)


def rosenbrock(x: Any) -> Any:
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_hessian(x: Array) -> Array:
    """By hand, for three variables."""
    a, b, c = x
    return np.array([
        [1200 * a**2 - 400 * b + 2, -400 * a, 0],
        [-400 * a, 202 + 1200 * b**2 - 400 * c, -400 * b],
        [0, -400 * b, 200],
    ])  # fmt: skip


# --- perturbation confusion ---------------------------------------------------------------

MODES = [grad, deriv]


@pytest.mark.parametrize("outer", MODES)
@pytest.mark.parametrize("inner", MODES)
def test_the_classics_of_perturbation_confusion(outer: Any, inner: Any) -> None:
    # Siskind & Pearlmutter 2005: d/dx x (d/dy (x + y)) = 1, and with products 2 x y.
    assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0
    assert outer(lambda x: x * inner(lambda y: x * y)(2.0))(3.0) == 6.0
    # Manzyuk et al. 2019, section 2: a derivative taken at the outer variable itself.
    assert outer(lambda x: inner(lambda y: x * y**2)(x))(5.0) == 20.0
    # A function with the outer variable in it, handed on and differentiated later.
    assert outer(lambda x: inner(inner(lambda y: x**2 * y**3))(x))(2.0) == 6 * 3 * 2.0**2


@pytest.mark.parametrize("order", range(1, 7))
@pytest.mark.parametrize("mixed", [(grad,), (deriv,), (grad, deriv), (deriv, grad)])
def test_nested_to_any_depth(order: int, mixed: tuple[Any, ...]) -> None:
    f: Any = autograd.exp
    for i in range(order):
        f = mixed[i % len(mixed)](f)
    assert math.isclose(f(0.5), math.exp(0.5), rel_tol=1e-14)


def test_an_inner_result_that_does_not_depend_on_the_outer_variable_is_plain() -> None:
    seen = []

    def f(x: Any) -> Any:
        seen.append(grad(lambda y: y**2)(3.0))
        return x * seen[0]

    assert grad(f)(1.0) == 6.0
    assert type(seen[0]) is float


def test_transforms_over_tensors_that_record() -> None:
    w = leaf([2.0, 3.0])
    slope = grad(lambda x: (w * x**2).sum())(Tensor(5.0, requires_grad=True))
    slope.backward()
    assert slope.item() == 50.0
    assert w.grad.tolist() == [10.0, 10.0]


def test_plain_data_in_plain_data_out_also_where_the_function_uses_recording_parameters() -> None:
    w = leaf([2.0, 3.0])
    value, gradient = value_and_grad(lambda x: (w * x).sum())(np.ones(2))
    assert type(value) is float
    assert type(gradient) is np.ndarray
    assert w.grad is None


def test_values() -> None:
    v = Value(3.0)
    slope = grad(lambda x: x**3)(v)
    slope.backward()
    assert (slope.data, v.grad) == (27.0, 18.0)
    assert deriv(lambda x: x.exp())(Value(0.0)).data == 1.0
    assert jvp(lambda x, y: x * y, (Value(2.0), Value(3.0)), (1.0, 1.0))[1].data == 5.0


def test_a_value_of_a_class_of_ones_own_as_result() -> None:
    class Named(Value):
        pass

    assert grad(lambda x: Named(3.0))(2.0) == 0.0
    assert value_and_grad(lambda x: Named(3.0))(np.ones(2))[1].tolist() == [0.0, 0.0]


def test_inside_no_grad() -> None:
    with no_grad():
        assert grad(grad(lambda x: x**3))(2.0) == 12.0


# --- structures ---------------------------------------------------------------------------

Pair = namedtuple("Pair", "left right")


@pytest.mark.parametrize(
    "argument",
    [
        [1.0, np.array([2.0, 3.0])],
        (1.0, [np.float32(2.0)], ()),
        {"b": 1.0, "a": (np.ones((2, 2), np.float32), None)},
        OrderedDict(z=1.0, a=2.0),
        Pair(1.0, [2.0]),
        [],
    ],
    ids=lambda x: type(x).__name__,
)
def test_gradients_have_the_structure_of_the_argument(argument: Any) -> None:
    def total(tree: Any) -> Any:
        if isinstance(tree, dict):
            return sum([total(x) for x in tree.values()])
        if isinstance(tree, (list, tuple)):
            return sum([total(x) for x in tree])
        return 0.0 if tree is None else (tree**2).sum()

    def doubled(tree: Any) -> Any:
        if isinstance(tree, dict):
            return type(tree)([(key, doubled(x)) for key, x in tree.items()])
        if isinstance(tree, Pair):
            return Pair(*[doubled(x) for x in tree])
        if isinstance(tree, (list, tuple)):
            return type(tree)([doubled(x) for x in tree])
        return None if tree is None else tree * 2

    found, expected = grad(total)(argument), doubled(argument)
    np.testing.assert_equal(found, expected)
    leaves: list[Any] = []
    for tree in (found, expected):
        leaves.append([])
        stack = [tree]
        while stack:
            item = stack.pop()
            if isinstance(item, (dict, list, tuple)):
                leaves[-1].append(type(item))
                stack.extend(item.values() if isinstance(item, dict) else item)
            elif item is not None:
                leaves[-1].append((type(item), np.asarray(item).dtype))
    assert leaves[0] == leaves[1]


def test_argnum() -> None:
    def f(x: Any, y: Any, *, scale: float = 1.0) -> Any:
        return scale * x**2 * y

    assert grad(f, 1)(2.0, 3.0) == 4.0
    assert grad(f, -1)(2.0, 3.0) == 4.0
    assert grad(f, (0, 1))(2.0, 3.0, scale=10.0) == (120.0, 40.0)
    assert grad(f, (1,))(2.0, 3.0) == (4.0,)
    assert hessian(f, (0, 1))(2.0, 3.0) == ((6.0, 4.0), (4.0, 0.0))


def test_integers_beside_floats_are_left_alone() -> None:
    labels = np.array([0, 2])
    found = grad(lambda x, i: x[i].sum())(X, labels)
    assert found.tolist() == [1.0, 0.0, 1.0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtypes(dtype: Any) -> None:
    x = X.astype(dtype)
    value, gradient = value_and_grad(rosenbrock)(x)
    assert np.asarray(value).dtype == dtype
    assert gradient.dtype == dtype
    assert jacobian(lambda x: x**2)(x).dtype == dtype
    assert jvp(np.sin, (x,), (x,))[1].dtype == dtype
    assert type(value) is (float if dtype is np.float64 else np.float32)


# --- values of the derivatives ------------------------------------------------------------


def test_second_order_of_rosenbrock() -> None:
    H = rosenbrock_hessian(X)
    np.testing.assert_allclose(hessian(rosenbrock)(X), H, rtol=1e-13)
    np.testing.assert_allclose(jacobian(grad(rosenbrock))(X), H, rtol=1e-13)
    np.testing.assert_allclose(jacobian(jacobian(rosenbrock))(X), H, rtol=1e-13)
    v = np.array([1.0, -2.0, 3.0])
    np.testing.assert_allclose(hvp(rosenbrock, (X,), (v,)), H @ v, rtol=1e-13)
    np.testing.assert_allclose(hessian_tensor_product(rosenbrock)(X, v), H @ v, rtol=1e-13)
    product, gradient = make_hvp(rosenbrock)(X)
    np.testing.assert_allclose(product(v), H @ v, rtol=1e-13)
    np.testing.assert_array_equal(gradient, grad(rosenbrock)(X))
    np.testing.assert_allclose(hessian(lambda x: grad(rosenbrock)(x) @ v)(X).shape, (3, 3))


@pytest.mark.parametrize("size", [1, 3, 7])
def test_jacobians_of_either_mode(size: int) -> None:
    # Fewer outputs than inputs, as many, and more: by reverse and by forward mode.
    M = RNG.normal(size=(size, 3))
    found = jacobian(lambda x: np.tanh(M @ x))(X)
    np.testing.assert_allclose(found, (1 - np.tanh(M @ X) ** 2)[:, None] * M, rtol=1e-13)


def test_jacobians_of_structures() -> None:
    found = jacobian(lambda d: [d["x"] * d["y"], d["y"]])({"x": X, "y": 2.0})
    np.testing.assert_array_equal(found[0]["x"], 2 * np.eye(3))
    np.testing.assert_array_equal(found[0]["y"], X)
    np.testing.assert_array_equal(found[1]["x"], np.zeros(3))
    assert found[1]["y"] == 1.0


def test_shapes_of_jacobians_and_hessians() -> None:
    x = np.ones((2, 3))
    assert jacobian(lambda x: x[:, :2].T)(x).shape == (2, 2, 2, 3)
    assert hessian(lambda x: (x**3).sum())(x).shape == (2, 3, 2, 3)
    assert jacobian(lambda x: x)(np.ones((0, 2))).shape == (0, 2, 0, 2)
    assert jacobian(lambda x: x * X)(2.0).shape == (3,)


def test_vjp_and_jvp_are_adjoint_and_repeatable() -> None:
    def f(x: Any, d: Any) -> Any:
        return {"u": A @ x * d[0], "v": np.exp(d[0])}

    y, pullback = vjp(f, X, [2.0])
    c = {"u": np.arange(3.0), "v": 5.0}
    first, second = pullback(c), pullback(c)
    np.testing.assert_array_equal(first[0], second[0])
    _, t = jvp(f, (X, [2.0]), (np.ones(3), [3.0]))
    pushed = np.sum(c["u"] * t["u"]) + c["v"] * t["v"]
    assert math.isclose(pushed, np.sum(first[0]) + 3 * first[1][0], rel_tol=1e-14)
    assert type(y["v"]) is float


def test_make_vjp_and_make_jvp() -> None:
    pullback, value = make_vjp(lambda x, y: x * y, 1)(2.0, 3.0)
    assert (pullback(1.0), value) == (2.0, 6.0)
    push = make_jvp(lambda x, y: x * y, (0, 1))(2.0, 3.0)
    assert push((1.0, 1.0)) == (6.0, 5.0)


def test_a_pullback_can_be_differentiated_by_its_cotangent_and_its_primals() -> None:
    assert grad(lambda c: vjp(lambda x: x**3, 2.0)[1](c)[0] ** 2)(3.0) == 2 * 36 * 12
    assert grad(lambda x: vjp(lambda y: y**3, x)[1](1.0)[0])(2.0) == 12.0
    assert grad(lambda t: jvp(lambda x: x**3, (2.0,), (t,))[1] ** 2)(3.0) == 2 * 36 * 12


def test_ggnvp() -> None:
    def f(x: Any) -> Any:
        return np.tanh(A @ x)

    J = jacobian(f)(X)
    v = np.ones(3)
    np.testing.assert_allclose(make_ggnvp(f)(X)(v), J.T @ (J @ v), rtol=1e-13)
    np.testing.assert_allclose(
        make_ggnvp(f, lambda y: (y**4).sum())(X)(v),
        J.T @ (12 * f(X) ** 2 * (J @ v)),
        rtol=1e-12,
    )


def test_elementwise_grad_and_aux_and_tensor_jacobian_product() -> None:
    np.testing.assert_allclose(elementwise_grad(np.sin)(X), np.cos(X))
    gradient, aux = grad_and_aux(lambda x: ((x**2).sum(), {"twice": x * 2}))(X)
    np.testing.assert_array_equal(gradient, 2 * X)
    assert type(aux["twice"]) is np.ndarray
    np.testing.assert_allclose(tensor_jacobian_product(lambda x: A @ x)(X, X), X @ A, rtol=1e-13)
    rest = tensor_jacobian_product(lambda x: np.outer(A @ x, A[0]).reshape(3, 3)[..., None])
    assert rest(X, X).shape == (3, 1, 3)


def test_stop_gradient() -> None:
    assert grad(lambda x: x * stop_gradient(x**2))(3.0) == 9.0
    assert grad(lambda x: stop_gradient({"a": [x]})["a"][0] * 2)(3.0) == 0.0
    assert stop_gradient(3.0) == 3.0


def test_a_function_that_ignores_its_argument() -> None:
    assert grad(lambda x: 3.0)(1.0) == 0.0
    np.testing.assert_array_equal(grad(lambda x: 3)(X), np.zeros(3))
    assert jvp(lambda x: 3.0, (1.0,), (1.0,)) == (3.0, 0.0)
    np.testing.assert_array_equal(jacobian(lambda x: np.ones(2))(X), np.zeros((2, 3)))
    tangent = jvp(lambda x: np.argmax(x), (X,), (X,))[1]
    assert (tangent, type(tangent)) == (0.0, float)
    np.testing.assert_array_equal(hessian(lambda x: x[0])(X), np.zeros((3, 3)))


def test_results_are_the_callers_own() -> None:
    x = np.ones(2)
    y, pullback = vjp(lambda x: x, x)
    c = np.ones(2)
    (g,) = pullback(c)
    _, t = jvp(lambda x: x, (x,), (c,))
    for result in (y, g, t):
        result += 1  # raises if it were a read-only view
    assert x.tolist() == c.tolist() == [1.0, 1.0]


def test_a_pullback_outlives_changes_of_the_argument() -> None:
    x = np.array([2.0, 3.0])
    _, pullback = vjp(lambda x: x**2, x)
    x[:] = 0.0
    np.testing.assert_array_equal(pullback(np.ones(2))[0], [4.0, 6.0])


# --- complex ------------------------------------------------------------------------------


def test_holomorphic_functions() -> None:
    z = 1 + 2j
    assert np.isclose(holomorphic_grad(lambda z: autograd.exp(z) * z)(z), np.exp(z) * (z + 1))
    assert np.isclose(holomorphic_grad(holomorphic_grad(lambda z: z**3))(z), 6 * z)
    zs = np.array([1 + 1j, 2j])
    np.testing.assert_allclose(jacobian(lambda z: z**2)(zs), np.diag(2 * zs))
    np.testing.assert_allclose(jacobian(lambda x: x * (1 + 2j))(X), np.eye(3) * (1 + 2j))
    with refuses(ValueError, "holomorphic"):
        holomorphic_grad(lambda z: z * abs(z))(z)
    with refuses(ValueError, "jacobian", "holomorphic"):
        jacobian(lambda z: z * abs(z))(zs)


def test_a_real_loss_of_complex_numbers() -> None:
    # |z|^2 = x^2 + y^2: d/dx - i d/dy = 2 x - 2 i y.
    assert grad(lambda z: abs(z) ** 2)(3 + 4j) == 6 - 8j
    np.testing.assert_allclose(jacobian(lambda z: abs(z))(np.array([3 + 4j])), [[0.6 - 0.8j]])


# --- threads ------------------------------------------------------------------------------


def test_threads_differentiate_at_the_same_time() -> None:
    found: dict[int, float] = {}
    gate = threading.Barrier(4)

    def work(k: int) -> None:
        def f(x: Any) -> Any:
            gate.wait()
            return x * grad(lambda y: y**2 * x * k)(x)

        for _ in range(20):
            found[k] = grad(f)(2.0)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {k: 6 * k * 2.0**2 for k in range(4)}  # d/dx x * 2 x^2 k


# --- errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: grad(lambda x: x)(X), ("(3,)", "jacobian", "sum")),
        (lambda: grad(lambda x: x.sum())(np.arange(3)), ("int64", "astype(float)")),
        (lambda: grad(lambda x: x)(True), ("bool",)),
        (lambda: grad(lambda x: None)(1.0), ("NoneType", "number")),
        (lambda: grad(lambda x: (x, x))(1.0), ("tuple", "grad_and_aux")),
        (lambda: grad(lambda x: x > 0)(1.0), ("bool",)),
        (lambda: grad(lambda x: x * 1j)(1.0), ("complex", "holomorphic_grad")),
        (lambda: grad("sin")(1.0), ("str", "function")),
        (lambda: grad(lambda x: x, 1)(1.0), ("argnum 1", "1 positional")),
        (lambda: grad(lambda x: x, "x")(1.0), ("argnum", "integer")),
        (lambda: grad_and_aux(lambda x: x)(1.0), ("pair",)),
        (lambda: jvp(lambda x: x, 1.0, 1.0), ("primals", "tuple")),
        (lambda: hvp(lambda x: x, (1.0,), 1.0), ("tangents", "tuple")),
        (lambda: jvp(lambda x: x, (1.0,), (1j,)), ("complex128", "float64")),
        (lambda: jacobian(lambda x: "text")(1.0), ("str", "numbers")),
        (lambda: jacobian(lambda x: x)(Value(1.0)), ("Values",)),
        (lambda: hessian(lambda x: x)(X), ("(3,)", "sum")),
        (lambda: hessian(lambda x: x)(1j), ("complex",)),
        (lambda: elementwise_grad(lambda x: x * 1j)(1.0), ("real",)),
        (lambda: grad(np.sum)(np.ma.array([1.0, 2.0], mask=[0, 1])), ("mask", "filled")),
        (lambda: grad(np.sum)({1.0, 2.0}), ("set",)),
        (lambda: grad(lambda d: d["x"])({"x": 1.0, "name": "a"}), ("str", "'a'")),
    ],
)  # fmt: skip
def test_wrong_types(call: Any, words: tuple[str, ...]) -> None:
    with refuses(TypeError, *words):
        call()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: jvp(lambda x: x, (X,), (np.ones(2),)), ("jvp", "(2,)", "(3,)")),
        (lambda: jvp(lambda x: x, (X,), (X, X)), ("jvp", "length 2", "length 1")),
        (lambda: vjp(lambda x: x, X)[1](1.0), ("vjp", "()", "(3,)")),
        (lambda: vjp(lambda x: {"a": x}, X)[1]({"b": X}), ("keys ['b']", "keys ['a']")),
        (lambda: vjp(lambda x: [[x]], X)[1]([X]), ("[0]", "ndarray", "list")),
        (lambda: tensor_jacobian_product(lambda x: x)(X, np.ones(2)), ("(2,)", "(3,)")),
    ],
)
def test_structures_that_do_not_fit(call: Any, words: tuple[str, ...]) -> None:
    with refuses(ValueError, *words):
        call()


def test_an_error_inside_leaves_nothing_behind() -> None:
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: 1 / 0)(1.0)
    assert type(grad(lambda x: x**2)(1.0)) is float


@pytest.mark.parametrize("kind", [float, np.array, Tensor])
def test_a_transform_in_a_thread_of_its_own_sees_the_outer_variable(kind: Any) -> None:
    """Also where it comes by closure, and the thread has no transform of its own."""

    def by_threads(pool: ThreadPoolExecutor, inner: Callable[[Any], Any]) -> Any:
        return sum(pool.map(inner, [1.0, 2.0]))

    with ThreadPoolExecutor(2) as pool:
        for derivative in (
            lambda x, y: grad(lambda z: x * x * z**2)(y),
            lambda x, y: jvp(lambda z: x * x * z**2, (y,), (1.0,))[1],
            lambda x, y: vjp(lambda z: x * x * z**2, y)[1](1.0)[0],
            lambda x, y: hvp(lambda z: x * x * z**3, (y,), (1.0,)) / 3,
            lambda x, y: value_and_grad(lambda z: x * x * z**2)(y)[1],
        ):
            # The sum over y = 1, 2 of 2 x**2 y is 6 x**2.
            found = grad(lambda x, d=derivative: by_threads(pool, lambda y: d(x, y)))(kind(5.0))
            found = found if isinstance(found, float) else found.data
            assert float(found) == 60.0
            assert jvp(lambda x, d=derivative: by_threads(pool, lambda y: d(x, y)),
                       (5.0,), (1.0,)) == (150.0, 60.0)  # fmt: skip


def test_a_transform_inside_a_checkpoint_sees_the_outer_variable() -> None:
    """When the inside is run again for the derivative, too."""
    f = checkpoint(lambda x: x * grad(lambda y: x * x * y)(1.0))  # x**3
    assert grad(f)(2.0) == 12.0
    assert jvp(f, (2.0,), (1.0,)) == (8.0, 12.0)
    assert grad(grad(f))(2.0) == 12.0
    assert hvp(f, (2.0,), (1.0,)) == 12.0
    with ThreadPoolExecutor(1) as pool:
        assert grad(lambda x: pool.submit(f, x).result())(2.0) == 12.0


def test_a_thread_beside_a_transform_has_plain_results() -> None:
    def f(x: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(grad(lambda y: y**2), 3.0).result()
        assert type(found) is float
        return x * found

    assert grad(f)(2.0) == 6.0
