"""Neuron, Layer and MLP on Values: micrograd's interface and its numbers."""

from __future__ import annotations

import copy
import math
import pickle
import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value

from ..autograd.helpers import refuses

# Sums of at most 16 products, in another order than micrograd's: some tens of units of 2e-16.
RTOL = 1e-13


class Micrograd:
    """micrograd's MLP in plain floats, with its derivative by hand: weights first, then bias."""

    def __init__(self, nin: int, nouts: list[int]) -> None:
        sizes = [nin, *nouts]
        self.layers = [
            [([random.uniform(-1, 1) for _ in range(i)], 0.0) for _ in range(o)]
            for i, o in pairwise(sizes)
        ]

    def forward(self, x: list[float]) -> list[list[float]]:
        """The input and every layer's outputs."""
        outputs = [x]
        for n, layer in enumerate(self.layers):
            sums = [
                b + sum(wi * xi for wi, xi in zip(w, outputs[-1], strict=True)) for w, b in layer
            ]
            last = n == len(self.layers) - 1
            outputs.append(sums if last else [max(s, 0.0) for s in sums])
        return outputs

    def gradients(self, x: list[float]) -> list[float]:
        """The derivatives of the sum of the outputs by all parameters, in their order."""
        outputs = self.forward(x)
        slopes = [1.0] * len(outputs[-1])
        found: list[float] = []
        for n in reversed(range(len(self.layers))):
            layer, inputs = self.layers[n], outputs[n]
            here = []
            for slope in slopes:
                here += [slope * xi for xi in inputs] + [slope]
            found = here + found
            back = [
                sum(s * w[i] for s, (w, _) in zip(slopes, layer, strict=True))
                for i in range(len(inputs))
            ]
            slopes = [s if xi > 0 else 0.0 for s, xi in zip(back, inputs, strict=True)]
        return found


def pair(nin: int, nouts: list[int], seed: int = 1337) -> tuple[Any, Micrograd]:
    random.seed(seed)
    ours = nn.MLP(nin, nouts)
    random.seed(seed)
    return ours, Micrograd(nin, nouts)


# --- names -------------------------------------------------------------------------------


def test_names_and_parameters_of_a_neuron() -> None:
    neuron = nn.Neuron(3)
    assert len(neuron.w) == 3
    assert all(isinstance(w, Value) and -1 <= w.data < 1 for w in neuron.w)
    assert neuron.b.data == 0.0
    assert neuron.nonlin
    assert neuron.parameters() == [*neuron.w, neuron.b]
    assert not nn.Neuron(3, nonlin=False).nonlin


def test_names_and_parameters_of_layers() -> None:
    layer = nn.Layer(2, 3, nonlin=False)
    assert [n.nonlin for n in layer.neurons] == [False] * 3
    assert layer.parameters() == [p for n in layer.neurons for p in n.parameters()]
    model = nn.MLP(2, [4, 1])
    assert [len(one.neurons) for one in model.layers] == [4, 1]
    assert [one.neurons[0].nonlin for one in model.layers] == [True, False]
    assert model.parameters() == [p for one in model.layers for p in one.parameters()]
    assert isinstance(model, nn.Module)


def test_the_number_of_parameters_of_micrograds_example() -> None:
    assert len(nn.MLP(2, [16, 16, 1]).parameters()) == 337


def test_reprs() -> None:
    assert repr(nn.Neuron(2)) == "ReLUNeuron(2)"
    assert repr(nn.Neuron(2, nonlin=False)) == "LinearNeuron(2)"
    assert repr(nn.Layer(3, 2)) == "Layer of [ReLUNeuron(3), ReLUNeuron(3)]"
    assert repr(nn.MLP(3, [2, 1])) == (
        "MLP of [Layer of [ReLUNeuron(3), ReLUNeuron(3)], Layer of [LinearNeuron(2)]]"
    )


# --- numbers -----------------------------------------------------------------------------


@pytest.mark.parametrize("nouts", [[1], [3], [16, 16, 1], [4, 3, 2], [1, 1]])
def test_the_numbers_of_micrograd(nouts: list[int]) -> None:
    ours, theirs = pair(2, nouts)
    assert [p.data for p in ours.parameters()] == [
        p for layer in theirs.layers for w, b in layer for p in [*w, b]
    ]
    for x in ([0.3, -1.2], [1.0, 2.0], [-0.5, 0.25]):
        out: Any = ours([Value(xi) for xi in x])
        outputs = out if isinstance(out, list) else [out]
        assert [o.data for o in outputs] == pytest.approx(theirs.forward(x)[-1], rel=RTOL)
        ours.zero_grad()
        autograd.sum(outputs).backward()
        found = [p.grad for p in ours.parameters()]
        assert found == pytest.approx(theirs.gradients(x), rel=RTOL, abs=1e-15)


