"""Points of two classes in the plane: a set of our own, and any CSV file."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

SHIPPED = Path(__file__).with_name("points.csv")
"""The set that `generate()` makes."""

HEADER = ["x1", "x2", "label"]


def generate(rows: int = 60, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Points of the unit square with 1 above and 0 below a slanted line, and a gap between."""
    rng = np.random.default_rng(seed)
    x = np.empty((0, 2))
    while len(x) < rows:
        candidates = rng.uniform(0, 1, (rows, 2)).round(4)
        x = np.concatenate([x, candidates[abs(_height(candidates)) > 0.06]])
    x = x[:rows]
    return x, (_height(x) > 0).astype(int)


def _height(x: np.ndarray) -> np.ndarray:
    """How far points lie above the line from (0, 0.8) to (1, 0.3)."""
    height: np.ndarray = x[:, 1] - 0.8 + 0.5 * x[:, 0]
    return height


def read(path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """The points (rows, 2) and labels 0 or 1 (rows,) of a CSV file with three numbers a line.

    Raises:
        ValueError: naming each bad line, so that none is left out in silence; OSError.
    """
    x, y, bad = [], [], []
    for number, text in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
        cells = [cell.strip() for cell in text.split(",")]
        if not any(cells) or (number == 1 and cells == HEADER):
            continue
        try:
            x1, x2, label = map(float, cells)
            if not (math.isfinite(x1) and math.isfinite(x2) and label in (0, 1)):
                raise ValueError
        except ValueError:
            bad.append(f"line {number}: {text}")
        else:
            x.append([x1, x2])
            y.append(int(label))
    if bad:
        raise ValueError(f"{path}: give two finite numbers and 0 or 1: {'; '.join(bad)}")
    if len(set(y)) < 2:
        raise ValueError(f"{path}: {len(y)} points: give some of each label, 0 and 1")
    return np.array(x), np.array(y)
