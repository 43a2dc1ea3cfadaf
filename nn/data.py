"""Data in mini-batches, and what is done to it before."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from numbers import Integral, Real
from typing import Any

import numpy as np

from autograd import Tensor

from .init import generator_or_default


class Dataset:
    """Examples by their number: subclasses define `__len__` and `__getitem__`.

    >>> import nn
    >>> class Squares(nn.Dataset):
    ...     def __len__(self):
    ...         return 4
    ...     def __getitem__(self, index):
    ...         return float(index), float(index**2)
    >>> [y.tolist() for x, y in nn.DataLoader(Squares(), batch_size=2)]
    [[0.0, 1.0], [4.0, 9.0]]
    """

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} defines no __len__")

    def __getitem__(self, index: Any) -> Any:
        """The example of this number: an array, a number, or a tuple or dict of them."""
        raise NotImplementedError(f"{type(self).__name__} defines no __getitem__")


class Subset(Dataset):
    """Those examples of a dataset that have these numbers.

    >>> from nn.data import Subset
    >>> list(Subset("abcd", [2, 0]))
    ['c', 'a']
    """

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: Any) -> Any:
        return self.dataset[self.indices[index]]


def _array(name: str, x: Any) -> np.ndarray:
    """`x` as an array, which has no mask."""
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(
            f"{name}: a masked array would lose its mask: use .filled(), or leave rows out"
        )
    return np.asarray(x)


class TensorDataset(Dataset):
    """Arrays whose rows belong together.

    Raises:
        ValueError: for arrays of different lengths, or none.

    >>> import numpy as np
    >>> from nn.data import TensorDataset
    >>> len(TensorDataset(np.zeros((5, 2)), np.zeros(5)))
    5
    """

    def __init__(self, *arrays: Any) -> None:
        if not arrays:
            raise ValueError("TensorDataset: no arrays: give at least one")
        self.arrays = tuple(_array("TensorDataset", array) for array in arrays)
        lengths = [array.shape[0] if array.ndim else None for array in self.arrays]
        if None in lengths or len(set(lengths)) > 1:
            raise ValueError(
                f"TensorDataset: arrays of shapes {', '.join(str(a.shape) for a in self.arrays)} "
                "do not have the same number of rows: give one row per example in each"
            )

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(array[index] for array in self.arrays)


def collate(examples: Sequence[Any]) -> Any:
    """Examples as one batch: arrays and numbers stacked, tuples and dicts part by part.

    >>> from nn.data import collate
    >>> collate([(1.0, {"a": 1}), (2.0, {"a": 2})])
    (array([1., 2.]), {'a': array([1, 2])})
    """
    first = examples[0]
    if isinstance(first, Mapping):
        for example in examples:
            if not isinstance(example, Mapping) or example.keys() != first.keys():
                raise _unlike(first, example)
        return {key: collate([example[key] for example in examples]) for key in first}
    if isinstance(first, (tuple, list)):
        for example in examples:
            if not isinstance(example, (tuple, list)) or len(example) != len(first):
                raise _unlike(first, example)
        return tuple(collate(part) for part in zip(*examples, strict=True))
    try:
        batch = np.stack([_array("DataLoader", example) for example in examples])
    except ValueError as error:
        shapes = {np.shape(example) for example in examples}
        raise ValueError(
            f"DataLoader: examples of shapes {', '.join(map(str, shapes))} do not make a batch: "
            "give collate_fn="
        ) from error
    if batch.dtype == object:
        kinds = sorted({type(example).__name__ for example in examples})
        raise TypeError(
            f"DataLoader: examples of {', '.join(kinds)} do not make an array: give numbers or "
            "arrays, or collate_fn="
        )
    return batch


def _unlike(first: Any, other: Any) -> ValueError:
    """The error for examples whose parts do not go together."""
    return ValueError(
        f"DataLoader: examples {first!r:.60} and {other!r:.60} do not make a batch: give them the "
        "same parts, or collate_fn="
    )


class DataLoader:
    """A dataset in mini-batches; each iteration is one epoch.

    Args:
        dataset: a `Dataset`, anything else that has a length and items, such as a list of
            examples, an array, or a tuple of arrays.
        batch_size: rows in a batch.
        shuffle: whether each epoch has a new order.
        drop_last: whether a last batch that is not full is left out.
        generator: a NumPy Generator for the order; the same seed gives the same batches.
        collate_fn: makes a batch of a list of examples; `collate` by default.

    >>> import numpy as np
    >>> import nn
    >>> x, y = np.arange(5.0), np.arange(5)
    >>> [len(batch) for batch, _ in nn.DataLoader((x, y), batch_size=2)]
    [2, 2, 1]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        *,
        drop_last: bool = False,
        generator: np.random.Generator | None = None,
        collate_fn: Callable[[Sequence[Any]], Any] | None = None,
    ) -> None:
        if not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
            raise ValueError(f"DataLoader: batch_size {batch_size!r}: give a positive integer")
        if isinstance(dataset, (np.ndarray, Tensor)):
            dataset = (dataset,)
        self.dataset = TensorDataset(*dataset) if isinstance(dataset, tuple) else dataset
        if not (hasattr(self.dataset, "__len__") and hasattr(self.dataset, "__getitem__")):
            raise TypeError(
                f"DataLoader: {type(dataset).__name__} has no length and items: give a Dataset, or "
                "arrays"
            )
        if isinstance(self.dataset, Mapping) and 0 not in self.dataset:
            raise TypeError(
                "DataLoader: a dict is no dataset, as it has no example number 0: give its arrays "
                "as a tuple, or a list of dicts"
            )
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.drop_last = drop_last
        generator_or_default(generator)  # an error now rather than in the first epoch
        self.generator = generator
        self.collate_fn = collate_fn

    def __len__(self) -> int:
        full, rest = divmod(len(self.dataset), self.batch_size)
        return full + bool(rest and not self.drop_last)

    def __iter__(self) -> Iterator[Any]:
        n = len(self.dataset)
        order = np.arange(n)
        if self.shuffle:
            generator_or_default(self.generator).shuffle(order)
        for i in range(len(self)):
            yield self._batch(order[i * self.batch_size : (i + 1) * self.batch_size])

    def _batch(self, numbers: np.ndarray) -> Any:
        if isinstance(self.dataset, TensorDataset) and self.collate_fn is None:
            return self.dataset[numbers]
        examples = [self.dataset[i] for i in numbers.tolist()]
        return (self.collate_fn or collate)(examples)


