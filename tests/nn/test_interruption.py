"""Handlers of Ctrl-C that are not Python's own: left in their place, and called."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

import nn

from .test_training import fitted


@pytest.fixture
def asked() -> Iterator[list[int]]:
    """The numbers of the signals that a handler of the test's own has been told of."""
    numbers: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: numbers.append(number))
    yield numbers
    signal.signal(signal.SIGINT, before)


def _interrupting(output: Any, target: Any) -> Any:
    os.kill(os.getpid(), signal.SIGINT)
    return nn.functional.cross_entropy(output, target)


def test_a_handler_of_somebody_elses_is_called_and_stays(asked: list[int]) -> None:
    handler = signal.getsignal(signal.SIGINT)
    _, history = fitted(1, loss=_interrupting, batch_size=24)
    assert asked == [signal.SIGINT] * 2
    assert (history.stopped, history.epochs) == ("epochs", 1)
    assert signal.getsignal(signal.SIGINT) is handler


def test_ctrl_c_that_is_ignored_stays_ignored(asked: list[int]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, history = fitted(1, loss=_interrupting)
    assert (history.stopped, history.epochs, asked) == ("epochs", 1, [])
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
