"""Graphs as pictures.

`draw` (in `pictures`) runs through these stages, a file each:

- `observing` runs a function, if one is drawn, and notes what its graph alone does not keep;
- `reading` turns the graph into the plain data of `description`;
- `repeats`, `folding` and `copies` make that smaller, or easier to lay out;
- `dot` writes it for Graphviz, which `rendering` asks for files; `page` writes it as an HTML
  page, laid out by `layout`. Both take their words from `captions` and colours from `themes`.

`explain`, which spells out the chain rule of a scalar, is in `explaining`. Nothing here changes
what it draws.
"""

from .explaining import Explanation, explain
from .pictures import Drawing, draw

__all__ = ["Drawing", "Explanation", "draw", "explain"]
