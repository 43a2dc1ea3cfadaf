"""The perceptron: its step, Rosenblatt's rule, gates of several layers, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn

from ..autograd.helpers import refuses

X = [[0, 0], [0, 1], [1, 0], [1, 1]]
GATES = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "NAND": [1, 1, 1, 0], "NOR": [1, 0, 0, 0]}


def test_it_starts_at_zero_and_says_1_on_its_line() -> None:
    unit = nn.Perceptron(2)
    assert unit.weight.tolist() == [0, 0]
    assert unit.bias.item() == 0
    assert unit.predict(X).tolist() == [1, 1, 1, 1]
    assert repr(unit) == "Perceptron(2)"


def test_the_step() -> None:
    unit = nn.Perceptron(2, weight=[1, -2], bias=0.5)
    assert unit.predict([[-0.5, 0], [-0.6, 0], [0, 0.25], [0, 0.26]]).tolist() == [1, 0, 1, 0]


def test_shapes() -> None:
    unit = nn.Perceptron(3)
    for shape in ((3,), (5, 3), (2, 5, 3), (0, 3)):
        answers = unit.predict(np.ones(shape))
        assert answers.shape == shape[:-1]
        assert np.issubdtype(answers.dtype, np.integer)
    assert nn.Perceptron(1)(np.array([[2.0]])).tolist() == [1]


@pytest.mark.parametrize("name", GATES)
def test_gates_are_learned(name: str) -> None:
    unit = nn.Perceptron(2)
    mistakes = unit.fit(X, GATES[name])
    assert mistakes[-1] == 0
    assert 0 not in mistakes[:-1]
    assert unit.predict(X).tolist() == GATES[name]


def test_gates_in_layers() -> None:
    either, nand, both = (nn.Perceptron(2) for _ in range(3))
    either.fit(X, GATES["OR"])
    nand.fit(X, GATES["NAND"])
    both.fit(X, GATES["AND"])
    xor = nn.Sequential(lambda x: np.stack([either(x), nand(x)], axis=-1), both)
    assert xor(np.array(X)).tolist() == [0, 1, 1, 0]


def test_xor_is_not_learned() -> None:
    unit = nn.Perceptron(2)
    mistakes = unit.fit(X, [0, 1, 1, 0], epochs=50)
    assert len(mistakes) == 50
    assert min(mistakes) > 0


def test_the_rule_step_by_step() -> None:
    """Two rows: the first is negative and said to be positive, the second the other way."""
    unit = nn.Perceptron(2, weight=[0.0, 1.0], bias=0.0)
    assert unit.fit([[3.0, 1.0], [-2.0, -1.0]], [0, 1], lr=0.5, epochs=1) == [1]
    # w = (0, 1) - 0.5 (3, 1), b = -0.5; then (-2, -1) gives 3 - 0.5 - 0.5 >= 0, which is right.
    assert unit.weight.tolist() == [-1.5, 0.5]
    assert unit.bias.item() == -0.5


def test_it_goes_on_from_where_it_is() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    y = (x @ [1.0, -2.0, 0.5] + 0.1 > 0).astype(int)
    whole, parts = nn.Perceptron(3), nn.Perceptron(3)
    mistakes = whole.fit(x, y, lr=0.1)
    counted = [parts.fit(x, y, lr=0.1, epochs=1)[0] for _ in mistakes]
    assert counted == mistakes
    assert parts.weight.tolist() == whole.weight.tolist()
    assert parts.bias.item() == whole.bias.item()


@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(2, 30))
def test_it_converges_within_novikoffs_bound(seed: int, n: int, rows: int) -> None:
    """At most (R / margin)^2 mistakes from zero weights, R the length of the longest (x, 1).

    A. Novikoff, "On convergence proofs on perceptrons", 1962.
    """
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (rows, n))
    w = rng.normal(size=n + 1)
    extended = np.hstack([x, np.ones((rows, 1))])
    heights = extended @ w / np.linalg.norm(w)
    keep = abs(heights) > 0.05
    x, extended, heights = x[keep], extended[keep], heights[keep]
    if not len(x):
        return
    unit = nn.Perceptron(n)
    mistakes = unit.fit(x, (heights > 0).astype(int), epochs=100_000)
    assert mistakes[-1] == 0
    bound = (np.linalg.norm(extended, axis=1).max() / abs(heights).min()) ** 2
    assert sum(mistakes) <= bound


def test_its_parameters_have_names_but_take_no_gradient() -> None:
    unit = nn.Perceptron(2)
    assert [name for name, _ in unit.named_parameters()] == ["weight", "bias"]
    assert not any(p.requires_grad for p in unit.parameters())


def test_no_epoch_is_no_change() -> None:
    unit = nn.Perceptron(2, weight=[1, 2], bias=3)
    assert unit.fit(X, GATES["AND"], epochs=0) == []
    assert unit.weight.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"weight": [1, 2, 3]}, ("Perceptron", "2 inputs")),
        ({"weight": [1, np.nan]}, ("Perceptron", "finite")),
        ({"bias": np.inf}, ("Perceptron", "finite")),
    ],
)
def test_bad_starts(arguments: dict[str, Any], words: tuple[str, ...]) -> None:
    with refuses(ValueError, *words):
        nn.Perceptron(2, **arguments)


def test_inputs_of_another_width() -> None:
    unit = nn.Perceptron(2)
    for x in ([1, 2, 3], 1.0, [[1], [2]]):
        with refuses(ValueError, "Perceptron", "2 weights"):
            unit.predict(x)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_inputs_on_neither_side(wrong: float) -> None:
    unit = nn.Perceptron(2)
    with refuses(ValueError, "Perceptron", "nan"):
        unit.predict([[0.0, 1.0], [wrong, 1.0]])


@pytest.mark.parametrize(
    ("x", "y", "settings", "words"),
    [
        ([1, 2], [1], {}, ("shape (2,)", "(rows, 2)")),
        ([[1, 2, 3]], [1], {}, ("(1, 3)", "(rows, 2)")),
        ([[1, 2], [3, 4]], [1], {}, ("(2, 2)", "(1,)")),
        ([[1, 2], [3, 4]], [1, -1], {}, ("label -1 of row 1", "0 and 1")),
        ([[1, 2], [3, 4]], [0.5, 1], {}, ("label 0.5 of row 0",)),
        ([[1, 2], [np.nan, 4]], [0, 1], {}, ("row 1 is not finite",)),
        ([[1e308, 2], [1e308, 2]], [0, 0], {"lr": 1e9}, ("infinite after epoch 1", "smaller lr")),
        ([[1, 2], [3, 4]], [0, 1], {"lr": 0}, ("lr 0", "positive")),
        ([[1, 2], [3, 4]], [0, 1], {"lr": np.nan}, ("lr nan", "positive")),
        ([[1, 2], [3, 4]], [0, 1], {"epochs": -1}, ("epochs -1", "at least 0")),
    ],
)
def test_bad_training_changes_nothing(
    x: Any, y: Any, settings: dict[str, Any], words: tuple[str, ...]
) -> None:
    unit = nn.Perceptron(2, weight=[1, 2], bias=3)
    with np.errstate(all="ignore"), refuses(ValueError, "Perceptron.fit", *words):
        unit.fit(x, y, **settings)
    assert unit.weight.tolist() == [1, 2]
