"""A transformer that reads a short tale character by character, and goes on by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np

import autograd
import nn

from . import plotting

TALE = Path(__file__).with_name("valley.txt")
"""4,232 characters, written for this lesson."""

CONTEXT = 48
"""How many characters the network sees at once."""

FEATURES = 64
EPOCHS = 8
BATCH = 32
SEED = 0
PHRASE = "on the left, and on the right, and before"


class Text(NamedTuple):
    """A text as numbers, the first nine tenths to train on, and the characters they stand for."""

    train: np.ndarray
    test: np.ndarray
    characters: str

    def numbers(self, text: str) -> np.ndarray:
        """The number of each character."""
        return np.array([self.characters.index(c) for c in text])


def load(path: Path = TALE) -> Text:
    """The tale; the characters are numbered in the order of their code points."""
    text = path.read_text(encoding="utf-8")
    characters = "".join(sorted(set(text)))
    numbers = np.array([characters.index(c) for c in text])
    n = len(numbers) * 9 // 10
    return Text(numbers[:n], numbers[n:], characters)


def windows(numbers: np.ndarray, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Stretches of CONTEXT characters, one from every `step`, and the same moved on by one."""
    views = np.lib.stride_tricks.sliding_window_view(numbers, CONTEXT + 1)[::step]
    return views[:, :-1], views[:, 1:]


class Transformer(nn.Module):
    """For each character of a stretch, a score for every character that may come next."""

    def __init__(self, characters: int) -> None:
        rng = np.random.default_rng(SEED)
        self.embedding = nn.Embedding(characters, FEATURES, generator=rng)
        nn.init.normal_(self.embedding.weight, std=0.02, generator=rng)  # no louder than positions
        self.position = nn.LearnedPositionalEncoding(
            FEATURES, CONTEXT, batch_first=True, generator=rng
        )
        layer = nn.TransformerEncoderLayer(
            FEATURES, 4, 4 * FEATURES, batch_first=True, norm_first=True, generator=rng
        )
        self.encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(FEATURES))
        self.head = nn.Linear(FEATURES, characters, generator=rng)

    def forward(self, numbers: Any) -> Any:
        """Numbers of characters (batch, steps) to scores (batch, characters, steps)."""
        x = self.position(self.embedding(numbers))
        return self.head(self.encoder(x, is_causal=True)).swapaxes(1, 2)

    def attention(self, numbers: np.ndarray) -> np.ndarray:
        """To which character each one attends: (layers, heads, steps, steps)."""
        self.eval()
        weights = []
        with autograd.no_grad():
            x = self.position(self.embedding(numbers[None]))
            for layer in self.encoder.layers:
                h = layer.norm1(x)
                _, seen = layer.self_attn(h, h, h, is_causal=True, average_attn_weights=False)
                weights.append(seen.data[0])
                x = layer(x, is_causal=True)
        return np.stack(weights)


