"""Derivatives of functions: what they cost beside the function, and beside JAX and HIPS autograd.

HIPS autograd has the same import name as chainrule, so it must be installed in a folder of its
own (`pip install --target FOLDER autograd`), which HIPS_AUTOGRAD names; it runs in a process of
its own, on the very text of `programs.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autograd import Tensor, value_and_grad
from benchmarks import peers, programs
from benchmarks.harness import Contestant, Step, check_agreement, measure
from benchmarks.report import Goal, compare, ratio_of_times

ROUNDS = 15
OURS, HIPS, JAX, JITTED = "chainrule", "HIPS autograd", "JAX", "JAX, compiled"
EXAMPLES = ("logistic regression", "neural net", "ODE loop")
BLOCKS = {"logistic regression": 10, "neural net": 30, "ODE loop": 10,
          "hvp of Rosenbrock, 1,000": 100, "jacobian, 100 to 100": 10}  # fmt: skip

_RNG = np.random.default_rng(0)
_X, _M = _RNG.normal(size=100_000), _RNG.normal(size=(300, 300))
# Data as Tensors: a plain array that a rule needs is copied, as its owner may write to it.
_DESIGN, _LABELS = Tensor(_RNG.normal(size=(2_000, 50))), Tensor(_RNG.choice([-1.0, 1.0], 2_000))
_W1, _W2 = _RNG.normal(size=(50, 100)) / 10, _RNG.normal(size=(100, 10)) / 10

Function = Callable[[Any], Any]

# Functions of arrays large enough that arithmetic, not Python, takes the time.
TYPICAL: dict[str, tuple[Function, Any]] = {
    "polynomial": (lambda x: np.sum(x**3 - 2 * x**2 + x), _X),
    "norm": (lambda x: np.sqrt(np.sum(x * x)), _X),
    "log-sum-exp": (lambda x: np.log(np.sum(np.exp(x))), _X),
    "Gaussian wave": (lambda x: np.sum(np.sin(x) * np.exp(-(x**2))), _X),
    "tanh": (lambda x: np.mean(np.tanh(x)), _X),
    "Rosenbrock": (programs.rosenbrock, _X),
    "variance": (lambda x: np.var(x), _X),
    "matrix product": (lambda x: np.sum(x @ x), _M),
    "logistic loss": (
        lambda w: np.sum(np.log1p(np.exp(-_LABELS * (_DESIGN @ w)))),
        _RNG.normal(size=50),
    ),
    "two-layer network": (
        lambda p: np.mean((np.tanh(_DESIGN @ p[0]) @ p[1]) ** 2),
        [_W1, _W2],
    ),
}
CHEAP = 4.0
"""The cheap-gradient bound (Griewank & Walther 2008, section 4.6)."""


def run(rounds: int) -> None:
    """Print the cost of gradients over values, then the comparisons."""
    _cheap_gradients(rounds)
    hips = _Hips() if os.environ.get("HIPS_AUTOGRAD") else None
    try:
        for name, block in BLOCKS.items():
            _compare(name, block, hips, rounds)
    finally:
        if hips is not None:
            hips.close()


def _cheap_gradients(rounds: int) -> None:
    print(f"\nvalue and gradient, as a multiple of the value alone ({rounds} rounds)")
    for name, (f, x) in TYPICAL.items():
        both = value_and_grad(f)
        value = Contestant("value", lambda f=f, x=x: lambda: f(x), 20, 3)  # type: ignore[misc]
        pair = Contestant("both", lambda f=both, x=x: lambda: f(x), 20, 3)  # type: ignore[misc]
        seconds = measure([value, pair], rounds)
        ratio = ratio_of_times(seconds["both"], seconds["value"])
        verdict = "reached" if ratio <= CHEAP else "NOT reached"
        median = float(np.median(seconds["value"])) * 1e6
        print(f"  {verdict:<13}{name:<20}{median:9.0f} µs{ratio:8.2f} times", flush=True)


class _Hips:
    """HIPS autograd in a process of its own."""

    def __init__(self) -> None:
        folder = os.environ["HIPS_AUTOGRAD"]
        if not (Path(folder) / "autograd" / "tracer.py").exists():
            raise SystemExit(
                f"HIPS_AUTOGRAD={folder}: HIPS autograd is not there; "
                f"pip install --target {folder} autograd"
            )
        self.process = subprocess.Popen(
            [sys.executable, str(Path(programs.__file__).resolve())],
            env={**os.environ, "PYTHONPATH": folder},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, *request: str) -> Any:
        """Send one request and return the answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\t".join(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def _compare(name: str, block: int, hips: _Hips | None, rounds: int) -> None:
    ours = programs.PROGRAMS[name]
    results = {OURS: [ours()()]}
    contestants = [Contestant(OURS, ours, block)]
    goals = []
    if name in JAX_PROGRAMS and peers.installed("jax"):
        for label in (JAX, JITTED):
            start = _jax(name, label)
            results[label] = [np.asarray(start()())]
            contestants.append(Contestant(label, start, block, 3))
        goals.append(Goal(f"{OURS} faster than {JAX}", OURS, JAX, at_most=1.0))
    if hips is not None:
        results[HIPS] = [np.asarray(hips.ask("check", name))]
        if name in EXAMPLES:
            goals.append(Goal(f"{HIPS} takes at least 3 times as long", HIPS, OURS, at_least=3.0))
    check_agreement(name, results, tolerance=1e-8)
    other = {} if hips is None else {HIPS: lambda: float(hips.ask("time", name, str(block)))}
    compare(name, contestants, OURS, goals, rounds, other)


def _jax(name: str, label: str) -> Callable[[], Step]:
    def start() -> Step:
        jax = peers.load("jax")
        jax.config.update("jax_enable_x64", True)
        function, arguments = JAX_PROGRAMS[name](jax)
        function = jax.jit(function) if label == JITTED else function
        return lambda: function(*arguments).block_until_ready()

    return start


def _jax_hvp(jax: Any) -> tuple[Any, Any]:
    jnp = jax.numpy

    def f(x: Any) -> Any:
        return jnp.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)

    def product(x: Any, v: Any) -> Any:
        return jax.jvp(jax.grad(f), (x,), (v,))[1]

    return product, [jnp.asarray(a) for a in programs.HVP_AT]


def _jax_jacobian(jax: Any) -> tuple[Any, Any]:
    jnp = jax.numpy
    a, x = [jnp.asarray(array) for array in programs.JACOBIAN_AT]
    return jax.jacobian(lambda x: jnp.tanh(a @ x)), [x]


JAX_PROGRAMS = {"hvp of Rosenbrock, 1,000": _jax_hvp, "jacobian, 100 to 100": _jax_jacobian}