# --- before training --------------------------------------------------------------------


def train_test_split(
    *arrays: Any,
    test_size: float = 0.25,
    shuffle: bool = True,
    generator: np.random.Generator | None = None,
) -> list[Any]:
    """Each array in two: rows to train with, and rows to test with.

    Args:
        arrays: of equal lengths; their rows stay together.
        test_size: the share of the rows to test with, rounded up, or their number.
        shuffle: whether the rows are drawn at random; else the last ones are for the test.
        generator: a NumPy Generator; the package's own by default.

    Returns:
        [first for training, first for testing, second for training, ...].

    Raises:
        TypeError: for a test_size that is no number; ValueError: for arrays of different
            lengths, or a part that would be empty.

    >>> import numpy as np
    >>> import nn
    >>> x, y = np.arange(8.0).reshape(4, 2), np.arange(4)
    >>> x_train, x_test, y_train, y_test = nn.train_test_split(x, y, shuffle=False)
    >>> y_train, y_test
    (array([0, 1, 2]), array([3]))
    """
    dataset = TensorDataset(*arrays)
    n = len(dataset)
    if not isinstance(test_size, Real):
        raise TypeError(
            f"train_test_split: test_size {test_size!r:.60}: give a share between 0 and 1, or a "
            "number of rows"
        )
    share = not isinstance(test_size, Integral)
    fits = 0 < test_size < (1 if share else n)
    tests = math.ceil(test_size * (n if share else 1)) if fits else 0
    if not 0 < tests < n:
        raise ValueError(
            f"train_test_split: test_size {test_size} of {n} rows leaves a part empty: give a "
            "share between 0 and 1, or a number of rows"
        )
    order = generator_or_default(generator).permutation(n) if shuffle else np.arange(n)
    parts = zip(dataset[order[:-tests]], dataset[order[-tests:]], strict=True)
    return [part for pair in parts for part in pair]


def random_split(
    dataset: Any, lengths: Sequence[float], generator: np.random.Generator | None = None
) -> list[Subset]:
    """A dataset in several, each example in one of them; of arrays see `train_test_split`.

    Args:
        dataset: anything that has a length and items.
        lengths: how many examples each gets, or their shares, which make 1; what rounding down
            leaves goes to the first ones.
        generator: a NumPy Generator; the package's own by default.

    Raises:
        ValueError: for lengths that do not make that of the dataset.

    >>> import nn
    >>> [len(part) for part in nn.data.random_split(range(10), [0.75, 0.25])]
    [8, 2]
    """
    n = len(dataset)
    counts = [int(x) for x in lengths]
    if math.isclose(sum(lengths), 1) and all(0 <= x <= 1 for x in lengths):
        counts = [math.floor(n * x) for x in lengths]
        for i in range(n - sum(counts)):
            counts[i % len(counts)] += 1
    elif sum(lengths) != n or counts != list(lengths) or min(counts, default=0) < 0:
        raise ValueError(
            f"random_split: lengths {list(lengths)} of {n} examples: give numbers with the sum "
            f"{n}, or shares with the sum 1"
        )
    order = generator_or_default(generator).permutation(n).tolist()
    ends = np.cumsum([0, *counts]).tolist()
    return [Subset(dataset, order[start:end]) for start, end in pairwise(ends)]


