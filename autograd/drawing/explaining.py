"""The chain rule of a small scalar graph, spelled out along every path."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..graph import topological_order
from ..value import Value
from .reading import decimal

_INFIX = {"+", "-", "*", "/"}
_LATEX = str.maketrans({
    "\\": r"\backslash ", "{": r"\{", "}": r"\}", "_": r"\_", "^": r"\hat{}", "$": r"\$",
    "%": r"\%", "#": r"\#", "&": r"\&", "~": r"\sim ",
})  # fmt: skip


def explain(y: Value, x: Value, *, max_paths: int = 100) -> Explanation:
    """The chain rule along every path from `y` to `x`, with the numbers filled in.

    The derivative of y by x is the sum over all paths of the product of the local derivatives on
    the path. `print` shows it as text, a notebook as a formula; `.latex` is the formula's source.

    Args:
        y: the result.
        x: a Value that it was computed from.
        max_paths: more paths than this are an error, as nobody would read them.

    Raises:
        TypeError: for anything but Values; ValueError: for too many paths.

    >>> from autograd import Value, explain
    >>> x = Value(3.0, label="x")
    >>> y = x * x + x
    >>> y.label = "y"
    >>> print(explain(y, x))
    dy/dx, the sum over 3 paths
    where v1 = x * x = 9.0000
          y = v1 + x = 12.0000
    <BLANKLINE>
    1.  y -> v1 -> x (operand 1)
        dy/dv1 * dv1/dx = 1.0000 * 3.0000 = 3.0000
    2.  y -> v1 -> x (operand 2)
        dy/dv1 * dv1/dx = 1.0000 * 3.0000 = 3.0000
    3.  y -> x
        dy/dx = 1.0000
    <BLANKLINE>
    dy/dx = 3.0000 + 3.0000 + 1.0000 = 7.0000
    """
    for name, given in (("y", y), ("x", x)):
        if not isinstance(given, Value):
            raise TypeError(
                f"explain: {name} is of type {type(given).__name__}: give Values; of Tensors "
                "`draw(function, inputs)` shows the gradients"
            )
    if y is x:
        return Explanation(y, x, [Path(())])
    counts = _count_paths(y, x)
    if counts[y] > max_paths:
        raise ValueError(
            f"explain: {counts[y]:,} paths lead from y to x, more than max_paths={max_paths}: "
            "explain a part of the graph, or draw it"
        )
    return Explanation(y, x, [Path(tuple(steps)) for steps in _paths(y, x, counts)])


@dataclass(frozen=True)
class Step:
    """One edge: from a result to the operand at a position, with the local derivative."""

    result: Value
    operand: Value
    position: int
    derivative: float


@dataclass(frozen=True)
class Path:
    """The edges from y to x, and the product of their derivatives."""

    steps: tuple[Step, ...]

    @property
    def product(self) -> float:
        return math.prod((step.derivative for step in self.steps), start=1.0)


class Explanation:
    """What `explain` returns.

    Attributes:
        paths: the paths, each with its steps and its product.
        gradient: the sum of the products, the derivative of y by x.
    """

    def __init__(self, y: Value, x: Value, paths: Sequence[Path]) -> None:
        self.paths = list(paths)
        self.gradient = float(sum(path.product for path in paths))
        self._y = y
        self._x = x
        nodes = {step.result for path in paths for step in path.steps} | {x, y}
        self._results = sorted(nodes - {x}, key=lambda node: node.number)
        self._names = _names([x, *self._results], x, y)
        # As they were: the text of an explanation does not change with its graph.
        self._equations = [f"{self._names[node]} = {self._expression(node)}"
                           f" = {decimal(node.data)}" for node in self._results
                           if node.operation is not None]  # fmt: skip
        self.text = self._text()

    def _expression(self, node: Value) -> str:
        """How a node was computed: "a * b", "tanh(c)"."""
        operands = [self._operand(x) for x in node.operands]
        symbol = node.operation.symbol
        if symbol == "**":
            return f"{operands[0]}**{operands[1]}"
        if symbol in _INFIX:
            return f"{operands[0]} {symbol} {operands[1]}"
        return f"{symbol}({', '.join(operands)})"

    def _operand(self, x: Any) -> str:
        if not isinstance(x, Value):
            return f"{x:g}"
        if x not in self._names:
            self._names[x] = x.label or decimal(x.data)
        return self._names[x]

    def _text(self) -> str:
        names = self._names
        total = f"d{names[self._y]}/d{names[self._x]}"
        if not self.paths:
            return f"{total} = 0, as {names[self._y]} does not depend on {names[self._x]}"
        many = "" if len(self.paths) == 1 else "s"
        lines = [f"{total}, the sum over {len(self.paths)} path{many}"]
        for i, equation in enumerate(self._equations):
            lines.append(f"{'where' if i == 0 else '     '} {equation}")
        lines.append("")
        for i, path in enumerate(self.paths, 1):
            lines += self._path_lines(i, path)
        products = " + ".join(_bracketed(path.product) for path in self.paths)
        lines += ["", f"{total} = {products}"]
        if len(self.paths) > 1:
            lines[-1] += f" = {decimal(self.gradient)}"
        return "\n".join(lines)

    def _path_lines(self, number: int, path: Path) -> list[str]:
        names = self._names
        way = [names[self._y], *map(self._stop, path.steps)]
        factors = " * ".join(f"d{names[s.result]}/d{names[s.operand]}" for s in path.steps)
        numbers = " * ".join(_bracketed(step.derivative) for step in path.steps)
        line = f"    {factors} = {numbers}" if path.steps else "    1"
        if len(path.steps) > 1:
            line += f" = {decimal(path.product)}"
        return [f"{number}.".ljust(4) + " -> ".join(way), line]

    def _stop(self, step: Step) -> str:
        """The operand a step leads to, with its position where the name does not tell."""
        same = sum(1 for x in step.result.operands if x is step.operand)
        which = f" (operand {step.position + 1})" if same > 1 else ""
        return self._names[step.operand] + which

    @cached_property
    def latex(self) -> str:
        r"""The formula: the symbols, the numbers and the sum, as an `aligned` environment.

        >>> from autograd import Value, explain
        >>> x = Value(3.0, label="x")
        >>> print(explain(x.exp(), x).latex)
        \begin{aligned}
        \frac{\partial y}{\partial x} &= \frac{\partial y}{\partial x} \\
        &= 20.0855
        \end{aligned}
        """
        if not self.paths:
            return f"{self._partial(self._y, self._x)} = 0"
        symbols, numbers = [], []
        for path in self.paths:
            partials = [self._partial(step.result, step.operand) for step in path.steps]
            symbols.append(r" \cdot ".join(partials) or "1")
            factors = [_bracketed(step.derivative) for step in path.steps]
            numbers.append(r" \cdot ".join(factors) or "1")
        rows = [
            f"{self._partial(self._y, self._x)} &= " + " \\\\\n&\\quad + ".join(symbols),
            "&= " + " \\\\\n&\\quad + ".join(numbers),
        ]
        if len(self.paths) > 1:
            rows.append("&= " + " + ".join(_bracketed(path.product) for path in self.paths))
        if len(self.paths) > 1 or len(self.paths[0].steps) > 1:
            rows.append(f"&= {decimal(self.gradient)}")
        body = " \\\\\n".join(rows)
        return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"

    def _partial(self, result: Value, operand: Value) -> str:
        top, bottom = (_symbol(self._names[node]) for node in (result, operand))
        return rf"\frac{{\partial {top}}}{{\partial {bottom}}}"

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


def _count_paths(y: Value, x: Value) -> dict[Any, int]:
    """How many paths lead from each node to `x`; nothing for those without."""
    counts: Counter[Any] = Counter({x: 1})
    for node in reversed(topological_order([y])):
        if node is not x and node.operation is not None:
            counts[node] = sum(counts[operand] for _, operand, _ in _edges(node))
    return counts


def _edges(node: Any) -> Iterator[tuple[int, Value, float]]:
    """Position, operand and local derivative of each edge to an operand that records."""
    for i, (operand, factor) in enumerate(zip(node.operands, node.factors, strict=True)):
        if factor is not None:
            yield i, operand, factor


def _paths(y: Value, x: Value, counts: dict[Any, int]) -> Iterator[list[Step]]:
    """Every way from `y` to `x`, operands in their order; without recursion."""
    steps: list[Step] = []
    stack = [iter(list(_edges(y)))] if counts[y] else []
    while stack:
        edge = next(stack[-1], None)
        if edge is None:
            stack.pop()
            if steps:
                steps.pop()
            continue
        position, operand, factor = edge
        result = steps[-1].operand if steps else y
        if not counts[operand]:
            continue
        step = Step(result, operand, position, factor)
        if operand is x:
            yield [*steps, step]
        else:
            steps.append(step)
            stack.append(iter(list(_edges(operand))))


def _names(nodes: Sequence[Value], x: Value, y: Value) -> dict[Any, str]:
    """A name of its own for each node: its label if that is free, else v1, v2, ..."""
    taken = {str(node.label) for node in nodes if node.label}
    names: dict[Any, str] = {}
    used: set[str] = set()
    number = 0
    for node in nodes:
        name = str(node.label) if node.label else ""
        if not name and node is x and "x" not in taken:
            name = "x"
        if not name and node is y and "y" not in taken:
            name = "y"
        while not name or name in used:
            number += 1
            name = f"v{number}" if f"v{number}" not in taken else ""
        names[node] = name
        used.add(name)
    return names


def _bracketed(number: float) -> str:
    text = decimal(number)
    return f"({text})" if text.startswith("-") else text


def _symbol(name: str) -> str:
    """A name in LaTeX: a letter with an index as such, everything else upright."""
    if len(name) == 1 and name.isalpha():
        return name
    if name[:1].isalpha() and name[1:].isdigit():
        return f"{name[0]}_{{{name[1:]}}}"
    return rf"\mathrm{{{name.translate(_LATEX)}}}"
