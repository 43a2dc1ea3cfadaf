"""ndarray's methods that differ from the functions of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .ops import choosing, products, shaping, sorting, writing
from .ops import elementwise as e

if TYPE_CHECKING:
    from .tensor import Tensor

_MEMORY = "use .numpy() for an array of your own, .data for the contents themselves"
_REMEDIES = {
    **dict.fromkeys(
        ["base", "byteswap", "ctypes", "device", "dump", "dumps", "flags", "getfield", "setfield",
         "setflags", "strides", "to_device", "tobytes", "tofile"],
        _MEMORY,
    ),
    "flat": "use .ravel() to read in order, np.put(t, i, v) to write",
    "resize": "a tensor keeps its shape: use u = np.resize(t, shape), or autograd.pad",
    "view": "use .reshape for another shape, .astype for another dtype",
    # PyTorch's names
    **dict.fromkeys(["cpu", "cuda"], "it is in the processor's memory: leave the call out"),
    **dict.fromkeys(["double", "float", "half", "to", "type"], "use .astype(dtype)"),
    **dict.fromkeys(["bmm", "matmul", "mm"], "use the operator @"),
    **{name: f"use np.{name}(t)" for name in ["isfinite", "isinf", "isnan"]},
    **dict.fromkeys(["bool", "int", "long"], "use .astype(dtype) for a plain array"),
    **dict.fromkeys(
        ["add_", "clamp_", "copy_", "div_", "fill_", "mul_", "sub_", "zero_"],
        "write t += v, t *= v or t[...] = v",
    ),
    "chunk": "use np.array_split(t, n)",
    "clamp": "use .clip(low, high)",
    "clone": "use .copy()",
    "contiguous": "it need not be: leave the call out",
    "dim": "use .ndim",
    "expand": "use .broadcast_to(shape)",
    "gather": "use autograd.take_along_axis(t, indices, axis)",
    "masked_fill": "use autograd.where(mask, value, t)",
    "norm": "use autograd.linalg.norm(t)",
    "numel": "use .size",
    "permute": "use .transpose(axes)",
    "pow": "use the operator **",
    "requires_grad_": "use t.requires_grad = True",
    "scatter": "use np.put_along_axis(t, indices, values, axis)",
    "unsqueeze": "use .expand_dims(axis)",
}  # fmt: skip
"""What to do instead of what ndarray or PyTorch's tensors have and a Tensor has not."""


class Methods:
    """Shapes, and what ndarray does in place: a handle moves on to a new array instead."""

    __slots__ = ()

    if TYPE_CHECKING:
        _array: np.ndarray

        def _become(self, result: Tensor, what: str) -> Tensor: ...

        def __setitem__(self, index: Any, value: Any) -> None: ...

    def __getattr__(self, name: str) -> Any:
        remedy = f": {_REMEDIES[name]}" if name in _REMEDIES else ""
        raise AttributeError(f"a Tensor has no {name!r}{remedy}", name=name, obj=self)

    @property
    def T(self) -> Tensor:  # noqa: N802  (NumPy's name)
        """The axes reversed."""
        return shaping.transpose.unary(self, {"axes": None})

    @property
    def mT(self) -> Tensor:  # noqa: N802
        """The last two axes exchanged."""
        result: Tensor = products.matrix_transpose(self)
        return result

    def reshape(self, *shape: Any, order: str = "C") -> Tensor:
        """The same entries in another shape, given as a tuple or as several integers."""
        if order != "C":
            result: Tensor = shaping.reshape(self, _given(shape), order)
            return result
        return shaping.reshaped.unary(self, {"shape": _given(shape), "order": "C"})

    def transpose(self, *axes: Any) -> Tensor:
        """The axes in another order, given as a tuple or as several integers."""
        return shaping.transpose.unary(self, {"axes": _given(axes) if axes else None})

    def flatten(self, order: str = "C") -> Tensor:
        """The entries as one axis."""
        result: Tensor = shaping.ravel(self, order)
        return result

    def copy(self) -> Tensor:
        """The same contents in memory of their own, recorded as coming from this tensor."""
        return e.copy.unary(self)

    def astype(self, dtype: Any, *, casting: Any = "unsafe", copy: bool = True) -> Any:
        """The contents in another dtype; integers and booleans as a plain array.

        Args:
            dtype: the dtype.
            casting: as in NumPy, which conversions are allowed.
            copy: as in NumPy; a Tensor's contents are not written to, so it does not matter.

        Raises:
            TypeError: for a conversion that `casting` does not allow.
        """
        if not np.can_cast(self._array.dtype, dtype, casting):
            raise TypeError(
                f"astype: from {self._array.dtype} to {np.dtype(dtype)} is not allowed by "
                f"casting={casting!r}"
            )
        return e.astype(self, dtype)

    def choose(self, choices: Any, *, mode: str = "raise") -> Any:
        """Each entry from the choice whose number this tensor, of integers, has there."""
        return choosing.choose(self, choices, mode=mode)

    def compress(self, condition: Any, axis: int | None = None) -> Tensor:
        """The entries along `axis` (of the flattened array where None) where `condition` holds."""
        result: Tensor = choosing.compress(condition, self, axis)
        return result

    # --- in place: as `t[...] = v`, the handle moves on, nothing recorded changes ---

    def fill(self, value: Any) -> None:
        """Write `value` to every place."""
        self[...] = value

    def partition(self, kth: Any, axis: int = -1, kind: str = "introselect") -> None:
        """Reorder along `axis` such that the entries at `kth` are where sorting puts them."""
        self._become(sorting.partition(self, kth, axis, kind), "partition")

    def put(self, indices: Any, values: Any, mode: str = "raise") -> None:
        """Write `values`, repeated as needed, to places of the flattened array."""
        writing.put(self, indices, values, mode)

    def sort(self, axis: int = -1, kind: Any = None, *, stable: bool | None = None) -> None:
        """Sort along `axis`."""
        self._become(sorting.sort(self, axis, kind, stable=stable), "sort")


def _given(numbers: tuple[Any, ...]) -> Any:
    """Integers given as one tuple or one by one, as NumPy's methods take them."""
    if len(numbers) == 1 and not isinstance(numbers[0], (int, np.integer)):
        return numbers[0]
    return numbers
