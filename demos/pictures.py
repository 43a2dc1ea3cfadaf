"""Every kind of picture, with a page around them that shows how each is made.

Each function below makes one picture; the page shows its source beside it. Run as a program,
`python -m demos.pictures`, it renews docs/gallery.md.
"""

from __future__ import annotations

import copy
import inspect
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib

matplotlib.use("Agg")  # pictures go to files; no screen is needed

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons

import autograd
import nn
from autograd import Tensor, Value

# --- graphs -----------------------------------------------------------------------------


def scalars() -> autograd.Drawing:
    """A scalar graph as micrograd draws it, with the local derivative on every edge."""
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    loss = (a * b + b**2).tanh()
    loss.label = "loss"
    loss.backward()
    return autograd.draw(loss, show=("data", "grad", "derivatives"))


def tensors() -> autograd.Drawing:
    """Tensors: shapes, dtypes and memory. Inputs record nothing, leaves have a gradient."""
    x = Tensor(np.ones((5, 4)), label="x")
    w = Tensor(np.ones((4, 3)), requires_grad=True, label="W")
    b = Tensor(np.zeros(3), requires_grad=True, label="b")
    loss = np.mean(np.tanh(x @ w + b) ** 2)
    loss.label = "loss"
    return autograd.draw(loss)


def classifier() -> nn.Sequential:
    """Two inputs, one hidden layer, two logits."""
    rng = np.random.default_rng(0)
    return nn.Sequential(nn.Linear(2, 16, generator=rng), nn.Tanh(),
                         nn.Linear(16, 2, generator=rng))  # fmt: skip


def module() -> autograd.Drawing:
    """A module with an example input: nested boxes by attribute path, with parameter counts."""
    return autograd.draw(classifier(), np.ones((8, 2), np.float32))


def module_with_numbers() -> autograd.Drawing:
    """Data and gradients of every Tensor, as the function is run for the picture; dark."""
    x = np.random.default_rng(1).normal(size=(8, 2)).astype(np.float32)
    show = ("shape", "data", "grad")
    return autograd.draw(classifier(), x, show=show, theme="dark", direction="TB")


class Deep(nn.Module):
    """Twelve equal layers and a head."""

    def __init__(self) -> None:
        self.layers = [nn.Linear(8, 8) for _ in range(12)]
        self.head = nn.Linear(8, 2)

    def forward(self, x: Any) -> Any:
        """Shape (rows, 8) to (rows, 2)."""
        for layer in self.layers:
            x = np.tanh(layer(x))
        return self.head(x)


def repeats() -> autograd.Drawing:
    """Repeated blocks are drawn once, with the number of times."""
    return autograd.draw(Deep(), np.ones((5, 8), np.float32))


def closed() -> autograd.Drawing:
    """The same with `depth=1`: one level of modules is opened, those in it are closed."""
    return autograd.draw(Deep(), np.ones((5, 8), np.float32), depth=1)


def backward() -> autograd.Drawing:
    """The graph of the gradient beside that of the function; in black and white for print."""
    x = Tensor(2.0, requires_grad=True, label="x")
    y = np.sin(x) * x
    y.label = "y"
    return autograd.draw(y, backward=True, theme="print")


def large() -> autograd.Drawing:
    """A training step of micrograd's network on 100 points, 14,000 nodes: by operation."""
    random.seed(0)
    model = nn.MLP(2, [16, 16, 1])
    x, y = make_moons(n_samples=100, noise=0.1, random_state=1)
    scores = [model(row) for row in x.tolist()]
    losses = [(1 - (2 * label - 1) * score).relu() for label, score in zip(y, scores, strict=True)]
    loss = autograd.sum(losses) / len(losses)
    return autograd.draw(loss)


def page() -> autograd.Drawing:
    """`save("graph.html")`: a page to pan, zoom, search and step through in the browser."""
    random.seed(0)
    model = nn.MLP(2, [3, 1])
    return autograd.draw(model, [Value(1.0), Value(-2.0)], fold_repeats=False)


