"""The description of a graph in Graphviz's language."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from . import captions
from .copies import depth_of_items
from .description import Graph, Item
from .themes import LEGEND, Style, Theme

DIRECTIONS = ("LR", "TB", "RL", "BT")

_FONT = "Helvetica,Arial,sans-serif"
# Where the first and the second operand enter an operation that tells them apart.
_PORTS = {"LR": ("nw", "sw"), "RL": ("ne", "se"), "TB": ("nw", "ne"), "BT": ("sw", "se")}
# From the side of a wide box, as edges from its top and bottom would cross its neighbours.
_SIDEWAYS = {"LR": {"tailport": "e"}, "RL": {"tailport": "w"}}
_SPECIAL = str.maketrans({"\\": "\\\\", '"': '\\"', "&": "&amp;", "\n": "\\n"})
_RECORD = str.maketrans({c: "\\" + c for c in "{}|<>"})
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": " "})
_EFFORT = {
    500: {"nslimit": "3", "nslimit1": "3"},
    3_000: {"nslimit": "0.3", "nslimit1": "1", "mclimit": "0.2"},
    7_000: {"nslimit": "0.1", "nslimit1": "1", "mclimit": "0.1", "splines": "line"},
}
"""How Graphviz is asked to stop sooner, by the length of all edges together: its time to improve a
layout grows with the third power of that, and soon takes minutes."""


class _Table(str):
    """A label in Graphviz's HTML, which stands without quotes."""

    __slots__ = ()


class Writer:
    """Writes one picture."""

    def __init__(
        self,
        graph: Graph,
        theme: Theme,
        direction: str,
        show: Collection[str] | None,
        legend: bool,
    ) -> None:
        self.graph = graph
        self.theme = theme
        self.direction = direction
        self.show = show
        self.legend = legend

    def text(self, **attributes: str) -> str:
        """The picture; `attributes` are more of the whole graph's."""
        lines = [
            "digraph {",
            f"  graph{_list(self._graph_attributes() | attributes)}",
            f"  node{_list(self._node_attributes())}",
            f"  edge{_list(self._edge_attributes())}",
            *self._boxes(),
            *(line for i, item in enumerate(self.graph.items) for line in self._edges(i, item)),
        ]
        return "\n".join([*lines, "}", ""])

    def _graph_attributes(self) -> dict[str, str]:
        found = {
            "bgcolor": self.theme.background, "fontname": _FONT, "nodesep": "0.2",
            "ranksep": "0.35", "rankdir": self.direction,
        }  # fmt: skip
        length = self._length()
        found |= next((how for least, how in [*_EFFORT.items()][::-1] if length > least), {})
        caption = self._caption()
        if caption:
            found |= {"label": caption, "labelloc": "b", "labeljust": "l"}
        return found

    def _length(self) -> int:
        """About how many ranks the edges pass in all."""
        depths = depth_of_items(self.graph)
        return sum(
            1 + 2 * abs(depths[i] - depths[operand.source])
            for i, item in enumerate(self.graph.items)
            for operand in item.operands
            if not self.graph.items[operand.source].given
        )

    def _node_attributes(self) -> dict[str, str]:
        return {"fontname": _FONT, "fontsize": "11", "height": "0.3", "fontcolor": self.theme.text}

    def _edge_attributes(self) -> dict[str, str]:
        found = {"color": self.theme.edge, "arrowsize": "0.6", "fontname": _FONT, "fontsize": "9"}
        return found | {"fontcolor": self.theme.muted} | _SIDEWAYS.get(self.direction, {})

    # --- boxes ---

    def _boxes(self) -> list[str]:
        """The boxes, those of a scope in a cluster."""
        inside: dict[int, list[int]] = {}
        for i, item in enumerate(self.graph.items):
            inside.setdefault(item.scope, []).append(i)
        children: dict[int, list[int]] = {}
        for scope in self._used_scopes()[::-1]:
            children.setdefault(self.graph.scopes[scope].parent, []).append(scope)
        lines: list[str] = []
        stack: list[tuple[int, int]] = [(0, 1)]
        while stack:  # (a scope and its depth; the negative of one that ends)
            scope, depth = stack.pop()
            if scope < 0:
                lines.append("  " * depth + "}")
                continue
            if scope:
                lines += self._cluster(scope, depth)
                stack.append((-scope, depth))
                depth += 1
            for i in inside.get(scope, ()):
                lines += ["  " * depth + line for line in self._box(i, self.graph.items[i])]
            stack += [(child, depth) for child in children.get(scope, ())]
        return lines

    def _used_scopes(self) -> list[int]:
        """The scopes with something in them, in the order in which they are entered."""
        found: dict[int, None] = {}
        for item in sorted(self.graph.items, key=lambda item: item.given):
            scope = item.scope
            while scope and scope not in found:
                found[scope] = None
                scope = self.graph.scopes[scope].parent
        return list(found)

    def _cluster(self, scope: int, depth: int) -> list[str]:
        box = self.graph.scopes[scope]
        label = _escaped(captions.heading(box))
        # At the bottom right no edge enters or leaves, or hardly ever.
        style = {
            "label": label, "labelloc": "b", "labeljust": "r", "style": "rounded,filled",
            "fontsize": "10",
            "fillcolor": self.theme.scope, "color": self.theme.scope_line, "margin": "10",
            "fontcolor": self.theme.muted, "penwidth": "2.2" if box.times > 1 else "1",
        }  # fmt: skip
        indent = "  " * depth
        return [f"{indent}subgraph cluster_{scope} {{", f"{indent}  graph{_list(style)}"]

    def _box(self, i: int, item: Item) -> list[str]:
        name = f"n{i + 1}"
        lines = []
        if captions.has_ellipse(item):
            label = {"label": _escaped(item.operation)}
            # Graphviz then lays out the operands in their order. Two of them have ports instead.
            several = item.ordered and len(item.operands) > 2
            lines.append(
                f"o{i + 1}{_list(label | self._operation() | _if(several, ordering='in'))}"
            )
        style = self.theme.kinds[item.kind]
        texts = [_escaped(cell) for cell in captions.cells(item, self.show) or [item.kind]]
        if item.kind == "number":
            shape = {"shape": "ellipse", "margin": "0.05,0.02", "width": "0.3", "height": "0.25"}
            attributes = {"label": texts[0]} | shape | {"fontsize": "10"}
        else:
            attributes = {"label": self._record(item, texts), "shape": _shape(style)}
        lines.append(f"{name}{_list(attributes | _look(style))}")
        return lines

    def _operation(self) -> dict[str, str]:
        shape = {"shape": "ellipse", "margin": "0.08,0.03", "width": "0.4"}
        return shape | _look(self.theme.kinds["operation"])

    def _record(self, item: Item, texts: list[str]) -> str:
        """The cells; braces turn those of a record across the graph's direction."""
        text = " | ".join(cell.translate(_RECORD) for cell in texts)
        stacked = not item.scalar or item.kind == "module"
        return text if stacked and self.direction in _SIDEWAYS else f"{{ {text} }}"

    # --- edges ---

    def _edges(self, i: int, item: Item) -> list[str]:
        has_ellipse = captions.has_ellipse(item)
        head = f"{'o' if has_ellipse else 'n'}{i + 1}"
        two = has_ellipse and item.ordered and len(item.operands) == 2
        lines = []
        for place, operand in enumerate(item.operands):
            how = _if(self._enters(operand.source, item.scope), minlen="2")
            how |= _if(two, headport=_PORTS[self.direction][min(place, 1)])
            text = captions.edge_text(operand, self.show)
            how |= _if(bool(text), label=f" {text} ")
            lines.append(f"  n{operand.source + 1} -> {head}{_list(how)}")
        if has_ellipse:  # a result stays beside its operation
            lines.append(f"  o{i + 1} -> n{i + 1}{_list({'weight': '3'})}")
        return lines

    def _enters(self, source: int, scope: int) -> bool:
        """Whether an edge leads into a box: longer then, so that boxes in a row do not overlap."""
        around = self.graph.items[source].scope
        while around and around != scope:
            around = self.graph.scopes[around].parent
        return around != scope

    # --- below the picture ---

    def _caption(self) -> str:
        """The legend and the notes, as a table in Graphviz's HTML; "" where there is nothing."""
        rows = []
        if self.legend:
            shown = captions.kinds(self.graph)
            samples = [
                _sample(self.theme.kinds[kind], text, self.theme)
                for kind, text in LEGEND.items()
                if kind in shown
            ]
            if self.show is not None and "derivatives" in self.show:
                samples.append(_plain("∂: local derivative, a factor of the chain rule"))
            rows.append("".join(samples))
        rows += [_plain(note) for note in self.graph.notes]
        if not rows:
            return ""
        tables = "".join(
            f'<tr><td align="left"><table border="0" cellspacing="5" cellpadding="2"><tr>{row}'
            "</tr></table></td></tr>"
            for row in rows
        )
        return _Table(
            f'<<font point-size="9" color="{self.theme.muted}">'
            f'<table border="0" cellspacing="0" cellpadding="0">{tables}</table></font>>'
        )


