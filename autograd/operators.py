"""The operators of a Tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .ops import complex_parts, piecewise, products
from .ops import elementwise as e

if TYPE_CHECKING:
    from .tensor import Tensor


def _compare(ufunc: Any, x: Any, y: Any) -> Any:
    return ufunc(x, y)  # by NumPy's protocol


def _operator(funnel: Callable[..., Tensor]) -> Callable[[Any, Any], Tensor]:
    """The funnel itself, as what Python calls with two operands."""
    return funnel


def _name_methods(of: type) -> None:
    """Give the functions of a class the names they have in it, for help() and pickles."""
    for name, function in vars(of).items():
        if callable(function) and getattr(function, "__name__", name) != name:
            function.__name__, function.__qualname__ = name, f"{of.__qualname__}.{name}"
            function.__module__ = of.__module__


class Operators:
    """Arithmetic, which records, and comparison, which gives plain arrays."""

    __slots__ = ()

    if TYPE_CHECKING:

        def _become(self, result: Any, what: str) -> Tensor: ...

    # --- arithmetic ---

    __add__ = _operator(e.add.binary)
    __radd__ = _operator(e.add.reflected)
    __sub__ = _operator(e.subtract.binary)
    __rsub__ = _operator(e.subtract.reflected)
    __mul__ = _operator(e.multiply.binary)
    __rmul__ = _operator(e.multiply.reflected)
    __truediv__ = _operator(e.divide.binary)
    __rtruediv__ = _operator(e.divide.reflected)
    __pow__ = _operator(e.power.binary)
    __rpow__ = _operator(e.power.reflected)
    __mod__ = _operator(piecewise.remainder.binary)
    __rmod__ = _operator(piecewise.remainder.reflected)
    __floordiv__ = _operator(piecewise.floor_divide.binary)
    __rfloordiv__ = _operator(piecewise.floor_divide.reflected)

    def __divmod__(self, other: Any) -> tuple[Tensor, Tensor]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Tensor, Tensor]:
        return other // self, other % self

    __matmul__ = _operator(products.matmul.binary)
    __rmatmul__ = _operator(products.matmul.reflected)
    __neg__ = e.negative.unary

    def __pos__(self) -> Any:
        return self

    __abs__ = complex_parts.abs.unary

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


_name_methods(Operators)
