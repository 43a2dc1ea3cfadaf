"""Transforms: functions that turn a function into its derivatives.

Arguments may be floats, arrays, or nested lists, tuples and dicts of them; derivatives come back
in the same structure, plain where the arguments were. Transforms nest to any depth, also over
Tensors that record.

Complex numbers: the derivative of a real number L by z = x + iy is dL/dx - i dL/dy, so that
dL = Re(sum(derivative * dz)), as in JAX and HIPS autograd. For a holomorphic function it is the
complex derivative, and no rule needs a conjugate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .ops.elementwise import multiply
from .ops.reductions import sum as total
from .protocols import records
from .tensor import Tensor, one
from .tracing import (
    Argnum,
    Traced,
    check_function,
    check_holomorphic,
    fitted,
    node_of,
    recordable,
    shape_and_dtype,
    trace,
)
from .trees import flatten, matched, tree_map, unflatten
from .value import Value

Function = Callable[..., Any]

# --- gradients of one number ------------------------------------------------------------


def grad(f: Function, argnum: Argnum = 0) -> Function:
    """The gradient of a function that returns one real number.

    Args:
        f: the function.
        argnum: the position of the argument to differentiate by, or a tuple of positions.

    Returns:
        A function of the same arguments. Its result has the structure, shapes and dtypes of the
        argument; it is a tuple where argnum is one.

    Raises (the returned function):
        TypeError: for an argument that is not floating, or a result that is not one real number.

    >>> from autograd import grad
    >>> slope = grad(lambda x: x**3)
    >>> slope(2.0), grad(slope)(2.0)
    (12.0, 12.0)
    """
    check_function("grad", f)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        traced = trace("grad", f, args, kwargs, argnum, "fc")
        return _gradient(traced, traced.output)

    return described(gradient, "gradient", f)


def value_and_grad(f: Function, argnum: Argnum = 0) -> Function:
    """Like `grad`, giving the pair (value, gradient).

    >>> from autograd import value_and_grad
    >>> value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """
    check_function("value_and_grad", f)

    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        traced = trace("value_and_grad", f, args, kwargs, argnum, "fc")
        gradient = _gradient(traced, traced.output)
        return traced.finished(traced.output), gradient

    return described(value_and_gradient, "value_and_gradient", f)


def grad_and_aux(f: Function, argnum: Argnum = 0) -> Function:
    """Like `grad` for an f that returns (number, anything else): the pair (gradient, the else).

    >>> from autograd import grad_and_aux
    >>> grad_and_aux(lambda x: (x**3, "cube"))(2.0)
    (12.0, 'cube')
    """
    check_function("grad_and_aux", f)

    def gradient_and_aux(*args: Any, **kwargs: Any) -> Any:
        traced = trace("grad_and_aux", f, args, kwargs, argnum, "fc")
        if not isinstance(traced.output, (tuple, list)) or len(traced.output) != 2:
            raise TypeError(
                f"grad_and_aux: {name_of(f)} returned {shown(traced.output)}: return a pair "
                "(number, anything else)"
            )
        value, aux = traced.output
        return _gradient(traced, value), traced.finished(aux)

    return described(gradient_and_aux, "gradient_and_auxiliary_output", f)


def holomorphic_grad(f: Function, argnum: Argnum = 0) -> Function:
    """The complex derivative of a holomorphic function with one complex number as result.

    Raises (the returned function):
        ValueError: where the Cauchy-Riemann equations do not hold at the argument.

    >>> from autograd import holomorphic_grad
    >>> holomorphic_grad(lambda z: z**2)(1 + 1j)
    (2+2j)
    """
    check_function("holomorphic_grad", f)

    def derivative(*args: Any, **kwargs: Any) -> Any:
        complexly = [tree_map(_complex, x) if _chosen(i, args, argnum) else x
                     for i, x in enumerate(args)]  # fmt: skip
        traced = trace("holomorphic_grad", f, complexly, kwargs, argnum, "fc")
        real = _pulled_number(traced, traced.output, 1.0, "c")
        imaginary = _pulled_number(traced, traced.output, -1j, "c")
        for along, across in zip(real, imaginary, strict=True):
            check_holomorphic("holomorphic_grad", along, across)
        return traced.rebuilt(real)

    return described(derivative, "complex_derivative", f)


_NUMERIC = (Tensor, Value, np.ndarray, np.generic, int, float, complex)


def _gradient(traced: Traced, output: Any) -> Any:
    return traced.rebuilt(_pulled_number(traced, output, 1.0, "f"))


def _pulled_number(traced: Traced, output: Any, cotangent: complex, kinds: str) -> list[Any]:
    """The cotangents of the inputs from that of `output`, which must be one number."""
    _check_number(traced.name, output, kinds)
    node = node_of(output)
    if node is None:
        return traced.pull_seeds({}, traced.nested)
    seed: Any = cotangent
    if not isinstance(node, Value):
        shape, dtype = node.shape, node.dtype
        seed = one(shape, dtype) if cotangent == 1 else np.full(shape, cotangent, dtype)
        if traced.nested:
            seed = recordable(seed, output)
    return traced.pull_seeds({node: seed}, traced.nested)


def _check_number(name: str, output: Any, kinds: str) -> None:
    """Raise TypeError for what is not one number of these kinds of dtype."""
    if output.__class__ is Tensor and output._array.size == 1 and output._array.dtype.kind == "f":
        return  # nearly always
    if not isinstance(output, _NUMERIC) or isinstance(output, bool):
        raise TypeError(
            f"{name}: the function returned {shown(output)}: return one number (for a pair "
            "(number, anything else) use grad_and_aux, for other outputs jacobian or vjp)"
        )
    shape, dtype = shape_and_dtype(output)
    if math.prod(shape) != 1:
        raise TypeError(
            f"{name}: the function returned an array of shape {shape}, not one number: reduce it, "
            "for instance with .sum(), or use jacobian, elementwise_grad or vjp"
        )
    if dtype.kind == "c" and "c" not in kinds:
        raise TypeError(
            f"{name}: the function returned a complex number: differentiate its real part or "
            "absolute value, or use holomorphic_grad or vjp"
        )
    if dtype.kind not in "iufc":
        raise TypeError(f"{name}: the function returned {dtype}, not a number it computed")


# --- both modes, with the caller's own cotangents and tangents -----------------------------


def vjp(f: Function, *primals: Any) -> tuple[Any, Function]:
    """The value of f, and the function that pulls cotangents back: reverse mode.

    Args:
        f: a function of the primals; its result may be nested too.
        primals: its arguments.

    Returns:
        (output, pullback); `pullback(cotangent)`, for one of the output's structure and shapes,
        gives a tuple with the cotangent of each primal. It may be called many times.

    >>> from autograd import vjp
    >>> y, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> y, pullback(1.0)
    (6.0, (3.0, 2.0))
    """
    check_function("vjp", f)
    traced = trace("vjp", f, primals, {}, tuple(range(len(primals))), "fc", lasting=True)
    return traced.finished(traced.output), _pullback(traced)


def _pullback(traced: Traced) -> Function:
    outputs, structure = flatten(traced.output)

    def pullback(cotangent: Any) -> Any:
        given = matched(cotangent, structure, f"{traced.name}: the cotangent")
        cotangents = [
            fitted(traced.name, "cotangent", c, y) for c, y in zip(given, outputs, strict=True)
        ]
        record = traced.nested or any(map(records, cotangents))
        return traced.rebuilt(traced.pull(outputs, cotangents, record), record)

    return pullback


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of f and its derivative in one direction: forward mode.

    Args:
        f: a function of the primals; its result may be nested too.
        primals: a tuple of its arguments.
        tangents: the direction: a tuple with the same structure and shapes.

    Returns:
        (output, tangent), both of the output's structure.

    >>> from autograd import jvp
    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
    (6.0, 3.0)
    """
    check_function("jvp", f)
    for what, given in (("primals", primals), ("tangents", tangents)):
        if not isinstance(given, (tuple, list)):
            raise TypeError(f"jvp: {what} {shown(given)}: give a tuple of arguments")
    traced = trace("jvp", f, primals, {}, tuple(range(len(primals))), "fc")
    return traced.finished(traced.output), _pushed(traced, tuple(tangents))


