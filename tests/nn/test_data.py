"""TensorDataset and DataLoader."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Tensor
from nn.data import TensorDataset

from ..autograd.helpers import leaf, refuses, unless_refused
from ..autograd.strategies import Array


def seeded(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def rows(n: int) -> tuple[Array, Array]:
    """Examples whose label says which they are."""
    return np.arange(2.0 * n).reshape(n, 2), np.arange(n)


# --- TensorDataset -----------------------------------------------------------------------


def test_rows_that_belong_together() -> None:
    x, y = rows(5)
    data = TensorDataset(x, y)
    assert len(data) == 5
    assert [part.tolist() for part in data[3]] == [[6.0, 7.0], 3]
    assert [part.tolist() for part in data[[4, 0]]] == [[[8.0, 9.0], [0.0, 1.0]], [4, 0]]


@pytest.mark.parametrize("lengths", [(3, 4), (3, 3, 2), (0, 1)])
def test_lengths_that_differ(lengths: tuple[int, ...]) -> None:
    arrays = [np.zeros((n, 2)) for n in lengths]
    with refuses(ValueError, "TensorDataset", *[f"({n}, 2)" for n in lengths]):
        TensorDataset(*arrays)
    with refuses(ValueError, "TensorDataset"):
        nn.DataLoader(tuple(arrays))


def test_numbers_have_no_rows() -> None:
    with refuses(ValueError, "TensorDataset", "()"):
        TensorDataset(np.zeros(3), 1.0)


def test_no_arrays() -> None:
    with refuses(ValueError, "TensorDataset", "no arrays"):
        TensorDataset()


def test_lists_and_tensors() -> None:
    data = TensorDataset([[1.0], [2.0]], Tensor([3, 4]))
    assert [part.tolist() for part in data[1]] == [[2.0], 4]


def test_what_records_is_not_detached_silently() -> None:
    with refuses(TypeError, "detach"):
        TensorDataset(leaf([1.0, 2.0]))


# --- DataLoader --------------------------------------------------------------------------


@given(
    n=st.integers(0, 12),
    batch_size=st.integers(1, 14),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
)
def test_an_epoch(n: int, batch_size: int, shuffle: bool, drop_last: bool) -> None:
    """Every example once, in full batches but the last, inputs beside their labels."""
    x, y = rows(n)
    loader = nn.DataLoader((x, y), batch_size, shuffle, drop_last, seeded())
    for _ in range(2):
        batches = list(loader)
        assert len(batches) == len(loader)
        kept = n - n % batch_size if drop_last else n
        sizes = [len(labels) for _, labels in batches]
        assert sum(sizes) == kept
        assert sizes[:-1] == [batch_size] * (len(sizes) - 1)
        assert 0 not in sizes
        seen = [int(label) for _, labels in batches for label in labels]
        assert len(set(seen)) == kept
        if not shuffle:
            assert seen == list(range(kept))
        for inputs, labels in batches:
            np.testing.assert_array_equal(inputs, x[labels])


def test_the_defaults() -> None:
    loader = nn.DataLoader(rows(3))
    assert [labels.tolist() for _, labels in loader] == [[0], [1], [2]]


def order(loader: nn.DataLoader) -> list[int]:
    return [int(label) for _, labels in loader for label in labels]


def test_one_seed_one_order_and_a_new_one_each_epoch() -> None:
    first, second = (nn.DataLoader(rows(50), 8, True, generator=seeded(3)) for _ in range(2))
    epochs = [order(first) for _ in range(3)]
    assert [order(second) for _ in range(3)] == epochs
    assert sorted(epochs[0]) == list(range(50))
    assert len({tuple(epoch) for epoch in epochs}) == 3
    assert order(nn.DataLoader(rows(50), 8, True, generator=seeded(4))) != epochs[0]


def test_manual_seed_makes_a_new_loader_repeat_itself() -> None:
    nn.manual_seed(7)
    first = order(nn.DataLoader(rows(50), 8, shuffle=True))
    nn.manual_seed(7)
    assert order(nn.DataLoader(rows(50), 8, shuffle=True)) == first


def test_manual_seed_reaches_a_loader_made_before() -> None:
    loader = nn.DataLoader(rows(50), 8, shuffle=True)
    nn.manual_seed(7)
    first = order(loader)
    nn.manual_seed(7)
    assert order(loader) == first


def test_the_global_state_of_numpy_is_left_alone() -> None:
    np.random.seed(0)
    expected = np.random.random()
    np.random.seed(0)
    order(nn.DataLoader(rows(50), 8, shuffle=True))
    assert np.random.random() == expected


def test_two_iterations_at_a_time() -> None:
    loader = nn.DataLoader(rows(4), 2)
    pairs = [(a[1].tolist(), b[1].tolist()) for a, b in zip(loader, loader, strict=True)]
    assert pairs == [([0, 1], [0, 1]), ([2, 3], [2, 3])]


def test_batches_are_copies() -> None:
    x, y = rows(4)
    for inputs, _ in nn.DataLoader((x, y), 2):
        inputs[:] = -1.0
    np.testing.assert_array_equal(x, rows(4)[0])


def test_a_dataset_is_taken_as_it_is() -> None:
    data = TensorDataset(*rows(3))
    assert nn.DataLoader(data, 2).dataset is data


def test_one_array_is_one_array() -> None:
    """Not a tuple of as many arrays as it has rows."""
    x, _ = rows(4)
    batches = unless_refused(lambda: list(nn.DataLoader(x, 2)), TypeError, "DataLoader")
    if batches is not None:
        assert [batch[0].tolist() for batch in batches] == [x[:2].tolist(), x[2:].tolist()]


def test_dtypes_stay() -> None:
    x, y = rows(3)
    (inputs, labels), *_ = nn.DataLoader((x.astype(np.float32), y.astype(np.int8)), 2)
    assert (inputs.dtype, labels.dtype) == (np.float32, np.int8)


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, "3", None])
def test_a_batch_size_of_another_kind(batch_size: Any) -> None:
    with refuses(ValueError, "DataLoader", "batch_size", repr(batch_size)):
        nn.DataLoader(rows(3), batch_size)


def test_a_generator_of_another_kind() -> None:
    with refuses(TypeError, "generator", "default_rng"):
        nn.DataLoader(rows(3), generator=0)  # type: ignore[arg-type]
