"""Random programs, built step by step, against the naive engine."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, rule

from autograd import Tensor, gradients
from autograd.forward import pushforward

from . import reference_engine as naive
from .helpers import leaf
from .strategies import arrays, axis, indices, shapes

MAX_SIZE = 12
LARGEST = 50.0
"""Beyond this a result is not used on, so that rounding stays far below the tolerance."""

Pair = tuple[Tensor, naive.Node]


class Programs(RuleBasedStateMachine):
    """Pairs of a Tensor and the naive engine's node of the same history."""

    pairs: Bundle[Pair] = Bundle("pairs")

    def __init__(self) -> None:
        super().__init__()
        self.leaves: list[Pair] = []
        self.steps = 0

    def _pair(self, tensor: Tensor, node: naive.Node) -> Pair:
        np.testing.assert_allclose(tensor.data, node.value, rtol=1e-12, atol=1e-12)
        assume(tensor.size <= MAX_SIZE and np.all(np.abs(tensor.data) < LARGEST))
        self.steps += 1
        assume(self.steps <= 12)  # the naive engine walks every path
        return tensor, node

    @rule(target=pairs, data=st.data())
    def new_leaf(self, data: st.DataObject) -> Pair:
        value = data.draw(arrays(data.draw(shapes.filter(lambda s: np.prod(s) <= MAX_SIZE))))
        self.leaves.append((leaf(value), naive.Node(value)))
        return self.leaves[-1]

    @rule(target=pairs, pair=pairs,
          name=st.sampled_from(["sin", "exp", "tanh", "negative", "square"]))  # fmt: skip
    def unary(self, pair: Pair, name: str) -> Pair:
        return self._pair(getattr(pair[0], name)(), naive.unary(name, pair[1]))

    @rule(target=pairs, left=pairs, right=pairs,
          name=st.sampled_from(["add", "subtract", "multiply", "divide"]))  # fmt: skip
    def binary(self, left: Pair, right: Pair, name: str) -> Pair:
        try:
            np.broadcast_shapes(left[0].shape, right[0].shape)
        except ValueError:
            assume(False)
        if name == "divide":
            assume(np.all(np.abs(right[0].data) > 0.25))
        tensor = getattr(np, name)(left[0], right[0])
        return self._pair(tensor, naive.binary(name, left[1], right[1]))

    @rule(target=pairs, pair=pairs, number=st.sampled_from([-2.0, 0.0, 0.5, 3]))
    def with_a_number(self, pair: Pair, number: float) -> Pair:
        constant = naive.Node(number)
        product = naive.binary("multiply", pair[1], constant)
        return self._pair(number - pair[0] * number, naive.binary("subtract", constant, product))

    @rule(target=pairs, pair=pairs, data=st.data())
    def total(self, pair: Pair, data: st.DataObject) -> Pair:
        along = data.draw(st.none() | axis(pair[0].ndim)) if pair[0].ndim else None
        return self._pair(
            pair[0].sum(axis=along), naive.linear(lambda x: np.sum(x, axis=along), pair[1])
        )

    @rule(target=pairs, pair=pairs, data=st.data())
    def part(self, pair: Pair, data: st.DataObject) -> Pair:
        index = data.draw(indices(pair[0].shape))
        assume(not isinstance(index, list) or index)
        return self._pair(pair[0][index], naive.linear(lambda x: np.array(x[index]), pair[1]))

    @rule(target=pairs, pair=consumes(pairs), data=st.data())
    def assigned(self, pair: Pair, data: st.DataObject) -> Pair:
        tensor, node = pair
        index = data.draw(indices(tensor.shape))
        assume(not isinstance(index, list) or index)
        value = tensor.mean() if tensor.size else 0.0
        target = tensor[...]
        target[index] = value

        def assign(x: Any) -> Any:
            out = x.copy()
            out[index] = x.mean() if x.size else 0.0
            return out

        return self._pair(target, naive.linear(assign, node))

    @rule(target=pairs, pair=pairs)
    def transposed(self, pair: Pair) -> Pair:
        return self._pair(pair[0].T.ravel(), naive.linear(lambda x: x.T.ravel(), pair[1]))

    @rule(target=pairs, left=pairs, right=pairs)
    def joined(self, left: Pair, right: Pair) -> Pair:
        tensor = np.concatenate([left[0].ravel(), right[0].ravel()])
        node = naive.linear(lambda x, y: np.concatenate([x.ravel(), y.ravel()]), left[1], right[1])
        return self._pair(tensor, node)

    @rule(pair=pairs)
    def derivatives_agree(self, pair: Pair) -> None:
        tensor, node = pair
        seed = np.linspace(-1, 1, tensor.size).reshape(tensor.shape)
        tensors = [t for t, _ in self.leaves]
        found = gradients([tensor], tensors, [seed], retain_graph=True, allow_unused=True)
        directions = {}
        for (t, n), g in zip(self.leaves, found, strict=True):
            expected = naive.gradient(node, n, seed)
            g = np.zeros(t.shape) if g is None else g
            np.testing.assert_allclose(g, expected, rtol=1e-9, atol=1e-9)
            directions[n] = np.cos(np.arange(n.value.size)).reshape(n.value.shape)
        seeds = {t._node: directions[n] for t, n in self.leaves}
        (pushed,) = pushforward(seeds, [tensor._node])
        np.testing.assert_allclose(
            np.zeros(tensor.shape) if pushed is None else pushed,
            naive.tangent(node, directions), rtol=1e-9, atol=1e-9)  # fmt: skip


TestPrograms = Programs.TestCase
TestPrograms.settings = settings(
    max_examples=settings().max_examples * 4,
    stateful_step_count=20,
    # Two arrays drawn at random often do not broadcast; such a step is dropped.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
