"""Gradient checkers against each other: wrong rules caught, right functions refused, time.

The cases are those of `tests/autograd/mutants.py` and `right_functions.py`. The peers are given
our forward computation and the (wrong or right) derivative as a custom function of theirs, in
reverse mode, so that all check the very same numbers. `python -m benchmarks.gradchecks` prints
the tables of `docs/gradient_checks.md`.
"""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

import autograd
from autograd import GradientCheckError, Tensor, check_gradients, gradients
from tests.autograd.mutants import mutants
from tests.autograd.right_functions import right_functions

Verdict = Callable[[Callable[..., Any], list[np.ndarray]], bool]
"""Whether a checker passes a function at inputs; an error of any kind is a refusal."""


def _listed(out: Any) -> list[Any]:
    return list(out) if isinstance(out, (list, tuple)) else [out]


def _forward(f: Callable[..., Any], xs: list[np.ndarray]) -> list[np.ndarray]:
    outs = _listed(f(*[Tensor(x) for x in xs]))
    return [y.numpy() if isinstance(y, Tensor) else np.asarray(y) for y in outs]


def _pull(f: Callable[..., Any], xs: list[np.ndarray], cotangents: list[Any]) -> list[np.ndarray]:
    leaves = [Tensor(x, requires_grad=True) for x in xs]
    outs = _listed(f(*leaves))
    pairs = [(y, c) for y, c in zip(outs, cotangents, strict=True) if y.requires_grad]
    if not pairs:
        return [np.zeros_like(x) for x in xs]
    found = gradients([y for y, _ in pairs], leaves, [c for _, c in pairs], allow_unused=True)
    return [np.zeros_like(x) if g is None else g for g, x in zip(found, xs, strict=True)]


def ours(f: Callable[..., Any], xs: list[np.ndarray], **options: Any) -> bool:
    """Our check, of the operation itself."""
    try:
        return check_gradients(f, *xs, progress=False, **options).passed
    except (GradientCheckError, ValueError, TypeError):
        return False


def torchs(f: Callable[..., Any], xs: list[np.ndarray], fast: bool = False) -> bool:
    """torch.autograd.gradcheck with its defaults."""
    import torch

    class Ours(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *tensors: Any) -> Any:
            ctx.save_for_backward(*tensors)
            outs = _forward(f, [t.detach().numpy() for t in tensors])
            return tuple([torch.as_tensor(y.copy()) for y in outs])

        @staticmethod
        def backward(ctx: Any, *cotangents: Any) -> Any:
            given = [t.detach().numpy() for t in ctx.saved_tensors]
            found = _pull(f, given, [c.numpy() for c in cotangents])
            return tuple([torch.as_tensor(np.array(g)) for g in found])

    tensors = [torch.tensor(x, requires_grad=True) for x in xs]
    try:
        return bool(torch.autograd.gradcheck(Ours.apply, tensors, fast_mode=fast))
    except Exception:  # what it raises differs with the kind of failure
        return False


def jaxs(f: Callable[..., Any], xs: list[np.ndarray]) -> bool:
    """jax.test_util.check_grads of order 1 in reverse mode, with its defaults."""
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    shapes = [jax.ShapeDtypeStruct(y.shape, y.dtype) for y in _forward(f, xs)]
    inputs = [jax.ShapeDtypeStruct(x.shape, x.dtype) for x in xs]

    @jax.custom_vjp
    def function(*arrays: Any) -> Any:
        return jax.pure_callback(
            lambda *a: _forward(f, [np.asarray(x) for x in a]), shapes, *arrays
        )

    def backward(arrays: Any, cotangents: Any) -> Any:
        n = len(arrays)
        found = jax.pure_callback(
            lambda *a: _pull(f, [np.asarray(x) for x in a[:n]], [np.asarray(c) for c in a[n:]]),
            inputs,
            *arrays,
            *cotangents,
        )
        return tuple(found)

    function.defvjp(lambda *arrays: (function(*arrays), arrays), backward)
    try:
        check_grads(function, tuple(jax.numpy.asarray(x) for x in xs), order=1, modes=["rev"])
    except Exception:
        return False
    return True


def checkers() -> dict[str, Verdict]:
    """The checkers that are installed."""
    found: dict[str, Verdict] = {"chainrule": ours}
    for module, name, check in (
        ("torch", "torch.autograd.gradcheck", torchs),
        ("jax", "jax.test_util.check_grads", jaxs),
    ):
        try:
            __import__(module)
        except ImportError:
            print(f"{name}: not installed")
            continue
        found[name] = check
    return found


def _is_reverse(mutant: Any) -> bool:
    return not mutant.options and mutant.change != "only in float32"


def wrong_rules(found: dict[str, Verdict], every: int) -> dict[str, Counter[str]]:
    """How many of each kind of wrong rule each checker caught, of every `every`-th mutant."""
    counts: dict[str, Counter[str]] = {}
    for mutant in [m for m in mutants() if _is_reverse(m)][::every]:
        with mutant.in_use():
            passed = {name: check(mutant.f, mutant.xs) for name, check in found.items()}
        if mutant.is_equivalent():
            continue
        row = counts.setdefault(mutant.change, Counter())
        row["cases"] += 1
        row.update([name for name, p in passed.items() if not p])
    return counts


