"""The gates: by hand, composed, and learned."""

from __future__ import annotations

import numpy as np
import pytest

from demos import gates

from .conftest import Run


@pytest.mark.parametrize(
    ("name", "sums"),
    [("AND", [-2, -1, -1, 0]), ("OR", [-2, 0, 0, 2]), ("NOT", [2, -1, 1, -2])],
)
def test_the_weights_of_the_texts(name: str, sums: list[int]) -> None:
    gate = gates.GATES[name]
    found = gates.INPUTS @ gate.weight.data + gate.bias.data
    assert found.tolist() == sums
    assert gate(gates.INPUTS).tolist() == gates.TRUTH[name]


def test_xor_of_three_gates() -> None:
    assert gates.xor(gates.INPUTS).tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("name", ["AND", "OR", "NOT"])
def test_a_separable_gate_is_learned(name: str) -> None:
    gate, mistakes = gates.learn(name)
    assert mistakes[-1] == 0
    assert gate(gates.INPUTS).tolist() == gates.TRUTH[name]


def test_no_perceptron_learns_xor() -> None:
    gate, mistakes = gates.learn("XOR", epochs=200)
    assert len(mistakes) == 200
    assert min(mistakes) > 0
    assert np.any(gate(gates.INPUTS) != gates.TRUTH["XOR"])


def test_the_run(run: Run) -> None:
    text = run(gates)
    assert "AND: 1 where 1 a +1 b -2 >= 0" in text
    assert text.count("answer 1   truth 0") == text.count("answer 0   truth 1") == 0
    assert text.count("truth 1") == 1 + 3 + 2 + 2
