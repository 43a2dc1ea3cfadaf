"""The words in a picture: what a box, an edge and a scope say, the same in every format."""

from __future__ import annotations

from collections.abc import Collection

from .description import Graph, Item, Operand, Scope
from .folding import memory
from .reading import decimal

SHOW = ("data", "grad", "shape", "dtype", "derivatives")


def cells(item: Item, show: Collection[str] | None) -> list[str]:
    """The texts of a box, its name first; `show` None stands for what is usual."""
    if show is None:
        show = ("data", "grad") if item.scalar else ("shape", "dtype")
    if item.kind == "number":
        return [item.label if item.times == 1 else f"numbers × {item.times:,}"]
    if item.kind == "module":
        return [text for text in (module_name(item), *_size(item), item.note) if text]
    name = item.label
    if item.times > 1:
        name = f"{item.label or item.operation or item.kind} × {item.times:,}"
    texts = [name, *_numbers(item, show), item.note]
    if not item.scalar:
        shape = f"{item.shape}" if "shape" in show and item.shape is not None else ""
        dtype = ""
        if "dtype" in show and item.dtype:
            dtype = item.dtype if item.times > 1 else f"{item.dtype}, {memory(item.nbytes)}"
        texts.insert(1, f"{shape} {dtype}".strip())
    return [text for text in texts if text]


def _numbers(item: Item, show: Collection[str]) -> list[str]:
    found = []
    if "data" in show and item.data is not None:
        found.append(f"data {item.data.short}")
    if "grad" in show and item.grad is not None:
        found.append(f"grad {item.grad.short}")
    return found


def _size(item: Item) -> list[str]:
    """Of a module: what is trained in it, and what it gives."""
    shape = "" if item.scalar or item.shape is None else f"gives {item.shape} {item.dtype}"
    return [trained(item.parameters, item.times), shape]


def module_name(item: Item) -> str:
    """A closed module's title."""
    return title(Scope(0, item.label, item.operation, 0, item.times))


def title(scope: Scope) -> str:
    """What stands at the top of a scope's box: "layers.0: Linear × 12"."""
    name = f"{scope.name}: {scope.kind}" if scope.name and scope.kind else scope.name or scope.kind
    return name if scope.times == 1 else f"{name} × {scope.times:,}"


def heading(scope: Scope) -> str:
    """The title with the number of parameters."""
    return ", ".join(
        text for text in (title(scope), trained(scope.parameters, scope.times)) if text
    )


def trained(parameters: int, times: int) -> str:
    """How many parameters a module has."""
    if not parameters:
        return ""
    plural = "" if parameters == 1 else "s"
    return f"{parameters:,} parameter{plural}" + (" each" if times > 1 else "")


def edge_text(operand: Operand, show: Collection[str] | None) -> str:
    """What stands on an edge."""
    texts = []
    if operand.times > 1:
        texts.append(f"× {operand.times:,}")
    if show is not None and "derivatives" in show and operand.derivative is not None:
        texts.append(f"∂ {decimal(operand.derivative)}")
    return ", ".join(texts)


def has_ellipse(item: Item) -> bool:
    """Whether an operation is drawn beside its result."""
    return bool(item.operation) and item.kind not in ("module", "group")


def kinds(graph: Graph) -> set[str]:
    """The kinds of things in a picture, for its legend."""
    found: set[str] = {item.kind for item in graph.items}
    return found | {"operation"} if any(map(has_ellipse, graph.items)) else found
