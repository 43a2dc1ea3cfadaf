"""Interleaved timing, and the check that all contestants compute the same numbers."""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from benchmarks import peers

Step = Callable[[], object]


@dataclass(frozen=True)
class Contestant:
    """One row of a table: how to get ready, and how many steps to time at a stretch."""

    name: str
    start: Callable[[], Step]
    block: int = 1
    uncounted: int = 1
    peer: str | None = None


class DisagreementError(Exception):
    """Two contestants computed different results from the same data."""


def present(contestants: Sequence[Contestant]) -> list[Contestant]:
    """Leave out the contestants whose library is not installed."""
    return [c for c in contestants if peers.installed(c.peer)]


def measure(
    contestants: Sequence[Contestant],
    rounds: int,
    elsewhere: Mapping[str, Callable[[], float]] = MappingProxyType({}),
) -> dict[str, list[float]]:
    """Return the seconds per step of each contestant in every round.

    Each round times one block of steps of every contestant in turn, so that a machine that
    speeds up or slows down meanwhile does so for all of them.
    """
    seconds: dict[str, list[float]] = {name: [] for name in elsewhere}
    seconds |= {c.name: [] for c in contestants}
    for _ in range(rounds):
        for contestant in contestants:
            seconds[contestant.name].append(_time_block(contestant))
        for name, timed in elsewhere.items():
            seconds[name].append(timed())
    return seconds


def _time_block(contestant: Contestant) -> float:
    step = contestant.start()
    gc.collect()  # nobody pays for another's garbage; its own, everyone pays
    for _ in range(contestant.uncounted):
        step()
    begin = time.perf_counter()
    for _ in range(contestant.block):
        step()
    return (time.perf_counter() - begin) / contestant.block


def check_agreement(
    what: str, results: Mapping[str, Sequence[ArrayLike]], tolerance: float
) -> None:
    """Raise unless every contestant's arrays equal the first one's within a relative tolerance.

    The distance is taken over each array as a whole: single elements that nearly cancel may
    differ by more in the last digits.
    """
    (reference_name, reference), *others = results.items()
    for name, arrays in others:
        for expected, actual in zip(reference, arrays, strict=True):
            wanted, got = np.asarray(expected, np.float64), np.asarray(actual, np.float64)
            if got.shape != wanted.shape:
                raise DisagreementError(
                    f"{what}: {name} has shape {got.shape}, {reference_name} {wanted.shape}"
                )
            distance = float(np.linalg.norm(got - wanted))
            if not distance <= tolerance * float(np.linalg.norm(wanted)):
                raise DisagreementError(
                    f"{what}: {name} differs from {reference_name} by {distance:.3g} "
                    f"(norm {np.linalg.norm(wanted):.3g}, relative tolerance {tolerance:g})"
                )
