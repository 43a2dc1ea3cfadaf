"""The most frequent calls of operations, written out.

`Operation.on_tensors` computes and records anything. These do the same for one or two Tensors
that record, or one and a plain number or array, without its loops: NumPy takes less time for a
small array than they would. Whatever else they are given they pass on to it. What they need to
know of the operation is looked up once, when it is declared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import ndarray

from .graph import Constant
from .handles import NO_PARAMS, Handles, own_params, recorded
from .recording import Mode, mode

if TYPE_CHECKING:
    from .op import Operation
    from .tensor import Tensor

    Funnel = Callable[..., Tensor]

_ERRORS = (ValueError, TypeError, IndexError)  # which `on_tensors` meets again and explains
_REAL = frozenset("fiub")
# NumPy's elementwise functions convert a mask or integers beside doubles. That is done once, not
# on each use, unless there are many of them, as they take more memory then.
_WHOLE = frozenset("biu")
_DOUBLE = np.dtype(float)
_FEW = 1000


def unary(op: Operation) -> Funnel:
    """`op` of one Tensor."""
    forward, general, has_rule = op.forward, op.on_tensors, _has_rules(op, 0)
    keeps_x, keeps_out = op.plan(1)[:2]

    def call(x: Any, params: Mapping[str, Any] = NO_PARAMS) -> Tensor:
        node = x._node
        if node is None or not has_rule or Mode.watchers or not mode.recording:
            return general((x,), params)
        a = x._array
        try:
            out = forward(a, **params) if params else forward(a)
        except _ERRORS:
            return general((x,), params)
        if out.__class__ is not ndarray:
            out = np.asarray(out)
        if params:
            params = own_params(params)
        saved = (a if keeps_x else None, out if keeps_out else None)
        return recorded(op, out, (node,), saved, params, 1)

    return call


def binary(op: Operation) -> Funnel:
    """`op` of a Tensor and anything, as an operator has it."""
    forward, general, has_rules = op.forward, op.on_tensors, _has_rules(op, 0, 1)
    second_plain = with_plain(op, 0)
    keeps_x, keeps_y, keeps_out = op.plan(0b11)[:3]

    def call(x: Any, y: Any, params: Mapping[str, Any] = NO_PARAMS) -> Tensor:
        if not isinstance(y, Handles.tensor):
            return second_plain(x, y, params)
        left = x._node
        right = y._node
        if left is None or right is None or not has_rules or Mode.watchers or not mode.recording:
            return general((x, y), params)
        a = x._array
        b = y._array
        try:
            out = forward(a, b, **params) if params else forward(a, b)
        except _ERRORS:
            return general((x, y), params)
        if out.__class__ is not ndarray:
            out = np.asarray(out)
        if params:
            params = own_params(params)
        saved = (a if keeps_x else None, b if keeps_y else None, out if keeps_out else None)
        return recorded(op, out, (left, right), saved, params, 0b11)

    return call


def with_plain(op: Operation, i: int) -> Funnel:
    """`op` of a Tensor as input `i`, given first, and as the other of what is no Tensor."""
    forward, general, has_rule = op.forward, op.on_tensors, _has_rules(op, i)
    elementwise = op.elementwise
    active = 1 << i
    plan = op.plan(active)
    keeps_t, keeps_other, keeps_out = plan[i], plan[1 - i], plan[2]

    def call(t: Any, other: Any, params: Mapping[str, Any] = NO_PARAMS) -> Tensor:
        node = t._node
        kind = other.__class__
        is_array = kind is ndarray and other.dtype.kind in _REAL
        if (
            not (is_array or kind is float or kind is int)
            or node is None
            or not has_rule
            or Mode.watchers
            or not mode.recording
        ):
            return general((other, t) if i else (t, other), params)
        a = t._array
        b = other
        if is_array:
            constant = Constant(other.shape, other.dtype)
            if keeps_other:  # a copy: its owner may write to it
                whole = elementwise and other.dtype.kind in _WHOLE and a.dtype is _DOUBLE
                b = other.astype(_DOUBLE) if whole and other.size <= _FEW else other.copy()
        else:
            constant = Constant((), kind, other)
        try:
            if params:
                out = forward(b, a, **params) if i else forward(a, b, **params)
            else:
                out = forward(b, a) if i else forward(a, b)
        except _ERRORS:
            return general((other, t) if i else (t, other), params)
        if out.__class__ is not ndarray:
            out = np.asarray(out)
        if params:
            params = own_params(params)
        kept = b if keeps_other else None
        saved = a if keeps_t else None
        saved_out = out if keeps_out else None
        if i:
            return recorded(op, out, (constant, node), (kept, saved, saved_out), params, active)
        return recorded(op, out, (node, constant), (saved, kept, saved_out), params, active)

    return call


def _has_rules(op: Operation, *inputs: int) -> bool:
    """Whether these are recorded in the simple way: by rules of our own, without by-products."""
    return not op.kept and not op.careful and all(op.rules[i] is not None for i in inputs)