def tiny_and_huge(found: dict[str, Verdict]) -> dict[str, Counter[str]]:
    """Wrong derivatives of functions that are not of the size of 1."""
    wrongs: dict[str, Callable[..., Any]] = {
        "zero for 1e-7 sin(x)": lambda x: 1e-7 * (x.sin().detach() + 0 * x),
        "0.1 % off for 1e9 sin(x)": lambda x: 1e9 * (x.sin() + 1e-3 * (x.sin() - x.sin().detach())),
        "0.1 % off for 1e-4 exp(x)": lambda x: (
            1e-4 * (x.exp() + 1e-3 * (x.exp() - x.exp().detach()))
        ),
        "0.1 % off in one entry of 100": lambda x: (
            x.sin() + 1e-3 * _FIRST * (x.sin() - x.sin().detach())
        ),
    }
    counts = {}
    for name, f in wrongs.items():
        row = counts[name] = Counter({"cases": 1})
        x = np.linspace(0.1, 1.0, 100 if "entry" in name else 3)
        row.update([checker for checker, check in found.items() if not check(f, [x])])
    return counts


_FIRST = np.arange(100) == 17


def refused(found: dict[str, Verdict]) -> dict[str, Counter[str]]:
    """How many right functions each checker refused, by kind."""
    counts: dict[str, Counter[str]] = {}
    for right in right_functions():
        if not right.plain or not all(isinstance(x, np.ndarray) for x in right.inputs):
            continue
        if sum(x.size for x in right.inputs) > 1000:
            continue  # PyTorch's would take hours
        row = counts.setdefault(right.kind, Counter())
        row["cases"] += 1
        row.update([n for n, check in found.items() if not check(right.f, list(right.inputs))])
    return counts


def _table(title: str, counts: dict[str, Counter[str]], names: Iterable[str]) -> None:
    names = list(names)
    print(f"\n| {title} | cases | " + " | ".join(names) + " |")
    print("|---|---|" + "---|" * len(names))
    total: Counter[str] = Counter()
    for kind, row in counts.items():
        total.update(row)
        print(f"| {kind} | {row['cases']} | " + " | ".join(str(row[n]) for n in names) + " |")
    print(f"| **all** | {total['cases']} | " + " | ".join(str(total[n]) for n in names) + " |")


def times() -> None:
    """Our check and PyTorch's on the same functions, each written with its own operations."""
    import torch

    rng = np.random.default_rng(0)
    draw = rng.normal
    cases: dict[str, tuple[Any, Any, list[np.ndarray]]] = {
        "sin(x) x, one number": (lambda x: x.sin() * x, lambda x: x.sin() * x, [draw(size=())]),
        "sin(x) x, 10 numbers": (lambda x: x.sin() * x, lambda x: x.sin() * x, [draw(size=10)]),
        "its sum": (lambda x: (x.sin() * x).sum(), lambda x: (x.sin() * x).sum(), [draw(size=10)]),
        "5 x 5 matrix product": (
            lambda x, y: x @ y, lambda x, y: x @ y, [draw(size=(5, 5)), draw(size=(5, 5))],
        ),
        "30 x 30 matrix product": (
            lambda x, y: x @ y, lambda x, y: x @ y, [draw(size=(30, 30)), draw(size=(30, 30))],
        ),
        "log_softmax of 8 x 10": (
            lambda x: autograd.log_softmax(x, 1), lambda x: torch.log_softmax(x, 1),
            [draw(size=(8, 10))],
        ),
        "a net of 200 weights": (
            lambda x, w, v: ((x @ w).tanh() @ v).sum(), lambda x, w, v: ((x @ w).tanh() @ v).sum(),
            [draw(size=(4, 10)), draw(size=(10, 15)), draw(size=(15, 3))],
        ),
    }  # fmt: skip
    print("\n| time of a check, ms | chainrule | PyTorch | ratio | PyTorch, fast mode |")
    print("|---|---|---|---|---|")
    for name, (mine, theirs, xs) in cases.items():
        tensors = [torch.tensor(x, requires_grad=True) for x in xs]
        a = _best(lambda mine=mine, xs=xs: check_gradients(mine, *xs))
        b = _best(lambda theirs=theirs, ts=tensors: torch.autograd.gradcheck(theirs, ts))
        c = _best(
            lambda theirs=theirs, ts=tensors: torch.autograd.gradcheck(theirs, ts, fast_mode=True)
        )
        print(f"| {name} | {a:.2f} | {b:.2f} | {a / b:.2f} | {c:.2f} |")


def _best(call: Callable[[], Any]) -> float:
    """The shortest of some runs, in ms."""
    call()
    found, start = [], time.perf_counter()
    while time.perf_counter() - start < 0.5 or len(found) < 3:
        before = time.perf_counter()
        call()
        found.append(time.perf_counter() - before)
    return 1e3 * min(found)


def main(every: int = 3) -> None:
    """Print the tables; of the mutants every `every`-th, as JAX's checker compiles for each."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = checkers()
        _table("wrong derivative: caught", tiny_and_huge(found), found)
        _table("wrong rule: caught", wrong_rules(found, every), found)
        _table("right function: refused", refused(found), found)
        if "torch.autograd.gradcheck" in found:
            times()


if __name__ == "__main__":
    main()
