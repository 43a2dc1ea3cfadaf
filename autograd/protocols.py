"""NumPy's own functions on Values and Tensors, through NumPy's two protocols.

A function that has a rule is answered by ours; one whose result carries no derivative
(comparisons, `argmax`, `shape`) by NumPy on the plain data; anything else is a TypeError that
names it. Nothing is ever converted behind the user's back.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .handles import Handles
from .op import NUMPY, Operation
from .recording import mode

# Their results are booleans, indices or shapes: no derivative flows through them.
PLAIN: set[Any] = {
    np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal,
    np.isnan, np.isinf, np.isposinf, np.isneginf, np.isfinite, np.signbit,
    np.logical_and, np.logical_or,
    np.logical_xor, np.logical_not, np.isclose, np.allclose, np.array_equal, np.array_equiv,
    np.shape, np.ndim, np.size, np.argmax, np.argmin, np.argsort, np.nonzero, np.flatnonzero,
    np.argwhere, np.count_nonzero, np.searchsorted, np.digitize, np.any, np.all,
    np.result_type, np.common_type, np.min_scalar_type, np.can_cast, np.may_share_memory,
    np.shares_memory,
    np.zeros_like, np.ones_like, np.empty_like, np.isin, np.array_repr,
    np.array_str, np.array2string, np.iscomplexobj, np.isrealobj, np.lexsort,
    np.argpartition, np.nanargmax, np.nanargmin, np.unravel_index, np.ravel_multi_index,
    np.diag_indices_from, np.tril_indices_from, np.triu_indices_from, np.iscomplex, np.isreal,
    np.linalg.matrix_rank, np.einsum_path,
}  # fmt: skip


CAST_FIRST = {np.sum, np.prod, np.mean, np.cumsum, np.cumprod, np.trace}
"""Their `dtype` is that of what they compute with: the argument is converted first."""


def detached(what: str) -> TypeError:
    """The error of a conversion that would lose the gradient."""
    return TypeError(
        f"converting to {what} would lose the graph of something that records: use .item() for its "
        "number, .detach() for a copy that does not record, or the recording function of the same "
        "name (autograd.sin(x), autograd.stack([t, u]), autograd.sum([v, w]), ...)"
    )


def records(x: Any) -> bool:
    """Whether an operation on `x` would be recorded."""
    if isinstance(x, Handles.tensor):
        return x.requires_grad and mode.recording
    return isinstance(x, Handles.value)


def plain(x: Any) -> Any:
    """`x` with Values and Tensors, also inside lists and tuples, as plain data."""
    if isinstance(x, Handles.tensor):
        return x._array
    if isinstance(x, Handles.value):
        return x.data
    if isinstance(x, (list, tuple)):
        return type(x)([plain(item) for item in x])
    return x


def array_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """`__array_ufunc__` of both classes."""
    ours = NUMPY.get(ufunc)
    if ours is not None and method == "__call__" and not kwargs:
        if ours.__class__ is Operation and ours.few == 1 and isinstance(self, Handles.tensor):
            return ours.unary(self)  # what calling it comes to
        return ours(*inputs)
    name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    if kwargs.get("out") is not None and ufunc in NUMPY:
        plain_out = all(isinstance(out, np.ndarray) for out in kwargs["out"])
        if method == "__call__" and plain_out and not any(map(records, inputs)):
            return ufunc(*map(plain, inputs), **kwargs)
        raise TypeError(
            f"{name}: a result that records cannot be written into a plain array "
            "(out=, or an augmented assignment to one): write a = a + t, or make a a Tensor"
        )
    if method == "__call__":
        if ufunc not in NUMPY:
            _adopt(ufunc)
        used = {key: x for key, x in kwargs.items() if x is not None and x is not np._NoValue}
        if ufunc in PLAIN:
            return ufunc(*map(plain, inputs), **used)
        if ufunc in NUMPY:
            ours = NUMPY[ufunc]
            for argument in used:
                if argument not in _signatures(ufunc, ours)[1]:
                    raise _unsupported_argument(name, argument)
            return ours(*inputs, **used)
    if not any(isinstance(x, Handles.value) for x in inputs):
        if method == "outer" and ufunc in NUMPY:
            return _outer(ufunc, *inputs, **kwargs)
        along = NUMPY.get((ufunc, method))
        if along is not None:
            _check_loop(ufunc, name, self.dtype)
            return _along_axis(name, along, *inputs, **kwargs)
    numpys = getattr(np, ufunc.__name__, None) is ufunc
    raise _unsupported(f"np.{name}" if numpys else name, self)


def _adopt(ufunc: np.ufunc) -> None:
    """Enter our function for a ufunc of scipy.special, if it is one and there is one."""
    theirs = sys.modules.get("scipy.special")
    if getattr(theirs, ufunc.__name__, None) is not ufunc:
        return
    from . import special  # only here: it takes longer than most programs would use it

    if ufunc.__name__ in special.__all__:
        NUMPY[ufunc] = getattr(special, ufunc.__name__)


def _outer(ufunc: np.ufunc, x: Any, y: Any, **kwargs: Any) -> Any:
    """The ufunc of each entry of `x` with each of `y`."""
    x, y = (a if hasattr(a, "ndim") else np.asarray(a) for a in (x, y))
    return ufunc(x.reshape(x.shape + (1,) * y.ndim), y, **kwargs)


def _check_loop(ufunc: np.ufunc, name: str, dtype: Any) -> None:
    """Raise TypeError for a dtype that NumPy's ufunc has not: ours may be defined for more."""
    try:
        ufunc.resolve_dtypes((None, dtype, None), reduction=True)
    except TypeError as error:
        raise TypeError(f"np.{name}: {error}; given {dtype}") from error


