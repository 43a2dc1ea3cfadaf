"""The LSTM on the sunspots: the record, what is held out, and the forecasts beside simpler ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nn
from demos import timeseries

from .conftest import Run

Trained = tuple[timeseries.Forecaster, nn.History]


@pytest.fixture(scope="module")
def record() -> timeseries.Record:
    return timeseries.load()


@pytest.fixture(scope="module")
def trained(record: timeseries.Record) -> Trained:
    model = timeseries.Forecaster()
    return model, timeseries.train(model, record)


def test_the_record(record: timeseries.Record, tmp_path: Path) -> None:
    assert (record.years[0], record.years[-1], len(record.numbers)) == (1700, 2008, 309)
    assert record.years[record.numbers.argmax()] == 1957  # the highest cycle on record
    assert record.numbers.max() == 190.2
    assert record.numbers[record.before(1810)] == 0  # the Dalton minimum
    gap = tmp_path / "gap.csv"
    gap.write_text("year,sunspots\n1700,5\n1702,16\n")
    with pytest.raises(ValueError, match="a year is missing"):
        timeseries.load(gap)


def test_nothing_held_out_is_learned_from(record: timeseries.Record, trained: Trained) -> None:
    numbers = record.numbers.copy()
    numbers[record.before(1930) :] = 0.0
    model = timeseries.Forecaster()
    history = timeseries.train(model, record._replace(numbers=numbers), epochs=2)
    for name in ("loss", "val_loss"):
        assert history[name] == trained[1][name][:2]


def test_it_forecasts_better_than_last_year(record: timeseries.Record, trained: Trained) -> None:
    forecasts = timeseries.forecast(trained[0], record)
    assert len(forecasts) == 308
    last_year = record.numbers[:-1]
    truth = record.numbers[-79:]
    naive = timeseries.rms(last_year, record, 1930, 2009)
    assert naive == pytest.approx(np.sqrt(np.mean((record.numbers[-80:-1] - truth) ** 2)))
    assert timeseries.rms(forecasts, record, 1930, 2009) < 0.75 * naive
    assert timeseries.rms(timeseries.linear(record), record, 1930, 2009) < 0.75 * naive


def test_the_weighted_sum_knows_a_plain_cycle() -> None:
    years = np.arange(1700, 2009)
    roots = 0.7 + 0.4 * np.sin(2 * np.pi * years / 11)  # which three terms forecast exactly
    record = timeseries.Record(years, timeseries.unscaled(roots))
    assert timeseries.linear(record)[8:] == pytest.approx(record.numbers[9:], abs=1e-6)


def test_going_on_is_forecasting_from_forecasts(
    record: timeseries.Record, trained: Trained
) -> None:
    ahead = timeseries.go_on(trained[0], record, 3)
    longer = record._replace(numbers=np.concatenate([record.numbers, ahead]))
    # The same steps, with the state carried along or computed anew, in single precision.
    assert timeseries.forecast(trained[0], longer)[-3:] == pytest.approx(ahead, rel=1e-4)


def test_the_run(trained: Trained, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the training done before."""
    model, history = trained
    monkeypatch.setattr(timeseries, "Forecaster", lambda: model)
    monkeypatch.setattr(timeseries, "train", lambda *_: history)
    text = run(timeseries)
    assert "309 years from 1700 to 2008" in text
    assert "stopped by early stopping" in text
