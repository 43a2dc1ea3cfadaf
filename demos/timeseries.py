"""An LSTM on three centuries of sunspots: the next year from the years before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np

import autograd
import nn

from . import plotting

RECORD = Path(__file__).with_name("sunspots.csv")
"""Yearly mean sunspot numbers 1700-2008, in the public domain: the record of the observatories in
Zurich and Brussels as the National Geophysical Data Center of the United States gave it out."""

VALIDATE, TEST = 1900, 1930
"""The first years that choose when to stop, and that are only forecast."""

WINDOW = 33
"""Years in an example: about three cycles of eleven."""

WARM_UP = 11
"""Years at the start of an example whose forecasts do not count: less than a cycle was seen."""

EPOCHS = 100
SEED = 0


class Record(NamedTuple):
    """Years (n,) and the sunspot number of each (n,)."""

    years: np.ndarray
    numbers: np.ndarray

    def before(self, year: int) -> int:
        """How many years of the record are earlier."""
        return int(np.searchsorted(self.years, year))


def load(path: Path = RECORD) -> Record:
    """The record; the years must follow one another."""
    years, numbers = np.loadtxt(path, delimiter=",", skiprows=1, unpack=True)
    if not (np.diff(years) == 1).all():
        raise ValueError(f"{path}: a year is missing or not in its place")
    return Record(years.astype(int), numbers)


def scaled(numbers: Any) -> Any:
    """Roots, about 0 to 1.4: the spread of a count grows with the count, that of its root not."""
    return np.sqrt(numbers) / 10


def unscaled(x: Any) -> Any:
    """The inverse; no number is below 0."""
    return (10 * np.maximum(x, 0)) ** 2


def examples(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All stretches of WINDOW years, shape (n, WINDOW, 1), and the same a year later."""
    views = np.lib.stride_tricks.sliding_window_view(x.astype(np.float32), WINDOW + 1)[..., None]
    return views[:, :-1], views[:, 1:]


class Forecaster(nn.Module):
    """An LSTM of 32 units and a layer that reads next year's number from its state."""

    def __init__(self) -> None:
        rng = np.random.default_rng(SEED)
        self.lstm = nn.LSTM(1, 32, batch_first=True, generator=rng)
        self.head = nn.Linear(32, 1, generator=rng)

    def forward(self, x: Any) -> Any:
        """Roots (batch, years, 1) to those of the years after each, of the same shape."""
        states, _ = self.lstm(x)
        return self.head(states)


def error(forecast: Any, truth: Any) -> Any:
    """The mean squared error after the years of warming up."""
    return nn.functional.mse_loss(forecast[:, WARM_UP:], truth[:, WARM_UP:])


def train(model: nn.Module, record: Record, epochs: int = EPOCHS) -> nn.History:
    """Adam until the forecasts of 1900-1929 have not become better for twenty epochs."""
    x = scaled(record.numbers)
    first, last = record.before(VALIDATE), record.before(TEST)
    held_out = x[first - WARM_UP - 1 : last].astype(np.float32)[None, :, None]
    return nn.fit(
        model,
        examples(x[:first]),
        error,
        nn.optim.Adam(model.parameters(), lr=5e-3),
        epochs,
        batch_size=16,
        seed=SEED,
        validation=(held_out[:, :-1], held_out[:, 1:]),
        patience=20,
        restore_best=True,
    )


def forecast(model: nn.Module, record: Record) -> np.ndarray:
    """For each year but the first the number forecast from all years before it."""
    x = scaled(record.numbers[:-1]).astype(np.float32)
    with autograd.no_grad():
        return unscaled(model(x[None, :, None]).data[0, :, 0].astype(float))


def go_on(model: Any, record: Record, years: int) -> np.ndarray:
    """The years after the record, each forecast taken for the truth by the next."""
    x = scaled(record.numbers).astype(np.float32)[None, :, None]
    state, numbers = None, []
    with autograd.no_grad():
        for _ in range(years):
            states, state = model.lstm(x, state)
            x = model.head(states[:, -1:]).data
            numbers.append(x.item())
    return unscaled(np.array(numbers))


