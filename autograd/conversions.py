"""From a Tensor to plain data: explicitly, or with an error where a graph would be lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import protocols

if TYPE_CHECKING:
    from .graph import ArrayNode
    from .tensor import Tensor


class Conversions:
    """Numbers, arrays, lists and text from a Tensor."""

    __slots__ = ()

    if TYPE_CHECKING:
        _array: np.ndarray
        _node: ArrayNode | None
        label: str

        @property
        def is_leaf(self) -> bool: ...

        def __getitem__(self, index: Any) -> Tensor: ...

    def item(self, *index: Any) -> Any:
        """The only element as a Python number, or that at an index, as of an array.

        Raises:
            ValueError: where there is not exactly one, and no index; IndexError: where the index
                is out of bounds.
        """
        if index:
            return self._array.item(*index)
        if self._array.size != 1:
            raise ValueError(
                f"item: a tensor of shape {self._array.shape} has {self._array.size} elements: "
                "index one first"
            )
        return self._array.item()

    def numpy(self) -> np.ndarray:
        """The contents as an array of the caller's own."""
        return self._array.copy()

    def tolist(self) -> Any:
        """The contents as nested lists of Python numbers."""
        return self._array.tolist()

    def any(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """Whether any entry is nonzero; a plain boolean or array."""
        return self._array.any(axis, keepdims=keepdims)

    def all(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """Whether all entries are nonzero; a plain boolean or array."""
        return self._array.all(axis, keepdims=keepdims)

    def argmax(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """The place of the largest entry; a plain integer or array."""
        return self._array.argmax(axis, keepdims=keepdims)

    def argmin(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """The place of the smallest entry; a plain integer or array."""
        return self._array.argmin(axis, keepdims=keepdims)

    def argpartition(self, kth: Any, axis: int | None = -1) -> np.ndarray:
        """The places of the entries in the order of `numpy.partition`, as a plain array."""
        return self._array.argpartition(kth, axis)

    def argsort(
        self, axis: int | None = -1, kind: Any = None, *, stable: bool | None = None
    ) -> np.ndarray:
        """The places of the entries in ascending order, as a plain array."""
        return self._array.argsort(axis, kind, stable=stable)

    def nonzero(self) -> tuple[np.ndarray, ...]:
        """The indices of the entries that are not 0, as a plain array for each axis."""
        return self._array.nonzero()

    def searchsorted(self, v: Any, side: Any = "left", sorter: Any = None) -> Any:
        """Where `v` belongs in this sorted tensor of one axis; plain integers."""
        return self._array.searchsorted(protocols.plain(v), side, sorter)

    def __float__(self) -> float:
        self._guard("a float")
        return float(self.item())

    def __int__(self) -> int:
        self._guard("an int")
        return int(self.item())

    def __index__(self) -> int:
        self._guard("an index")
        return self._array.__index__()

    def __complex__(self) -> complex:
        self._guard("a complex")
        return complex(self.item())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        self._guard("a NumPy array")
        return np.array(self._array, dtype)

    def _guard(self, what: str) -> None:
        if self._node is not None:
            raise protocols.detached(what)

    def __bool__(self) -> bool:
        if self._array.size != 1:
            raise ValueError(
                f"the truth value of a tensor of shape {self._array.shape} is ambiguous: compare "
                "it and use .any() or .all() on the result"
            )
        return bool(self._array.item())

    def __len__(self) -> int:
        if self._array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return len(self._array)

    def __iter__(self) -> Iterator[Tensor]:
        if self._array.ndim == 0:
            raise TypeError("iteration over a 0-d tensor: use .item()")
        return iter([self[i] for i in range(len(self._array))])

    def __contains__(self, x: Any) -> bool:
        return bool(np.any(self._array == protocols.plain(x)))

    def __repr__(self) -> str:
        text = np.array2string(self._array, separator=", ", prefix="Tensor(")
        parts = [text]
        if self._array.dtype not in (np.float64, np.int64, np.bool_):
            parts.append(f"dtype={self._array.dtype}")
        if self.label:
            parts.append(f"label={self.label!r}")
        if self._node is not None:
            parts.append(
                "requires_grad=True" if self.is_leaf else f"operation={self._node.operation.name}"
            )
        return f"Tensor({', '.join(parts)})"

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)
