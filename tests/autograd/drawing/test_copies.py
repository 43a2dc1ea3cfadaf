"""What is used from many or far places is repeated beside its uses; layouts then take seconds."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

import autograd
import nn
from autograd import Tensor, Value, draw

from .helpers import boxes, operands


def test_a_leaf_of_many_uses_is_repeated_beside_them() -> None:
    x, unnamed, out = Value(1.0, label="x"), Value(2.0), Value(3.0, label="start")
    for _ in range(5):
        out = out * x * x + unnamed
    labels = [label for label in boxes(draw(out)).values() if "copy" in label]
    assert len(labels) == 15
    assert labels[0] == "{ x | data 1.0000 | grad 0.0000 | copy 1 of 10 }"
    assert labels[2] == "{ data 2.0000 | grad 0.0000 | leaf 1, copy 1 of 5 }"


def test_a_repeated_leaf_used_twice_by_one_operation_is_one_copy() -> None:
    x = Value(1.0, label="x")
    drawing = draw([x * x for _ in range(5)])
    assert sum("copy" in label for label in boxes(drawing).values()) == 5
    assert len(operands(drawing, "*")) == 10


def test_a_leaf_is_repeated_where_its_uses_are_far_apart() -> None:
    x = Value(1.0, label="x")
    near, far = x, x
    for _ in range(10):
        near = near.tanh()
    for _ in range(20):
        far = far.tanh()
    assert "copy" not in draw(near * x).dot
    assert "copy 2 of 2" in draw(far * x).dot


def test_few_uses_draw_a_leaf_once() -> None:
    x = Tensor([1.0], requires_grad=True, label="x")
    drawing = draw([x * 2, x * 3, x * 4, x * 5])
    assert list(boxes(drawing).values()).count("x | (1,) float64, 8 B") == 1


def chain(steps: int) -> Value:
    """Each step uses one leaf, shared by all."""
    x = leaf = Value(0.5, label="w")
    for _ in range(steps):
        x = (x * leaf).tanh()
    return x


def chain_of_leaves() -> Value:
    """25 leaves with four uses each, all over the chain."""
    w, x = [Value(0.5, label=f"w{i}") for i in range(25)], Value(1.0)
    for i in range(100):
        x = x * w[i * 7 % 25]
    return x


def chain_from_a_result() -> Value:
    """Each step uses one early result."""
    x = start = Value(0.5).tanh()
    for _ in range(200):
        x = (x * start).tanh()
    return x


def mesh() -> Value:
    """2,000 sums, each of a near result and one from anywhere before."""
    rng = random.Random(0)
    values = [Value(rng.random()) for _ in range(20)]
    while len(values) < 2000:
        near = values[rng.randrange(max(0, len(values) - 30), len(values))]
        values.append(near + values[rng.randrange(len(values))])
    return values[-1]


def network() -> Value:
    """micrograd's network on six points: 1,700 nodes."""
    random.seed(0)
    model = nn.MLP(2, [16, 16, 1])
    return autograd.sum([model([float(i), 2.0]) for i in range(6)])


@pytest.mark.parametrize(
    "build", [lambda: chain(1000), chain_of_leaves, chain_from_a_result, mesh, network]
)
def test_layouts_of_two_thousand_nodes_take_seconds(build: Any) -> None:
    drawing = draw(build(), max_nodes=None)
    start = time.process_time()  # not the time of others on the same machine
    assert "</svg>" in drawing.svg
    assert time.process_time() - start < 10  # minutes, without copies and limits of effort


def test_far_uses_of_a_result_start_at_copies_that_name_it() -> None:
    drawing = draw(chain_from_a_result(), max_nodes=None)
    texts = list(boxes(drawing).values())
    assert "{ data 0.4621 | grad 0.0000 | result 1 }" in texts
    assert "{ data 0.4621 | grad 0.0000 | result 1, copy 1 of 194 }" in texts
    near = Value(0.5).tanh()
    assert "copy" not in draw(near * near.exp().exp().exp()).dot
