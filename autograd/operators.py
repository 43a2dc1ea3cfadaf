"""The operators of a Tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .ops import complex_parts, piecewise, products
from .ops import elementwise as e

if TYPE_CHECKING:
    from .tensor import Tensor


def _compare(ufunc: Any, x: Any, y: Any) -> Any:
    return ufunc(x, y)  # by NumPy's protocol


class Operators:
    """Arithmetic, which records, and comparison, which gives plain arrays."""

    __slots__ = ()

    if TYPE_CHECKING:

        def _become(self, result: Any, what: str) -> Tensor: ...

    # --- arithmetic ---

    def __add__(self, other: Any) -> Tensor:
        return e.add.binary(self, other)

    def __radd__(self, other: Any) -> Tensor:
        return e.add.with_plain(self, other, 1)

    def __sub__(self, other: Any) -> Tensor:
        return e.subtract.binary(self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return e.subtract.with_plain(self, other, 1)

    def __mul__(self, other: Any) -> Tensor:
        return e.multiply.binary(self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return e.multiply.with_plain(self, other, 1)

    def __truediv__(self, other: Any) -> Tensor:
        return e.divide.binary(self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return e.divide.with_plain(self, other, 1)

    def __pow__(self, other: Any) -> Tensor:
        return e.power.binary(self, other)

    def __rpow__(self, other: Any) -> Tensor:
        return e.power.with_plain(self, other, 1)

    def __mod__(self, other: Any) -> Tensor:
        return piecewise.remainder.binary(self, other)

    def __rmod__(self, other: Any) -> Tensor:
        return piecewise.remainder.on_tensors((other, self))

    def __floordiv__(self, other: Any) -> Tensor:
        return piecewise.floor_divide.binary(self, other)

    def __rfloordiv__(self, other: Any) -> Tensor:
        return piecewise.floor_divide.on_tensors((other, self))

    def __divmod__(self, other: Any) -> tuple[Tensor, Tensor]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Tensor, Tensor]:
        return other // self, other % self

    def __matmul__(self, other: Any) -> Tensor:
        return products.matmul.on_tensors((self, other))

    def __rmatmul__(self, other: Any) -> Tensor:
        return products.matmul.on_tensors((other, self))

    def __neg__(self) -> Tensor:
        return e.negative.unary(self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Tensor:
        return complex_parts.abs.unary(self)

    # --- augmented assignment: the handle moves on to the result ---

    def __iadd__(self, other: Any) -> Any:
        return self._become(self + other, "+=")

    def __isub__(self, other: Any) -> Any:
        return self._become(self - other, "-=")

    def __imul__(self, other: Any) -> Any:
        return self._become(self * other, "*=")

    def __itruediv__(self, other: Any) -> Any:
        return self._become(self / other, "/=")

    def __imod__(self, other: Any) -> Any:
        return self._become(self % other, "%=")

    def __ifloordiv__(self, other: Any) -> Any:
        return self._become(self // other, "//=")

    def __ipow__(self, other: Any) -> Any:
        return self._become(self**other, "**=")

    def __imatmul__(self, other: Any) -> Any:
        return self._become(self @ other, "@=")

    # --- comparison: plain boolean arrays, as no derivative flows through them ---

    def __lt__(self, other: Any) -> Any:
        return _compare(np.less, self, other)

    def __le__(self, other: Any) -> Any:
        return _compare(np.less_equal, self, other)

    def __gt__(self, other: Any) -> Any:
        return _compare(np.greater, self, other)

    def __ge__(self, other: Any) -> Any:
        return _compare(np.greater_equal, self, other)

    def __eq__(self, other: object) -> Any:
        return _compare(np.equal, self, other)

    def __ne__(self, other: object) -> Any:
        return _compare(np.not_equal, self, other)

    __hash__ = object.__hash__
