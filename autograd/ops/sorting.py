"""Entries in the order of their sizes; ties go by the permutation, the first stays first."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..composing import as_array, composed, holds_ours, wrapped
from ..op import NUMPY
from ..protocols import plain
from .choosing import common, take_along_axis
from .elementwise import astype
from .indexing import gather, take
from .joining import concatenate
from .shaping import ravel

__all__ = [
    "intersect1d",
    "partition",
    "setdiff1d",
    "setxor1d",
    "sort",
    "sort_complex",
    "union1d",
    "unique",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
]


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


@composed(np.sort_complex)
def sort_complex(a: Any) -> Any:
    """Sorted along the last axis, as complex numbers.

    >>> import autograd
    >>> autograd.sort_complex(autograd.Tensor([2.0, 1.0], requires_grad=True)).numpy()
    array([1.+0.j, 2.+0.j])
    """
    a = as_array(a)
    return astype(sort(a), np.sort_complex(np.empty(0, a.dtype)).dtype)


# --- sets of numbers --------------------------------------------------------------------


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


def _first_of(found: Any, *xs: Any) -> Any:
    """What NumPy found, its values taken from the first entries of `xs` that have them."""
    flat = concatenate([ravel(x) for x in common(xs)])
    values, *others = found if isinstance(found, tuple) else (found,)
    order = np.argsort(plain(flat), kind="stable")
    taken = gather(flat, order[np.searchsorted(plain(flat)[order], values)])
    if holds_ours(xs):
        taken = wrapped(taken)
    if hasattr(found, "_replace"):
        return found._replace(values=taken)
    return (taken, *others) if others else taken


def union1d(ar1: Any, ar2: Any) -> Any:
    """The different entries of two arrays, sorted; of equal ones the first is taken.

    >>> import autograd
    >>> autograd.union1d(autograd.Tensor([2.0, 1.0]), [2.0, 3.0]).tolist()
    [1.0, 2.0, 3.0]
    """
    return _first_of(np.union1d(plain(ar1), plain(ar2)), ar1, ar2)


def intersect1d(
    ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False
) -> Any:
    """The different entries of `ar1` that `ar2` has as well, sorted; those of `ar1` are taken.

    With `return_indices` a tuple, in which the places in both are plain arrays.

    >>> import autograd
    >>> autograd.intersect1d(autograd.Tensor([2.0, 1.0]), [2.0, 3.0]).tolist()
    [2.0]
    """
    how: Any = {"assume_unique": assume_unique, "return_indices": return_indices}
    found: Any = np.intersect1d(plain(ar1), plain(ar2), **how)
    return _first_of(found, ar1, ar2)


def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The different entries of `ar1` that `ar2` has not.

    >>> import autograd
    >>> autograd.setdiff1d(autograd.Tensor([2.0, 1.0]), [2.0, 3.0]).tolist()
    [1.0]
    """
    taken = _first_of(np.setdiff1d(plain(ar1), plain(ar2), assume_unique), ar1)
    return wrapped(taken) if holds_ours([ar2]) else taken


def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The entries that one of the arrays has and the other has not, sorted.

    >>> import autograd
    >>> autograd.setxor1d(autograd.Tensor([2.0, 1.0]), [2.0, 3.0]).tolist()
    [1.0, 3.0]
    """
    return _first_of(np.setxor1d(plain(ar1), plain(ar2), assume_unique), ar1, ar2)


def unique_values(x: Any) -> Any:
    """The different entries, sorted; of equal ones the first is taken.

    >>> import autograd
    >>> autograd.unique_values(autograd.Tensor([2.0, 1.0, 2.0])).tolist()
    [1.0, 2.0]
    """
    return _first_of(np.unique_values(plain(x)), x)


def unique_all(x: Any) -> Any:
    """The different entries with plain arrays: where they are, the inverse, how often they are.

    >>> import autograd
    >>> autograd.unique_all(autograd.Tensor([2.0, 1.0, 2.0])).counts.tolist()
    [1, 2]
    """
    return _first_of(np.unique_all(plain(x)), x)


def unique_counts(x: Any) -> Any:
    """The different entries, and how often each is there as a plain array.

    >>> import autograd
    >>> autograd.unique_counts(autograd.Tensor([2.0, 1.0, 2.0])).counts.tolist()
    [1, 2]
    """
    return _first_of(np.unique_counts(plain(x)), x)


def unique_inverse(x: Any) -> Any:
    """The different entries, and for each entry of `x` which it is as a plain array.

    >>> import autograd
    >>> autograd.unique_inverse(autograd.Tensor([2.0, 1.0, 2.0])).inverse_indices.tolist()
    [1, 0, 1]
    """
    return _first_of(np.unique_inverse(plain(x)), x)


NUMPY |= {
    np.intersect1d: intersect1d,
    np.setdiff1d: setdiff1d,
    np.setxor1d: setxor1d,
    np.union1d: union1d,
    np.unique: unique,
    np.unique_all: unique_all,
    np.unique_counts: unique_counts,
    np.unique_inverse: unique_inverse,
    np.unique_values: unique_values,
}
