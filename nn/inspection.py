"""A model as a table: modules, output shapes, parameters, multiply-adds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np

from autograd import no_grad

from .modes import evaluating
from .module import Module
from .tree import attributes, is_leaf


@dataclass(frozen=True)
class SummaryRow:
    """One module: its name and class, what its last call gave, and its own numbers.

    `multiply_adds` is None where the module has matrices and does not say how it uses them.
    """

    name: str
    kind: str
    output_shape: str
    parameters: int
    multiply_adds: int | None


@dataclass(frozen=True)
class Summary:
    """What `summary` found; prints as a table."""

    rows: tuple[SummaryRow, ...]
    parameters: int
    trainable: int

    @property
    def multiply_adds(self) -> int:
        """Of all modules that say how many they take."""
        return sum(row.multiply_adds or 0 for row in self.rows)

    def __str__(self) -> str:
        head = ("module", "output shape", "parameters", "multiply-adds")
        cells = [head] + [
            (
                f"{row.name}: {row.kind}" if row.name else row.kind,
                row.output_shape,
                _number(row.parameters),
                "?" if row.multiply_adds is None else _number(row.multiply_adds),
            )
            for row in self.rows
        ]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}".rstrip()
            for a, b, c, d in cells
        ]
        rule = "-" * max(map(len, lines))
        unknown = any(row.multiply_adds is None for row in self.rows)
        least = "at least " if unknown else ""
        total = (
            f"{self.parameters:,} parameters, {self.trainable:,} of them trained; "
            f"{least}{self.multiply_adds:,} multiply-adds"
        )
        return "\n".join([lines[0], rule, *lines[1:], rule, total])

    __repr__ = __str__


def count_parameters(model: Module, trainable: bool = False) -> int:
    """How many numbers the parameters of a model are; tied ones count once.

    Args:
        model: any module.
        trainable: leave out frozen parameters.

    >>> import nn
    >>> nn.count_parameters(nn.Linear(3, 2))
    8
    """
    return sum(
        int(np.size(p.data))
        for p in model.parameters()
        if not trainable or getattr(p, "requires_grad", True)
    )


def summary(model: Module, *inputs: Any) -> Summary:
    """Call the model once, in evaluation mode, and tell what each module gave.

    Args:
        model: any module.
        inputs: what it is called with; the multiply-adds are those of this call.

    Returns:
        A `Summary`, which prints as a table; a module that is called several times has one row,
        with the multiply-adds of all its calls.

    >>> import numpy as np
    >>> import nn
    >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    >>> nn.summary(model, np.zeros((1, 4), np.float32))
    module      output shape  parameters  multiply-adds
    ---------------------------------------------------
    Sequential  (1, 2)
    0: Linear   (1, 8)                40             32
    1: ReLU     (1, 8)
    2: Linear   (1, 2)                18             16
    ---------------------------------------------------
    58 parameters, 58 of them trained; 48 multiply-adds
    """
    named = model.named_modules()
    outputs: dict[int, str] = {}
    work: dict[int, int | None] = {}

    def note(module: Module, args: tuple[Any, ...], keywords: dict[str, Any], output: Any) -> None:
        outputs[id(module)] = _shape(output)
        inputs = signature(module.forward).bind(*args, **keywords).args  # in their order
        before, now = work.get(id(module), 0), module.multiply_adds(inputs, output)
        work[id(module)] = None if before is None or now is None else before + now

    with _observed(model, note), no_grad():
        model(*inputs)
    rows = [
        SummaryRow(
            name, type(module).__name__, outputs.get(id(module), "not called"),
            _own_size(module), work.get(id(module), 0),
        )
        for name, module in named
    ]  # fmt: skip
    return Summary(tuple(rows), count_parameters(model), count_parameters(model, trainable=True))


def _own_size(module: Module) -> int:
    """How many numbers the parameters are that belong to this very module."""
    return sum(int(np.size(x.data)) for _, x in attributes(module) if is_leaf(x))


@contextmanager
def _observed(model: Module, note: Callable[..., None]) -> Iterator[None]:
    """Have each module's calls noted, all of them in evaluation mode; then as it was."""
    with evaluating(model), ExitStack() as handles:
        for module in model.modules():
            handles.enter_context(module.register_forward_hook(note, with_kwargs=True))
        yield


def _number(n: int) -> str:
    return f"{n:,}" if n else ""


def _shape(output: Any) -> str:
    if isinstance(output, (tuple, list)):
        return "[" + ", ".join(map(_shape, output)) + "]"
    return str(output.shape) if hasattr(output, "shape") else type(output).__name__
