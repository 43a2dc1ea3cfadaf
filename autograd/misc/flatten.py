"""Nested containers of numbers and arrays as one vector, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ops.joining import concatenate
from ..ops.shaping import ravel, reshape
from ..tracing import shape_and_dtype
from ..trees import flatten as leaves_of
from ..trees import unflatten as rebuilt


def flatten(value: Any) -> tuple[Any, Callable[[Any], Any]]:
    """All numbers of `value` as one vector, and the function that puts such a vector back.

    Args:
        value: numbers and arrays, or nested lists, tuples and dicts of them; dicts are taken in
            the order of their sorted keys.

    >>> from autograd.misc import flatten
    >>> import numpy as np
    >>> vector, unflatten = flatten({"b": 3.0, "a": np.array([1.0, 2.0])})
    >>> vector, unflatten(10 * vector)
    (array([1., 2., 3.]), {'a': array([10., 20.]), 'b': 30.0})
    """
    leaves, structure = leaves_of(_sorted(value))
    shapes = [shape_and_dtype(x)[0] for x in leaves]
    sizes = [int(np.prod(shape)) for shape in shapes]

    def unflatten(vector: Any) -> Any:
        if np.shape(vector) != (sum(sizes),):
            raise ValueError(
                f"unflatten: a vector of shape {np.shape(vector)} for {sum(sizes)} numbers"
            )
        pieces, start = [], 0
        for shape, size in zip(shapes, sizes, strict=True):
            piece = reshape(vector[start : start + size], shape)
            pieces.append(piece.item() if isinstance(piece, np.ndarray) and not shape else piece)
            start += size
        return rebuilt(structure, iter(pieces))

    vector = concatenate([ravel(x) for x in leaves]) if leaves else np.zeros(0)
    return vector, unflatten


def flatten_func(
    function: Callable[..., Any], example: Any
) -> tuple[Callable[..., Any], Callable[[Any], Any], Any]:
    """`function` as one of vectors, with `unflatten` and the vector of its `example`.

    >>> from autograd.misc.flatten import flatten_func
    >>> double, _, x = flatten_func(lambda pair: [2 * pair[0], 2 * pair[1]], [1.0, 3.0])
    >>> double(x)
    array([2., 6.])
    """
    vector, unflatten = flatten(example)
    return lambda x, *args: flatten(function(unflatten(x), *args))[0], unflatten, vector


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return type(value)([_sorted(item) for item in value])
    return value