def linear(record: Record, order: int = 9) -> np.ndarray:
    """Forecasts by a weighted sum of the roots of nine years, fitted to the years before 1900.

    G. U. Yule forecast sunspots by such a sum, of two years, in 1927.
    """
    x = scaled(record.numbers)
    columns = [x[i : len(x) - order + i] for i in range(order)]
    past = np.stack([*columns, np.ones(len(x) - order)], axis=1)
    n = record.before(VALIDATE) - order
    weights, *_ = np.linalg.lstsq(past[:n], x[order : order + n])
    return np.concatenate([np.full(order - 1, np.nan), unscaled(past @ weights)])


def rms(forecasts: np.ndarray, record: Record, first: int, end: int) -> float:
    """The root mean squared error from the year `first` to before `end`, in sunspots."""
    span = slice(record.before(first), record.before(end))
    wrong = forecasts[span.start - 1 : span.stop - 1] - record.numbers[span]
    return float(np.sqrt(np.mean(wrong**2)))


def draw(forecasts: np.ndarray, ahead: np.ndarray, record: Record, path: Path) -> None:
    """The record with the forecast of each year, and what the network makes of the years after."""
    figure, axes = plt.subplots(figsize=(11, 4), layout="constrained")
    years, n = record.years, record.before(TEST)
    before, after = slice(WARM_UP, n), slice(n - 1, None)
    axes.plot(years, record.numbers, color="0.25", linewidth=1.2, label="seen")
    blue, red = {"color": plotting.BLUE, "alpha": 0.6}, {"color": plotting.RED}
    axes.plot(years[1:][before], forecasts[before], **blue, label="a year ahead")
    axes.plot(years[1:][after], forecasts[after], **red, label="a year ahead, held out")
    later = years[-1] + np.arange(1, len(ahead) + 1)
    axes.plot(later, ahead, "--", **red, label="from its own forecasts")
    axes.axvspan(VALIDATE, TEST, color="0.92", zorder=0, label="chose when to stop")
    axes.set(title="Sunspots, and what an LSTM forecasts", ylabel="sunspot number", ylim=(0, None))
    figure.legend(loc="outside lower center", ncols=5, frameon=False)
    plotting.save(figure, path)


def main(out: Path) -> None:
    """The record, the training, the forecasts beside simpler ones, and the years after."""
    record = load()
    model = Forecaster()
    last = record.years[-1]
    print(f"{len(record.years)} years from {record.years[0]} to {last}; the network has")
    print(f"{nn.count_parameters(model)} weights. It learns from the years before {VALIDATE},")
    print(f"stops by those before {TEST}, and is judged by those from {TEST} on.")

    history = train(model, record)
    print("\nepoch  training loss  loss 1900-1929")
    for i in sorted({0, history.best_epoch // 2, history.best_epoch - 1, history.epochs - 1}):
        mark = " *" * (i + 1 == history.best_epoch)
        print(f"{i + 1:5}  {history['loss'][i]:13.6f}  {history['val_loss'][i]:14.6f}{mark}")
    print(f"stopped by {history.stopped}; the weights of epoch {history.best_epoch} are kept")

    forecasts = forecast(model, record)
    print(f"\nroot mean squared error, a year ahead    1900-1929  1930-{last}")
    methods = {
        "as in the year before": record.numbers[:-1],
        "a weighted sum of nine years' roots": linear(record),
        "LSTM": forecasts,
    }
    for name, numbers in methods.items():
        errors = rms(numbers, record, VALIDATE, TEST), rms(numbers, record, TEST, last + 1)
        print(f"  {name:38} {errors[0]:9.2f}  {errors[1]:9.2f}")
    print("The LSTM is ahead on the years that chose when to stop, which flatters it; the sum on")
    print(
        "those that nothing has seen. It has ten weights, and the years to learn from are eighteen"
    )
    print("cycles, few of them as high as the later ones. Compare with the simple thing first.")
    ahead = go_on(model, record, 16)
    print("\nForecast from its own forecasts, the next cycle has its maximum in")
    print(f"{last + 1 + ahead.argmax()}; the sun had it in 2014.")
    draw(forecasts, ahead, record, out / "timeseries.png")
