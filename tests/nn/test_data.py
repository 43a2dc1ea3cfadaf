"""TensorDataset and DataLoader."""

from __future__ import annotations

from collections.abc import Callable
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
    loader = nn.DataLoader((x, y), batch_size, shuffle, drop_last=drop_last, generator=seeded())
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


# --- other datasets ----------------------------------------------------------------------


class Numbers(nn.Dataset):
    def __init__(self, n: int) -> None:
        self.n = n

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> Any:
        return np.full(2, index, np.float32), {"label": index}


def test_a_dataset_of_ones_own() -> None:
    batches = list(nn.DataLoader(Numbers(3), 2))
    (x, y), (z, _) = batches
    assert x.dtype == np.float32
    assert x.tolist() == [[0.0, 0.0], [1.0, 1.0]]
    assert y["label"].tolist() == [0, 1]
    assert z.tolist() == [[2.0, 2.0]]
    order = [int(i) for _, y in nn.DataLoader(Numbers(9), 4, True, generator=seeded()) for i in
             y["label"]]  # fmt: skip
    assert sorted(order) == list(range(9)) != order


def test_a_list_is_one_of_examples_and_a_tuple_one_of_arrays() -> None:
    examples = [(np.full(2, i), i) for i in range(2)]  # as many as an example has parts
    ((x, y),) = nn.DataLoader(examples, 2)
    assert (x.tolist(), y.tolist()) == ([[0, 0], [1, 1]], [0, 1])
    ((x, y),) = nn.DataLoader(tuple(np.array(part) for part in ([0, 1], [2, 3])), 2)
    assert (x.tolist(), y.tolist()) == ([0, 1], [2, 3])


def test_anything_with_a_length_and_items() -> None:
    assert [x.tolist() for x in nn.DataLoader(range(3), 2)] == [[0, 1], [2]]
    with refuses(TypeError, "DataLoader", "set"):
        nn.DataLoader({1, 2})


def test_examples_of_different_shapes_need_a_function() -> None:
    rows = [np.zeros(1), np.zeros(2)]

    class Rows(nn.Dataset):
        def __len__(self) -> int:
            return 2

        def __getitem__(self, index: int) -> Any:
            return rows[index]

    with refuses(ValueError, "DataLoader", "(1,)", "(2,)", "collate_fn"):
        list(nn.DataLoader(Rows(), 2))
    with refuses(TypeError, "DataLoader", "NoneType, float", "collate_fn"):
        next(iter(nn.DataLoader([None, 1.0], 2)))
    (batch,) = nn.DataLoader(Rows(), 2, collate_fn=lambda examples: [len(x) for x in examples])
    assert batch == [1, 2]
    (whole,) = nn.DataLoader((np.arange(3),), 3, collate_fn=len)
    assert whole == 3


@pytest.mark.parametrize(
    "examples",
    [
        [(1, 2), (1,)],
        [(1,), (1, 2)],
        [(1, 2), 5],
        [{"a": 1}, {"b": 1}],
        [{"a": 1}, {"a": 1, "b": 2}],
        [{"a": 1}, 5],
    ],
)
def test_examples_of_different_parts(examples: list[Any]) -> None:
    with refuses(ValueError, "DataLoader", repr(examples[1]), "collate_fn"):
        list(nn.DataLoader(examples, 2))


def test_a_dict_of_arrays_is_no_dataset() -> None:
    with refuses(TypeError, "DataLoader", "dict", "tuple"):
        nn.DataLoader({"x": np.ones(3)})
    assert [batch.tolist() for batch in nn.DataLoader({0: 1.0, 1: 2.0}, 2)] == [[1.0, 2.0]]


def test_masks_are_not_lost() -> None:
    masked = np.ma.masked_array([[1.0], [99.0], [3.0]], [[0], [1], [0]])
    calls: list[Callable[[], Any]] = [
        lambda: nn.DataLoader((masked,)),
        lambda: list(nn.DataLoader([masked, masked], 2)),
        lambda: nn.train_test_split(masked),
        lambda: nn.standardize(masked),
        lambda: nn.one_hot(masked.astype(int)),
    ]
    for call in calls:
        with refuses(TypeError, "a masked array would lose its mask", ".filled()"):
            call()


def test_a_dataset_without_its_methods() -> None:
    for use in (lambda: len(nn.Dataset()), lambda: nn.Dataset()[0]):
        with refuses(NotImplementedError, "Dataset"):
            use()


# --- before training ---------------------------------------------------------------------


@given(n=st.integers(2, 12), size=st.sampled_from([0.25, 0.5, 1, 2, 0.01]), shuffle=st.booleans())
def test_train_test_split(n: int, size: float, shuffle: bool) -> None:
    x, y = rows(n)
    tests = -int(-size * n // 1) if isinstance(size, float) else size
    if tests >= n:
        with refuses(ValueError, "train_test_split", str(n)):
            nn.train_test_split(x, y, test_size=size)
        return
    a, b, c, d = nn.train_test_split(x, y, test_size=size, shuffle=shuffle, generator=seeded())
    assert (len(a), len(b)) == (n - tests, tests)
    np.testing.assert_array_equal(a, x[c])
    np.testing.assert_array_equal(b, x[d])
    assert sorted([*c, *d]) == list(range(n))
    if not shuffle:
        assert d.tolist() == list(range(n - tests, n))
    again = nn.train_test_split(x, y, test_size=size, shuffle=shuffle, generator=seeded())
    np.testing.assert_array_equal(again[3], d)


def test_splits_that_are_refused() -> None:
    for none in ("a", None, 1j):
        with refuses(TypeError, "train_test_split", f"test_size {none!r}"):
            nn.train_test_split(np.ones(4), test_size=none)  # type: ignore[arg-type]
    for size in (0.0, 1.0, 1.5, 0, 4, -1, float("nan"), float("inf")):
        with refuses(ValueError, "train_test_split", str(size)):
            nn.train_test_split(np.ones(4), test_size=size)
    with refuses(ValueError, "(4,)", "(3,)"):
        nn.train_test_split(np.ones(4), np.ones(3))


def test_one_hot() -> None:
    labels = np.array([[1, 0], [2, 2]])
    found = nn.one_hot(labels)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.eye(3)[labels])
    assert nn.one_hot(np.zeros(0, int), 3).shape == (0, 3)
    assert nn.one_hot([True, False], dtype=int).tolist() == [[0, 1], [1, 0]]
    with refuses(TypeError, "one_hot", "float64"):
        nn.one_hot([0.0, 1.0])
    for bad in ([0, 3], [-1, 0]):
        with refuses(IndexError, "one_hot", "3 classes"):
            nn.one_hot(bad, 3)