def _pushed(traced: Traced, tangent: Any) -> Any:
    outputs, structure = flatten(traced.output)
    given = matched(tangent, traced.structure, f"{traced.name}: the tangents")
    tangents = [
        fitted(traced.name, "tangent", t, x) for t, x in zip(given, traced.inputs, strict=True)
    ]
    record = traced.nested or any(map(records, tangents))
    found = traced.push(outputs, tangents, record)
    return unflatten(structure, iter([traced.returned(t, record=record) for t in found]))


def make_vjp(f: Function, argnum: Argnum = 0) -> Function:
    """A function of f's arguments that gives (pullback, value); see `vjp`.

    >>> from autograd import make_vjp
    >>> pullback, value = make_vjp(lambda x: x**2)(3.0)
    >>> pullback(1.0), value
    (6.0, 9.0)
    """
    check_function("make_vjp", f)

    def made(*args: Any, **kwargs: Any) -> Any:
        traced = trace("make_vjp", f, args, kwargs, argnum, "fc", lasting=True)
        return _pullback(traced), traced.finished(traced.output)

    return made


def make_jvp(f: Function, argnum: Argnum = 0) -> Function:
    """A function of f's arguments that gives the function tangent -> (value, tangent).

    f is run once; every further direction costs one pass along its graph.

    >>> from autograd import make_jvp
    >>> push = make_jvp(lambda x: x**2)(3.0)
    >>> push(1.0), push(10.0)
    ((9.0, 6.0), (9.0, 60.0))
    """
    check_function("make_jvp", f)

    def made(*args: Any, **kwargs: Any) -> Any:
        traced = trace("make_jvp", f, args, kwargs, argnum, "fc", lasting=True)
        return lambda tangent: (traced.finished(traced.output), _pushed(traced, tangent))

    return made