def test_the_numbers_of_micrograd_itself() -> None:
    theirs_nn = pytest.importorskip("micrograd.nn", reason="micrograd is in the bench extra")
    random.seed(3)
    ours: Any = nn.MLP(3, [5, 4, 2])
    random.seed(3)
    theirs = theirs_nn.MLP(3, [5, 4, 2])
    assert repr(ours) == repr(theirs)
    x = [0.5, -1.0, 2.0]
    mine, other = ours(x), theirs(x)
    assert [v.data for v in mine] == pytest.approx([v.data for v in other], rel=RTOL)
    (mine[0] * mine[1]).backward()
    (other[0] * other[1]).backward()
    assert [p.grad for p in ours.parameters()] == pytest.approx(
        [p.grad for p in theirs.parameters()], rel=RTOL, abs=1e-15
    )


def test_gradients_by_the_inputs() -> None:
    model, _ = pair(2, [3, 1])
    x = [Value(0.3), Value(-1.2)]
    out = model(x)
    assert isinstance(out, Value)
    out.backward()
    h = 1e-6
    for i in range(2):
        ends = []
        for step in (h, -h):
            moved = [v.data for v in x]
            moved[i] += step
            ends.append(model(moved).data)
        assert x[i].grad == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-8)


# --- inputs and outputs ------------------------------------------------------------------


def test_lists_in_and_a_value_or_a_list_of_them_out() -> None:
    assert isinstance(nn.MLP(2, [3, 1])([1.0, 2.0]), Value)
    out = nn.MLP(2, [3, 2])([1.0, 2.0])
    assert isinstance(out, list)
    assert all(isinstance(v, Value) for v in out)
    assert isinstance(nn.Layer(2, 1)([1.0, 2.0]), Value)
    assert isinstance(nn.Neuron(2)([1.0, 2.0]), Value)


@pytest.mark.parametrize(
    "x",
    [
        [0.5, -2.0],
        (0.5, -2.0),
        [Value(0.5), -2.0],
        [np.float64(0.5), np.float32(-2.0)],
        [0.5, -2],
        np.array([0.5, -2.0]),
    ],
    ids=["floats", "tuple", "mixed", "NumPy scalars", "int", "array"],
)
@pytest.mark.parametrize("kind", [nn.Neuron, lambda n: nn.Layer(n, 1), lambda n: nn.MLP(n, [3, 1])])
def test_plain_numbers_are_inputs_as_good_as_values(kind: Any, x: Any) -> None:
    model = kind(2)
    expected, found = model([Value(0.5), Value(-2.0)]), model(x)
    assert found.data == expected.data
    expected.backward()
    gradients = [p.grad for p in model.parameters()]
    model.zero_grad()
    found.backward()
    assert [p.grad for p in model.parameters()] == gradients


@pytest.mark.parametrize("x", [[], [1.0], [1.0, 2.0, 3.0]])
def test_a_wrong_number_of_inputs(x: list[float]) -> None:
    with refuses(ValueError, "Neuron", f"{len(x)} inputs", "2 weights"):
        nn.MLP(2, [3, 1])(x)


def test_text_is_no_input() -> None:
    with refuses(TypeError, "str"):
        nn.Neuron(2)(["a", "b"])


# --- training ----------------------------------------------------------------------------


def moons(n: int) -> tuple[list[list[float]], list[int]]:
    """Two interleaving half circles, labels 1 and -1."""
    angles = [math.pi * i / (n - 1) for i in range(n)]
    upper = [[math.cos(a), math.sin(a)] for a in angles]
    lower = [[1 - math.cos(a), 0.5 - math.sin(a)] for a in angles]
    return upper + lower, [-1] * n + [1] * n


def moons_loss(model: Any, points: list[list[float]], labels: list[int]) -> Any:
    """micrograd's demo: the hinge loss with an L2 penalty."""
    scores = list(map(model, points))
    losses = [(1 + -y * s).relu() for y, s in zip(labels, scores, strict=True)]
    penalty = 1e-4 * sum(p * p for p in model.parameters())
    return sum(losses) * (1.0 / len(losses)) + penalty


def test_micrograds_training_loop_learns_the_moons() -> None:
    model, _ = pair(2, [8, 8, 1])
    points, labels = moons(10)
    history = []
    for k in range(40):
        loss = moons_loss(model, points, labels)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * k / 40) * 0.5 * p.grad
        history.append(loss.data)
    assert history[-1] < 0.5 * history[0]
    right = [(model(x) > 0) == (y > 0) for x, y in zip(points, labels, strict=True)]
    assert sum(right) >= 18


