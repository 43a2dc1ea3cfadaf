"""The transformer on the tale: what it is shown, that it does not look ahead, that it learns."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from demos import transformer

from .conftest import Run

Trained = tuple[transformer.Transformer, nn.History]


@pytest.fixture(scope="module")
def text() -> transformer.Text:
    return transformer.load()


@pytest.fixture(scope="module")
def trained(text: transformer.Text) -> Trained:
    model = transformer.Transformer(len(text.characters))
    return model, transformer.train(model, text, epochs=2, step=6)


def test_the_tale(text: transformer.Text) -> None:
    tale = transformer.TALE.read_text(encoding="utf-8")
    numbers = np.concatenate([text.train, text.test])
    assert "".join(text.characters[i] for i in numbers) == tale
    assert len(tale) == 4232
    assert len(text.test) == 424
    assert transformer.PHRASE in tale


def test_the_targets_are_the_next_characters(text: transformer.Text) -> None:
    x, y = transformer.windows(text.train, 6)
    assert x.shape == y.shape == ((len(text.train) - transformer.CONTEXT - 1) // 6 + 1, 48)
    assert (x[:, 1:] == y[:, :-1]).all()
    assert (x[5] == text.train[30:78]).all()


def test_it_learns_more_than_how_often_characters_occur(
    trained: Trained, text: transformer.Text
) -> None:
    counted = transformer.counted(text)
    assert list(counted.values()) == sorted(counted.values(), reverse=True)
    assert counted["all alike"] == pytest.approx(np.log(44))
    losses = trained[1]["val_loss"]
    assert min(losses) < counted["by how often"] - 0.3
    assert losses[1] < losses[0]


def test_no_character_sees_a_later_one(trained: Trained, text: transformer.Text) -> None:
    model = trained[0]
    assert transformer.looks_ahead(model, text) == 0.0
    weights = model.attention(text.numbers(transformer.PHRASE))
    steps = len(transformer.PHRASE)
    assert weights.shape == (2, 4, steps, steps)
    assert not np.triu(weights, 1).any()
    assert weights.sum(axis=-1) == pytest.approx(1.0, abs=1e-5)


def test_it_writes(trained: Trained, text: transformer.Text) -> None:
    written = transformer.write(trained[0], text, "The goat ", 60, 0.6)
    assert written.startswith("The goat ")
    assert len(written) == 69
    assert written == transformer.write(trained[0], text, "The goat ", 60, 0.6)


def test_the_run(trained: Trained, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the training cut short."""
    model, history = trained
    monkeypatch.setattr(transformer, "Transformer", lambda _: model)
    monkeypatch.setattr(transformer, "train", lambda *_: history)
    printed = run(transformer)
    assert "3808 characters to train on, 424 held out" in printed
    assert "a later character changes an earlier guess by 0.0" in printed
    assert f"best: {min(history['val_loss']):.6f}" in printed
