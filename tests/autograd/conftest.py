"""What the tests declare is forgotten after each, so that none sees another's operations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograd.op import NUMPY, OPERATIONS


@pytest.fixture(autouse=True)
def _forget_new_operations() -> Iterator[None]:
    known, answered = dict(OPERATIONS), dict(NUMPY)
    yield
    OPERATIONS.clear()
    OPERATIONS.update(known)
    NUMPY.clear()
    NUMPY.update(answered)