def train(model: nn.Module, text: Text, epochs: int = EPOCHS, step: int = 2) -> nn.History:
    """AdamW on the cross-entropy of every next character; the weights that read the end best."""
    optimizer = nn.optim.AdamW(model.parameters(), lr=3e-3)
    return nn.fit(
        model,
        windows(text.train, step),
        nn.CrossEntropyLoss(),
        optimizer,
        epochs,
        batch_size=BATCH,
        seed=SEED,
        validation=windows(text.test, CONTEXT // 2),
        clip_norm=1.0,
        restore_best=True,
    )


def counted(text: Text) -> dict[str, float]:
    """The cross-entropy at the end of the tale of three guesses that only count characters."""
    n = len(text.characters)
    single = np.bincount(text.train, minlength=n) + 1.0
    pairs = np.ones((n, n))
    np.add.at(pairs, (text.train[:-1], text.train[1:]), 1)
    pairs /= pairs.sum(axis=1, keepdims=True)
    return {
        "all alike": float(np.log(n)),
        "by how often": float(-np.log(single / single.sum())[text.test].mean()),
        "by the one before": float(-np.log(pairs[text.test[:-1], text.test[1:]]).mean()),
    }


def write(model: nn.Module, text: Text, start: str, length: int, temperature: float) -> str:
    """`start`, and `length` characters drawn one by one from the probabilities of the network."""
    rng = np.random.default_rng(SEED)
    numbers = list(text.numbers(start))
    model.eval()
    with autograd.no_grad():
        for _ in range(length):
            scores = model(np.array(numbers[-CONTEXT:])[None]).data[0, :, -1]
            p = autograd.softmax(scores.astype(float) / temperature)
            numbers.append(rng.choice(len(p), p=p))
    return "".join(text.characters[i] for i in numbers)


def looks_ahead(model: nn.Module, text: Text) -> float:
    """By how much scores change when the last character of a stretch is another one."""
    model.eval()
    stretch = text.test[:CONTEXT].copy()
    with autograd.no_grad():
        before = model(stretch[None]).data
        stretch[-1] = (stretch[-1] + 1) % len(text.characters)
        after = model(stretch[None]).data
    return float(abs(before - after)[:, :, :-1].max())


def draw(model: Transformer, history: nn.History, text: Text, path: Path) -> None:
    """The loss beside the guesses that count, and where each character of a phrase looks."""
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(11.5, 5), layout="constrained", width_ratios=(1, 1.25)
    )
    epochs = range(1, len(history["loss"]) + 1)
    left.plot(epochs, history["loss"], "--", color="tab:gray", label="in training")
    left.plot(epochs, history["val_loss"], ".-", color="tab:orange", label="end of the tale")
    for name, loss in counted(text).items():
        left.axhline(loss, color="0.75", linewidth=1, zorder=0)
        left.text(epochs[-1], loss + 0.03, name, color="0.4", ha="right")
    left.set(title="Loss", xlabel="epoch", ylabel="cross-entropy of the next character")
    left.legend()

    weights = model.attention(text.numbers(PHRASE)).reshape(-1, len(PHRASE), len(PHRASE))
    # The head that looks past the nearest characters most.
    distance = np.abs(np.subtract.outer(range(len(PHRASE)), range(len(PHRASE))))
    chosen = int((weights * distance).sum(axis=(1, 2)).argmax())
    right.imshow(weights[chosen], cmap="Purples", vmin=0)
    right.set(title="Where each character (row) looks, in one head")
    shown = ["·" if c == " " else c for c in PHRASE]
    right.set_xticks(range(len(PHRASE)), shown, fontsize=8, family="monospace")
    right.set_yticks(range(len(PHRASE)), shown, fontsize=8, family="monospace")
    plotting.save(figure, path)


def main(out: Path) -> None:
    """The text, the training, the guesses it is measured against, and what it writes."""
    text = load()
    model = Transformer(len(text.characters))
    print(f"{len(text.train)} characters to train on, {len(text.test)} held out, of")
    print(f"{len(text.characters)} kinds; {nn.count_parameters(model)} weights")
    print(f"before training it writes: {write(model, text, 'The goat ', 40, 1.0)!r}")
    print(f"a later character changes an earlier guess by {looks_ahead(model, text)}")

    history = train(model, text)
    print("\nepoch  training loss  loss at the end of the tale")
    for i, (loss, held_out) in enumerate(zip(history["loss"], history["val_loss"], strict=True), 1):
        print(f"{i:5}  {loss:13.6f}  {held_out:.6f}{' *' * (i == history.best_epoch)}")
    best = min(history["val_loss"])
    print(f"best: {best:.6f}; guesses that only count:")
    for name, loss in counted(text).items():
        print(f"  {name:17}  {loss:.6f}")
    print("From then on it learns the tale by heart: the training loss falls, the other rises.")

    print(f"\n{write(model, text, 'The goat ', 300, 0.6)}")
    draw(model, history, text, out / "transformer.png")
