"""Gradient checks under the names HIPS autograd gives them; see `autograd.check_gradients`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from .gradcheck import check_gradients
from .recording import mode, no_grad
from .tensor import Tensor
from .tracing import Argnum
from .transforms import jvp, vjp
from .trees import flatten, matched, tree_map, unflatten
from .value import Value

Function = Callable[..., Any]
TOLERANCE = 1e-6


def scalar_close(a: Any, b: Any) -> bool:
    """Whether two numbers agree to 1e-6, absolutely or relative to their sum.

    >>> scalar_close(1.0, 1.0 + 1e-7)
    True
    """
    return bool(abs(a - b) < TOLERANCE or abs(a - b) / abs(a + b) < TOLERANCE)


def check_equivalent(x: Any, y: Any) -> None:
    """Raise AssertionError unless two structures of numbers and arrays agree.

    >>> check_equivalent([1.0, np.ones(2)], [1.0, np.ones(2)])
    """
    leaves, structure = flatten(x)
    try:
        others = matched(y, structure, "check_equivalent")
    except ValueError as error:
        raise AssertionError(str(error)) from error
    for a, b in zip(leaves, others, strict=True):
        if np.shape(a) != np.shape(b):
            raise AssertionError(f"shapes {np.shape(a)} and {np.shape(b)} differ")
        np.testing.assert_allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE)


def check_grads(
    f: Function, argnum: Argnum = 0, modes: Sequence[str] = ("fwd", "rev"), order: int = 2
) -> Function:
    """A function of f's arguments that checks the derivatives by those at `argnum`.

    Args:
        f: the function.
        argnum: a position, or a tuple of them.
        modes: some of "fwd" and "rev".
        order: up to which order of derivatives, 1 or more.

    Raises (the returned function):
        GradientCheckError: an AssertionError, where a derivative is wrong.

    >>> check_grads(np.sin)(1.0)
    """
    unknown = set(modes) - {"fwd", "rev"}
    if unknown or not modes:
        raise ValueError(f"check_grads: modes {modes!r}: give some of 'fwd' and 'rev'")
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"check_grads: order {order!r}: give 1 or more")
    both = "both" if len(set(modes)) == 2 else "forward" if "fwd" in modes else "reverse"

    def check(*args: Any, **kwargs: Any) -> None:
        places = argnum if isinstance(argnum, Sequence) else [argnum]

        def of_those(*xs: Any) -> Any:
            called = list(args)
            for i, x in zip(places, xs, strict=True):
                called[i] = x
            mode.transforms += 1  # derivatives that f takes record: they are differentiated here
            try:
                return tree_map(_as_tensor, f(*called, **kwargs))
            finally:
                mode.transforms -= 1

        _check(of_those, [args[i] for i in places], both, order)

    return check


def _check(f: Function, xs: Sequence[Any], modes: str, order: int) -> None:
    """Check derivatives up to `order`: two at a time, those of the gradient after those of f."""
    leaves, structure = flatten(list(xs))
    if any(np.size(x) == 0 for x in leaves):
        _check_shapes(f, xs)
        full = [i for i, x in enumerate(leaves) if np.size(x)]

        def of_full(*ys: Any) -> Any:
            return f(*unflatten(structure, iter(_placed(leaves, full, ys))))

        if full:
            _check(of_full, [leaves[i] for i in full], modes, order)
        return
    with no_grad():
        output = f(*xs)
    if not sum(np.size(y) for y in flatten(output)[0]):
        return _check_shapes(f, xs)
    check_gradients(f, *xs, modes=modes, order=min(order, 2))
    if order > 2:
        _check(lambda *ys: _weighted_gradient(f, ys), xs, modes, order - 1)


def _placed(leaves: Sequence[Any], places: Sequence[int], ys: Sequence[Any]) -> list[Any]:
    """The leaves with `ys` at the places."""
    given = dict(zip(places, ys, strict=True))
    return [given.get(i, x) for i, x in enumerate(leaves)]


def _weighted_gradient(f: Function, xs: Sequence[Any]) -> Any:
    """The gradient of a sum of the outputs, each with a weight of its own."""
    output, pullback = vjp(f, *xs)
    rng = np.random.default_rng(0)
    return pullback(tree_map(lambda y: rng.uniform(0.5, 1.5, np.shape(y)), output))


def _check_shapes(f: Function, xs: Sequence[Any]) -> None:
    """Raise unless both modes go through: all there is to check where there are no numbers."""
    check_equivalent(tree_map(np.shape, _weighted_gradient(f, xs)), tree_map(np.shape, tuple(xs)))
    output, tangent = jvp(f, xs, tree_map(np.zeros_like, list(xs)))
    check_equivalent(tree_map(np.shape, tangent), tree_map(np.shape, output))


def _as_tensor(y: Any) -> Any:
    """A plain number or array of them as a Tensor: its derivative is zero, and may be checked."""
    as_it_is = isinstance(y, (Tensor, Value)) or np.asarray(y).dtype.kind not in "fc"
    return y if as_it_is else Tensor(y)


def combo_check(f: Function, *check_args: Any, **check_kwargs: Any) -> Function:
    """`check_grads` for all combinations of arguments: one from each list that is given.

    >>> combo_check(np.sum, 0)([np.ones(2), np.ones((2, 3))], axis=[None, 0])
    """
    check = check_grads(f, *check_args, **check_kwargs)

    def check_all(*choices: Sequence[Any], **named: Sequence[Any]) -> None:
        for args in product(*choices):
            for values in product(*named.values()):
                check(*args, **dict(zip(named, values, strict=True)))

    return check_all
