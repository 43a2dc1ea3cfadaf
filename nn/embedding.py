"""Embedding and bilinear layers; PyTorch's names, arguments, shapes and initialisation."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from . import functional as F  # noqa: N812  (the field's name for it)
from .functional.embedding import padding_row
from .init import linear_bound, normal, uniform
from .module import Module, Parameter
from .settings import sizes


class Embedding(Module):
    """A vector for each of `num_embeddings` numbers.

    Args:
        num_embeddings: how many.
        embedding_dim: the length of each.
        padding_idx: one that stands for nothing: zeros at first, and never trained.
        generator: a NumPy Generator for the initial values, normal with mean 0 and variance 1.
        dtype: of the vectors.

    Raises:
        TypeError: for inputs that are no integers; IndexError: for those out of range.

    >>> import nn
    >>> layer = nn.Embedding(10, 4, padding_idx=0)
    >>> layer([[1, 2, 0]]).shape
    (1, 3, 4)
    >>> layer([0]).numpy()
    array([[0., 0., 0., 0.]], dtype=float32)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        generator: np.random.Generator | None = None,
        dtype: Any = np.float32,
    ) -> None:
        num_embeddings, embedding_dim = sizes(
            "Embedding", 0, num_embeddings=num_embeddings, embedding_dim=embedding_dim
        )
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        weight = normal((num_embeddings, embedding_dim), generator=generator, dtype=dtype)
        if padding_idx is not None:
            self.padding_idx = padding_row(num_embeddings, padding_idx)
            weight[self.padding_idx] = 0
        self.weight = Parameter(weight)

    @classmethod
    def from_pretrained(
        cls, embeddings: Any, freeze: bool = True, padding_idx: int | None = None
    ) -> Self:
        """The layer with the rows of `embeddings` as its vectors, not trained where `freeze`.

        >>> import nn
        >>> nn.Embedding.from_pretrained([[1.0, 2.0], [3.0, 4.0]])([1]).tolist()
        [[3.0, 4.0]]
        """
        vectors = np.array(embeddings)
        if vectors.ndim != 2 or vectors.dtype.kind != "f":
            raise ValueError(
                f"Embedding: vectors of shape {vectors.shape} and dtype {vectors.dtype}: give "
                "floats of shape (rows, features)"
            )
        rows, features = vectors.shape
        layer = cls(rows, features, padding_idx, dtype=vectors.dtype)
        layer.weight = Parameter(vectors, requires_grad=not freeze)
        return layer

    def forward(self, input: Any) -> Any:
        """Integers of any shape to (*shape, embedding_dim)."""
        return F.embedding(input, self.weight, self.padding_idx)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """None: rows are looked up."""
        del inputs, output
        return 0

    def extra_repr(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"


class Bilinear(Module):
    """`input1 @ weight[o] @ input2 + bias[o]` for each output o.

    Args:
        in1_features: the length of the first input's last axis.
        in2_features: the length of the second input's last axis.
        out_features: the length of the output's last axis.
        bias: whether to add a bias.
        generator: a NumPy Generator for the initial values, uniform in +-1/sqrt(in1_features).
        dtype: of the parameters.

    Raises:
        TypeError: for inputs of another dtype; ValueError: for shapes that do not fit.

    >>> import numpy as np
    >>> import nn
    >>> nn.Bilinear(3, 4, 2)(np.ones((5, 3), np.float32), np.ones((5, 4), np.float32)).shape
    (5, 2)
    """

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        *,
        generator: np.random.Generator | None = None,
        dtype: Any = np.float32,
    ) -> None:
        (in1_features,) = sizes("Bilinear", in1_features=in1_features)
        in2_features, out_features = sizes(
            "Bilinear", 0, in2_features=in2_features, out_features=out_features
        )
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        bound = linear_bound(in1_features)
        shape = (out_features, in1_features, in2_features)
        self.weight = Parameter(uniform(shape, bound, generator=generator, dtype=dtype))
        self.bias = None
        if bias:
            values = uniform((out_features,), bound, generator=generator, dtype=dtype)
            self.bias = Parameter(values)

    def forward(self, input1: Any, input2: Any) -> Any:
        """Shapes (..., in1_features) and (..., in2_features) to (..., out_features)."""
        return F.bilinear(input1, input2, self.weight, self.bias)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Those of the product with the weight, and of its result with the second input."""
        del output
        rows = int(np.size(inputs[0])) // self.in1_features
        return rows * (int(self.weight.size) + self.out_features * self.in2_features)

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )
