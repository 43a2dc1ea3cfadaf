"""Functions made of recorded operations: they need no derivative rule of their own."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

import numpy as np

from .errors import error_kind
from .handles import Handles, holds_tensors
from .op import NUMPY
from .protocols import plain, records
from .rules import parameter_names

F = TypeVar("F", bound=Callable[..., Any])


def is_array(x: Any) -> bool:
    return isinstance(x, (np.ndarray, Handles.tensor))


def as_array(x: Any) -> Any:
    """`x` as what has NumPy's attributes: itself if it is an array or a Tensor."""
    if is_array(x):
        return x
    return Handles.join(x) if holds_tensors(x) else np.asarray(x)


def shape_of(x: Any) -> tuple[int, ...]:
    return x.shape if is_array(x) else np.shape(plain(x))


def any_records(xs: Iterable[Any]) -> bool:
    """Whether an operation on one of `xs`, also inside lists and tuples, would be recorded."""
    return any(any_records(x) if isinstance(x, (list, tuple)) else records(x) for x in xs)


def holds_ours(xs: Iterable[Any]) -> bool:
    """Whether a Tensor or Value is among `xs`, also inside lists and tuples."""
    ours = (Handles.tensor, Handles.value)
    return any(holds_ours(x) if isinstance(x, (list, tuple)) else isinstance(x, ours) for x in xs)


def wrapped(result: Any, given: Iterable[Any] = ()) -> Any:
    """The plain arrays in a result as Tensors that do not record.

    The user may write to the arrays that were `given`: what shares memory with them is copied.
    """
    if isinstance(result, (list, tuple)):
        return type(result)([wrapped(x, given) for x in result])
    if isinstance(result, (Handles.tensor, Handles.value)):
        return result
    array = np.asarray(result)
    if _shares_memory(array, given):
        array = array.copy()
    return Handles.tensor._wrap(array, None)


def _shares_memory(array: np.ndarray, given: Iterable[Any]) -> bool:
    """Whether `array` may share memory with a plain array among those, also inside of lists."""
    for x in given:
        if isinstance(x, (list, tuple)):
            if _shares_memory(array, x):
                return True
        elif isinstance(x, np.ndarray) and np.may_share_memory(array, x):
            return True
    return False


def _explained(name: str, error: Exception, args: Iterable[Any]) -> Exception:
    """The `error` with the name of the function and what it was given."""
    given = [f"{x.shape} {x.dtype}" if is_array(x) else f"{plain(x)!r:.60}" for x in args]
    kind = ValueError if isinstance(error, ArithmeticError) else error_kind(error)
    return kind(f"{name}: {error}; given {', '.join(given)}")


def composed(numpy: Callable[..., Any], *aliases: Any) -> Callable[[F], F]:
    """Declare a function that stands for `numpy` on what records, composed of operations.

    Where nothing records NumPy itself computes: on arrays, lists and numbers to plain arrays, on
    Tensors to Tensors. A first parameter called `x` arrives as an array or a Tensor; those after
    the arrays have NumPy's names and defaults.

    Args:
        numpy: the function of NumPy's that this one answers for.
        aliases: further ones that mean the same.
    """

    def declare(function: F) -> F:
        takes_array = parameter_names(function)[0] == "x"

        @functools.wraps(function)
        def answer(*args: Any, **kwargs: Any) -> Any:
            every = [*args, *kwargs.values()]
            if not holds_ours(every):
                return numpy(*args, **kwargs)
            try:
                if any_records(every):
                    if takes_array and args:
                        args = (as_array(args[0]), *args[1:])
                    return wrapped(function(*args, **kwargs), every)
                named = {key: plain(x) for key, x in kwargs.items()}
                return wrapped(numpy(*map(plain, args), **named), every)
            except (ValueError, TypeError, IndexError, ArithmeticError) as error:
                if str(error).startswith(f"{function.__name__}:"):
                    raise
                raise _explained(function.__name__, error, every) from error

        NUMPY.update(dict.fromkeys((numpy, *aliases), answer))
        return cast(F, answer)

    return declare
