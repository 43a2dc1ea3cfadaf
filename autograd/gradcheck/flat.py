"""Values, Tensors and arrays as flat float64 vectors; complex numbers as two real ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..tensor import Tensor
from ..value import Value

Vector = np.ndarray


def recorded(y: Any) -> bool:
    """Whether an output has a graph to differentiate."""
    return isinstance(y, Value) or (isinstance(y, Tensor) and y.requires_grad)


def cotangent_of(y: Any, piece: Vector) -> Any:
    """The cotangent of output `y` whose pairing with dy is the real inner product with `piece`.

    For complex outputs a, b in L = a Re(y) + b Im(y) = Re((a - ib) y): the engine's convention.
    """
    if isinstance(y, Value):
        return float(piece[0])
    if y.dtype.kind == "c":
        return np.conj(np.ascontiguousarray(piece).view(complex)).reshape(y.shape)
    return piece.reshape(y.shape)


def flat_gradient(g: Any, size: int, is_complex: bool) -> Vector:
    """A gradient as its part of the flat vector, in the same convention."""
    if g is None:
        return np.zeros(size)
    array = np.asarray(contents_of(g))
    return flat(np.conj(array) if is_complex else array)


def flat_outputs(outputs: Sequence[Any]) -> Vector:
    """Outputs as one flat vector."""
    if len(outputs) == 1:
        return flat(contents_of(outputs[0]))
    return np.concatenate([flat(contents_of(y)) for y in outputs]) if outputs else np.zeros(0)


def flat(a: Any) -> Vector:
    array = np.asarray(a)
    if array.dtype == np.float64:
        return array.reshape(-1)
    if array.dtype.kind == "c":
        return np.ascontiguousarray(array, complex).reshape(-1).view(float)
    return array.astype(float).reshape(-1)


def pairs_of(outputs: Sequence[Any]) -> Vector:
    places, start = [np.zeros(0, int)], 0
    for y in outputs:
        here = np.arange(width_of(y))
        places.append(start + (here ^ 1 if np.asarray(contents_of(y)).dtype.kind == "c" else here))
        start += here.size
    return np.concatenate(places)


def contents_of(y: Any) -> Any:
    return y._array if isinstance(y, Tensor) else y.data if isinstance(y, Value) else y


def width_of(y: Any) -> int:
    array = np.asarray(contents_of(y))
    return array.size * (2 if array.dtype.kind == "c" else 1)


def zero_like(handle: Any) -> Any:
    return 0.0 if isinstance(handle, Value) else np.zeros_like(handle._array)


def is_floating(x: Any) -> bool:
    if isinstance(x, (Value, float, complex)):
        return True
    return isinstance(x, (np.ndarray, np.generic, Tensor)) and x.dtype.kind in "fc"


def is_numeric(x: Any) -> bool:
    kinds = (int, float, complex, np.number, np.bool_, Tensor, Value)
    return isinstance(x, kinds) or (isinstance(x, np.ndarray) and x.dtype.kind in "fciub")
