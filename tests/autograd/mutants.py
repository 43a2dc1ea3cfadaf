"""Wrong rules, made systematically from the table of operations.

Each rule of each operation is replaced in turn by each of `CHANGES` made to it, at a fixed example
of each case of the table. A mutant is equivalent, and set aside, if all derivatives it gives at its
example are those of the right rule, but for rounding (1e-12): then there is nothing to be caught.
They are compared along random cotangents and tangents, on which two linear maps that differ agree
with probability 0. A sign that is changed in each of two nested steps is such a case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings

from autograd import Tensor, jvp, vjp
from autograd.forward import _transposed
from autograd.graph import Masked
from autograd.op import OPERATIONS, Operation
from autograd.placed import whole
from autograd.steps import careful_step

from .strategies import Array
from .table import CASES, Case, Params

Change = Callable[..., Any]
"""The wrong contribution, from the right rule `pull` and the arguments (g, saved, node, i)."""


def _values(pull: Any, g: Any, saved: Any, node: Any, i: int) -> Any:
    c = pull(g, saved, node, i)
    return c.values if isinstance(c, Masked) else c


def _scaled(factor: Any) -> Change:
    return lambda pull, g, saved, node, i: _values(pull, g, saved, node, i) * factor


def _one_index(pull: Any, g: Any, saved: Any, node: Any, i: int) -> Any:
    """Off by 1e-3 at the largest entry."""
    c = _values(pull, g, saved, node, i)
    factor = np.ones(c.shape)
    if factor.size:
        factor.reshape(-1)[np.argmax(np.abs(c.data if isinstance(c, Tensor) else c))] = 1.001
    return c * factor


def _shared(pull: Any, g: Any, saved: Any, node: Any, i: int) -> Any:
    """One entry along each broadcast axis in the place of their sum."""
    c = _values(pull, g, saved, node, i)
    shape = node.parents[i].shape
    if 0 in c.shape:
        return c
    while c.ndim > len(shape):
        c = c[0]
    for axis, n in enumerate(shape):
        if c.shape[axis] != n:
            c = c[(slice(None),) * axis + (slice(0, 1),)]
    return c


def _flipped(pull: Any, g: Any, saved: Any, node: Any, i: int) -> Any:
    """The entries in reverse order along the first axis."""
    c = _values(pull, g, saved, node, i)
    return c[::-1] if c.ndim else c


def _transpose(pull: Any, g: Any, saved: Any, node: Any, i: int) -> Any:
    """Rows and columns exchanged, where the shape allows it."""
    c = _values(pull, g, saved, node, i)
    return c.swapaxes(-1, -2) if c.ndim > 1 and c.shape[-1] == c.shape[-2] else c


def _rolled(pull: Any, g: Any, saved: Any, node: Any, i: int) -> Any:
    """The cotangent of each output entry taken from its neighbour along the last axis."""
    if not g.ndim or g.shape[-1] < 2:
        return pull(g, saved, node, i)
    n = g.shape[-1]
    return pull(g[..., [*range(1, n), 0]], saved, node, i)


def _swapped(pull: Any, g: Any, saved: Any, node: Any, i: int) -> Any:
    """The rule of another input."""
    pulls = node.operation.right
    return pulls[(i + 1) % len(pulls)](g, saved, node, i)


def _in_second_order(pull: Any, g: Any, saved: Any, node: Any, i: int) -> Any:
    """Off by 1e-3 only where the pass records."""
    c = _values(pull, g, saved, node, i)
    return c * 1.001 if isinstance(c, Tensor) else pull(g, saved, node, i)


def _in_float32(pull: Any, g: Any, saved: Any, node: Any, i: int) -> Any:
    c = _values(pull, g, saved, node, i)
    return c * np.float32(1.01) if c.dtype == np.float32 else pull(g, saved, node, i)


CHANGES: dict[str, Change] = {
    "sign": _scaled(-1),
    "factor 2": _scaled(2),
    "factor 1.001": _scaled(1.001),
    "zero": _scaled(0),
    "scaled by 1e-9": _scaled(1e-9),
    "off at one index": _one_index,
    "missing sum over a broadcast axis": _shared,
    "wrong order": _flipped,
    "transposed": _transpose,
    "wrong axis": _rolled,
    "swapped inputs": _swapped,
    "conjugated": lambda pull, g, saved, node, i: np.conj(_values(pull, g, saved, node, i)),
    "cotangent squared": lambda pull, g, saved, node, i: pull(g * g, saved, node, i),
    "cotangent ignored": lambda pull, g, saved, node, i: pull(g * 0 + 1, saved, node, i),
    "only in second order": _in_second_order,
    "only in forward mode": _scaled(1.001),
    "only in float32": _in_float32,
}


@dataclass
class Mutant:
    """A wrong rule with an example at which to check it."""

    case: Case
    operation: Operation
    rule: int
    change: str
    xs: list[Array]
    params: Params

    @property
    def name(self) -> str:
        return f"{self.case.name}-{self.operation.name}-{self.rule}-{self.change}"

    @property
    def options(self) -> dict[str, Any]:
        """What a check must be asked for to see it."""
        if self.change == "only in second order":
            return {"order": 2}
        return {"modes": "both"} if self.change == "only in forward mode" else {}

    def f(self, *xs: Any) -> Any:
        return self.case.ours(*xs, **self.params)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        op: Any = self.operation
        saved = op.pulls, op.pushes, op.linear, op._plans, op._picks, op.steps
        op._plans, op._picks = {}, {}
        op.steps = defaultdict(lambda: careful_step)  # which reads `pulls`
        pulls = list(op.pulls)
        op.right = saved[0]
        if self.change == "only in forward mode":
            op.linear = False
            op.pushes = [_Push(self, rule) for rule in range(len(pulls))]
        else:
            pulls[self.rule] = self._pull(op.pulls[self.rule])
            op.pulls = pulls
        try:
            yield
        finally:
            op.pulls, op.pushes, op.linear, op._plans, op._picks, op.steps = saved
            del op.right

    def _pull(self, pull: Any) -> Any:
        change = CHANGES[self.change]

        def right(g: Any, saved: Any, node: Any, i: int) -> Any:
            return whole(pull(g, saved, node, i), node.parents[i])

        return lambda g, saved, node, i: change(right, g, saved, node, i)

    def is_equivalent(self) -> bool:
        """Whether it gives the right derivatives here."""
        right = self._derivatives()
        with self.in_use():
            wrong = self._derivatives()
        return all(
            np.allclose(w, r, rtol=1e-12, atol=1e-12 * np.max(np.abs(r), initial=0.0))
            for w, r in zip(wrong, right, strict=True)
        )

    def _derivatives(self) -> list[Any]:
        """Those that a check with `options` compares, along random directions."""
        rng = np.random.default_rng(0)

        def listed(*xs: Any) -> list[Any]:
            out = self.f(*xs)
            return list(out) if isinstance(out, (list, tuple)) else [out]

        def random(like: Any) -> Any:
            part = rng.uniform(0.5, 1.5, np.shape(like)) * rng.choice([-1, 1], np.shape(like))
            return part * (1 + 0.5j) if np.asarray(like).dtype.kind == "c" else part

        outs, pullback = vjp(listed, *self.xs)
        cotangents = [random(y).astype(np.asarray(y).dtype) for y in outs]
        if self.change == "only in forward mode":
            return list(jvp(listed, self.xs, [random(x) for x in self.xs])[1])
        if self.change != "only in second order":
            return list(pullback(cotangents))
        n = len(self.xs)
        first, second = vjp(lambda *a: vjp(listed, *a[:n])[1](list(a[n:])), *self.xs, *cotangents)
        return list(second(type(first)(random(g) for g in first)))


class _Push:
    """A rule for forward mode: the transposed one, off by 1e-3 for the mutant's input."""

    def __init__(self, mutant: Mutant, rule: int) -> None:
        self.mutant, self.rule = mutant, rule
        compiled = mutant.operation.rules[rule]
        self.saved = compiled.saved if compiled else []

    def apply(self, t: Any, saved: Any, node: Any, i: int) -> Any:
        pull = node.operation.pulls[self.rule]
        if pull is None:
            return None
        right = _transposed(pull, t, saved, node, i, isinstance(t, Tensor))
        return right if right is None or self.rule != self.mutant.rule else right * 1.001


