"""Writes supported_operations.md from the engine's tables.

In the repository's root: `PYTHONPATH=. python docs/supported_operations.py`
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import autograd
from autograd import Tensor, Value, ops
from autograd.op import NUMPY, Operation
from autograd.protocols import PLAIN

PAGE = Path(__file__).with_suffix(".md")

HEAD = """\
# Supported operations

This page is generated from the engine's tables by `docs/supported_operations.py`, and a
test keeps it current.

Every operation has derivatives by all its array inputs, in reverse and forward mode and to any
order, for float32 and float64, and for complex numbers where NumPy computes with them. It is
reached as NumPy's function, as a function of `autograd`, and as a method of Tensor where that is
marked. Functions of NumPy's that are not on this page raise a TypeError which names them.
Where calculus leaves the derivative open, see [conventions](conventions.md).
"""


def page() -> str:
    """The text of the page."""
    parts = [HEAD]
    for family in ops.FAMILIES:
        title = (family.__doc__ or "").split("\n")[0].rstrip(".")
        parts.append(_section(title, family, "autograd", family.__all__))
    for name in ("linalg", "fft", "special"):
        module = importlib.import_module(f"autograd.{name}")
        title = (module.__doc__ or "").split("\n")[0].rstrip(".")
        parts.append(_section(title, module, f"autograd.{name}", module.__all__))
    plain = sorted({_numpy_name(f) for f in PLAIN})
    parts.append(
        "## Plain results\n\nFunctions whose results carry no derivative; they take Tensors and "
        "give plain arrays:\n\n" + ", ".join([f"`{name}`" for name in plain]) + ".\n"
    )
    return "\n".join(parts)


def _section(title: str, module: ModuleType, prefix: str, names: Iterable[str]) -> str:
    lines = [f"## {title}\n", "| function | NumPy | Tensor method | Value |", "|---|---|---|---|"]
    for name in sorted(names):
        function = getattr(module, name)
        theirs = sorted({_numpy_name(f) for f, ours in NUMPY.items() if ours is function})
        numpy = ", ".join([f"`{f}`" for f in theirs])
        method = f"`.{name}`" if prefix == "autograd" and hasattr(Tensor, name) else ""
        value = "yes" if _takes_values(function, name) else ""
        lines.append(f"| `{prefix}.{name}` | {numpy} | {method} | {value} |")
    return "\n".join(lines) + "\n"


def _takes_values(function: Any, name: str) -> bool:
    return (isinstance(function, Operation) and function.scalar is not None) or (
        hasattr(Value, name) and hasattr(autograd, name)
    )


def _numpy_name(function: Any) -> str:
    if isinstance(function, tuple):  # a ufunc's method
        ufunc, method = function
        return f"{_numpy_name(ufunc)}.{method}"
    module = (getattr(function, "__module__", None) or "numpy").replace("numpy", "np")
    return f"{module}.{function.__name__}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
