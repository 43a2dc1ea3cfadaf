"""Logic gates as perceptrons: set by hand, composed to XOR, and learned from their truth tables."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import nn

from . import plotting

INPUTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
TRUTH = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "NOT": [1, 0, 1, 0], "XOR": [0, 1, 1, 0]}
"""What each gate answers to INPUTS; NOT looks at the second input only."""

AND = nn.Perceptron(2, weight=[1, 1], bias=-2)
OR = nn.Perceptron(2, weight=[2, 2], bias=-2)
NOT = nn.Perceptron(2, weight=[-1, -3], bias=2)
GATES = {"AND": AND, "OR": OR, "NOT": NOT}


def xor(inputs: np.ndarray) -> np.ndarray:
    """Two layers: (a OR b) AND NOT (a AND b)."""
    either = OR(inputs)
    # NOT reads its second input, so the first may be anything: here the same.
    not_both = NOT(np.stack([AND(inputs)] * 2, axis=-1))
    return AND(np.stack([either, not_both], axis=-1))


def learn(name: str, epochs: int = 50) -> tuple[nn.Perceptron, list[int]]:
    """A perceptron that starts at zero, trained on the truth table; its mistakes in each epoch."""
    gate = nn.Perceptron(2)
    return gate, gate.fit(INPUTS, TRUTH[name], epochs=epochs)


def formula(gate: nn.Perceptron) -> str:
    """The sum that the gate compares with 0."""
    (w1, w2), b = gate.weight.data, gate.bias.item()
    return f"{w1:g} a {w2:+g} b {b:+g}"


def print_tables() -> None:
    """Every gate at every input, with the sum that the step decides on."""
    for name, gate in GATES.items():
        print(f"\n{name}: 1 where {formula(gate)} >= 0")
        sums = INPUTS @ gate.weight.data + gate.bias.data
        for (a, b), z, answer, right in zip(INPUTS, sums, gate(INPUTS), TRUTH[name], strict=True):
            print(f"  {a} {b}   sum {z:9.6f}   answer {answer}   truth {right}")
    print("\nXOR = (a OR b) AND NOT (a AND b), three gates in two layers:")
    for (a, b), answer, right in zip(INPUTS, xor(INPUTS), TRUTH["XOR"], strict=True):
        print(f"  {a} {b}   answer {answer}   truth {right}")


def draw(learned: dict[str, nn.Perceptron], path: Path) -> None:
    """Each gate as its plane: the answers as points, the line of the step, 1 shaded blue."""
    bounds = (-0.5, 1.5, -0.5, 1.5)
    figure, grid = plt.subplots(1, 4, figsize=(11, 3.2), layout="constrained", sharey=True)
    for axes, name in zip(grid, TRUTH, strict=True):
        plotting.region(axes, GATES.get(name, xor), bounds)
        plotting.scatter(axes, INPUTS, np.array(TRUTH[name]), s=110)
        if name in learned:
            gate = learned[name]
            style = {"color": "tab:green", "linestyle": "--", "label": "the learned line"}
            plotting.line(axes, gate.weight.data, gate.bias.item(), bounds, **style)
        axes.set(title=name, xlabel="a", xticks=[0, 1], yticks=[0, 1])
    grid[0].set_ylabel("b")
    grid[0].legend(loc="lower left", fontsize=8)
    plotting.save(figure, path)


def main(out: Path) -> None:
    """By hand, composed, learned."""
    print("A perceptron adds its weighted inputs to a bias and answers 1 where the sum is >= 0.")
    print_tables()
    print("\nThe same gates learned from zero weights by Rosenblatt's rule:")
    learned = {}
    for name in GATES:
        learned[name], mistakes = learn(name)
        print(f"  {name:3}: 1 where {formula(learned[name])} >= 0; mistakes by epoch {mistakes}")
    _, mistakes = learn("XOR", epochs=12)
    print(f"  XOR: no line separates its ones; mistakes by epoch {mistakes} and so on for ever")
    draw(learned, out / "gates.png")