@cache
def examples(position: int) -> dict[str, tuple[list[Array], Params]]:
    """Inputs for the case at `position` of the table: the largest, one that broadcasts, and one
    with a square matrix, where there are such."""
    case = CASES[position]
    found: list[tuple[list[Array], Params]] = []

    @settings(
        max_examples=12,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case.examples)
    def collect(example: tuple[list[Array], Params]) -> None:
        found.append(example)

    collect()
    usable = [e for e in found if all(x.size for x in e[0]) and _output_size(case, e)]

    def richness(example: tuple[list[Array], Params]) -> tuple[int, int]:
        xs, _ = example
        return len(np.unique(np.concatenate([x.ravel() for x in xs]))), sum(x.size for x in xs)

    usable.sort(key=richness, reverse=True)
    kinds: dict[str, Callable[[list[Array]], bool]] = {
        "largest": lambda xs: True,
        "broadcast": lambda xs: len({x.shape for x in xs}) > 1,
        "square": lambda xs: any(x.ndim > 1 and x.shape[-1] == x.shape[-2] > 1 for x in xs),
    }
    best = {kind: [e for e in usable if fits(e[0])][:1] for kind, fits in kinds.items()}
    return {kind: listed[0] for kind, listed in best.items() if listed}


def _output_size(case: Case, example: tuple[list[Array], Params]) -> int:
    xs, params = example
    out = case.reference(*xs, **params)
    listed = out if isinstance(out, (list, tuple)) else [out]
    return sum(np.size(y) for y in listed)


EXAMPLE = {"missing sum over a broadcast axis": "broadcast", "transposed": "square"}
"""The kind of example that a change needs to make a difference; the largest for the others."""


def mutants(changes: Iterable[str] = tuple(CHANGES)) -> Iterator[Mutant]:
    """The changes to every rule of every operation, each at an example of each of its cases."""
    for position, case in enumerate(CASES):
        known = examples(position)
        for operation in [OPERATIONS[n] for n in case.covers if n in OPERATIONS]:
            for rule, pull in enumerate(operation.pulls):
                for change in changes:
                    kind = EXAMPLE.get(change, "largest")
                    complex_only = change == "conjugated" and not case.complex
                    if pull is None or kind not in known or complex_only:
                        continue
                    xs, params = known[kind]
                    yield Mutant(case, operation, rule, change, _inputs(xs, change), params)


def _inputs(xs: list[Array], change: str) -> list[Array]:
    if change == "conjugated":
        return [x + 0.375j * (1 + x) for x in xs]
    if change == "only in float32":
        return [x.astype(np.float32) for x in xs]
    return [_generic(x) for x in xs]


def _generic(x: Array) -> Array:
    """Off the grid by up to 1/32, so that no two entries are related and no kink is near."""
    spread = np.random.default_rng(x.size).uniform(1 / 64, 1 / 32, x.shape)
    return np.asarray(x + spread)
