"""Rows looked up by number, and products of pairs of rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, matmul, operation, reshape, transpose

from .checks import layer_input, operand, plain

# --- embedding --------------------------------------------------------------------------


def _sum_rows_x(g: Any, indices: np.ndarray) -> Any:
    return _look_up(g, indices, None)


@operation(_sum_rows_x, name="embedding_transpose", linear=True)
def _sum_rows(x: Any, /, indices: np.ndarray, rows: int, padding_idx: int | None) -> Any:
    """Zeros with the vectors of `x` added to the rows that `indices` names."""
    out = np.zeros((rows, x.shape[-1]), x.dtype)
    flat = indices.ravel()
    order = np.argsort(flat, kind="stable")
    ordered = flat[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    if starts.size:
        vectors = x.reshape(flat.size, x.shape[-1])
        out[ordered[starts]] = np.add.reduceat(vectors.take(order, axis=0), starts, axis=0)
    if padding_idx is not None:
        out[padding_idx] = 0
    return out


def _embedding_weight(
    g: Any, weight_shape: tuple[int, int], indices: np.ndarray, padding_idx: int | None
) -> Any:
    return _sum_rows(g, indices, weight_shape[0], padding_idx)


def _embedding_push(t: Any, indices: np.ndarray, padding_idx: int | None) -> Any:
    moved = _look_up(t, indices, None)
    # The row of the padding is not trained: it does not move.
    return moved if padding_idx is None else moved * (indices != padding_idx)[..., None]


@operation(_embedding_weight, pushes=[_embedding_push], name="embedding")
def _look_up(weight: Any, /, indices: np.ndarray, padding_idx: int | None) -> Any:
    return weight.take(indices, axis=0)  # sooner than by an index


def embedding(input: Any, weight: Any, padding_idx: int | None = None) -> Any:
    """The rows of `weight` that `input` names.

    Args:
        input: integers of any shape.
        weight: shape (rows, features).
        padding_idx: a row that gets no gradient.

    Returns:
        Shape (*input.shape, features).

    Raises:
        TypeError: for numbers that are no integers; IndexError: for those that are no row.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.embedding([[1, 0]], np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[[3.0, 4.0], [1.0, 2.0]]]
    """
    indices, weight = np.array(plain(input)), operand(weight)
    rows = weight.shape[0]
    if indices.dtype.kind not in "iu":
        raise TypeError(
            f"embedding: an input of dtype {indices.dtype}: rows go by integers, convert it with "
            ".astype(int)"
        )
    if indices.size and not (indices.min() >= 0 and indices.max() < rows):
        wrong = indices[(indices < 0) | (indices >= rows)].flat[0]
        raise IndexError(f"embedding: {wrong} is not in 0 to {rows - 1}, the rows of the weight")
    if padding_idx is not None:
        padding_idx = padding_row(rows, padding_idx)
    return _look_up(weight, indices.astype(np.intp), padding_idx)


def padding_row(rows: int, padding_idx: int) -> int:
    """`padding_idx` counted from the start."""
    if not isinstance(padding_idx, (int, np.integer)) or isinstance(padding_idx, bool):
        raise TypeError(f"embedding: padding_idx={padding_idx!r}: give an integer, or None")
    if not -rows <= padding_idx < rows:
        raise ValueError(f"embedding: padding_idx={padding_idx} is none of {rows} rows")
    return int(padding_idx) % rows


# --- bilinear ---------------------------------------------------------------------------


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """The sums over i and j of input1[i] * weight[o, i, j] * input2[j], plus bias[o].

    Args:
        input1: shape (..., in1_features).
        input2: shape (..., in2_features), the same but for the last axis.
        weight: shape (out_features, in1_features, in2_features).
        bias: shape (out_features,), or None.

    Raises:
        ValueError: for shapes that do not fit.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.bilinear(np.array([1.0, 2.0]), np.array([3.0]), np.array([[[4.0], [5.0]]]))
    array([42.])
    """
    input1 = layer_input("bilinear", input1, weight, "input1")
    input2 = layer_input("bilinear", input2, weight, "input2")
    outputs, first, second = weight.shape
    if input1.shape != (*input2.shape[:-1], first) or input2.shape[-1:] != (second,):
        raise ValueError(
            f"bilinear: inputs of shapes {input1.shape} and {input2.shape} for a weight of shape "
            f"{weight.shape}: give (..., {first}) and (..., {second}), equal but for the last axis"
        )
    weight = weight if isinstance(weight, Tensor) else np.asarray(weight)
    columns = reshape(transpose(weight, (1, 0, 2)), (first, outputs * second))
    products = reshape(matmul(input1, columns), (*input1.shape[:-1], outputs, second))
    out = matmul(products, reshape(input2, (*input2.shape, 1)))[..., 0]
    return out if bias is None else out + bias
