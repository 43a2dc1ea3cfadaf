"""Entries in the order of their sizes; ties go by the permutation, the first stays first."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..composing import as_array, composed
from ..op import NUMPY
from ..protocols import plain
from .choosing import take_along_axis
from .indexing import take

__all__ = ["partition", "sort", "unique"]


@composed(np.sort)
def sort(x: Any, /, axis: int | None = -1, kind: Any = None, *, stable: bool | None = None) -> Any:
    """Sorted along `axis`, or flattened first where it is None.

    The derivative is that of the permutation: of equal entries the first stays first. The
    arguments `kind` and `stable` only choose how NumPy computes.

    >>> import autograd
    >>> t = autograd.Tensor([3.0, 1.0, 2.0], requires_grad=True)
    >>> autograd.sort(t).numpy()
    array([1., 2., 3.])
    """
    np.sort(np.empty(0), kind=kind, stable=stable)  # for NumPy's errors
    return take_along_axis(x, np.argsort(plain(x), axis, kind="stable"), axis)


@composed(np.partition)
def partition(x: Any, /, kth: Any, axis: int | None = -1, kind: str = "introselect") -> Any:
    """The entries at `kth` where sorting would put them, smaller ones before, larger after.

    >>> import autograd
    >>> t = autograd.Tensor([3.0, 1.0, 2.0], requires_grad=True)
    >>> autograd.partition(t, 1)[1].item()
    2.0
    """
    how: Any = {"kind": kind}
    return take_along_axis(x, np.argpartition(plain(x), kth, axis, **how), axis)


def unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
) -> Any:
    """The different entries, or slices along `axis`, sorted; of equal ones the first is taken.

    Where indices, inverse or counts are asked for, a tuple in which these are plain arrays.

    >>> import autograd
    >>> t = autograd.Tensor([2.0, 1.0, 2.0], requires_grad=True)
    >>> autograd.unique(t).sum().backward()
    >>> t.grad
    array([1., 1., 0.])
    """
    ar = as_array(ar)
    how: Any = {"return_inverse": return_inverse, "return_counts": return_counts, "axis": axis}
    _, index, *others = np.unique(plain(ar), return_index=True, equal_nan=equal_nan, **how)
    values = take(ar, index, axis)
    results = (values, index, *others) if return_index else (values, *others)
    return results if len(results) > 1 else values


NUMPY[np.unique] = unique