def _sample(style: Style, text: str, theme: Theme) -> str:
    """A cell of the legend that looks like the boxes of a kind."""
    looks = [*(["rounded"] if style.round else []), *(["dashed"] if style.dashed else [])]
    look = f' style="{",".join(looks)}"' if looks else ""
    return (
        f'<td border="{max(1, round(style.width))}" bgcolor="{style.fill}" color="{style.line}"'
        f'{look}><font color="{theme.text}">{text}</font></td>'
    )


def _plain(text: str) -> str:
    return f'<td border="0">{_visible(text).translate(_HTML)}</td>'


def _shape(style: Style) -> str:
    return "Mrecord" if style.round else "record"


@lru_cache
def _look(style: Style) -> dict[str, str]:
    look = "filled,dashed" if style.dashed else "filled"
    found = {"style": look, "fillcolor": style.fill, "color": style.line}
    return found | _if(style.width != 1, penwidth=f"{style.width:g}")


def _if(condition: bool, **attributes: str) -> dict[str, str]:
    return attributes if condition else {}


def _list(attributes: dict[str, str]) -> str:
    text = " ".join(
        f"{key}={value}" if isinstance(value, _Table) else f'{key}="{value}"'
        for key, value in attributes.items()
    )
    return f" [{text}]" if text else ""


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text
    )


def _escaped(text: str) -> str:
    """`text` for a quoted string, shown as it is: no escapes, no entities, nothing invisible."""
    return _visible(text).translate(_SPECIAL)