def explanation() -> str:
    """The chain rule along every path, in numbers."""
    x, w = Value(3.0, label="x"), Value(0.5, label="w")
    y = x * w + x * x
    y.label = "y"
    return str(autograd.explain(y, x))


# --- training ---------------------------------------------------------------------------


class Trained(NamedTuple):
    """A classifier of two moons, its earlier states, and its data."""

    model: nn.Sequential
    history: list[nn.Sequential]
    x: np.ndarray
    y: np.ndarray


def train(epochs: int = 60) -> Trained:
    """Adam on two half moons; a copy of the model is kept eight times on the way."""
    x, y = make_moons(n_samples=200, noise=0.15, random_state=0)
    x = x.astype(np.float32)
    model, criterion = classifier(), nn.CrossEntropyLoss()
    optimizer = nn.optim.Adam(model.parameters(), lr=0.05)
    history = []
    for epoch in range(epochs):
        if epoch % max(epochs // 8, 1) == 0:
            history.append(copy.deepcopy(model))
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
    return Trained(model, history, x, y)


def decision_boundary(trained: Trained) -> None:
    """A decision boundary over training: the earlier the paler."""
    model, history, x, y = trained
    nn.plots.decision_boundary(model, x, y, history=history)


def histograms(trained: Trained) -> None:
    """The weights of each layer and the gradients that the last backward pass left."""
    nn.plots.histograms(trained.model)


def loss_surface(trained: Trained) -> None:
    """The loss around the trained model, along two random directions."""
    model, _, x, y = trained
    criterion = nn.CrossEntropyLoss()
    nn.plots.loss_surface(model, lambda: criterion(model(x), y), resolution=31)


def activations(_: Trained) -> None:
    """Activation functions with their derivatives."""
    nn.plots.activations()


# --- the page ---------------------------------------------------------------------------

GRAPHS: list[tuple[Callable[[], autograd.Drawing], str]] = [
    (scalars, "svg"), (tensors, "svg"), (module, "svg"), (module_with_numbers, "svg"),
    (repeats, "svg"), (closed, "svg"), (backward, "svg"), (large, "svg"), (page, "html"),
]  # fmt: skip
PLOTS: list[Callable[[Trained], None]] = [decision_boundary, histograms, loss_surface, activations]


def entry(function: Callable[..., Any], shown: str) -> str:
    """A section of the page: what it is, how it is made, and the picture."""
    title = function.__name__.replace("_", " ").capitalize()
    source = inspect.getsource(function).rstrip()
    return f"## {title}\n\n{function.__doc__}\n\n```python\n{source}\n```\n\n{shown}\n"


def main(out: Path) -> None:
    """Make the page gallery.md and its pictures in a folder, and name them."""
    pictures = out / "gallery"
    pictures.mkdir(parents=True, exist_ok=True)
    sections = []
    for make, ending in GRAPHS:
        path = make().save(pictures / f"{make.__name__}.{ending}")
        link = f"[{make.__doc__}](gallery/{path.name})"
        sections.append(entry(make, f"!{link}" if ending == "svg" else f"Open {link}"))
    sections.append(entry(explanation, f"```text\n{explanation()}\n```"))
    trained = train()
    for plot in PLOTS:
        plot(trained)
        path = pictures / f"{plot.__name__}.png"
        plt.savefig(path, dpi=100)
        plt.close()
        sections.append(entry(plot, f"![{plot.__doc__}](gallery/{path.name})"))
    start = "# Gallery\n\nEvery kind of picture, made by `python -m demos pictures`.\n"
    (out / "gallery.md").write_text("\n".join([start, *sections]), encoding="utf-8")
    print(f"written: {out / 'gallery.md'} and {len(sections) - 1} files in {pictures}")


if __name__ == "__main__":
    main(Path("docs"))
