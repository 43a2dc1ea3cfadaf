"""Gradient checks from the command line: `python -m autograd.check module:function`."""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import os
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from .gradcheck import GradientCheckError, check_gradients

_PASSED, _WRONG, _UNUSABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the function named on the command line and print the report.

    Returns:
        The exit status: 0 where all gradients agree, 1 where they do not, 2 where nothing could
        be checked.

    >>> main(["math:sin", "--at", "0.5", "--gradient", "math:cos"])
    input    shape  worst index  ours         numeric              error    verdict
    input 0  ()     ()           0.877582562  0.877582561 ± 9e-06  5.0e-10  ok (given)
    all gradients agree to 1e-06 relative (6 evaluations)
    0
    """
    options = _parser().parse_args(arguments)
    try:
        f = _named(options.function)
        inputs = _inputs(f, options)
        report = check_gradients(
            f,
            *inputs,
            gradient=None if options.gradient is None else _named(options.gradient),
            modes=options.modes,
            order=options.order,
        )
    except GradientCheckError as error:
        print(error)
        return _WRONG
    except Exception as error:
        notes = "".join(f"\n{note}" for note in getattr(error, "__notes__", ()))
        print(f"{type(error).__name__}: {error}{notes}", file=sys.stderr)
        return _UNUSABLE
    print(report)
    return _PASSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m autograd.check",
        description="Check the gradients of a function of your own by finite differences.",
        epilog="Exit status: 0 where they agree, 1 where they do not, 2 where nothing could be "
        "checked.",
    )
    parser.add_argument("function", help="module:function; the current directory is searched too")
    parser.add_argument(
        "--at",
        nargs="+",
        metavar="VALUE",
        help="one Python literal for each argument, such as 0.5 or [[1.0,2.0]]; lists become "
        "arrays. Without it the function's defaults are the arguments.",
    )
    parser.add_argument(
        "--shape",
        nargs="+",
        metavar="SHAPE",
        help="one shape for each argument, such as 3,4 or (): random normal numbers",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers")
    parser.add_argument("--gradient", help="module:function of a gradient written by hand")
    parser.add_argument("--modes", choices=["reverse", "forward", "both"], default="reverse")
    parser.add_argument("--order", type=int, choices=[1, 2], default=1)
    return parser


def _named(text: str) -> Any:
    """The object that "module:attribute.attribute" names.

    Raises:
        ValueError: without a colon; ImportError and AttributeError: for what is not there.
    """
    module, colon, path = text.partition(":")
    if not colon or not path:
        raise ValueError(f"{text!r}: write module:function")
    if (here := os.getcwd()) not in sys.path:
        sys.path.insert(0, here)
    found: Any = importlib.import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    return found


def _inputs(f: Any, options: argparse.Namespace) -> list[Any]:
    if options.at is not None and options.shape is not None:
        raise ValueError("give either --at or --shape")
    if options.at is not None:
        return [_value(text) for text in options.at]
    if options.shape is not None:
        rng = np.random.default_rng(options.seed)
        return [rng.normal(size=_shape(text)) for text in options.shape]
    parameters = inspect.signature(f).parameters.values()
    defaults = [p.default for p in parameters if p.default is not p.empty]
    if not defaults:
        raise ValueError("where shall it be checked? Give --at, --shape, or the function defaults")
    return defaults


def _value(text: str) -> Any:
    value = _literal("--at", text)
    return np.array(value) if isinstance(value, list) else value


def _shape(text: str) -> tuple[int, ...]:
    value = _literal("--shape", text)
    return value if isinstance(value, tuple) else (value,)


def _literal(option: str, text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise ValueError(
            f"{option} {text!r}: write a Python literal, such as 0.5 or 3,4"
        ) from error


if __name__ == "__main__":
    sys.exit(main())
