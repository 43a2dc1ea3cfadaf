"""The derivatives under check: by the engine in reverse or forward mode, or given by the user."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from ..forward import pushforward
from ..recording import enable_grad
from ..reverse import gradients
from ..trees import named_leaves
from ..value import Value
from .flat import (
    Vector,
    contents_of,
    cotangent_of,
    flat,
    flat_gradient,
    flat_outputs,
    recorded,
    width_of,
)
from .function import Function
from .lines import Line

_FACTOR = -1.37
"""Of the tangents, so that a rule that is not linear in them shows."""


def reverse(
    function: Function,
    cotangents: Vector,
    wide: bool | None = None,
    values: Vector | None = None,
) -> Vector:
    """The rows `cotangents @ J` by backward passes, shape (k, inputs).

    Raises:
        ValueError: where `f` computes something else than `values` when it is recorded.
    """
    handles = [i.handle for i in function.inputs]
    rows = np.zeros((len(cotangents), len(function.x)))
    with enable_grad():
        ys = function.outputs(function.x, wide, create_graph=True)
        ends = list(accumulate([width_of(y) for y in ys], initial=0))
        live = [(y, slice(*ends[k : k + 2])) for k, y in enumerate(ys) if recorded(y)]
        function.cut_off = not live
        if values is not None:
            _check_same(function, flat_outputs(ys), values)
        if not live:
            return rows
        outputs = [y for y, _ in live]
        for row, w in zip(rows, cotangents, strict=True):
            seeds = [cotangent_of(y, w[span]) for y, span in live]
            found = gradients(outputs, handles, seeds, retain_graph=True, allow_unused=True)
            for g, i in zip(found, function.inputs, strict=True):
                row[i.span] = flat_gradient(g, i.size, i.is_complex)
    return rows


def _check_same(function: Function, recorded: Vector, values: Vector) -> None:
    off = abs(recorded - values)
    if not (off <= 1e3 * function.precision * abs(values).max()).all():
        k = int(np.argmax(off))
        raise ValueError(
            f"check_gradients: the function returns {recorded[k]!r} where it is recorded "
            f"and {values[k]!r} under no_grad(): it must compute the same"
        )


def forward(function: Function) -> Callable[[Line], Vector]:
    """The derivative of the outputs along a line, by forward mode, shape (outputs,)."""
    with enable_grad():
        ys = function.outputs(function.x, create_graph=True)
    nodes = {id(i): i.handle if isinstance(i.handle, Value) else i.handle._node
             for i in function.inputs}  # fmt: skip
    live = [y if isinstance(y, Value) else y._node for y in ys if recorded(y)]

    def push(line: Line) -> Vector:
        tangent = np.zeros_like(function.x)
        tangent[line.span] = _FACTOR * line.direction
        seeds = {
            nodes[id(i)]: float(tangent[i.span][0])
            if isinstance(i.handle, Value)
            else i.contents(tangent, function.wide)
            for i in line.inputs
        }
        found = iter(pushforward(seeds, live))
        parts = [
            np.zeros(width_of(y)) if t is None else flat(t)
            for y in ys
            for t in [next(found) if recorded(y) else None]
        ]
        return np.concatenate(parts) / _FACTOR

    return push


def given(function: Function, gradient: Any, inputs: Sequence[Any]) -> Vector:
    """The Jacobian the user gave, shape (outputs, inputs).

    Raises:
        ValueError: where its shape is not that of the outputs followed by that of the input.
    """
    m = sum(int(np.prod(s)) for s in function.shapes or ())
    result = gradient(*function.place(function.x, False)) if callable(gradient) else gradient
    several = len(inputs) > 1 and isinstance(result, (tuple, list))
    found = [
        g for _, g in named_leaves(tuple(result) if several else (result,), "") if g is not None
    ]
    if len(found) != len(function.inputs):
        if len(function.inputs) != 1:
            raise ValueError(
                f"check_gradients: the gradient given has {len(found)} parts for "
                f"{len(function.inputs)} floating inputs: return one for each"
            )
        found = [result]
    parts = []
    for g, i in zip(found, function.inputs, strict=True):
        array = np.asarray(contents_of(g))
        shape = i.original.shape
        single = m == 1 and array.shape == shape
        if (not single and array.shape[array.ndim - len(shape) :] != shape) or (
            array.size != m * i.original.size
        ):  # fmt: skip
            outs = f" after the shape {function.shapes[0]} of the output" if m > 1 else ""  # type: ignore[index]
            raise ValueError(
                f"check_gradients: the gradient given for {i.name} has shape {array.shape}, and "
                f"the input {shape}: return an array of the input's shape{outs}"
            )
        parts.append(flat(np.conj(array) if i.is_complex else array).reshape(m, i.size))
    return np.concatenate(parts, axis=1)
