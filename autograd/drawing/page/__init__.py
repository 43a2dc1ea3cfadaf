"""The HTML page: a graph, laid out, with a small program to explore it."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any

from .. import captions
from ..description import Graph, Item
from ..layout import layout
from ..reading import decimal
from ..themes import LEGEND, Theme

_LETTER, _LINE, _MARGIN, _END = 7.3, 17.0, 10.0, 11.0
"""The width and height of the page's monospaced letters, beside them, for an edge; in pixels."""


def page(graph: Graph, theme: Theme, direction: str) -> str:
    """The text of the page.

    It loads nothing, and says so to the browser: by its Content-Security-Policy only the style
    and the program that are part of it, known by their hashes, may act. What comes from the graph
    is data in JSON, without any character that could end it, and is only ever shown as text.
    """
    parts = {name: _part(name) for name in ("page.html", "page.css", "page.js")}
    data = json.dumps(_data(graph, theme, direction), ensure_ascii=True, separators=(",", ":"))
    for character in "<>&":
        data = data.replace(character, f"\\u{ord(character):04x}")
    policy = (
        f"default-src 'none'; style-src '{_hash(parts['page.css'])}'; "
        f"script-src '{_hash(parts['page.js'])}'; base-uri 'none'; form-action 'none'"
    )
    filled = parts["page.html"]
    for name, text in (
        ("POLICY", policy),
        ("STYLE", parts["page.css"]),
        ("PROGRAM", parts["page.js"]),
        ("DATA", data),
    ):
        filled = filled.replace(f"@@{name}@@", text)
    return filled


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _data(graph: Graph, theme: Theme, direction: str) -> dict[str, Any]:
    """Everything the page's program is told."""
    cards = [_card(item) for item in graph.items]
    sizes = [_size(card, item) for card, item in zip(cards, graph.items, strict=True)]
    titles = [captions.heading(scope) for scope in graph.scopes]
    placed = layout(graph, sizes, direction, [_LETTER * len(text) + 24 for text in titles])
    for i, (card, item) in enumerate(zip(cards, graph.items, strict=True)):
        card["box"] = placed.items[i]
        card["operands"] = [
            {
                "source": operand.source,
                "text": captions.edge_text(operand, ()),
                "factor": _factor(operand.derivative),
                "points": points,
            }
            for operand, points in zip(item.operands, placed.edges[i], strict=True)
        ]
    shown = captions.kinds(graph)
    return {
        "items": cards,
        "scopes": [
            {"title": titles[scope], "box": box} for scope, box in placed.scopes.items() if scope
        ],
        "size": placed.scopes[0][2:],
        "sideways": direction in ("LR", "RL"),
        "backwards": direction in ("RL", "BT"),
        "steps": [i for i, item in enumerate(graph.items) if not item.given],
        "notes": graph.notes,
        "legend": [(kind, text) for kind, text in LEGEND.items() if kind in shown],
        "theme": {
            **{name: getattr(theme, name) for name in theme._fields if name != "kinds"},
            "kinds": {kind: style._asdict() for kind, style in theme.kinds.items()},
        },
    }


def _card(item: Item) -> dict[str, Any]:
    """What the page knows of an item."""
    grad = item.cotangent or item.grad
    known = {
        "kind": item.kind,
        "operation": item.operation if captions.has_ellipse(item) else "",
        "given": item.given,
        "lines": captions.cells(item, ("shape", "dtype")),
        "name": item.label,
        "static": item.static,
        "source": item.source,
        "data": item.data,
        "grad": grad,
        "stored": item.grad if item.grad != grad else None,
        "leaf": item.leaf,
    }
    return {key: value for key, value in known.items() if value not in ("", None, [])}


def _factor(derivative: float | None) -> str | None:
    return None if derivative is None else decimal(derivative)


def _size(card: dict[str, Any], item: Item) -> tuple[float, float]:
    """Width and height of a card: its lines, and one each for data and gradient."""
    lines = list(card.get("lines", ()))
    if "operation" in card:
        lines.append(card["operation"])
    lines += [f"data {card['data'].short}"] if "data" in card else []
    lines += [f"grad {card['grad'].short}"] if "grad" in card else []
    width = max(map(len, lines), default=1) * _LETTER + 2 * _MARGIN
    ends = min(len(item.operands), 20) * _END  # of edges, one below the other
    return round(max(width, 34.0), 1), max(len(lines) * _LINE + 12, ends)
