"""Random expression graphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from ..op import OPERATIONS

_UNARY = ("negative", "sin", "cos", "tanh", "sigmoid", "arctan", "square", "softplus")
_BINARY = ("add", "subtract", "multiply")
_KINKED_UNARY, _KINKED_BINARY = ("relu", "abs"), ("maximum", "minimum")


@dataclass(frozen=True)
class Expression:
    """A straight-line program of operations, called with its inputs.

    Attributes:
        inputs: how many it takes.
        steps: (operation, places): the operation is applied to the values at those places, where
            the inputs come first and then the results of the steps before.

    The result is that of the last step; where several steps use one value, the graph branches and
    joins. Its repr is its source.

    >>> e = Expression(1, (("sin", (0,)), ("multiply", (0, 1))))
    >>> e
    lambda x0: x0 * sin(x0) [as x1 = sin(x0); x2 = multiply(x0, x1)]
    >>> round(e(2.0), 6)
    1.818595
    """

    inputs: int
    steps: tuple[tuple[str, tuple[int, ...]], ...]

    def __call__(self, *xs: Any) -> Any:
        values = list(xs)
        for name, places in self.steps:
            values.append(OPERATIONS[name](*[values[i] for i in places]))
        return values[-1]

    def __repr__(self) -> str:
        names = [f"x{i}" for i in range(self.inputs + len(self.steps))]
        source = list(names[: self.inputs])
        lines = []
        for k, (name, places) in enumerate(self.steps):
            given = ", ".join(names[i] for i in places)
            lines.append(f"{names[self.inputs + k]} = {name}({given})")
            source.append(_written(name, [source[i] for i in places]))
        return f"lambda {', '.join(names[: self.inputs])}: {source[-1]}" + (
            f" [as {'; '.join(lines)}]" if lines else ""
        )


def _written(name: str, operands: Sequence[str]) -> str:
    signs = {"add": "+", "subtract": "-", "multiply": "*"}
    if name in signs:
        left, right = [f"({x})" if " " in x else x for x in operands]
        return f"{left} {signs[name]} {right}"
    return f"{name}({', '.join(operands)})"


@st.composite
def expressions(
    draw: st.DrawFn, inputs: int = 1, max_steps: int = 6, kinks: bool = False
) -> Expression:
    """Expressions of `inputs` values, defined for all real inputs and smooth unless `kinks`.

    >>> from hypothesis import given
    >>> from autograd import check_gradients
    >>> @given(expressions(inputs=2))
    ... def test(e):
    ...     assert check_gradients(e, 0.5, -0.25).passed
    >>> test()
    """
    unary = _UNARY + (_KINKED_UNARY if kinks else ())
    binary = _BINARY + (_KINKED_BINARY if kinks else ())
    steps: list[tuple[str, tuple[int, ...]]] = []
    for k in range(draw(st.integers(1, max_steps))):
        # The newest value takes part, so that no step is in vain.
        last = inputs + k - 1
        if draw(st.booleans()):
            steps.append((draw(st.sampled_from(unary)), (last,)))
        else:
            other = draw(st.integers(0, last))
            pair = (last, other) if draw(st.booleans()) else (other, last)
            steps.append((draw(st.sampled_from(binary)), pair))
    return Expression(inputs, tuple(steps))
