"""Data in mini-batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import Tensor

from .init import generator_or_default


class TensorDataset:
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
        self.arrays = tuple(np.asarray(array) for array in arrays)
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


class DataLoader:
    """A dataset in mini-batches; each iteration is one epoch.

    Args:
        dataset: a `TensorDataset`, an array, or a tuple of arrays.
        batch_size: rows in a batch.
        shuffle: whether each epoch has a new order.
        drop_last: whether a last batch that is not full is left out.
        generator: a NumPy Generator for the order; the same seed gives the same batches.

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
        drop_last: bool = False,
        generator: np.random.Generator | None = None,
    ) -> None:
        if not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
            raise ValueError(f"DataLoader: batch_size {batch_size!r}: give a positive integer")
        if isinstance(dataset, (np.ndarray, Tensor)):
            dataset = (dataset,)
        self.dataset = dataset if isinstance(dataset, TensorDataset) else TensorDataset(*dataset)
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.drop_last = drop_last
        generator_or_default(generator)  # an error now rather than in the first epoch
        self.generator = generator

    def __len__(self) -> int:
        full, rest = divmod(len(self.dataset), self.batch_size)
        return full + bool(rest and not self.drop_last)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        n = len(self.dataset)
        order = np.arange(n)
        if self.shuffle:
            generator_or_default(self.generator).shuffle(order)
        for i in range(len(self)):
            yield self.dataset[order[i * self.batch_size : (i + 1) * self.batch_size]]
