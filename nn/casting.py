"""Modules in another floating dtype."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from autograd import Tensor, Value

if TYPE_CHECKING:
    from .module import Module


class Casting:
    """Changes the dtype of the parameters and buffers that have a floating one."""

    if TYPE_CHECKING:

        def modules(self) -> list[Module]: ...

        def parameters(self, recurse: bool = True) -> list[Any]: ...

    def to(self, dtype: Any) -> Self:
        """Change the dtype of all floating parameters and buffers, in place.

        The parameters stay the same objects. Optimisers are made after it: their state has the
        dtype that the parameters had.

        Args:
            dtype: a floating dtype, as in NumPy, or an array or Tensor that has it. There are no
                devices.

        Raises:
            TypeError: for what is no floating dtype, or for another one than float64 of a model of
                Values; nothing is changed then.

        >>> import nn
        >>> nn.Linear(2, 1).to("float64").weight.dtype
        dtype('float64')
        """
        wanted = _floating(dtype)
        parameters = self.parameters()
        if wanted != np.float64 and any(isinstance(p, Value) for p in parameters):
            raise TypeError(
                f"{type(self).__name__}.to: Values are Python's floats, not {wanted}: convert the "
                "model with to_tensors() first"
            )
        for parameter in parameters:
            if not isinstance(parameter, Value) and parameter.dtype.kind == "f":
                parameter.cast(wanted)
        for module in self.modules():
            for name in module._buffers:
                buffer = getattr(module, name)
                if buffer is not None and buffer.dtype.kind == "f":
                    setattr(module, name, buffer.astype(wanted))
        return self

    def double(self) -> Self:
        """Change all floating parameters and buffers to float64, in place; see `to`."""
        return self.to(np.float64)

    def half(self) -> Self:
        """Change all floating parameters and buffers to float16, in place; see `to`.

        NumPy computes slowly with float16, and its numbers end at 65504.
        """
        return self.to(np.float16)

    # The last: below it `float` is this method, also to type checkers.
    def float(self) -> Self:
        """Change all floating parameters and buffers to float32, in place; see `to`."""
        return self.to(np.float32)


def _floating(dtype: Any) -> np.dtype[Any]:
    if isinstance(dtype, (Tensor, np.ndarray)):
        dtype = dtype.dtype
    try:
        wanted: np.dtype[Any] | None = None if dtype is None else np.dtype(dtype)
    except TypeError:
        wanted = None
    if wanted is None or wanted.kind != "f":
        raise TypeError(
            f"to: {dtype!r} is no floating dtype: give one, such as 'float64'; there are no "
            "devices, so leave a device out"
        )
    return wanted
