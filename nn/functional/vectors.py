"""Vectors along an axis: lengths, cosines, one-hot rows; and entries added around an array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Tensor, broadcast_to, maximum, sum
from autograd import pad as _pad
from autograd.linalg import vector_norm

from .. import data
from ..settings import number
from .checks import array, plain

_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Any:
    """Vectors along `dim` divided by their p-norms.

    Args:
        input: any shape.
        p: of the norm.
        dim: the axis, or several.
        eps: the least a vector is divided by; vectors of zeros stay.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.normalize(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    input = array(input)
    return input / maximum(vector_norm(input, axis=dim, ord=number(p), keepdims=True), number(eps))


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """The cosines of the angles between vectors along `dim`.

    Args:
        x1: any shape.
        x2: one that broadcasts with it.
        dim: the axis, which is gone afterwards.
        eps: the least a length counts, so that a vector of zeros has the cosine 0.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.cosine_similarity(np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]])).round(4)
    array([0.7071])
    """
    x1, x2 = array(x1), array(x2)
    shape = np.broadcast_shapes(x1.shape, x2.shape)
    if not -len(shape) <= dim < len(shape):
        raise ValueError(
            f"cosine_similarity: dim {dim} of vectors of shapes {x1.shape} and {x2.shape}: give "
            "one of their axes"
        )
    x1, x2 = broadcast_to(x1, shape), broadcast_to(x2, shape)
    lengths = [maximum(vector_norm(x, axis=dim), number(eps)) for x in (x1, x2)]
    return sum(x1 * x2, axis=dim) / (lengths[0] * lengths[1])


def pairwise_distance(
    x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Any:
    """The p-norms of x1 - x2 + eps along the last axis, as PyTorch has it.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.pairwise_distance(np.array([[3.0, 4.0]]), np.zeros((1, 2))).round(4)
    array([5.])
    """
    return vector_norm(
        array(x1) - array(x2) + number(eps), axis=-1, ord=number(p), keepdims=keepdim
    )


def one_hot(tensor: Any, num_classes: int = -1) -> np.ndarray:
    """A row of integers for each class index, 1 at its place and 0 elsewhere.

    `nn.one_hot` makes rows of floats, as losses of probabilities need them.

    Args:
        tensor: integers from 0, any shape.
        num_classes: the length of a row; -1 for the largest index and 1.

    Returns:
        Shape (*tensor.shape, num_classes), of int64.

    Raises:
        TypeError: for what is no integer; IndexError: for one out of range.

    >>> from nn import functional as F
    >>> F.one_hot([1, 0], 3)
    array([[0, 1, 0],
           [1, 0, 0]])
    """
    return data.one_hot(plain(tensor), None if num_classes == -1 else num_classes, np.int64)


def pad(input: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Any:
    """Entries added at both ends of the last axes, or taken away where a number is negative.

    Args:
        input: any shape and dtype.
        pad: (before, after) of the last axis, then of the one before it, and so on, in one row:
            (left, right, top, bottom) for images.
        mode: "constant", "reflect" (about the outermost entry), "replicate" (this entry) or
            "circular" (from the other end).
        value: of "constant"; 0 by default.

    Raises:
        ValueError: for numbers that do not come in pairs, for more pairs than axes, for an
            unknown mode, or to reflect or go round more entries than there are, or at one end of
            an axis that is cut at the other.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> F.pad(np.array([[1.0, 2.0]]), (1, 0, 0, 1))
    array([[0., 1., 2.],
           [0., 0., 0.]])
    """
    if not isinstance(input, Tensor):
        input = np.asarray(input)
    if mode not in _MODES or (value is not None and mode != "constant"):
        raise ValueError(
            f"pad: mode {mode!r} with value {value!r}: use one of {', '.join(_MODES)}, the value "
            "with 'constant' only"
        )
    pairs = list(zip(pad[::2], pad[1::2], strict=False))[::-1]
    if len(pad) % 2 or len(pairs) > input.ndim:
        raise ValueError(
            f"pad: {tuple(pad)} for an input of shape {input.shape}: give (before, after) of the "
            "last axis, then of the one before it, and so on"
        )
    widths = [(0, 0)] * (input.ndim - len(pairs)) + pairs
    most = {"reflect": 1, "circular": 0}
    for n, (before, after) in zip(input.shape, widths, strict=True):
        low, high = sorted((before, after))
        odd = mode in most and high > 0 and (high > n - most[mode] or low < 0)
        if odd or low + high + n < 0:
            raise ValueError(
                f"pad: {tuple(pad)} for an input of shape {input.shape}: mode {mode!r} cannot add "
                f"({before}, {after}) to {n} entries"
            )
    added = [(max(before, 0), max(after, 0)) for before, after in widths]
    constants: dict[str, Any] = {} if value is None else {"constant_values": value}
    out = _pad(input, added, _MODES[mode], **constants)
    if added == widths:
        return out
    kept = zip(out.shape, widths, strict=True)
    return out[tuple(slice(max(-before, 0), n - max(-after, 0)) for n, (before, after) in kept)]