def one_hot(labels: Any, num_classes: int | None = None, dtype: Any = np.float32) -> np.ndarray:
    """A row for each label, 1 at its place and 0 elsewhere.

    Args:
        labels: integers from 0, any shape.
        num_classes: the length of a row; by default the largest label and 1.
        dtype: of the result.

    Returns:
        Shape (*labels.shape, num_classes).

    Raises:
        TypeError: for labels that are no integers; IndexError: for one out of range.

    >>> import nn
    >>> nn.one_hot([1, 0], 3)
    array([[0., 1., 0.],
           [1., 0., 0.]], dtype=float32)
    """
    labels = _array("one_hot", labels)
    if labels.dtype.kind not in "iub":
        raise TypeError(f"one_hot: labels of dtype {labels.dtype}: convert them with .astype(int)")
    labels = labels.astype(np.intp)
    if num_classes is None:
        num_classes = int(labels.max(initial=-1)) + 1
    if labels.size and not 0 <= labels.min() <= labels.max() < num_classes:
        raise IndexError(
            f"one_hot: labels from {labels.min()} to {labels.max()} for {num_classes} classes"
        )
    rows = np.zeros((labels.size, num_classes), dtype)
    rows[np.arange(labels.size), labels.ravel()] = 1
    return rows.reshape(*labels.shape, num_classes)


def standardize(train: Any, *others: Any) -> Any:
    """Columns with mean 0 and standard deviation 1 over the rows of `train`.

    The others, such as the test set, are moved and scaled as `train` is. A column of equal
    numbers becomes 0.

    Args:
        train: shape (rows, ...), at least one row.
        others: shape (..., ...) with the same axes after the first.

    Returns:
        The array; a tuple of arrays where others are given. float32 stays float32, integers
        become float64.

    Raises:
        TypeError: for complex numbers or masks; ValueError: for shapes that do not fit, or
            numbers in `train` that are infinite or nan.

    >>> import numpy as np
    >>> import nn
    >>> train, test = nn.standardize(np.array([[0.0], [2.0]]), np.array([[3.0]]))
    >>> train.ravel(), test.ravel()
    (array([-1.,  1.]), array([2.]))
    """
    arrays = [_array("standardize", x) for x in (train, *others)]
    if any(x.dtype.kind == "c" for x in arrays):
        raise TypeError("standardize: complex numbers: give real and imaginary part as columns")
    arrays = [x if x.dtype.kind == "f" else x.astype(float) for x in arrays]
    first = arrays[0]
    if first.ndim == 0 or len(first) == 0 or any(x.shape[1:] != first.shape[1:] for x in arrays):
        raise ValueError(
            f"standardize: arrays of shapes {', '.join(str(x.shape) for x in arrays)}: give rows, "
            "at least one to begin with, and the same axes after the first"
        )
    if not np.isfinite(first).all():
        row, *column = np.argwhere(~np.isfinite(first))[0].tolist()
        raise ValueError(
            f"standardize: {first[row, *column]} in row {row}"
            f"{' of column ' + ', '.join(map(str, column)) if column else ''}: leave such rows "
            "out, or fill them in"
        )
    # A power of two for each column, which rounds nothing, keeps its squares in range.
    _, exponent = np.frexp(np.abs(first).max(axis=0).astype(float))
    unit = np.ldexp(1.0, -np.clip(exponent, -1000, 1000))
    scaled_first = first * unit
    mean = scaled_first.mean(axis=0, dtype=float)
    # A column of equal numbers may have a deviation of a few roundings of its mean.
    constant = first.max(axis=0) == first.min(axis=0)
    mean = np.where(constant, scaled_first[0], mean)
    spread = np.where(constant, unit, scaled_first.std(axis=0, dtype=float))
    scaled = tuple(((x * unit - mean) / spread).astype(x.dtype) for x in arrays)
    return scaled if others else scaled[0]
