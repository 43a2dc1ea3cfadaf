"""What a module trains."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor


class Parameter(Tensor):
    """A Tensor that a Module trains: `requires_grad` is on, the dtype is that of the data.

    Data in another byte order than the machine's are copied into that.

    >>> import nn
    >>> nn.Parameter([1.0, 2.0]).requires_grad
    True
    """

    __slots__ = ()

    def __init__(
        self, data: Any, requires_grad: bool = True, dtype: Any = None, label: str = ""
    ) -> None:
        super().__init__(data, requires_grad, dtype, label)
        if not self.dtype.isnative:  # NumPy computes with it, optimisers in the machine's order
            super().__init__(data, requires_grad, self.dtype.newbyteorder("="), label)

    def cast(self, dtype: Any) -> None:
        """Change the dtype of this very parameter and of its gradient.

        Graphs recorded before keep the contents they had, and give it no gradient any more.
        """
        dtype = np.dtype(dtype).newbyteorder("=")
        if self.dtype == dtype:
            return
        required, gradient = self.requires_grad, self.grad
        Tensor.__init__(self, self.data.astype(dtype), label=self.label)
        self._retired = None  # what it was before it was frozen is of the old dtype
        self.requires_grad = required
        if gradient is not None:
            self.grad = np.asarray(gradient.data, dtype)
