"""Numeric gradients and Jacobians of any function, with their errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..trees import flatten, unflatten
from .differences import Rounding, measured
from .flat import Vector
from .function import Function, Input
from .lines import entry
from .noise import noise


class Numerical(NamedTuple):
    """A derivative computed by differences, and how far each of its entries may be off.

    >>> import autograd
    >>> autograd.numerical_gradient(lambda x: x * x, 3.0).error < 1e-9
    True
    """

    value: Any
    error: Any


def numerical_gradient(f: Callable[..., Any], x: Any) -> Numerical:
    """The gradient at `x` of a function that returns one number, without its derivatives.

    Args:
        f: a function of a float, an array, or nested lists, tuples and dicts of them; it is given
            float64 whatever the dtype of `x`.
        x: where; of complex entries z = a + ib the result has df/da - i df/db.

    Returns:
        (value, error), each in the structure and the shapes of `x`, float64. Where `f` has a kink
        the value is the mean of both slopes, and the error at least half their difference; where
        it is discontinuous the error is infinite.

    Raises:
        ValueError: for a result that is not one number, and as in `check_gradients`.

    Central differences with steps h, h/4, h/16, ..., extrapolated to 0 (Ridders 1982).

    >>> import numpy as np
    >>> from autograd import numerical_gradient
    >>> value, error = numerical_gradient(lambda x: (x**3).sum(), np.array([1.0, 2.0]))
    >>> value.round(9), bool((error < 1e-9).all())
    (array([ 3., 12.]), True)
    """
    function, jacobian, errors, shape = _jacobian("numerical_gradient", f, x)
    if jacobian.shape[0] != 1:
        raise ValueError(
            f"numerical_gradient: the function returned an array of shape {shape}: return one "
            "number, or use numerical_jacobian"
        )
    return Numerical(
        _structured(x, function, jacobian[0], ()), _structured(x, function, errors[0], (), True)
    )


def numerical_jacobian(f: Callable[..., Any], x: Any) -> Numerical:
    """The Jacobian at `x` of a function that returns an array of real numbers.

    Args:
        f: as in `numerical_gradient`.
        x: where.

    Returns:
        (value, error), each in the structure of `x`, with the shape of the output followed by
        that of the input.

    Raises:
        TypeError: for complex results; ValueError: as in `check_gradients`.

    >>> import numpy as np
    >>> from autograd import numerical_jacobian
    >>> value, error = numerical_jacobian(lambda x: x[:2] * x[2], np.array([1.0, 2.0, 3.0]))
    >>> value.round(9)
    array([[3., 0., 1.],
           [0., 3., 2.]])
    """
    function, jacobian, errors, shape = _jacobian("numerical_jacobian", f, x)
    return Numerical(
        _structured(x, function, jacobian, shape), _structured(x, function, errors, shape, True)
    )


def _jacobian(
    name: str, f: Callable[..., Any], x: Any
) -> tuple[Function, Vector, Vector, tuple[int, ...]]:
    """The function, its flat Jacobian (outputs, inputs) with errors, and the output's shape."""
    function = Function(f, [x], plain=True)
    with function.varied():
        values = function.start()
        shapes = function.shapes or []
        if len(shapes) != 1 or values.size != int(np.prod(shapes[0])):
            raise TypeError(f"{name}: the function must return one array of real numbers")
        scale = np.where(function.x != 0, abs(function.x), 1.0)
        rounding = noise(lambda t: function(function.x + t * scale), values, function.precision)
        columns, errors = [], []
        for place in range(function.x.size):
            owner = next(i for i in function.inputs if place < i.span.stop)
            line = entry([owner], place, function.x)
            found = measured(
                lambda t, line=line: function(line.moved(function.x, t)) - values,  # type: ignore[misc]
                line.scale,
                line.near,
                Rounding(rounding, function.precision, line.near),
            )
            gap = np.where(found.smooth, 0.0, abs(found.right - found.left) / 2)
            columns.append(found.value)
            errors.append(np.where(found.jump, np.inf, np.maximum(found.error, gap)))
    return function, np.array(columns).T, np.array(errors).T, shapes[0]


def _structured(
    x: Any, function: Function, flat: Vector, shape: tuple[int, ...], error: bool = False
) -> Any:
    """The parts of the last axis of `flat` in the structure of `x`."""
    parts = iter([_part(i, flat, shape, error) for i in function.inputs])
    leaves, structure = flatten(x)
    return unflatten(structure, iter([next(parts) if _varied(leaf) else None for leaf in leaves]))


def _part(i: Input, flat: Vector, shape: tuple[int, ...], error: bool) -> Any:
    part = np.ascontiguousarray(flat[..., i.span])
    if i.is_complex:
        pairs = part.view(complex)
        part = np.abs(pairs) if error else np.conj(pairs)
    part = part.reshape((*shape, *i.original.shape))
    return part.item() if part.ndim == 0 else part


def _varied(leaf: Any) -> bool:
    return np.asarray(getattr(leaf, "data", leaf)).dtype.kind in "fc"
