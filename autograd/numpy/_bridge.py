"""Making a module of functions from one of NumPy's and the table of operations."""

from __future__ import annotations

import copyreg
import functools
from collections.abc import Callable, Sequence
from operator import attrgetter
from types import ModuleType
from typing import Any

import numpy as np

from ..handles import Handles, holds_tensors
from ..op import NUMPY
from ..protocols import array_function, plain


def names(module: ModuleType, keep: Sequence[str] = ()) -> dict[str, Any]:
    """The public names of `module`, each function with a derivative as one that takes lists too.

    Args:
        module: NumPy or one of its parts.
        keep: names to leave out.
    """
    found = {}
    for name in dir(module):
        if not name.startswith("_") and name not in keep:
            item = getattr(module, name)
            # ufuncs stay what they are: they have methods, and no list of arrays is an operand.
            has_rule = callable(item) and not isinstance(item, np.ufunc) and item in NUMPY
            found[name] = bridged(item) if has_rule else item
            if isinstance(item, type):
                found[name] = _INTEGERS.get(item, item)
    return found


class _Kind(type):
    """The type of a type that stands for NumPy's, to which it is equal in all that is asked."""

    kind: type[Any]

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, cls.kind)

    def __subclasscheck__(cls, other: type) -> bool:
        return issubclass(other.kind if isinstance(other, _Kind) else other, cls.kind)

    def __eq__(cls, other: object) -> bool:
        return other is cls.kind or other is cls

    def __hash__(cls) -> int:
        return hash(cls.kind)


copyreg.pickle(_Kind, lambda cls: (attrgetter("type"), (np.dtype(cls.kind),)))


def _integers(kind: type[np.integer[Any]]) -> type[np.integer[Any]]:
    """The type `kind`, called on a Tensor too: as from a comparison, the result is plain."""

    class Integers(kind, metaclass=_Kind):  # type: ignore[misc, valid-type]
        def __new__(cls, *args: Any) -> Any:
            return kind(*map(plain, args))

    Integers.kind = kind
    Integers.__name__ = Integers.__qualname__ = kind.__name__
    return Integers


_INTEGERS: dict[type, Any] = {
    kind: _integers(kind) for kind in {np.dtype(code).type for code in np.typecodes["AllInteger"]}
}


def bridged(function: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's `function`; ours where a Tensor or a list with one is among the arguments."""
    tensor, value = Handles.tensor, Handles.value

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        for x in args:  # nearly always one of the first
            if x.__class__ is tensor:
                return array_function(x, function, args, kwargs)
        for x in (*args, *kwargs.values()):
            if x.__class__ is tensor or isinstance(x, value) or holds_tensors(x):
                return array_function(x, function, args, kwargs)
        return function(*args, **kwargs)

    return call