def test_an_optimiser_trains_the_same_way() -> None:
    by_hand, _ = pair(2, [4, 1])
    by_optimiser, _ = pair(2, [4, 1])
    optimizer = nn.optim.SGD(by_optimiser.parameters(), lr=0.1)
    points, labels = moons(4)
    for _ in range(10):
        for model in (by_hand, by_optimiser):
            model.zero_grad()
            moons_loss(model, points, labels).backward()
        for p in by_hand.parameters():
            p.data -= 0.1 * p.grad
        optimizer.step()
    expected = [p.data for p in by_hand.parameters()]
    assert [p.data for p in by_optimiser.parameters()] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("twin_of", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copied_model_is_equal_and_independent(twin_of: Any) -> None:
    model, theirs = pair(2, [3, 1])
    x = [0.5, -1.0]
    model(x).backward()
    twin = twin_of(model)
    assert twin(x).data == model(x).data
    assert [p.grad for p in twin.parameters()] == [p.grad for p in model.parameters()]
    for p in twin.parameters():
        p.data += 1.0
    assert model(x).data == pytest.approx(theirs.forward(x)[-1][0], rel=RTOL)


# --- as tensors --------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(2, [16, 16, 1]), (3, [4, 2]), (1, [1]), (4, [5, 1, 3])])
def test_the_tensor_model_has_the_same_outputs_and_gradients(sizes: tuple[int, list[int]]) -> None:
    nin, nouts = sizes
    model, _ = pair(nin, nouts)
    for layer in model.layers:  # away from 0, where biases start
        for i, neuron in enumerate(layer.neurons):
            neuron.b.data = 0.1 * (i + 1)
    tensors = model.to_tensors()
    rows = np.random.default_rng(0).normal(size=(7, nin))
    weights = np.random.default_rng(1).normal(size=(7, nouts[-1]))
    outputs = [out if isinstance(out := model(row), list) else [out] for row in rows.tolist()]
    ours = tensors(rows)
    assert ours.dtype == np.float64
    assert ours.data == pytest.approx(
        np.array([[x.data for x in out] for out in outputs]), rel=1e-13
    )

    sum(
        [x * w for out, ws in zip(outputs, weights.tolist(), strict=True)
         for x, w in zip(out, ws, strict=True)]
    ).backward()  # fmt: skip
    (ours * weights).sum().backward()
    for layer, linear in zip(model.layers, [m for m in tensors if isinstance(m, nn.Linear)],
                             strict=True):  # fmt: skip
        by_weight = np.array([[w.grad for w in neuron.w] for neuron in layer.neurons])
        by_bias = [neuron.b.grad for neuron in layer.neurons]
        # Sums of up to 7 * 16 products, in another order, some of which cancel.
        assert linear.weight.grad == pytest.approx(by_weight, rel=1e-12, abs=1e-14)
        assert linear.bias.grad == pytest.approx(by_bias, rel=1e-12, abs=1e-14)


def test_the_tensor_model_is_written_out() -> None:
    assert repr(nn.MLP(2, [3, 1]).to_tensors()) == (
        "Sequential(\n"
        "  (0): Linear(in_features=2, out_features=3, bias=True)\n"
        "  (1): ReLU()\n"
        "  (2): Linear(in_features=3, out_features=1, bias=True)\n"
        ")"
    )


def test_the_tensor_model_is_independent() -> None:
    model, _ = pair(2, [3, 1])
    tensors = model.to_tensors()
    x = np.array([0.5, -1.0])
    before = tensors(x).item()
    for p in model.parameters():
        p.data += 1.0
    assert tensors(x).item() == before


def test_making_it_draws_no_random_numbers() -> None:
    model = nn.MLP(2, [3, 1])
    nn.manual_seed(3)
    expected = nn.Linear(2, 2).weight.data
    nn.manual_seed(3)
    model.to_tensors()
    assert np.array_equal(nn.Linear(2, 2).weight.data, expected)


def test_a_layer_of_both_kinds_has_no_tensor_model() -> None:
    model = nn.MLP(2, [3, 1])
    model.layers[0].neurons[1].nonlin = False
    with refuses(ValueError, "to_tensors", "layer 0"):
        model.to_tensors()


def test_linear_layers_stay_linear() -> None:
    model, _ = pair(2, [3, 1])
    for neuron in model.layers[0].neurons:
        neuron.nonlin = False
    tensors = model.to_tensors()
    assert [type(m).__name__ for m in tensors] == ["Linear", "Linear"]
    assert tensors(np.array([1.0, 2.0])).item() == pytest.approx(model([1.0, 2.0]).data, rel=1e-13)
