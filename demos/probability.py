"""From answers to probabilities: sigmoid, softmax, likelihood and cross-entropy."""

from __future__ import annotations

from itertools import product
from math import prod
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import autograd
from nn import functional as F  # noqa: N812  (the field's name for it)

from . import plotting

MODELS = {"first": [0.6, 0.2, 0.1, 0.7], "second": [0.7, 0.9, 0.8, 0.6]}
"""The probability that each of two models gave to what happened, for four points."""

DOORS = [0.9, 0.5, 0.2]
"""The probability of a gift behind each of three doors."""

ANIMALS = {"cat": [0.6, 0.2, 0.1], "dog": [0.3, 0.5, 0.2], "owl": [0.1, 0.3, 0.7]}
"""The probability of each animal behind each of the three doors."""


def one_hot(words: list[str]) -> np.ndarray:
    """A column for each different word, in alphabetical order, with 1 where it stands."""
    classes = sorted(set(words))
    rows: np.ndarray = np.eye(len(classes), dtype=int)[[classes.index(word) for word in words]]
    return rows


def softmax_by_formula(scores: np.ndarray) -> np.ndarray:
    """exp(score) over the sum of all of them."""
    powers: np.ndarray = autograd.exp(scores)
    return powers / powers.sum()


def likelihood(probabilities: list[float]) -> float:
    """The probability that independent events all happened."""
    return prod(probabilities)


def cross_entropy(probabilities: list[float]) -> float:
    """The negative logarithm of the likelihood, as a sum: products of thousands would vanish."""
    return F.binary_cross_entropy(
        probabilities, np.ones(len(probabilities)), reduction="sum"
    ).item()


def binary_cross_entropy(y: list[int], p: list[float]) -> float:
    """-sum(y log p + (1 - y) log(1 - p)): the events y = 1 had probability p, the others 1 - p."""
    return F.binary_cross_entropy(np.array(p), np.array(y, float), reduction="sum").item()


def multiclass_cross_entropy(y: np.ndarray, p: np.ndarray) -> float:
    """-sum of y[i, j] log p[i, j] over rows i and classes j, for one-hot rows y."""
    return float(-autograd.sum(y * autograd.log(p)))


def draw(path: Path) -> None:
    """Step and sigmoid; and the error -log p with its slope."""
    z = np.linspace(-8, 8, 401)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    left.plot(z, z >= 0, color="gray", linestyle="--", label="step")
    left.plot(z, autograd.sigmoid(z), color="tab:blue", label="sigmoid")
    left.set(title="An answer and a probability", xlabel="score", ylabel="output")
    left.legend()
    p = np.linspace(0.01, 1, 200)
    right.plot(p, -np.log(p), color="black")
    first, second = MODELS.values()
    right.scatter(first, -np.log(first), 90, "none", edgecolors="tab:red", label="first model")
    right.scatter(second, -np.log(second), 25, "tab:green", zorder=3, label="second model")
    title = "What happened had probability p: the error -log p"
    right.set(title=title, xlabel="p", ylabel="error", ylim=(0, 4))
    right.legend()
    for axes in (left, right):
        axes.grid(alpha=0.3)
    plotting.save(figure, path)


def main(out: Path) -> None:
    """Scores, classes, likelihoods, entropies."""
    print("The step only says on which side of 0 a score lies, the sigmoid also how sure that is:")
    for z in (-4.0, -0.5, 0.0, 0.5, 4.0):
        print(f"  score {z:4}: step {int(z >= 0)}, sigmoid {autograd.sigmoid(z):.16f}")

    print("\nSoftmax does it for several classes: exp(score) over the sum of all of them.")
    scores = np.array([5.0, 6.0, 7.0])
    print(f"  of (5, 6, 7), as the formula says: {softmax_by_formula(scores).tolist()}")
    print(
        f"  by the engine, the largest score taken off first: {autograd.softmax(scores).tolist()}"
    )
    print("  which changes at most the last digit, and goes on where exp overflows:")
    with np.errstate(over="ignore", invalid="ignore"):
        print(f"  of (1005, 1006, 1007): {softmax_by_formula(scores + 1000).tolist()}")
    print(f"  by the engine:         {autograd.softmax(scores + 1000).tolist()}")
    pair = autograd.softmax(np.array([1.5, 0.0]))[0]
    print(f"  of (1.5, 0): {pair:.16f}; sigmoid(1.5): {autograd.sigmoid(1.5):.16f}: the same")

    words = ["dog", "owl", "cat", "dog"]
    print(f"\nClasses without an order become one-hot rows: {words} are")
    print(one_hot(words))

    print("\nThe better model gives what happened the higher probability:")
    for name, model in MODELS.items():
        terms = " + ".join(f"{-np.log(p):.6f}" for p in model)
        print(f"  {name:6} model: likelihood {likelihood(model):.6f}")
        print(f"                cross-entropy {terms} = {cross_entropy(model):.15f}")

    y, p = [1, 0, 1, 1], [0.4, 0.6, 0.1, 0.5]
    print(f"\nCross-entropy of Y = {y}, P = {p}: {binary_cross_entropy(y, p)}")

    print(f"\nGifts behind three doors with probabilities {DOORS}: likely outcomes have little:")
    for outcome in product([1, 0], repeat=3):
        p3 = [q if gift else 1 - q for gift, q in zip(outcome, DOORS, strict=True)]
        entropy = binary_cross_entropy(list(outcome), DOORS)
        print(f"  {outcome}: probability {likelihood(p3):.6f}, cross-entropy {entropy:.6f}")

    table = np.array(list(ANIMALS.values())).T
    print("\nSeveral classes: the animals (cat, owl, dog) appear behind the doors, which had")
    print(table)
    seen = np.eye(3)[[0, 2, 1]]
    print(f"for (cat, dog, owl): cross-entropy {multiclass_cross_entropy(seen, table):.15f}")
    print(f"                     -log(0.6 * 0.3 * 0.2) = {-np.log(0.6 * 0.3 * 0.2):.15f}")
    draw(out / "probability.png")
