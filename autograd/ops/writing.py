"""NumPy's functions that write into an array: a Tensor moves on to a new array instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..composing import any_records, as_array, wrapped
from ..handles import Handles
from ..op import NUMPY
from ..protocols import plain
from .choosing import arranged
from .elementwise import astype

__all__ = ["copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask"]


def _write(name: str, target: Any, values: Any, write: Callable[[Any, Any], None]) -> None:
    """Write `values` into `target`, as `write` does to arrays."""
    recording = any_records([target, values])
    if not isinstance(target, Handles.tensor):
        if recording:
            raise TypeError(
                f"{name}: a value that records cannot be written into a plain array: make the "
                "array a Tensor first"
            )
        write(target, plain(values))
        return
    contents = target._array.copy()
    write(contents, plain(values))  # with NumPy's errors
    result = wrapped(contents)
    if recording and contents.dtype.kind not in "fc":
        raise TypeError(
            f"{name}: a value that records cannot go into a tensor of {contents.dtype}, which "
            "would round it and lose its gradient: make the tensor with dtype=float"
        )
    if recording:

        def places(old: np.ndarray, new: np.ndarray) -> np.ndarray:
            write(old, new)
            return old

        result = arranged(places, target, astype(as_array(values), contents.dtype))
    target._become(result, name)


def put(x: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    """Write `v`, repeated as needed, to the places `ind` of the flattened array.

    As all functions that write, it moves a Tensor on to a new array: what was recorded before
    keeps the old contents.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0, 3.0])
    >>> autograd.put(t, [0, 2], 5.0)
    >>> t.numpy()
    array([5., 2., 5.])
    """
    _write("put", x, v, lambda a, v: np.put(a, plain(ind), v, mode))  # type: ignore[arg-type]


def place(arr: Any, mask: Any, vals: Any) -> None:
    """Write the first of `vals`, repeated as needed, where `mask` holds.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0, 3.0])
    >>> autograd.place(t, t.data > 1, [5.0, 6.0])
    >>> t.numpy()
    array([1., 5., 6.])
    """
    _write("place", arr, vals, lambda a, v: np.place(a, plain(mask), v))


def putmask(a: Any, mask: Any, values: Any) -> None:
    """Write those of `values`, repeated as needed, that stand where `mask` holds.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0, 3.0])
    >>> autograd.putmask(t, t.data > 1, [4.0, 5.0, 6.0])
    >>> t.numpy()
    array([1., 5., 6.])
    """
    _write("putmask", a, values, lambda a, v: np.putmask(a, plain(mask), v))


def copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    """Write `src`, broadcast, where `where` holds.

    >>> import autograd
    >>> t = autograd.Tensor([1.0, 2.0, 3.0])
    >>> autograd.copyto(t, 5.0, where=t.data > 1)
    >>> t.numpy()
    array([1., 5., 5.])
    """
    how: Any = {"casting": casting, "where": plain(where)}
    _write("copyto", dst, src, lambda a, v: np.copyto(a, v, **how))


def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """Write `val`, repeated as needed, to the main diagonal.

    >>> import autograd
    >>> t = autograd.Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> autograd.fill_diagonal(t, 0.0)
    >>> t.numpy()
    array([[0., 2.],
           [3., 0.]])
    """
    _write("fill_diagonal", a, val, lambda a, v: np.fill_diagonal(a, v, wrap))


def put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    """Write `values` to the places along `axis` that `take_along_axis` would read.

    >>> import autograd
    >>> t = autograd.Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> autograd.put_along_axis(t, t.data.argmax(1, keepdims=True), 0.0, axis=1)
    >>> t.numpy()
    array([[1., 0.],
           [3., 0.]])
    """
    places = np.asarray(plain(indices))
    _write("put_along_axis", arr, values, lambda a, v: np.put_along_axis(a, places, v, axis))


NUMPY |= {
    np.put: put,
    np.place: place,
    np.putmask: putmask,
    np.copyto: copyto,
    np.fill_diagonal: fill_diagonal,
    np.put_along_axis: put_along_axis,
}
