"""Layers on Tensors; PyTorch's names, arguments, shapes and initialisation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from . import functional as F  # noqa: N812  (the field's name for it)
from .init import generator_or_default, linear_bound, uniform
from .module import Module, Parameter
from .settings import probability, sizes


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
        in_features, out_features = sizes(
            "Linear", 0, in_features=in_features, out_features=out_features
        )
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
        if not hasattr(input, "dtype"):
            input = np.asarray(input, self.weight.dtype)
        return F.linear(input, self.weight, self.bias)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """One for each entry of the output and of a row of the weight."""
        del inputs
        return int(output.size) * self.in_features

    def extra_repr(self) -> str:
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class Identity(Module):
    """The input as it is; takes and ignores any arguments, as PyTorch's.

    >>> import nn
    >>> nn.Identity(54, unused=True)([1.0, 2.0])
    [1.0, 2.0]
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        del args, kwargs

    def forward(self, input: Any) -> Any:
        """Anything to itself."""
        return input


class Flatten(Module):
    """Several axes as one: by default all but the first, the examples.

    Args:
        start_dim: the first of the axes.
        end_dim: the last of them.

    >>> import numpy as np
    >>> import nn
    >>> nn.Flatten()(np.zeros((5, 3, 8, 8))).shape
    (5, 192)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Any) -> Any:
        """Shape (rows, ...) to (rows, entries)."""
        return F.flatten(input, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """One axis as several: the way back from `Flatten`.

    Args:
        dim: the axis.
        unflattened_size: the lengths it becomes; -1 for what is left.

    >>> import numpy as np
    >>> import nn
    >>> nn.Unflatten(1, (3, 8, 8))(np.zeros((5, 192))).shape
    (5, 3, 8, 8)
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        self.dim = dim
        self.unflattened_size = tuple(unflattened_size)

    def forward(self, input: Any) -> Any:
        """Shape (rows, entries) to (rows, *unflattened_size), for the axis 1."""
        return F.unflatten(input, self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class CosineSimilarity(Module):
    """`functional.cosine_similarity` with fixed settings.

    >>> import numpy as np
    >>> import nn
    >>> nn.CosineSimilarity()(np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]])).round(4)
    array([0.7071])
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Any, x2: Any) -> Any:
        """Two inputs that broadcast to the same shape without the axis `dim`."""
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """`functional.pairwise_distance` with fixed settings.

    >>> import numpy as np
    >>> import nn
    >>> nn.PairwiseDistance()(np.array([[3.0, 4.0]]), np.zeros((1, 2))).round(4)
    array([5.])
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Any, x2: Any) -> Any:
        """Two inputs (rows, features) to (rows,), or to (rows, 1) where `keepdim`."""
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)


class Dropout(Module):
    """In training mode each entry is 0 with probability p, the others divided by 1 - p.

    Srivastava et al., 2014; in evaluation mode the input as it is.

    Args:
        p: the probability.
        inplace: as in PyTorch; the input is never changed.
        generator: a NumPy Generator for the choice; the package's own by default.

    >>> import numpy as np
    >>> import nn
    >>> layer = nn.Dropout(0.5, generator=np.random.default_rng(0))
    >>> sorted({float(x) for x in layer(np.ones(100))})
    [0.0, 2.0]
    >>> layer.eval()(np.ones(2))
    array([1., 1.])
    """

    function: ClassVar[Callable[..., Any]] = F.dropout

    def __init__(
        self, p: float = 0.5, inplace: bool = False, *, generator: np.random.Generator | None = None
    ) -> None:
        del inplace
        self.p = probability(type(self).__name__, p)
        generator_or_default(generator)  # an error now rather than in the first step
        self.generator = generator

    def forward(self, input: Any) -> Any:
        """Any shape to the same."""
        return type(self).function(input, self.p, self.training, generator=self.generator)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class Dropout1d(Dropout):
    """`Dropout` of whole channels of sequences, shape (rows, channels, length) or without rows.

    >>> import numpy as np
    >>> import nn
    >>> out = nn.Dropout1d(generator=np.random.default_rng(0))(np.ones((4, 3)))
    >>> out.tolist()
    [[2.0, 2.0, 2.0], [2.0, 2.0, 2.0], [2.0, 2.0, 2.0], [0.0, 0.0, 0.0]]
    """

    function = F.dropout1d


class Dropout2d(Dropout):
    """`Dropout` of whole channels of images, shape (rows, channels, height, width).

    Of three axes it takes the first for the rows, as PyTorch does.

    >>> import numpy as np
    >>> import nn
    >>> out = nn.Dropout2d(generator=np.random.default_rng(2))(np.ones((1, 3, 2, 2)))
    >>> out.sum((2, 3)).tolist()
    [[8.0, 0.0, 0.0]]
    """

    function = F.dropout2d


class Dropout3d(Dropout):
    """`Dropout` of whole channels, shape (rows, channels, depth, height, width) or without rows.

    >>> import numpy as np
    >>> import nn
    >>> nn.Dropout3d().eval()(np.ones((1, 1, 1, 1, 1))).item()
    1.0
    """

    function = F.dropout3d
