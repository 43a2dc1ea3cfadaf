"""Jacobians and Hessians: all derivatives of all outputs, by as few passes as possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .ops.joining import stack
from .ops.products import matmul
from .ops.shaping import reshape
from .tracing import Argnum, Traced, check_function, check_holomorphic, shape_and_dtype, trace
from .transforms import Function, described, name_of, recorded_gradient, shown
from .trees import flatten, unflatten
from .value import Value


def jacobian(f: Function, argnum: Argnum = 0) -> Function:
    """All derivatives of all outputs: an array of shape (*output.shape, *argument.shape).

    In the mode that needs fewer passes: forward for fewer inputs than outputs, else reverse.
    Nested arguments and outputs give a structure of outputs of structures of arguments. A complex
    output is differentiated by a real argument, or by a complex one if it is holomorphic; a real
    output by a complex argument as in `grad`.

    Args:
        f: the function.
        argnum: the position of the argument to differentiate by, or a tuple of positions.

    Raises (the returned function):
        TypeError: for an argument that is not floating, or a result without numbers; ValueError:
            where a complex function is not holomorphic.

    >>> import numpy as np
    >>> from autograd import jacobian
    >>> jacobian(lambda x: x * x[0])(np.array([2.0, 3.0]))
    array([[4., 0.],
           [3., 2.]])
    """
    check_function("jacobian", f)

    def matrix(*args: Any, **kwargs: Any) -> Any:
        traced = _traced("jacobian", f, args, kwargs, argnum)
        outputs, structure = flatten(traced.output)
        if not outputs or any(_not_numeric(y) for y in outputs):
            raise TypeError(
                f"jacobian: {name_of(f)} returned {shown(traced.output)}: return numbers or arrays"
            )
        if any(shape_and_dtype(x)[1].kind == "c" for x in (*outputs, *traced.inputs)):
            blocks = _complex_rows(traced, outputs)
        elif _entries(traced.inputs) < _entries(outputs):
            blocks = _columns(traced, outputs, traced.nested)
        else:
            blocks = _rows(traced, outputs)
        return _nested(traced, structure, blocks)

    return described(matrix, "Jacobian", f)


def hessian(f: Function, argnum: Argnum = 0) -> Function:
    """The matrix of second derivatives of f, which returns one real number.

    For an argument of shape s an array of shape (*s, *s); for nested arguments a structure of
    structures. Forward mode over reverse mode.

    >>> import numpy as np
    >>> from autograd import hessian
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([2.0, 3.0]))
    array([[6., 4.],
           [4., 0.]])
    """
    check_function("hessian", f)

    def matrix(*args: Any, **kwargs: Any) -> Any:
        traced = _traced("hessian", f, args, kwargs, argnum, "f")
        blocks = _columns(traced, recorded_gradient(traced), traced.nested)
        return _nested(traced, traced.structure, blocks)

    return described(matrix, "Hessian", f)


def tensor_jacobian_product(f: Function, argnum: int = 0) -> Function:
    """A function of f's arguments and one more, v, that gives v J, contracted over v's axes.

    >>> import numpy as np
    >>> from autograd import tensor_jacobian_product
    >>> tensor_jacobian_product(lambda x: x * x)(np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([2., 4.])
    """
    check_function("tensor_jacobian_product", f)

    def product(*args: Any, **kwargs: Any) -> Any:
        *called, v = args
        v = np.asarray(v) if isinstance(v, (int, float)) else v

        def contracted(*xs: Any) -> Any:
            y = f(*xs, **kwargs)
            if y.shape[: v.ndim] != v.shape:
                raise ValueError(
                    f"tensor_jacobian_product: a tensor of shape {v.shape} for an output of shape "
                    f"{y.shape}: its axes must be the output's first"
                )
            flat = matmul(reshape(v, -1), reshape(y, (v.size, -1)))
            return reshape(flat, y.shape[v.ndim :])

        return jacobian(contracted, argnum)(*called)

    return product


# --- rows and columns -------------------------------------------------------------------
#
# Each gives the blocks by output and input: blocks[i][j] has the shape
# (*outputs[i].shape, *inputs[j].shape).

Blocks = list[list[Any]]


def _traced(
    name: str, f: Function, args: Sequence[Any], kwargs: Any, argnum: Argnum, kinds: str = "fc"
) -> Traced:
    traced = trace(name, f, args, kwargs, argnum, kinds)
    if any(isinstance(x, Value) for x in traced.inputs):
        raise TypeError(f"{name}: give floats or arrays instead of Values")
    return traced


def _not_numeric(y: Any) -> bool:
    return isinstance(y, Value) or shape_and_dtype(y)[1].kind not in "iufc"


def _entries(items: Sequence[Any]) -> int:
    return sum(int(np.prod(shape_and_dtype(x)[0])) for x in items)


def _directions(items: Sequence[Any], i: int, scale: complex = 1.0) -> Iterator[list[Any]]:
    """For each entry of items[i] the arrays that are `scale` there and 0 elsewhere."""
    zeros = [np.zeros(*shape_and_dtype(x)) for x in items]
    for place in np.ndindex(zeros[i].shape):
        one = np.zeros_like(zeros[i])
        one[place] = scale
        yield [*zeros[:i], one, *zeros[i + 1 :]]


def _pulled(
    traced: Traced, outputs: Sequence[Any], i: int, scale: complex = 1.0
) -> list[list[Any]]:
    """The rows of output `i`: for each input the gradients of its entries, in a list."""
    rows = [
        traced.pull([outputs[i]], [direction[i]], traced.nested)
        for direction in _directions(outputs, i, scale)
    ]
    return [[row[j] for row in rows] for j in range(len(traced.inputs))]


def _block(rows: Sequence[Any], y: Any, x: Any) -> Any:
    shape = (*shape_and_dtype(y)[0], *x.shape)
    return reshape(stack(rows), shape) if rows else np.zeros(shape, x.dtype)


def _rows(traced: Traced, outputs: Sequence[Any]) -> Blocks:
    """By reverse mode: a pass for each entry of the outputs."""
    blocks = []
    for i, y in enumerate(outputs):
        pairs = zip(_pulled(traced, outputs, i), traced.inputs, strict=True)
        blocks.append([_block(rows, y, x) for rows, x in pairs])
    return blocks


def _complex_rows(traced: Traced, outputs: Sequence[Any]) -> Blocks:
    """The same with complex numbers: the imaginary part of an output is an output too."""
    blocks = _rows(traced, outputs)
    for i, y in enumerate(outputs):
        if shape_and_dtype(y)[1].kind != "c":
            continue
        for j, (rows, x) in enumerate(
            zip(_pulled(traced, outputs, i, -1j), traced.inputs, strict=True)
        ):
            imaginary = _block(rows, y, x)
            if x.dtype.kind == "c":
                check_holomorphic(traced.name, blocks[i][j], imaginary)
            else:
                blocks[i][j] = blocks[i][j] + 1j * imaginary
    return blocks


def _columns(traced: Traced, outputs: Sequence[Any], record: bool) -> Blocks:
    """By forward mode: a pass for each entry of the inputs."""
    columns: list[list[Any]] = []  # by input and entry, one tangent for each output
    for j in range(len(traced.inputs)):
        directions = _directions(traced.inputs, j)
        columns.append([traced.push(outputs, direction, record) for direction in directions])
    blocks = []
    for i, y in enumerate(outputs):
        shape, dtype = shape_and_dtype(y)
        row = []
        for j, x in enumerate(traced.inputs):
            tangents = [tangent[i] for tangent in columns[j]]
            full = (*shape, *x.shape)
            row.append(
                reshape(stack(tangents, axis=-1), full) if tangents else np.zeros(full, dtype)
            )
        blocks.append(row)
    return blocks


def _nested(traced: Traced, structure: Any, blocks: Blocks) -> Any:
    """The blocks as a structure of outputs of structures of arguments."""
    rows = [
        unflatten(traced.structure, iter([traced.returned(block) for block in row]))
        for row in blocks
    ]
    return unflatten(structure, iter(rows))
