"""Layers on Tensors; PyTorch's names, arguments, shapes and initialisation."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import functional as F  # noqa: N812  (the field's name for it)
from .init import linear_bound, uniform
from .module import Module, Parameter


class Linear(Module):
    """`x @ weight.T + bias`.

    Args:
        in_features: the length of the input's last axis.
        out_features: the length of the output's last axis.
        bias: whether to add a bias.
        generator: a NumPy Generator for the initial values, uniform in +-1/sqrt(in_features).
        dtype: of the parameters.

    Raises:
        TypeError: for an input of another dtype; ValueError: for one of another width.

    >>> import numpy as np
    >>> import nn
    >>> layer = nn.Linear(3, 2)
    >>> layer
    Linear(in_features=3, out_features=2, bias=True)
    >>> layer(np.ones((5, 3), np.float32)).shape
    (5, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        generator: np.random.Generator | None = None,
        dtype: Any = np.float32,
    ) -> None:
        self.in_features = in_features
        self.out_features = out_features
        bound = linear_bound(in_features)
        weight = uniform((out_features, in_features), bound, generator=generator, dtype=dtype)
        # Columns first in memory: BLAS is faster at x @ weight.T when weight.T lies in rows.
        self.weight = Parameter(np.asfortranarray(weight))
        self.bias = None
        if bias:
            values = uniform((out_features,), bound, generator=generator, dtype=dtype)
            self.bias = Parameter(values)

    def forward(self, input: Any) -> Any:
        """Shape (..., in_features) to (..., out_features)."""
        if input.__class__ is list or input.__class__ is tuple:
            input = np.asarray(input, self.weight.dtype)
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class Sequential(Module):
    """Modules, or functions, applied one after the other.

    >>> import nn
    >>> nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
    )
    """

    def __init__(self, *modules: Any) -> None:
        for i, module in enumerate(modules):
            if not callable(module):
                raise TypeError(
                    f"Sequential: argument {i}, {module!r:.60}, cannot be called: give modules "
                    "or functions, not in a list"
                )
            setattr(self, str(i), module)
        self._names = tuple(map(str, range(len(modules))))

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return Sequential(*[getattr(self, name) for name in self._names[index]])
        if not isinstance(index, (int, np.integer)):
            raise TypeError(f"Sequential: an index of type {type(index).__name__}: give an integer")
        if not -len(self) <= index < len(self):
            raise IndexError(f"Sequential: index {index} for {len(self)} modules")
        return getattr(self, self._names[index])

    def forward(self, input: Any) -> Any:
        """The last module's output."""
        stages = self.__dict__
        for name in self._names:
            input = stages[name](input)
        return input


class ReLU(Module):
    """max(x, 0).

    >>> import nn
    >>> nn.ReLU()([-1.0, 2.0]).tolist()
    [0.0, 2.0]
    """

    def forward(self, input: Any) -> Any:
        """Any shape to the same."""
        return F.relu(input)


class Tanh(Module):
    """The hyperbolic tangent.

    >>> import nn
    >>> nn.Tanh()([0.0, 1.0]).round(6).tolist()
    [0.0, 0.761594]
    """

    def forward(self, input: Any) -> Any:
        """Any shape to the same."""
        return F.tanh(input)


class Sigmoid(Module):
    """1 / (1 + exp(-x)).

    >>> import nn
    >>> nn.Sigmoid()([0.0, 1000.0]).tolist()
    [0.5, 1.0]
    """

    def forward(self, input: Any) -> Any:
        """Any shape to the same."""
        return F.sigmoid(input)


class Softplus(Module):
    """log(1 + exp(x)).

    >>> import nn
    >>> nn.Softplus()([-1000.0, 1000.0]).tolist()
    [0.0, 1000.0]
    """

    def forward(self, input: Any) -> Any:
        """Any shape to the same."""
        return F.softplus(input)


class Softmax(Module):
    """exp(x) over its sum along `dim`.

    >>> import numpy as np
    >>> import nn
    >>> nn.Softmax()(np.array([1000.0, 1000.0])).tolist()
    [0.5, 0.5]
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Any:
        """Any shape to the same."""
        return F.softmax(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """The logarithm of `Softmax`.

    >>> import numpy as np
    >>> import nn
    >>> nn.LogSoftmax()(np.array([0.0, 1000.0])).tolist()
    [-1000.0, 0.0]
    """

    def forward(self, input: Any) -> Any:
        """Any shape to the same."""
        return F.log_softmax(input, self.dim)
