"""The computations of the simplest layers: linear, flatten, dropout."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd import Tensor, matmul, operation, reshape, transpose

from ..init import generator_or_default
from ..settings import probability
from .checks import another_dtype, array, floating, operand

# --- linear -----------------------------------------------------------------------------


def _rows(x: Any) -> Any:
    """`x` with its leading axes as one."""
    return x if x.ndim == 2 else x.reshape((math.prod(x.shape[:-1]), x.shape[-1]))


def _check_input(x: Any, weight: Any, name: str = "") -> None:
    """`name` goes before messages that do not come from an operation, which has its own there."""
    if x.dtype is not weight.dtype and x.dtype != weight.dtype:
        raise TypeError(name + another_dtype("input", x.dtype, weight.dtype))
    if x.ndim == 0:
        raise ValueError(
            f"{name}an input of shape () for a weight of shape {weight.shape}: give rows of "
            f"{weight.shape[-1]} numbers"
        )


@lru_cache(maxsize=16)
def _ones(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """As many ones as `shape` has rows."""
    return np.ones(math.prod(shape[:-1]), dtype)


def product(x: Any, y: Any) -> Any:
    """The product of two matrices.

    `dot` takes a third of matmul's time where they are small, but skips a 0 that is the only
    entry of one, whatever it multiplies: nan and inf would be lost.
    """
    return x.dot(y) if x.size > 1 < y.size else x @ y


def _linear_x(g: Any, weight: Any, x_shape: tuple[int, ...]) -> Any:
    return product(g, weight) if g.ndim == 2 else product(_rows(g), weight).reshape(x_shape)


@operation(
    _linear_x,
    lambda g, x: product(_rows(x).T, _rows(g)).T,  # in the memory order of a Linear's weight
    lambda g: _rows(g).T.dot(_ones(g.shape, g.dtype)),  # a sum over the rows, at BLAS's speed
    name="linear",
    hint="the last axis of the input must be as long as the weight's last, in_features",
)
def _linear(x: Any, weight: Any, bias: Any, /) -> Any:
    _check_input(x, weight)
    out = product(_rows(x), weight.T)
    out += bias
    return out if x.ndim == 2 else out.reshape((*x.shape[:-1], out.shape[-1]))


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """`input @ weight.T + bias` as one operation.

    Args:
        input: shape (..., in_features).
        weight: shape (out_features, in_features).
        bias: shape (out_features,), or one that broadcasts to the result; or None.

    Returns:
        Shape (..., out_features).

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.linear(np.array([1.0, 2.0]), np.array([[3.0, 4.0]]), np.array([5.0]))
    array([16.])
    """
    plain_number = bias is None or isinstance(bias, (int, float))
    if not plain_number:
        bias = operand(bias)
    if plain_number or bias.ndim != 1:  # the operation sums the gradient of one row
        input = operand(input)
        _check_input(input, weight, "linear: ")
        if input.shape[-1] != weight.shape[-1]:
            raise ValueError(
                f"linear: an input of shape {input.shape} for a weight of shape {weight.shape}: "
                f"the last axis of the input must be in_features, {weight.shape[-1]}"
            )
        out = matmul(input, transpose(weight))
        return out if bias is None else out + bias
    if isinstance(weight, Tensor):
        return _linear.on_tensors((input, weight, bias))
    return _linear(input, weight, bias)


# --- shape ------------------------------------------------------------------------------


def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The axes from `start_dim` to `end_dim`, both included, as one.

    Raises:
        ValueError: for axes that the input does not have, or in the wrong order.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.flatten(np.zeros((2, 3, 4)), start_dim=1).shape
    (2, 12)
    """
    input = operand(input)
    shape, n = input.shape or (1,), max(input.ndim, 1)
    if not (-n <= start_dim < n and -n <= end_dim < n and start_dim % n <= end_dim % n):
        raise ValueError(
            f"flatten: axes {start_dim} to {end_dim} of an input of shape {input.shape}: give two "
            "of its axes in their order"
        )
    first, last = start_dim % n, end_dim % n + 1
    return reshape(input, (*shape[:first], math.prod(shape[first:last]), *shape[last:]))


def unflatten(input: Any, dim: int, sizes: Sequence[int]) -> Any:
    """One axis as several; a size of -1 is what is left.

    Raises:
        ValueError: for an axis that the input does not have, or sizes that do not fit it.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.unflatten(np.zeros((2, 12)), 1, (3, -1)).shape
    (2, 3, 4)
    """
    input = operand(input)
    known = math.prod(n for n in sizes if n != -1)
    fits = -input.ndim <= dim < input.ndim and list(sizes).count(-1) <= 1 and known > 0
    if not fits or input.shape[dim] % known or (-1 not in sizes and input.shape[dim] != known):
        raise ValueError(
            f"unflatten: axis {dim} of an input of shape {input.shape} as {tuple(sizes)}: give an "
            "axis of it, and sizes with its length as product"
        )
    dim %= input.ndim
    return reshape(input, (*input.shape[:dim], *sizes, *input.shape[dim + 1 :]))


# --- dropout ----------------------------------------------------------------------------


@operation(lambda g, factors: g * factors, name="dropout", elementwise=True)
def _dropout(x: Any, /, factors: np.ndarray) -> Any:
    return x * factors


def dropout(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """Each entry 0 with probability `p`, the others divided by 1 - p (Srivastava et al., 2014).

    Args:
        input: any shape.
        p: the probability.
        training: where False, the input comes back as it is.
        inplace: as in PyTorch; the input is never changed.
        generator: a NumPy Generator for the choice; the package's own by default.

    Raises:
        ValueError: for a p outside 0 to 1.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.dropout(np.ones(3), p=1.0)
    array([0., 0., 0.])
    """
    del inplace
    probability("dropout", p)
    if not training or p == 0:
        return input
    input = array(input)
    return _dropout(input, factors=_factors(input.shape, input.dtype, p, generator))


def _factors(
    shape: tuple[int, ...], dtype: Any, p: float, generator: np.random.Generator | None
) -> np.ndarray:
    """0 with probability `p`, else 1 / (1 - p)."""
    if p == 1:
        return np.zeros(shape, dtype)
    kept = generator_or_default(generator).random(shape, np.float32) >= p
    factors: np.ndarray = kept * np.asarray(1 / (1 - p), dtype)
    return factors


def _channel_dropout(rank: int) -> Callable[..., Any]:
    name = f"dropout{rank}d"
    ranks = (3, 4) if rank == 2 else (rank + 1, rank + 2)

    def function(
        input: Any,
        p: float = 0.5,
        training: bool = True,
        inplace: bool = False,
        *,
        generator: np.random.Generator | None = None,
    ) -> Any:
        del inplace
        probability(name, p)
        input = operand(input)
        if input.ndim not in ranks:
            raise ValueError(
                f"{name}: an input of shape {input.shape}: give one of {ranks[0]} or {ranks[1]} "
                "axes"
            )
        if not training or p == 0:
            return input
        input = floating(input)
        # As in PyTorch, images of three axes are sequences (rows, channels, length).
        channel = 1 if rank == 2 else input.ndim - rank - 1
        shape = input.shape[: channel + 1] + (1,) * (input.ndim - channel - 1)
        return _dropout(input, factors=_factors(shape, input.dtype, p, generator))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""`dropout` of whole channels (Tompson et al., 2015, arXiv:1411.4280).

    Args as those of `dropout`, of an input of shape (rows, channels, ...) with {rank} axes more.
    """
    return function


dropout1d, dropout2d, dropout3d = map(_channel_dropout, (1, 2, 3))