def _along_axis(name: str, ours: Callable[..., Any], x: Any, **kwargs: Any) -> Any:
    """A ufunc's `reduce` or `accumulate`, which run along the first axis by default."""
    _, accepted, _ = _signatures(ours, ours)
    for key, value in kwargs.items():
        default = value is None or value is np._NoValue or (key == "where" and value is True)
        if key not in accepted and not default:
            raise _unsupported_argument(f"np.{name}", key)
    return ours(x, **{"axis": 0} | {key: v for key, v in kwargs.items() if key in accepted})


def array_function(
    self: Any, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Any:
    """`__array_function__` of both classes."""
    ours = NUMPY.get(function)
    if ours is None:
        if function in PLAIN:
            if len(args) > 1 or kwargs:
                _refuse_out(function, args, kwargs)
            return function(*map(plain, args), **{key: plain(x) for key, x in kwargs.items()})
        module = function.__module__ or "numpy"
        raise _unsupported(f"{module.replace('numpy', 'np')}.{function.__name__}", self)
    if len(args) == 1 and not kwargs:
        return ours(*args)
    arrays, accepted, names = _signatures(function, ours)
    if len(args) == arrays and not kwargs:
        return ours(*args)
    if len(args) >= arrays:  # nearly always, and then a dict does what binding would
        named = dict(zip(names[arrays:], args[arrays:], strict=False))
        if len(args) - arrays == len(named) and named.keys().isdisjoint(kwargs):
            named.update(kwargs)
            if named.keys() <= accepted:
                return ours(*args[:arrays], **named)
    return _bound(function, ours, args, kwargs)


def _refuse_out(
    function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> None:
    """Raise TypeError where NumPy would write into a Tensor."""
    theirs = _signature_of_numpy(function)
    names = list(theirs.parameters) if theirs else []
    out = kwargs.get("out", dict(zip(names, args, strict=False)).get("out"))
    if isinstance(out, (Handles.tensor, Handles.value)):
        raise _unsupported_argument(f"np.{function.__name__}", "out")


def _bound(
    function: Callable[..., Any],
    ours: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> Any:
    """A call of ours with the arguments of any call of NumPy's."""
    arrays, accepted, _ = _signatures(function, ours)
    theirs = _signature_of_numpy(function)
    if theirs is None:
        return ours(*args, **kwargs)
    bound = theirs.bind(*args, **kwargs)
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        parameter = theirs.parameters[name]
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional.extend(value)
        elif len(positional) < arrays:
            positional.append(value)
        elif parameter.kind is parameter.VAR_KEYWORD:
            named.update(value)
        elif name in accepted and value is not np._NoValue:
            named[name] = value
        elif name == "dtype" and function in CAST_FIRST and value is not None:
            if np.dtype(value).kind not in "fc":  # integers carry no derivative
                return function(*map(plain, args), **{key: plain(x) for key, x in kwargs.items()})
            positional[0] = NUMPY[np.astype](positional[0], value)
        elif not (value is parameter.default or value is None or value is np._NoValue):
            raise _unsupported_argument(f"np.{function.__name__}", name)
    return ours(*positional, **named)


@functools.cache
def _signatures(
    function: Callable[..., Any], ours: Callable[..., Any]
) -> tuple[int, frozenset[str], tuple[str, ...]]:
    """How many leading parameters of ours take arrays, the names of its static ones, and the
    names by which NumPy's function takes arguments by position."""
    theirs = _signature_of_numpy(function)
    names: list[str] = []
    for p in theirs.parameters.values() if theirs else ():
        if p.kind is not p.POSITIONAL_OR_KEYWORD:
            break
        names.append(p.name)
    if isinstance(ours, Operation):
        return len(ours.inputs), frozenset(ours.statics), tuple(names)
    parameters = list(inspect.signature(ours).parameters.values())
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    arrays = [p for p in parameters if p.default is p.empty and p.kind not in variable]
    return len(arrays), frozenset(p.name for p in parameters), tuple(names)


@functools.cache
def _signature_of_numpy(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except ValueError:  # written in C, without a text signature
        return None


def _unsupported(name: str, x: Any) -> TypeError:
    return TypeError(
        f"{name} has no derivative rule for a {type(x).__name__}: write it with supported "
        "functions, declare it with autograd.operation, or compute it outside the graph on "
        ".detach().numpy() (.data of a Value)"
    )


def _unsupported_argument(name: str, argument: str) -> TypeError:
    return TypeError(
        f"{name}: the argument {argument!r} is not supported where the result records: leave it "
        "out, or express it with other supported functions"
    )
