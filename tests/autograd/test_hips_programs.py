"""Programs written for HIPS autograd run unchanged; their numbers are HIPS autograd 1.9.1's."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as onp
import pytest

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import dict as adict
from autograd import elementwise_grad, grad, jacobian, jvp, value_and_grad
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