def deriv(f: Function, argnum: int = 0) -> Function:
    """The derivative of f by a real number, in forward mode; the result may be an array.

    Of an array argument: the derivative in the direction of ones.

    >>> from autograd import deriv
    >>> deriv(lambda t: t**2)(3.0)
    6.0
    """
    check_function("deriv", f)

    def derivative(*args: Any, **kwargs: Any) -> Any:
        traced = trace("deriv", f, args, kwargs, argnum, "fc")
        ones = unflatten(traced.structure, iter([_ones(x) for x in traced.inputs]))
        return _pushed(traced, ones)

    return described(derivative, "derivative", f)


def elementwise_grad(f: Function, argnum: Argnum = 0) -> Function:
    """The derivatives of all outputs added up: the derivative, where f works elementwise.

    >>> import numpy as np
    >>> from autograd import elementwise_grad
    >>> elementwise_grad(np.square)(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    check_function("elementwise_grad", f)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        traced = trace("elementwise_grad", f, args, kwargs, argnum, "fc")
        outputs, _ = flatten(traced.output)
        if any(shape_and_dtype(y)[1].kind not in "iuf" for y in outputs):
            raise TypeError(
                f"elementwise_grad: {name_of(f)} did not return real numbers: use vjp, or "
                "holomorphic_grad for one number"
            )
        return traced.rebuilt(traced.pull(outputs, [_ones(y) for y in outputs], traced.nested))

    return described(gradient, "elementwise_gradient", f)


def _ones(x: Any) -> Any:
    return 1.0 if isinstance(x, Value) else np.ones(*shape_and_dtype(x))


# --- second order -----------------------------------------------------------------------


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The product of the Hessian of f, which returns one real number, with a vector.

    Forward mode over reverse mode: a small multiple of the cost of f.

    Args:
        f: the function.
        primals: a tuple of its arguments.
        tangents: the vector, a tuple of the same structure and shapes.

    Returns:
        The product, of the structure of the primal, or of the tuple of them if there are several.

    >>> from autograd import hvp
    >>> hvp(lambda x: x**3, (2.0,), (1.0,))
    12.0
    """
    check_function("hvp", f)
    for what, given in (("primals", primals), ("tangents", tangents)):
        if not isinstance(given, (tuple, list)):
            raise TypeError(f"hvp: {what} {shown(given)}: give a tuple of arguments")
    argnum: Argnum = 0 if len(primals) == 1 else tuple(range(len(primals)))
    product, _ = _hessian_product("hvp", f, primals, {}, argnum)
    return product(tangents[0] if len(tangents) == len(primals) == 1 else tuple(tangents))


