"""What several test files share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, elementwise


def leaf(data: Any, dtype: Any = None) -> Tensor:
    """A Tensor that records."""
    return Tensor(data, requires_grad=True, dtype=dtype)


def wrong_sine(rule: Callable[..., Any]) -> Any:
    """A sine with a derivative of one's own."""
    return elementwise(np.sin, math.sin, rule, name="wrong_sin")


def unless_refused(call: Callable[[], Any], kind: type[Exception], word: str) -> Any:
    """What `call` returns; None where it raises `kind`, which must say `word`.

    For what may be refused or done right, but never done wrong.
    """
    try:
        return call()
    except kind as error:
        message = str(error)
    assert word in message
    return None


@contextmanager
def refuses(kind: type[Exception] | tuple[type[Exception], ...], *words: str) -> Iterator[None]:
    """An error of `kind` whose message, or that of its cause, has all the words.

    The cause counts because NumPy wraps what `buffer[0] = t` raises in an error of its own; a
    traceback shows both.
    """
    with pytest.raises(kind) as caught:
        yield
    messages = []
    error: BaseException | None = caught.value
    while error is not None:
        messages.append(str(error))
        error = error.__cause__
    text = "\n".join(messages)
    missing = [word for word in words if word not in text]
    assert not missing, f"{missing} not in {text!r}"
