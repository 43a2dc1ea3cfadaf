"""Files: Graphviz's output from DOT text, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def render(dot: str, format: str) -> bytes:
    """The picture by the `dot` program or, without one, by the Graphviz inside pygraphviz."""
    import shutil

    if shutil.which("dot") is not None:
        import graphviz  # here, as importing it takes a while

        try:
            return bytes(graphviz.pipe("dot", format, dot.encode(), quiet=True))
        except graphviz.CalledProcessError as error:
            raise RuntimeError(
                f"draw: Graphviz could not make the {format}: {error}; try another format, or "
                "save the .dot and run `dot` on it"
            ) from error
    try:
        import pygraphviz
    except ImportError as error:
        raise RuntimeError(
            "draw: no Graphviz to make a picture with: run `pip install pygraphviz`, or install "
            "the system's graphviz package, which has the `dot` program; .dot works without"
        ) from error
    return bytes(pygraphviz.AGraph(string=dot).draw(format=format, prog="dot"))


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the target first, so that no reader and no failure sees half a file."""
    target = type(path)(os.path.realpath(path))  # through a link, rather than in its place
    beside = target.with_name(f".{os.urandom(8).hex()}.tmp")
    try:
        try:
            beside.write_bytes(content)
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(
            error.errno,
            f"save: cannot write the picture: {error.strerror}; give a path in a folder that "
            "exists and can be written to",
            str(path),
        ) from error
