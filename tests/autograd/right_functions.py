"""Right functions that a gradient check must not refuse, each with inputs.

Kinks on the grid, float32, badly scaled, large, near the bounds of a domain, constant, sparse in
their inputs, noisy inside, and every operation of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import autograd
import nn
from autograd import Tensor

from .mutants import examples
from .table import CASES


@dataclass(frozen=True)
class Right:
    """A function with a right gradient, and where to check it.

    Attributes:
        kind: why a checker might refuse it.
        options: for `check_gradients`.
        plain: whether it takes and gives plain tensors, so that the peers can be asked as well.
    """

    kind: str
    name: str
    f: Callable[..., Any]
    inputs: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)
    plain: bool = True


def right_functions() -> Iterator[Right]:
    """All of them."""
    for family in (
        _table, _kinks, _scaled, _bounds, _constant, _cancelled, _sparse, _large, _noisy, _layers,
        _smooth,
    ):  # fmt: skip
        yield from family()


def _table() -> Iterator[Right]:
    """Every case of the table of operations, on its grid and in float32."""
    for position, case in enumerate(CASES):
        if "largest" not in examples(position):
            continue
        xs, params = examples(position)["largest"]
        for kind, dtype in [("operation", np.float64), ("float32", np.float32)]:
            both: dict[str, Any] = {"modes": "both", "order": 2}
            yield Right(
                kind,
                case.name,
                lambda *xs, case=case, params=params: case.ours(*xs, **params),
                tuple(x.astype(dtype) for x in xs),
                both if kind == "operation" else {},
            )


GRID = np.array([-1.0, -0.5, 0.0, 0.5, 1.0, 0.0])
PAIR = np.array([0.5, 0.5, -1.0, 0.0, 2.0, -1.0])


def _kinks() -> Iterator[Right]:
    functions: dict[str, Callable[..., Any]] = {
        "relu": lambda x: x.relu(),
        "abs": abs,
        "relu of a sum": lambda x: x.sum().relu(),
        "leaky relu": lambda x: autograd.maximum(x, 0.1 * x),
        "maximum with a constant": lambda x: autograd.maximum(x, 0.5),
        "minimum with a constant": lambda x: autograd.minimum(x, -0.5),
        "max with ties": lambda x: (x * x).max(),
        "min with ties": lambda x: (x * x).min(),
        "maximum with itself": lambda x: autograd.maximum(x, x * 1.0),
        "clip by relus": lambda x: (x + 0.5).relu() - (x - 0.5).relu(),
        "L1 norm": lambda x: abs(x).sum(),
        "total variation": lambda x: abs(x[1:] - x[:-1]).sum(),
        "hinge": lambda x: (1 - x).relu().sum(),
        "soft threshold": lambda x: autograd.sign(x) * (abs(x) - 0.25).relu(),
        "Huber": lambda x: autograd.where(abs(x.data) < 0.5, x * x, abs(x) - 0.25),
        "where on a kink": lambda x: autograd.where(x.data > 0, 2 * x, 0.5 * x),
        "Euclidean norm": lambda x: ((x * x).sum()) ** 0.5,
        "x times abs(x)": lambda x: x * abs(x),
        "square of relu": lambda x: x.relu() ** 2,
        "power 1.5": lambda x: abs(x) ** 1.5,
        "hypot at 0": lambda x: autograd.hypot(x, 0.0 * x),
    }
    for name, f in functions.items():
        yield Right("kink", name, f, (GRID,))
        yield Right("kink", f"{name}, in float32", f, (GRID.astype(np.float32),))
    for name, g in {
        "maximum": autograd.maximum,
        "minimum": autograd.minimum,
        "abs of the difference": lambda x, y: abs(x - y),
        "max of both": lambda x, y: autograd.concatenate([x, y]).max(),
    }.items():
        yield Right("kink", f"{name} with ties", g, (GRID, PAIR))
    for distance in (1e-3, 1e-5, 1e-7, 1e-9, 1e-12):
        x = np.array([distance, -distance])
        yield Right("kink", f"relu beside {distance}", lambda x: x.relu(), (x,))
        yield Right("kink", f"abs beside {distance}", abs, (x,))


def _scaled() -> Iterator[Right]:
    functions: dict[str, Callable[..., Any]] = {
        "sin": autograd.sin,
        "exp": autograd.exp,
        "tanh": autograd.tanh,
        "cube": lambda x: x**3,
        "reciprocal": lambda x: 1 / x,
    }
    x = np.array([0.3, 0.7, 1.1])
    for name, f in functions.items():
        for outer in (1e-30, 1e-7, 1e9, 1e30):
            yield Right("scaled", f"{outer} {name}", lambda x, f=f, c=outer: c * f(x), (x,))
        for inner in (1e-60, 1e-12, 1e-6, 1e6, 1e12, 1e60):
            yield Right(
                "scaled", f"{name} of {inner} x", lambda x, f=f, c=inner: f(c * x), (x / inner,)
            )
    for offset in (1.0, 1e4, 1e8):
        yield Right("scaled", f"1e-3 sin + {offset}", lambda x, c=offset: 1e-3 * x.sin() + c, (x,))
    powers = 10.0 ** np.arange(-9, 10, 3)
    yield Right("scaled", "entries of many sizes", lambda x: (x * powers).sin(), (1 / powers,))
    yield Right("scaled", "a sum of many sizes", lambda x: (x * powers).sum(), (1 / powers,))
    yield Right("scaled", "1e-7 sin + 1", lambda x: 1e-7 * x.sin() + 1.0, (x,))
    for k in (1, 30, 1000, 30_000, 1_000_000):
        yield Right("scaled", f"sin of {k} x", lambda x, k=k: (k * x).sin(), (x,))
    yield Right("scaled", "Rosenbrock", lambda x: (100 * (x[1:] - x[:-1] ** 2) ** 2).sum(),
                (np.array([-1.2, 1.0, 3.0, 40.0]),))  # fmt: skip
    yield Right("scaled", "inputs of many sizes", lambda x, y: (x * 1e-8).sin() * (y * 1e8).cos(),
                (np.array([3e7, 5e8]), np.array([2e-9, 7e-8])))  # fmt: skip


def _bounds() -> Iterator[Right]:
    for k in (1, 3, 6, 9, 12):
        d = 10.0**-k
        near = np.array([d, 2 * d])
        for name, f, x in [
            ("log", autograd.log, near),
            ("sqrt", autograd.sqrt, near),
            ("reciprocal", autograd.reciprocal, near),
            ("power 0.3", lambda x: x**0.3, near),
            ("x log x", lambda x: x * x.log(), near),
        ]:
            yield Right("bound", f"{name} at {d}", f, (x,))
    for k in (1, 3, 5):
        d = 10.0**-k
        for name, f, x in [
            ("arcsin", autograd.arcsin, np.array([1 - d, d - 1])),
            ("arccos", autograd.arccos, np.array([1 - d, d - 1])),
            ("arctanh", autograd.arctanh, np.array([1 - d, d - 1])),
            ("arccosh", autograd.arccosh, np.array([1 + d, 1 + 2 * d])),
            ("log1p", autograd.log1p, np.array([d - 1, 2 * d - 1])),
            ("sqrt(1 - x^2)", lambda x: (1 - x * x) ** 0.5, np.array([1 - d, d - 1])),
        ]:
            yield Right("bound", f"{name} at {d} from its bound", f, (x,))
    yield Right("bound", "x^1.5 at 0", lambda x: x**1.5, (np.array([0.0, 1.0]),))
    yield Right("bound", "x^2.5 at 0", lambda x: x**2.5, (np.array([0.0, 1.0]),))
    yield Right("bound", "binary cross-entropy of 0.001",
                lambda x: nn.functional.binary_cross_entropy(x, np.array([1.0, 0.0])),
                (np.array([1e-3, 0.999]),))  # fmt: skip


def _constant() -> Iterator[Right]:
    x = np.array([0.5, -1.0])
    yield Right("constant", "0 x", lambda x: 0 * x, (x,))
    yield Right("constant", "x - x", lambda x: x - x, (x,))
    yield Right("constant", "a constant", lambda x: Tensor(3.0), (x,), plain=False)
    yield Right("constant", "sign", autograd.sign, (x,))
    yield Right("constant", "sin^2 + cos^2", lambda x: x.sin() ** 2 + x.cos() ** 2, (x,))
    yield Right("constant", "sum of a softmax", lambda x: x.softmax().sum(), (x,))
    yield Right("constant", "relu below 0", lambda x: (x - 5).relu(), (x,))
    yield Right("constant", "1e8 (x - x)", lambda x: 1e8 * (x - x) + 1e8, (x,))
    yield Right("constant", "an input that does not matter", lambda x, y: x * 2, (x, x))
    yield Right("constant", "a large offset", lambda x: x + 1e12, (x,))


def _cancelled() -> Iterator[Right]:
    """Zero but for rounding: the function's values may be exactly 0 where its derivatives are not.

    Nothing in the values then tells how large the terms were that cancel.
    """
    functions: dict[str, Callable[..., Any]] = {
        "3x - x - 2x": lambda x: 3 * x - x - 2 * x,
        "x / x - 1": lambda x: x / x - 1,
        "x^2 / x - x": lambda x: x * x / x - x,
        "x^3 / x^2 - x": lambda x: x**3 / x**2 - x,
        "sqrt(x^2) - x": lambda x: autograd.sqrt(x * x) - x,
        "log exp x - x": lambda x: autograd.log(autograd.exp(x)) - x,
        "exp log x - x": lambda x: autograd.exp(autograd.log(x)) - x,
        "sin^2 + cos^2 - 1": lambda x: x.sin() ** 2 + x.cos() ** 2 - 1,
        "sine by the addition theorem": lambda x: (
            (x + 1).sin() - x.sin() * np.cos(1) - x.cos() * np.sin(1)
        ),
        "a direction's length": lambda x: x / (x * x) ** 0.5 - 1,
        "1e9 (3x - x - 2x)": lambda x: 1e9 * (3 * x - x - 2 * x),
    }
    both: dict[str, Any] = {"modes": "both", "order": 2}
    for name, f in functions.items():
        for x in (0.3, 0.7, 6.375):
            yield Right("cancelled", f"{name} at {x}", f, (np.array(x),), both)
        vector = np.array([0.3, 0.8, 1.3], np.float32)
        yield Right("cancelled", f"{name}, in float32", f, (vector,))
    for p in ("nuc", "fro", 1, -2):
        for x in (0.3, 6.375):
            condition = lambda x, p=p: autograd.linalg.cond(x, p)  # noqa: E731
            yield Right("cancelled", f"condition of {x}, {p}", condition, (np.array([[x]]),), both)
            less = lambda x, p=p: autograd.linalg.cond(x, p) - 1  # noqa: E731
            yield Right("cancelled", f"condition of {x}, {p}, - 1", less, (np.array([[x]]),), both)


def _sparse() -> Iterator[Right]:
    x = np.random.default_rng(0).normal(size=40)
    yield Right("sparse", "one of many", lambda x: x[7] ** 2, (x,))
    yield Right("sparse", "every tenth", lambda x: x[::10].sin(), (x,))
    yield Right("sparse", "a few, repeated", lambda x: x[[3, 3, 17]] ** 3, (x,))
    yield Right("sparse", "a diagonal", lambda x: x.reshape(5, 8)[:, 2].exp(), (x,))
    yield Right("sparse", "the largest", lambda x: x.max(), (x,))
    yield Right("sparse", "a neighbour each", lambda x: x[1:] * x[:-1], (x,))
    yield Right("sparse", "one of ten thousand", lambda x: x[1234] ** 2,
                (np.random.default_rng(1).normal(size=10_000),))  # fmt: skip
    yield Right("sparse", "padded", lambda x: autograd.pad(x, 30).exp(), (x,))


def _large() -> Iterator[Right]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=20_000)
    yield Right("large", "a sum of sines", lambda x: x.sin().sum(), (x,))
    yield Right("large", "sines", lambda x: x.sin(), (x,))
    yield Right("large", "a norm", lambda x: (x * x).sum() ** 0.5, (x,))
    yield Right("large", "relu", lambda x: x.relu().sum(), (x,))
    yield Right("large", "relu on the grid", lambda x: x.relu().sum(), (np.round(x),))
    yield Right("large", "abs on the grid", lambda x: abs(x), (np.round(x),))
    yield Right("large", "logsumexp", autograd.logsumexp, (x,))
    yield Right("large", "a product of matrices", lambda a, b: a @ b,
                (rng.normal(size=(60, 50)), rng.normal(size=(50, 40))))  # fmt: skip
    yield Right("large", "softmax of rows", lambda x: x.softmax(1),
                (rng.normal(size=(100, 30)),))  # fmt: skip
    yield Right("large", "in float32", lambda x: x.tanh().sum(), (x.astype(np.float32),))
    yield Right("large", "entries of many sizes", lambda x: x.exp().sum(), (3 * x,))


def _noisy() -> Iterator[Right]:
    x = np.array([0.3, 0.7, 1.1])
    yield Right("noisy", "float32 inside", lambda x: x.astype(np.float32).sin(), (x,))
    yield Right("noisy", "float32 inside, and out again",
                lambda x: (x.astype(np.float32).exp().astype(float) * x).sum(), (x,))  # fmt: skip
    yield Right("noisy", "a difference of large numbers", lambda x: (x + 1e8) - 1e8, (x,))
    yield Right("noisy", "a difference of larger numbers", lambda x: (x.sin() + 1e10) - 1e10, (x,))
    yield Right("noisy", "a mean of float32", lambda x: (x.astype(np.float32) ** 2).mean(), (x,))
    yield Right("noisy", "1 - cos", lambda x: (1 - (1e-3 * x).cos()) * 1e6, (x,))


def _layers() -> Iterator[Right]:
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(5, 4)), np.array([0, 1, 2, 1, 0])
    for dtype in (np.float64, np.float32):
        for name, activation in [
            ("relu", nn.ReLU()),
            ("tanh", nn.Tanh()),
            ("sigmoid", nn.Sigmoid()),
        ]:
            model = nn.Sequential(
                nn.Linear(4, 6, generator=rng, dtype=dtype),
                activation,
                nn.Linear(6, 3, generator=rng, dtype=dtype),
            )
            given = x.astype(dtype)
            yield Right("model", f"{name} net, {np.dtype(dtype)}", model, (given,), plain=False)
            yield Right(
                "model",
                f"{name} net with cross-entropy, {np.dtype(dtype)}",
                lambda x, model=model: nn.functional.cross_entropy(model(x), labels),
                (given,),
                plain=False,
            )
            zeros = np.zeros_like(given)
            yield Right(
                "model", f"{name} net at 0, {np.dtype(dtype)}", model, (zeros,), plain=False
            )


def _smooth() -> Iterator[Right]:
    """Compositions at random points, in both modes and two orders."""
    rng = np.random.default_rng(0)
    functions: dict[str, Callable[..., Any]] = {
        "rational": lambda x: (x.sin() * x.exp()).sum() / (1 + (x * x).sum()),
        "softmax": lambda x: x.softmax() ** 2,
        "polynomial": lambda x: (x**3 - 2 * x).sum() ** 2,
        "outer product": lambda x: x[:, None] * x[None, :].tanh(),
        "determinant of 2 by 2": lambda x: x[0] * x[3] - x[1] * x[2],
    }
    for name, f in functions.items():
        for k in range(4):
            yield Right("smooth", f"{name} {k}", f, (rng.normal(size=4),),
                        {"modes": "both", "order": 2})  # fmt: skip
