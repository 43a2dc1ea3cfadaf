"""Entries chosen and arranged, out of one array or several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..composing import as_array, composed
from ..protocols import plain
from .elementwise import astype
from .indexing import gather
from .joining import concatenate
from .shaping import ravel

__all__ = [
    "choose",
    "compress",
    "delete",
    "extract",
    "insert",
    "piecewise",
    "select",
    "take_along_axis",
    "trim_zeros",
]


def arranged(numpy: Callable[..., Any], *xs: Any) -> Any:
    """The entries of `xs` where `numpy` puts their numbers.

    For functions that choose and move entries, in whatever way: called with the numbers 0, 1, 2,
    ... of all entries, in arrays like `xs`, `numpy` returns the number of each entry of the
    result. So its errors and its corner cases are NumPy's own. What is not chosen contributes
    exactly nothing.
    """
    numbers = []
    start = 0
    for x in xs:
        numbers.append(np.arange(start, start + x.size).reshape(x.shape))
        start += x.size
    flat = ravel(xs[0]) if len(xs) == 1 else concatenate([ravel(x) for x in xs])
    return gather(flat, np.asarray(numpy(*numbers)))


@composed(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """`arr` with `values` before the given indices along `axis`; flattened where it is None.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 3.0], requires_grad=True)
    >>> autograd.insert(t, 1, 2.0).numpy()
    array([1., 2., 3.])
    """
    arr, values = as_array(arr), as_array(values)
    if arr.dtype.kind not in "fc":
        raise TypeError(
            f"insert: a value that records cannot go into an array of {arr.dtype}, which would "
            "round it and lose its gradient: give an array of floats"
        )
    return arranged(lambda a, v: np.insert(a, plain(obj), v, axis), arr, astype(values, arr.dtype))


@composed(np.delete)
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """`arr` without the given indices along `axis`; flattened where it is None.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> autograd.delete(t, 1).numpy()
    array([1., 3.])
    """
    return arranged(lambda a: np.delete(a, plain(obj), axis), arr)


@composed(np.trim_zeros)
def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """Without the zeros at the front ("f") and back ("b"), along every axis or those given.

    >>> import autograd
    >>> t = autograd.Tensor([0.0, 1.0, 0.0], requires_grad=True)
    >>> autograd.trim_zeros(t).numpy()
    array([1.])
    """
    sides = trim.lower()
    if not sides or set(sides) - {"f", "b"}:
        raise ValueError(f"trim_zeros: trim {trim!r}: give 'f', 'b' or 'fb'")
    axes = normalize_axis_tuple(range(filt.ndim) if axis is None else axis, filt.ndim)
    index = [slice(None)] * filt.ndim
    for a, places in enumerate(np.nonzero(plain(filt))):
        if a in axes and not places.size:
            index[a] = slice(0)
        elif a in axes:
            first = places.min() if "f" in sides else None
            index[a] = slice(first, places.max() + 1 if "b" in sides else None)
    return filt[tuple(index)]


def common(arrays: Sequence[Any]) -> list[Any]:
    """The arrays in the dtype NumPy gives to a choice among them."""
    arrays = [x if type(x) in (int, float, complex) else as_array(x) for x in arrays]
    dtype = np.result_type(*[getattr(x, "dtype", x) for x in arrays])
    return [astype(as_array(x), dtype) for x in arrays]


@composed(np.select)
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """Each entry from the first choice whose condition holds there, else `default`.

    What is not taken contributes exactly nothing, as in `where`.

    >>> import autograd
    >>> t = autograd.Tensor([-1.0, 2.0], requires_grad=True)
    >>> autograd.select([t.data < 0, t.data > 1], [-t, t * 10]).numpy()
    array([ 1., 20.])
    """
    conditions = [np.asarray(plain(condition)) for condition in condlist]
    return arranged(
        lambda *xs: np.select(conditions, xs[:-1], xs[-1]), *common([*choicelist, default])
    )


@composed(np.choose)
def choose(a: Any, choices: Sequence[Any], *, mode: str = "raise") -> Any:
    """Each entry from the choice whose number `a` has there.

    What is not taken contributes exactly nothing, as in `where`.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0], requires_grad=True)
    >>> autograd.choose([1, 0], [t, t * 10]).numpy()
    array([10.,  2.])
    """
    numbers = plain(a)
    how: Any = {"mode": mode}
    return arranged(lambda *xs: np.choose(numbers, xs, **how), *common(choices))


@composed(np.piecewise)
def piecewise(x: Any, /, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any) -> Any:
    """A function given piece by piece: for each condition a function or a number.

    Each function is called on the entries where its condition, the last of them, holds; where
    there is one function more than conditions, it is that of the rest.

    >>> import autograd
    >>> t = autograd.Tensor([-1.0, 2.0], requires_grad=True)
    >>> autograd.piecewise(t, [t.data < 0], [-1.0, lambda part: part**2]).numpy()
    array([-1.,  4.])
    """
    entries = ravel(x)
    pieces = [np.zeros(1, x.dtype)]  # where no condition holds

    def numbered(function: Any) -> Callable[[np.ndarray], np.ndarray]:
        def call(places: np.ndarray) -> np.ndarray:
            part = gather(entries, places)
            part = as_array(function(part, *args, **kw) if callable(function) else function)
            numbers = sum(map(len, pieces)) + np.arange(part.size)
            pieces.append(astype(ravel(part), x.dtype))
            return numbers.reshape(part.shape)

        return call

    numbers = np.arange(x.size).reshape(x.shape)
    functions = [numbered(function) for function in funclist]
    places = np.piecewise(numbers, plain(condlist), functions)
    return gather(concatenate(pieces), places)


# --- along an axis ----------------------------------------------------------------------


@composed(np.take_along_axis)
def take_along_axis(x: Any, /, indices: Any, axis: int | None = -1) -> Any:
    """Entries along `axis` by indices for each line, as `argsort` and `argmax` give them.

    >>> import autograd
    >>> t = autograd.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> autograd.take_along_axis(t, autograd.Tensor([[1], [0]]), axis=1).tolist()
    [[2.0], [3.0]]
    """
    indices = np.asarray(plain(indices))
    return arranged(lambda a: np.take_along_axis(a, indices, axis), x)


@composed(np.compress)
def compress(condition: Any, x: Any, axis: int | None = None) -> Any:
    """The entries along `axis` (of the flattened array where None) where `condition` holds.

    What is not taken contributes exactly nothing, as in `where`.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> autograd.compress([True, False, True], t).numpy()
    array([1., 3.])
    """
    return arranged(lambda a: np.compress(plain(condition), a, axis), as_array(x))


@composed(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """The entries where `condition`, of the same shape, holds, as one axis.

    What is not taken contributes exactly nothing, as in `where`.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> autograd.extract(t.data > 1, t).numpy()
    array([2., 3.])
    """
    return arranged(lambda a: np.extract(plain(condition), a), as_array(arr))
