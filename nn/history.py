"""What `fit` tells about a training: numbers for each epoch, which plot themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


class History:
    """Numbers for each epoch by name: "loss", "val_loss", metrics, "lr".

    Attributes:
        columns: lists by name, an entry for each epoch, nan where it had none. One that ends
            early has had none since.
        stopped: why the training ended: "epochs", "early stopping", "callback", "interrupted";
            "" while it goes on.
        best_epoch: the epoch, counted from 1, whose weights were the best; 0 before the first.

    >>> from nn.history import History
    >>> history = History()
    >>> history.add({"loss": 0.5, "lr": 0.1})
    >>> history["loss"], history.epochs
    ([0.5], 1)
    """

    def __init__(self, columns: Mapping[str, list[float]] | None = None) -> None:
        self.columns: dict[str, list[float]] = {k: list(x) for k, x in (columns or {}).items()}
        self.stopped = ""
        self.best_epoch = 0

    def add(self, numbers: Mapping[str, float]) -> None:
        """Append numbers: of the last epoch where it has none of these yet, else of a new one.

        So a callback can add what it has found out about the epoch that has ended.

        >>> from nn.history import History
        >>> history = History({"loss": [0.5, 0.25]})
        >>> history.add({"size": 3.0})
        >>> history["size"], history.epochs
        ([nan, 3.0], 2)
        """
        epoch = self.epochs
        if epoch == 0 or any(len(self.columns.get(name, [])) == epoch for name in numbers):
            epoch += 1
        for name, number in numbers.items():
            column = self.columns.setdefault(name, [])
            column += [math.nan] * (epoch - 1 - len(column))
            column.append(float(number))

    @property
    def epochs(self) -> int:
        """How many epochs there are."""
        return max(map(len, self.columns.values()), default=0)

    @property
    def last(self) -> dict[str, float]:
        """The numbers of the last epoch."""
        epochs = self.epochs
        return {name: column[-1] for name, column in self.columns.items() if len(column) == epochs}

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.columns:
            raise KeyError(f"{name!r}: the history has {', '.join(self.columns) or 'nothing yet'}")
        return self.columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def plot(self) -> Any:
        """A figure of matplotlib's: the losses, and beside them the metrics where there are any.

        Raises:
            ImportError: where matplotlib is not installed.
        """
        try:
            from matplotlib.figure import Figure
            from matplotlib.ticker import MaxNLocator
        except ImportError as error:
            raise ImportError("History.plot needs matplotlib: pip install matplotlib") from error
        losses = [name for name in self.columns if name.endswith("loss")]
        metrics = [name for name in self.columns if name not in (*losses, "lr")]
        panels = [panel for panel in (losses, metrics) if panel]
        figure = Figure(figsize=(5 * max(len(panels), 1), 3.5), layout="constrained")
        for place, names in enumerate(panels, 1):
            axes = figure.add_subplot(1, len(panels), place)
            bases = list(dict.fromkeys(map(_base, names)))  # a colour for each
            for name in names:
                numbers = self.columns[name]
                # A line through the epochs that have a number: one between two gaps is no line.
                pairs = [(i, x) for i, x in enumerate(numbers, 1) if not math.isnan(x)]
                told = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
                style = "--" if name.startswith("val_") else "-"
                colour = f"C{bases.index(_base(name))}"
                axes.plot(
                    *told, style, color=colour, label=name,
                    marker="." if len(numbers) < 30 else "",
                )  # fmt: skip
            if self.best_epoch:
                axes.axvline(self.best_epoch, color="0.7", linewidth=1, zorder=0, label="best")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.set_xlabel("epoch")
            axes.legend(frameon=False)
            for side in ("top", "right"):
                axes.spines[side].set_visible(False)
        return figure

    def _repr_png_(self) -> bytes:
        """The plot, for notebooks."""
        import io

        stream = io.BytesIO()
        self.plot().savefig(stream, dpi=100)
        return stream.getvalue()

    def __repr__(self) -> str:
        numbers = ", ".join(
            f"{name}={x:.4g}" for name, x in (self.last if self.epochs else {}).items()
        )
        ended = f", stopped by {self.stopped}" if self.stopped else ""
        return f"History({self.epochs} epochs{': ' + numbers if numbers else ''}{ended})"


def _base(name: str) -> str:
    return name.removeprefix("val_")
