"""Arrays joined in brackets: `r_` and `c_`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..composing import holds_ours
from ..protocols import plain
from .choosing import arranged, common
from .ranges import linspace

__all__ = ["c_", "r_"]


class Brackets:
    """What NumPy's `r_` or `c_` joins, also of Tensors.

    NumPy's own cannot be given Tensors, as they are no functions.

    Raises:
        TypeError: for a slice with a Tensor in it and a real step, as the number of entries would
            depend on it.
    """

    def __init__(self, numpy: Any) -> None:
        self._numpy = numpy
        self._name = type(numpy).__name__.replace("Class", "").lower() + "_"

    def __getitem__(self, items: Any) -> Any:
        """The items joined: arrays, numbers, and slices that stand for ranges.

        >>> import autograd
        >>> t = autograd.Tensor([1.0, 2.0], requires_grad=True)
        >>> autograd.r_[t, 0.0, t[0]:t[1]:3j].numpy()
        array([1. , 2. , 0. , 1. , 1.5, 2. ])
        >>> autograd.c_[t, t * 2].numpy()
        array([[1., 2.],
               [2., 4.]])
        """
        listed = items if isinstance(items, tuple) else (items,)
        if not holds_ours([y for x in listed for y in _parts(x)]):
            return self._numpy[items]
        # NumPy arranges the numbers of the entries; directives, a string in front, stay with it.
        directives = [x for x in listed if isinstance(x, str)]
        arrays = common([self._array(x) for x in listed if not isinstance(x, str)])
        return arranged(lambda *xs: self._numpy[(*directives, *xs)], *arrays)

    def _array(self, x: Any) -> Any:
        if not isinstance(x, slice):
            return x
        if not holds_ours(_parts(x)):
            return np.r_[x]
        if not isinstance(x.step, complex):
            raise TypeError(
                f"{self._name}: a slice of Tensors with step {plain(x.step)!r}: give the number "
                "of entries as an imaginary step (start:stop:5j), or numbers"
            )
        return linspace(0 if x.start is None else x.start, x.stop, int(abs(x.step)))


def _parts(x: Any) -> list[Any]:
    """The numbers of a slice; anything else by itself."""
    return [x.start, x.stop, x.step] if isinstance(x, slice) else [x]


r_ = Brackets(np.r_)
c_ = Brackets(np.c_)
