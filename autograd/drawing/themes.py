"""Colours. The kinds differ in corners and borders as well, for readers in greyscale.

What is given has sharp corners, what is computed round ones; inputs and outputs, the two ends of a
picture, have a heavy border; constants a dashed one. The fills also differ in lightness. Blue,
orange and green are those of Okabe and Ito's palette, lightened, which the colour-blind can tell
apart.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from .description import Kind


class Style(NamedTuple):
    """How a kind of box looks; the border's width is in points."""

    fill: str
    line: str
    width: float = 1.0
    round: bool = False
    dashed: bool = False


class Theme(NamedTuple):
    """The colours of a picture."""

    background: str
    text: str
    muted: str  # of legends, titles and notes
    edge: str
    scope: str  # the inside of a box around a module
    scope_line: str
    mark: str  # of what is chosen or being computed
    kinds: dict[Kind | Literal["operation"], Style]


def _kinds(
    input: tuple[str, str],
    parameter: tuple[str, str],
    constant: tuple[str, str],
    result: tuple[str, str],
    output: tuple[str, str],
    module: tuple[str, str],
    operation: tuple[str, str],
) -> dict[Kind | Literal["operation"], Style]:
    """The fill and the line of each kind; corners and borders are the same in all themes."""
    return {
        "input": Style(*input, width=2.2),
        "parameter": Style(*parameter),
        "leaf": Style(*parameter),
        "constant": Style(*constant, dashed=True),
        "number": Style(*constant, dashed=True, round=True),
        "result": Style(*result, round=True),
        "output": Style(*output, width=2.2, round=True),
        "copy": Style(*result, round=True, dashed=True),
        "module": Style(*module, width=1.4),
        "group": Style(*operation, round=True),
        "operation": Style(*operation, round=True),
    }


THEMES = {
    "light": Theme(
        "#ffffff", "#111827", "#4b5563", "#6b7280", "#f8fafc", "#94a3b8",
        "#c2185b",
        _kinds(
            input=("#ffffff", "#7c2d92"),
            parameter=("#cfe3f7", "#0b5cad"),
            constant=("#f3f4f6", "#6b7280"),
            result=("#ffffff", "#374151"),
            output=("#b9e6d0", "#00704f"),
            module=("#e5e7eb", "#374151"),
            operation=("#fff3d6", "#b45309"),
        ),
    ),
    "dark": Theme(
        "#11151c", "#e8eaed", "#a3acb9", "#8b95a3", "#181e27", "#475569",
        "#ff7ab0",
        _kinds(
            input=("#11151c", "#d59be8"),
            parameter=("#17375c", "#6cb2f5"),
            constant=("#20262f", "#8b95a3"),
            result=("#1f2630", "#c3cad4"),
            output=("#0c4a38", "#45c898"),
            module=("#2f3844", "#c3cad4"),
            operation=("#4a3508", "#f0b429"),
        ),
    ),
    "print": Theme(
        "#ffffff", "#000000", "#000000", "#000000", "#ffffff", "#000000", "#000000",
        _kinds(
            input=("#ffffff", "#000000"),
            parameter=("#dddddd", "#000000"),
            constant=("#ffffff", "#000000"),
            result=("#ffffff", "#000000"),
            output=("#bbbbbb", "#000000"),
            module=("#eeeeee", "#000000"),
            operation=("#ffffff", "#000000"),
        ),
    ),
}  # fmt: skip

LEGEND: dict[Kind | Literal["operation"], str] = {
    "input": "input",
    "parameter": "parameter",
    "leaf": "leaf with a gradient",
    "constant": "constant",
    "result": "result",
    "output": "output",
    "copy": "copy of a result",
    "module": "module, closed",
    "group": "operations of a kind, with their number",
    "operation": "operation",
}
