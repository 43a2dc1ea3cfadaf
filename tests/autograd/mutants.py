"""Wrong rules, made systematically from the table of operations.

Each rule of each operation is replaced in turn by each of `CHANGES` made to it, at a fixed example
of each case of the table. A mutant is equivalent, and set aside, if what it returned was in every
single call what the rule returns, but for rounding (1e-12): then there is nothing to be caught.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings

from autograd import Tensor
from autograd.forward import _transposed
from autograd.graph import Masked
from autograd.op import OPERATIONS, Operation

from .strategies import Array
from .table import CASES, Case, Params

Change = Callable[..., Any]
"""The wrong contribution, from the right rule `pull` and the arguments (g, saved, node, i)."""


def _values(c: Any) -> Any:
    return c.values if isinstance(c, Masked) else c


def _scaled(factor: Any) -> Change:
    return lambda pull, g, saved, node, i: _values(pull(g, saved, node, i)) * factor


def _one_index(pull: Any, g: Any, saved: Any, node: Any, i: int) -> Any:
    """Off by 1e-3 at the largest entry."""
    c = _values(pull(g, saved, node, i))
    factor = np.ones(c.shape)
    if factor.size:
        factor.reshape(-1)[np.argmax(np.abs(c.data if isinstance(c, Tensor) else c))] = 1.001
    return c * factor


def _shared(pull: Any, g: Any, saved: Any, node: Any, i: int) -> Any:
    """One entry along each broadcast axis in the place of their sum."""
    c = _values(pull(g, saved, node, i))
    shape = node.parents[i].shape
    while c.ndim > len(shape):
        c = c[0]
    for axis, n in enumerate(shape):
        if c.shape[axis] != n:
            c = c[(slice(None),) * axis + (slice(0, 1),)]
    return c


def _flipped(pull: Any, g: Any, saved: Any, node: Any, i: int) -> Any:
    """The entries in reverse order along the first axis."""
    c = _values(pull(g, saved, node, i))
    return c[::-1] if c.ndim else c


def _transpose(pull: Any, g: Any, saved: Any, node: Any, i: int) -> Any:
    """Rows and columns exchanged, where the shape allows it."""
    c = _values(pull(g, saved, node, i))
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
    c = pull(g, saved, node, i)
    return _values(c) * 1.001 if isinstance(_values(c), Tensor) else c


def _in_float32(pull: Any, g: Any, saved: Any, node: Any, i: int) -> Any:
    c = pull(g, saved, node, i)
    return _values(c) * np.float32(1.01) if _values(c).dtype == np.float32 else c


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
    "conjugated": lambda pull, g, saved, node, i: np.conj(_values(pull(g, saved, node, i))),
    "cotangent squared": lambda pull, g, saved, node, i: pull(g * g, saved, node, i),
    "cotangent ignored": lambda pull, g, saved, node, i: pull(g * 0 + 1, saved, node, i),
    "only in second order": _in_second_order,
    "only in forward mode": _scaled(1.001),
    "only in float32": _in_float32,
}


HOLOMORPHIC = {
    "exp", "sin", "cos", "sinh", "cosh", "square", "reciprocal", "negative", "add", "subtract",
    "multiply", "divide", "sum", "mean", "prod", "reshape", "transpose", "concatenate", "getitem",
    "matmul", "dot", "einsum",
}  # fmt: skip
"""Cases whose inputs may be complex, for the change that shows there only."""


@dataclass
class Mutant:
    """A wrong rule with an example at which to check it.

    `differs` is set while it is in use: whether it ever returned something else than the rule.
    """

    case: Case
    operation: Operation
    rule: int
    change: str
    xs: list[Array]
    params: Params
    differs: bool = field(default=False)

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
        saved = op.pulls, op.pushes, op.linear, op._plans, op._picks
        op._plans, op._picks = {}, {}
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
            op.pulls, op.pushes, op.linear, op._plans, op._picks = saved
            del op.right

    def _pull(self, pull: Any) -> Any:
        change = CHANGES[self.change]

        def wrong(g: Any, saved: Any, node: Any, i: int) -> Any:
            c = change(pull, g, saved, node, i)
            self.differs |= not _same(c, pull(g, saved, node, i), node.parents[i].shape)
            return c

        return wrong


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
        if right is None or self.rule != self.mutant.rule:
            return right
        self.mutant.differs |= bool(np.any(getattr(right, "data", right)))
        return right * 1.001


def _same(c: Any, right: Any, shape: tuple[int, ...]) -> bool:
    """Whether two contributions are the same once summed to the input's shape."""
    a, b = (_summed(_values(x), shape) for x in (c, right))
    return a is not None and b is not None and np.allclose(a, b, rtol=1e-12, atol=0)


def _summed(c: Any, shape: tuple[int, ...]) -> Any:
    a = c.data if isinstance(c, Tensor) else np.asarray(c)
    extra = a.ndim - len(shape)
    if extra < 0:
        return None
    axes = [k + extra for k, n in enumerate(shape) if n == 1 and a.shape[k + extra] != 1]
    a = a.sum(axis=(*range(extra), *axes), keepdims=True)
    return a.reshape(shape) if a.size == int(np.prod(shape)) else None


@cache
def examples(position: int) -> tuple[tuple[list[Array], Params], ...]:
    """Inputs for the case at `position` of the table: the largest, and one that broadcasts."""
    case = CASES[position]
    found: list[tuple[list[Array], Params]] = []

    @settings(
        max_examples=24,
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
    chosen = usable[:1]
    chosen += [e for e in usable[1:] if len({x.shape for x in e[0]}) > 1][:1]
    chosen += [e for e in usable[1:] if any(x.ndim > 1 and x.shape[-1] == x.shape[-2] > 1
                                            for x in e[0])][:1]  # fmt: skip
    return tuple(chosen)


def _output_size(case: Case, example: tuple[list[Array], Params]) -> int:
    xs, params = example
    out = case.reference(*xs, **params)
    listed = out if isinstance(out, (list, tuple)) else [out]
    return sum(np.size(y) for y in listed)


def mutants(changes: Iterable[str] = tuple(CHANGES)) -> Iterator[Mutant]:
    """The changes to every rule of every operation, at each example of its cases."""
    for position, case in enumerate(CASES):
        names = [n for n in case.covers if n in OPERATIONS]
        for xs, params in examples(position):
            for operation in map(OPERATIONS.__getitem__, names):
                for rule, pull in enumerate(operation.pulls):
                    if pull is None:
                        continue
                    for change in changes:
                        if change == "conjugated":
                            if case.name not in HOLOMORPHIC:
                                continue
                            given_xs = [x + 0.375j * (1 + x) for x in xs]
                        elif change == "only in float32":
                            given_xs = [x.astype(np.float32) for x in xs]
                        else:
                            given_xs = [_generic(x) for x in xs]
                        yield Mutant(case, operation, rule, change, given_xs, params)


def _generic(x: Array) -> Array:
    """Off the grid by up to 1/32, so that no two entries are related and no kink is near."""
    spread = np.random.default_rng(x.size).uniform(1 / 64, 1 / 32, x.shape)
    return np.asarray(x + spread)
