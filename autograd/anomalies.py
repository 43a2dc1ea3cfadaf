"""Where a nan or inf first arises, for `detect_anomaly`: the operation and the user's line."""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

from .recording import mode

if TYPE_CHECKING:
    from .graph import Node, Pending

_HERE = os.path.dirname(__file__)
_OURS = (_HERE + os.sep, os.path.join(os.path.dirname(_HERE), "nn") + os.sep)
_RULES = f"{__package__}.rules"
_NUMPY = os.path.dirname(np.__file__) + os.sep


def source_line() -> str:
    """The innermost line that is neither the engine's, nn's nor NumPy's: file, number, text."""
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_inside(frame):
        frame = frame.f_back
    name, number = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(name, number).strip()
    return f"{os.path.basename(name)}:{number}" + (f": {text}" if text else "")


def _is_inside(frame: FrameType) -> bool:
    """Whether a frame is the engine's, nn's or NumPy's; rules are called by code without a file."""
    name = frame.f_code.co_filename
    return name.startswith((*_OURS, _NUMPY)) or (
        name == "<string>" and frame.f_globals.get("__name__") == _RULES
    )


def check_forward(operation: Any, number: int, out: Any, inputs: Sequence[Any]) -> None:
    """Note the line that computes node `number`, and raise where nan or inf arises in it.

    What a recorded pass computes is judged when it is known to matter: by the two below.

    Raises:
        FloatingPointError: for a nan or inf that the operation made or, a nan, was given.
    """
    line = mode.sources[number] = source_line()
    if mode.walking or _finite(out):
        return
    shapes = ", ".join([str(np.shape(x)) for x in inputs])
    given = [i for i, x in enumerate(inputs) if _has_nan(x)]
    if given:
        raise FloatingPointError(
            f"{operation.name}: operand {given[0]} of shapes {shapes} has a nan already, at {line}"
        )
    if _has_nan(out) or all(map(_finite, inputs)):
        kind = "nan" if _has_nan(out) else "inf"
        raise FloatingPointError(
            f"{operation.name}: its result has {kind}, first, from operands of shapes {shapes}, at "
            f"{line}"
        )


def check_backward(node: Node, g: Any, pending: Pending) -> None:
    """Raise where a nan or inf arises in what `node` made of the cotangent `g`.

    Raises:
        FloatingPointError: naming the operation and the line it was recorded at.
    """
    for i, parent in enumerate(node.parents):
        c = pending.cotangents.get(parent)
        if c is None or _finite(c) or (_has_nan(g) if _has_nan(c) else not _finite(g)):
            continue
        kind = "nan" if _has_nan(c) else "inf"
        raise FloatingPointError(
            f"{node.operation.name}: the gradient of its operand {i} has {kind}, first, in the "
            f"backward pass; {_recorded_at(node)}"
        )


def check_tangents(outputs: Iterable[Node], tangents: Mapping[Node, Any]) -> None:
    """Raise where a nan or inf in the tangents of the `outputs` first arose.

    Searched from the outputs: what a branch that is not taken makes of its operands does not count.

    Raises:
        FloatingPointError: naming the operation and the line it was recorded at.
    """
    passed = [node for node in dict.fromkeys(outputs) if not _finite(tangents.get(node, 0.0))]
    first = None
    seen = set(passed)
    for node in passed:  # grows while it is walked
        before = [p for p in node.parents if p in tangents and not _finite(tangents[p])]
        made_here = not before or (
            _has_nan(tangents[node]) and not any(_has_nan(tangents[p]) for p in before)
        )
        if made_here and node.operation is not None and (not first or node.number < first.number):
            first = node
        passed += [p for p in before if p not in seen]
        seen.update(before)
    if first is not None:
        kind = "nan" if _has_nan(tangents[first]) else "inf"
        raise FloatingPointError(
            f"{first.operation.name}: its tangent has {kind}, first, in forward mode; "
            + _recorded_at(first)
        )


def _recorded_at(node: Node) -> str:
    shapes = ", ".join([str(getattr(p, "shape", ())) for p in node.parents])
    line = mode.sources.get(node.number, "a line outside detect_anomaly()")
    return f"operands of shapes {shapes}, recorded at {line}"


def _plain(x: Any) -> Any:
    return getattr(x, "_array", getattr(x, "data", x)) if not isinstance(x, np.ndarray) else x


def _finite(x: Any) -> bool:
    return bool(np.all(np.isfinite(_plain(x))))


def _has_nan(x: Any) -> bool:
    return bool(np.any(np.isnan(_plain(x))))