def make_hvp(f: Function, argnum: Argnum = 0) -> Function:
    """A function of f's arguments that gives (product, gradient), `product(v)` being H v.

    >>> from autograd import make_hvp
    >>> product, gradient = make_hvp(lambda x: x**3)(2.0)
    >>> product(1.0), gradient
    (12.0, 12.0)
    """
    check_function("make_hvp", f)
    return lambda *args, **kwargs: _hessian_product("make_hvp", f, args, kwargs, argnum)


def hessian_tensor_product(f: Function, argnum: Argnum = 0) -> Function:
    """A function of f's arguments and one more, v of the argument's shape, that gives H v.

    >>> from autograd import hessian_tensor_product
    >>> hessian_tensor_product(lambda x: x**3)(2.0, 1.0)
    12.0
    """
    check_function("hessian_tensor_product", f)

    def product(*args: Any, **kwargs: Any) -> Any:
        *called, v = args
        multiply_by, _ = _hessian_product("hessian_tensor_product", f, called, kwargs, argnum)
        return multiply_by(v)

    return product


def _hessian_product(
    name: str, f: Function, args: Sequence[Any], kwargs: Any, argnum: Argnum
) -> tuple[Function, Any]:
    traced = trace(name, f, args, kwargs, argnum, lasting=True)
    gradient = recorded_gradient(traced)

    def product(v: Any) -> Any:
        given = matched(v, traced.structure, f"{name}: the vector")
        pairs = zip(given, traced.inputs, strict=True)
        tangents = [fitted(name, "vector", t, x) for t, x in pairs]
        record = traced.nested or any(map(records, tangents))
        return traced.rebuilt(traced.push(gradient, tangents, record), record)

    return product, traced.rebuilt(gradient)


def recorded_gradient(traced: Traced) -> list[Any]:
    """The gradient as a function of the inputs, recorded."""
    nested, traced.nested = traced.nested, True
    try:
        return _pulled_number(traced, traced.output, 1.0, "f")
    finally:
        traced.nested = nested


def make_ggnvp(
    f: Function, g: Function = lambda x: 0.5 * total(multiply(x, x), axis=-1), f_argnum: int = 0
) -> Function:
    """Products with the generalized Gauss-Newton matrix of g(f(x)), J^T H_g J.

    Args:
        f: the model.
        g: the loss on its output, by default half the sum of squares.
        f_argnum: the argument of f.

    Returns:
        A function of f's arguments that gives the function v -> J^T H_g J v.

    >>> from autograd import make_ggnvp
    >>> import numpy as np
    >>> make_ggnvp(lambda x: 3 * x)(np.array([1.0]))(np.array([2.0]))
    array([18.])
    """
    check_function("make_ggnvp", f)
    check_function("make_ggnvp", g)

    def made(*args: Any, **kwargs: Any) -> Function:
        traced = trace("make_ggnvp", f, args, kwargs, f_argnum, lasting=True)
        curvature, _ = make_hvp(g)(traced.finished(traced.output))
        pullback = _pullback(traced)
        return lambda v: pullback(curvature(_pushed(traced, v)))

    return made


# --- constants --------------------------------------------------------------------------


def stop_gradient(x: Any) -> Any:
    """`x`, a number, an array or a nested structure, as a constant: no derivative flows to it.

    >>> from autograd import grad, stop_gradient
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    return tree_map(lambda leaf: leaf.detach() if isinstance(leaf, (Tensor, Value)) else leaf, x)


# --- helpers ----------------------------------------------------------------------------


def described(function: Function, what: str, f: Function) -> Function:
    name = name_of(f)
    function.__name__ = f"{what}_of_{name}"
    function.__doc__ = f"The {what} of {name}; takes its arguments."
    return function


def name_of(f: Function) -> str:
    return getattr(f, "__name__", type(f).__name__)


def shown(x: Any) -> str:
    return f"{type(x).__name__} {x!r:.60}"


def _complex(x: Any) -> Any:
    """`x`, a number or an array, as a complex one."""
    return x * (1 + 0j)


def _chosen(i: int, args: Sequence[Any], argnum: Argnum) -> bool:
    places = argnum if isinstance(argnum, Sequence) else [argnum]
    return i in [place % len(args) for place in places]
