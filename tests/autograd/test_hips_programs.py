"""Programs written for HIPS autograd run unchanged; their numbers are HIPS autograd 1.9.1's."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as onp
import pytest

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import Tensor, elementwise_grad, grad, jacobian, jvp, value_and_grad
from autograd import dict as adict
from autograd import isinstance as ais
from autograd import list as alist
from autograd import tuple as atuple
from autograd.extend import defjvp, defvjp, primitive
from autograd.misc import flatten
from autograd.misc.flatten import flatten_func
from autograd.misc.optimizers import adam, rmsprop, sgd
from autograd.op import OPERATIONS
from benchmarks.programs import PROGRAMS

from .helpers import refuses

# Sums of absolute values of what each program returns, as HIPS autograd 1.9.1 computes them.
RECORDED = {
    "logistic regression": 0.852705744165583,
    "neural net": 12.333025017209648,
    "ODE loop": 3.337890228629046,
    "hvp of Rosenbrock, 1,000": 1223214.1955884378,
    "jacobian, 100 to 100": 511.9695519811353,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_in_its_manner(name: str) -> None:
    found = PROGRAMS[name]()()
    assert math.isclose(onp.abs(found).sum(), RECORDED[name], rel_tol=1e-10)


def test_containers_and_isinstance() -> None:
    def f(params: Any) -> Any:
        assert ais(params["w"], np.ndarray)
        assert ais(params["b"], float)
        assert ais(params, adict)
        pair = atuple([params["w"], alist([params["b"]])])
        return np.sum(pair[0]) * pair[1][0]

    assert grad(f)(adict(w=onp.ones(2), b=3.0))["b"] == 2.0


def test_arrays_made_of_traced_numbers() -> None:
    def f(x: Any) -> Any:
        rotation = np.array([[np.cos(x), -np.sin(x)], [np.sin(x), np.cos(x)]])
        return np.dot(rotation, onp.array([1.0, 0.0]))[1] + np.sum([x, x]) + np.max([x, 0.0])

    assert math.isclose(grad(f)(0.5), math.cos(0.5) + 3, rel_tol=1e-15)


def test_everything_else_is_numpys_own() -> None:
    assert np.float64 is onp.float64
    assert np.pi == onp.pi
    assert np.sin is onp.sin
    assert np.array([1, 2]).dtype == int
    assert np.linalg.norm(onp.array([3.0, 4.0])) == 5.0
    assert np.testing is onp.testing
    npr.seed(0)
    onp.testing.assert_array_equal(npr.randn(2), onp.random.RandomState(0).randn(2))
    with pytest.raises(AttributeError):
        np.no_such_function  # noqa: B018


def test_integer_types_are_called_on_traced_arrays() -> None:
    def f(x: Any) -> Any:
        rows = np.int64(x[:, 0])
        assert type(rows) is onp.ndarray
        return np.sum(x[rows, 1] * 3)

    x = onp.array([[1.0, 2.0], [1.0, 4.0]])
    onp.testing.assert_array_equal(grad(f)(x), [[0.0, 0.0], [0.0, 6.0]])
    assert onp.ones(2, np.int32).dtype == onp.int32 == np.int32
    assert type(np.int16(3)) is onp.int16
    assert isinstance(onp.int8(3), np.int8)
    assert not isinstance(3.0, np.int8)
    assert np.issubdtype(np.int64, np.integer)


@pytest.fixture
def logsumexp() -> Iterator[Any]:
    @primitive
    def logsumexp(x: Any) -> Any:
        """Without overflow."""
        top = onp.max(x)
        return top + onp.log(onp.sum(onp.exp(x - top)))

    defvjp(
        logsumexp, lambda ans, x: lambda g: np.full(x.shape, g) * np.exp(x - np.full(x.shape, ans))
    )
    yield logsumexp
    OPERATIONS.pop(logsumexp.name, None)


def test_a_primitive(logsumexp: Any) -> None:
    x = onp.array([1.0, 2.0, 1000.0])
    assert logsumexp.__doc__ == "Without overflow."
    assert logsumexp(x) == 1000.0
    onp.testing.assert_array_equal(grad(logsumexp)(x), [0.0, 0.0, 1.0])
    y = onp.array([0.5, -0.5])
    p = onp.exp(y) / onp.exp(y).sum()
    onp.testing.assert_allclose(
        jacobian(grad(lambda y: logsumexp(y * 1.0)))(y), onp.diag(p) - onp.outer(p, p), rtol=1e-14
    )


def test_rules_of_both_modes_of_some_arguments() -> None:
    calls = []

    @primitive
    def scaled(mode: str, x: Any, y: Any, factor: float = 1.0) -> Any:
        return factor * x * y

    defvjp(
        scaled, lambda ans, mode, x, y, factor=1.0: lambda g: factor * g * y, None, argnums=(1, 2)
    )
    defjvp(scaled, lambda t, ans, mode, x, y, factor=1.0: calls.append("jvp") or factor * t * y,
           argnums=(1,))  # fmt: skip

    assert grad(lambda x: scaled("m", x, 3.0, factor=2.0))(5.0) == 6.0
    assert grad(lambda y: scaled("m", 5.0, y))(3.0) == 0.0
    assert jvp(lambda x: scaled("m", x, 3.0), (5.0,), (1.0,)) == (15.0, 3.0)
    assert calls == ["jvp"]


def test_a_primitive_without_a_rule_says_so() -> None:
    @primitive
    def bare(x: Any) -> Any:
        return x

    assert bare(1.0) == 1.0
    with refuses(NotImplementedError, "bare", "argument 0", "defvjp"):
        grad(bare)(1.0)
    with refuses(TypeError, "sin", "primitive"):
        defvjp(math.sin, None)  # type: ignore[arg-type]
    with refuses(ValueError, "sane"):
        defjvp(bare, "sane")


def test_flatten() -> None:
    value = {"b": [1.0, onp.array([[2.0, 3.0]])], "a": (4.0, ())}
    vector, unflatten = flatten(value)
    assert vector.tolist() == [4.0, 1.0, 2.0, 3.0]  # by sorted key
    onp.testing.assert_equal(unflatten(vector), value)
    doubled, _, start = flatten_func(lambda p: dict(p.items()), {"x": 1.0})
    assert doubled(start).tolist() == [1.0]
    assert grad(lambda v: flatten([v, v**2])[0].sum())(3.0) == 7.0
    with refuses(ValueError, "(3,)", "4 numbers"):
        unflatten(onp.ones(3))


# x[0], x[1] and y after 20 steps, as HIPS autograd 1.9.1 gives them.
DESCENTS = {
    sgd: [2.6465334673280267, -0.7643556448853507, 0.8640268112655054],
    rmsprop: [1.270725309725554, -0.16306841324063295, 1.1036217520512273],
    adam: [0.9758864048173095, 0.040185403047046514, 1.1249333282772702],
}


@pytest.mark.parametrize("optimizer", DESCENTS)
def test_optimizers(optimizer: Any) -> None:
    def gradient(p: Any, i: int) -> Any:
        return {"x": 2 * (p["x"] - onp.array([3.0, -1.0])), "y": 4 * p["y"] ** 3 / 10}

    seen: list[Any] = []
    found = optimizer(
        gradient,
        {"x": onp.array([0.0, 1.0]), "y": 2.0},
        lambda p, i, g: seen.append((i, p["y"], g["y"])),
        num_iters=20,
        step_size=0.05,
    )
    onp.testing.assert_allclose([*found["x"], found["y"]], DESCENTS[optimizer], rtol=1e-13)
    assert len(seen) == 20
    assert seen[0] == (0, 2.0, 3.2)


def test_value_and_grad_suits_scipy_and_elementwise_grad_is_vectorised() -> None:
    value, gradient = value_and_grad(lambda x: np.sum(x**2))(onp.array([1.0, 2.0]))
    assert (type(value), value, gradient.tolist()) == (float, 5.0, [2.0, 4.0])
    x = onp.linspace(-2, 2, 5)
    onp.testing.assert_allclose(
        elementwise_grad(elementwise_grad(np.tanh))(x),
        -2 * onp.tanh(x) * (1 - onp.tanh(x) ** 2),
        rtol=1e-13,
    )


def test_importing_the_engine_does_not_import_these() -> None:
    program = "import sys, autograd; print(*[m for m in sys.modules if m.startswith('autograd.')])"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True,
                          check=True)  # fmt: skip
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint({"autograd.numpy", "autograd.misc", "autograd.extend"})


def test_what_numpy_itself_could_not_be_given() -> None:
    """Joining in brackets, and functions that NumPy does not dispatch on each argument."""
    x = onp.array([1.0, 2.0])

    def f(t: Any) -> Any:
        parts = [
            np.r_[t, 0.0, t[0] : t[1] : 3j],
            np.c_[t, t].ravel(),
            np.full_like(onp.zeros(2), t[1]),
            np.array([t[0], t[1]], ndmin=2)[0],
            np.asfortranarray([t, t])[1],
            np.ascontiguousarray(t[0]),
            np.asanyarray(t),
            np.linspace([t[0], 0.0], 2.0, 3).ravel(),
            np.make_diagonal(t, axis1=-1, axis2=-2)[1],
            np.where(condition=onp.array([True, False]), x=t, y=0.0),
            np.polyint(onp.ones(2), k=t[0]),
        ]
        entries = np.concatenate(parts)
        return np.sum(entries * onp.arange(len(entries)))

    numeric = [(f(x + step) - f(x - step)) / 2e-3 for step in 1e-3 * onp.eye(2)]
    onp.testing.assert_allclose(grad(f)(x), numeric, rtol=1e-9)  # f is linear
    assert np.r_[1:3].tolist() == [1, 2]
    with refuses(TypeError, "r_", "step", "imaginary"):
        grad(lambda t: np.sum(np.r_[0:t]))(2.0)
    with refuses(TypeError, "full_like", "int64", "float"):
        grad(lambda t: np.sum(np.full_like(onp.ones(2, int), t)))(2.0)
    with refuses(ValueError, "infs or NaNs"):
        grad(lambda t: np.sum(np.asarray_chkfinite([t, onp.inf])))(2.0)


def test_edges_of_what_was_added() -> None:
    with refuses(ValueError, "geomspace", "0"):
        grad(lambda t: np.sum(np.geomspace(0.0, t, 3)))(2.0)
    with refuses(TypeError, "histogram", "data"):
        grad(lambda t: np.sum(np.histogram(t)[0]))(onp.ones(2))
    with refuses(ValueError, "apply_along_axis", "(2, 0)"):
        grad(lambda t: np.sum(np.apply_along_axis(np.sum, 0, t)))(onp.ones((2, 0)))
    with refuses(ValueError, "apply_over_axes", "(1, 1, 2)"):
        grad(lambda t: np.sum(np.apply_over_axes(lambda a, axis: a[None, None], t, [0])))(
            onp.ones(2)
        )
    with refuses(TypeError, "polyfit", "cov"):
        grad(lambda t: np.polyfit(onp.arange(4.0), t, 1, cov=True)[0][0])(onp.ones(4))
    with refuses(ValueError, "make_diagonal", "0-d"):
        np.make_diagonal(1.0)
    distance = grad(lambda t: np.linspace(0.0, t, 5, retstep=True)[1])(2.0)
    assert distance == 0.25
    assert onp.isnan(np.linspace(0.0, Tensor(1.0), 1, retstep=True)[1].item())


def test_ranges_of_integers_are_numpys() -> None:
    """Which rounds down, or to the nearest: not as a conversion of the numbers does."""
    t = Tensor(-2.5, requires_grad=True)
    assert np.linspace(t, 2.5, 6, dtype=int).tolist() == [-3, -2, -1, 0, 1, 2]
    assert np.geomspace(t + 3.5, 1000, 4, dtype=int).tolist() == [1, 10, 100, 1000]
    assert np.arange(t * 0, 2.0, 0.5, dtype=int).tolist() == [0, 0, 0, 0]
    assert np.arange(0, t + 4.5).dtype == float


def test_weights_of_another_shape_than_the_data() -> None:
    weights = Tensor(onp.ones((3, 2)), requires_grad=True)
    with refuses(ValueError, "histogram", "same shape"):
        np.histogram(onp.ones((2, 3)), 2, weights=weights)


def test_weights_of_a_density() -> None:
    found = jacobian(lambda w: np.histogram(onp.array([0.1, 0.6]), 2, (0.0, 1.0), True, w)[0])
    # 2 w / sum(w), at (1, 3)
    onp.testing.assert_allclose(found(onp.array([1.0, 3.0])), [[3 / 8, -1 / 8], [-3 / 8, 1 / 8]])


def test_coefficients_that_are_zero_have_their_derivatives() -> None:
    q = onp.array([2.0, 3.0])
    product = jacobian(lambda p: np.polymul(p, q))
    onp.testing.assert_array_equal(product(onp.array([0.0, 1.0])), [[3.0, 2.0], [0.0, 3.0]])
    onp.testing.assert_array_equal(product(onp.array([0.0, 0.0])), [[3.0, 2.0], [0.0, 3.0]])
    rest = jacobian(lambda p: np.polydiv(onp.array([1.0]), p)[1])
    onp.testing.assert_array_equal(rest(q), [[0.0, 0.0]])
    # x**2 (x - 1) p3 + ...: a root at 0 and one at 1, and a third at infinity.
    p = onp.array([0.0, 2.0, -2.0, 0.0])
    moved = [onp.roots(p + 1e-7 * step) for step in onp.eye(4)[1:]]
    found = jacobian(np.roots)(p)
    onp.testing.assert_allclose(found[:, 1:].T, (onp.array(moved) - onp.roots(p)) / 1e-7, atol=1e-5)
    # By the powers of the coefficient in front the roots r move by -r**3 / p'(r).
    onp.testing.assert_allclose(found[:, 0], [-0.5, 0.0])
    with refuses(onp.linalg.LinAlgError, "roots", "repeated"):
        jacobian(np.roots)(onp.array([1.0, 0.0, 0.0]))
    assert jacobian(np.roots)(onp.zeros(2)).shape == (0, 2)


def test_modes_by_number_and_sets_with_numbers() -> None:
    x = onp.array([1.0, 2.0])
    for mode in (0, 1, 2):
        expected = onp.convolve(x, [3.0, 4.0, 5.0], mode)
        t = Tensor(x, requires_grad=True)
        onp.testing.assert_array_equal(np.convolve(t, [3.0, 4.0, 5.0], mode).data, expected)
    narrow = Tensor(x, requires_grad=True, dtype=onp.float32)
    assert np.union1d(narrow, 1).dtype == onp.float32


def test_numbers_in_steps_that_are_traced() -> None:
    numbers = np.arange(Tensor(0.5, requires_grad=True), 2.0, 0.5)
    assert (numbers.tolist(), np.arange(Tensor(3.0)).tolist()) == ([0.5, 1.0, 1.5], [0.0, 1.0, 2.0])
    found = jacobian(lambda t: np.arange(t[0], t[1], t[2], dtype=float))(onp.array([1.0, 2.0, 0.4]))
    onp.testing.assert_array_equal(found, [[1.0, 0.0, 0.0], [1.0, 0.0, 1.0], [1.0, 0.0, 2.0]])
    assert grad(lambda t: np.sum(np.arange(t) * 2.0))(3.5) == 0.0


def test_integer_types_are_numpys_in_all_that_is_asked_of_them() -> None:
    for code in onp.typecodes["AllInteger"]:
        theirs = onp.dtype(code).type
        ours = getattr(np, theirs.__name__)
        array = onp.arange(3).astype(ours)
        assert array.dtype == theirs == ours
        assert onp.issubdtype(array.dtype, ours)
        assert onp.issubdtype(ours, onp.integer)
        assert isinstance(theirs(1), ours)
        assert issubclass(theirs, ours)
        assert type(ours(1)) is theirs
        assert onp.dtype(pickle.loads(pickle.dumps(ours))) == theirs
    assert not onp.issubdtype(onp.float64, np.int64)
    assert not issubclass(onp.int32, np.int64)
