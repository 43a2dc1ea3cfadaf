"""Where a nan or inf first arises, for `detect_anomaly`: the operation and the user's line."""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .recording import mode

if TYPE_CHECKING:
    from .graph import Node, Pending

_HERE = os.path.dirname(__file__)
_OURS = (_HERE + os.sep, os.path.join(os.path.dirname(_HERE), "nn") + os.sep)
_NUMPY = os.path.dirname(np.__file__) + os.sep


def source_line() -> str:
    """The innermost line that is neither the engine's, nn's nor NumPy's: file, number, text."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith((*_OURS, _NUMPY)):
        frame = frame.f_back
    name, number = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(name, number).strip()
    return f"{os.path.basename(name)}:{number}" + (f": {text}" if text else "")


def check_forward(operation: Any, number: int, out: Any, inputs: Sequence[Any]) -> None:
    """Note the line that computes node `number`, and raise where nan or inf arises in it.

    Raises:
        FloatingPointError: for a nan or inf that the operation made or, a nan, was given.
    """
    line = mode.sources[number] = source_line()
    if _finite(out):
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
        shapes = ", ".join([str(getattr(p, "shape", ())) for p in node.parents])
        line = mode.sources.get(node.number, "a line outside detect_anomaly()")
        raise FloatingPointError(
            f"{node.operation.name}: the gradient of its operand {i} has {kind}, first, in the "
            f"backward pass; operands of shapes {shapes}, recorded at {line}"
        )


def _plain(x: Any) -> Any:
    return getattr(x, "_array", getattr(x, "data", x)) if not isinstance(x, np.ndarray) else x


def _finite(x: Any) -> bool:
    return bool(np.all(np.isfinite(_plain(x))))


def _has_nan(x: Any) -> bool:
    return bool(np.any(np.isnan(_plain(x))))