def test_standardize() -> None:
    rng = seeded()
    train, test = rng.normal(3, 2, (50, 4)), rng.normal(3, 2, (7, 4))
    train[:, 2] = 0.1  # equal numbers
    a, b = nn.standardize(train, test)
    np.testing.assert_allclose(a.mean(0), 0, atol=1e-14)
    np.testing.assert_allclose(a.std(0), [1, 1, 0, 1], rtol=1e-13)
    keep = [0, 1, 3]
    expected = (test - train.mean(0)) / train.std(0)
    np.testing.assert_allclose(b[:, keep], expected[:, keep], rtol=1e-12)
    np.testing.assert_allclose(b[:, 2], test[:, 2] - 0.1, rtol=1e-12)
    assert nn.standardize(train.astype(np.float32)).dtype == np.float32
    assert nn.standardize([[1], [3]]).tolist() == [[-1.0], [1.0]]
    for bad in ([np.ones((3, 2)), np.ones((3, 3))], [np.ones((0, 2))], [1.0]):
        with refuses(ValueError, "standardize"):
            nn.standardize(*bad)
    for value in (np.nan, np.inf):
        with refuses(ValueError, "standardize", f"{value} in row 1 of column 2"):
            nn.standardize([[1.0, 2, 3], [1, 2, value]])
        with refuses(ValueError, "standardize", f"{value} in row 1:"):
            nn.standardize([1.0, value])
    with refuses(TypeError, "standardize", "complex"):
        nn.standardize([[1j], [2.0]])


@pytest.mark.parametrize("size", [1e-310, 1e-200, 1.0, 1e200, 1e307])
def test_standardize_columns_whose_squares_are_out_of_range(size: float) -> None:
    train, test = nn.standardize(np.array([[1.0], [2.0], [3.0]]) * size, [[5.0 * size]])
    np.testing.assert_allclose(train.ravel(), np.array([-1, 0, 1]) * 1.5**0.5, atol=1e-13)
    np.testing.assert_allclose(test, 3 * 1.5**0.5, rtol=1e-12)
    constant, other = nn.standardize([[size], [size]], [[5 * size]])
    assert constant.tolist() == [[0.0], [0.0]]
    assert other.tolist() == [[5 * size - size]]


@pytest.mark.parametrize("dtype", [np.float32, float])
@pytest.mark.parametrize("n", [1, 2, 3, 11])
def test_a_column_of_equal_numbers_becomes_zero(n: int, dtype: Any) -> None:
    """Exactly, and others differ from it by what they are; the mean of three 0.1 is not 0.1."""
    train, test = np.full((n, 1), 0.1, dtype), np.array([[0.3]], dtype)
    a, b = nn.standardize(train, test)
    assert a.tolist() == [[0.0]] * n
    assert b.tolist() == [[dtype(np.float64(test[0, 0]) - train[0, 0])]]
    assert nn.standardize(np.array([[0.0], [2e-30]], dtype)).tolist() == [[-1.0], [1.0]]


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [([7, 4], [7, 4]), ([0.5, 0.5], [6, 5]), ([0.8, 0.1, 0.1], [9, 1, 1]), ([11], [11]),
     ([1.0], [11]), ([0.25] * 4, [3, 3, 3, 2]), ([0, 11], [0, 11])],
)  # fmt: skip
def test_random_split(lengths: Any, expected: list[int]) -> None:
    parts = nn.data.random_split(Numbers(11), lengths, seeded())
    assert [len(part) for part in parts] == expected
    found = [part[i][1]["label"] for part in parts for i in range(len(part))]
    assert sorted(found) == list(range(11))
    again = nn.data.random_split(Numbers(11), lengths, generator=seeded())
    assert [part.indices for part in again] == [part.indices for part in parts]
    assert len({tuple(nn.data.random_split(range(11), [11])[0].indices) for _ in range(5)}) > 1
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")
    theirs = torch.utils.data.random_split(range(11), lengths)
    assert [len(part) for part in theirs] == expected


@pytest.mark.parametrize("lengths", [[3, 4], [0.5, 0.4], [12, -1], [5.5, 5.5], []])
def test_lengths_that_do_not_fit(lengths: Any) -> None:
    with refuses(ValueError, "random_split", str(lengths), "11 examples"):
        nn.data.random_split(range(11), lengths)


def test_parts_are_loaded() -> None:
    part, _ = nn.data.random_split(Numbers(5), [3, 2], seeded())
    batches = list(nn.DataLoader(part, 2))
    assert [len(x) for x, _ in batches] == [2, 1]
