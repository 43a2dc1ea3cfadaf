"""Tables of medians, and the verdict on each goal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.harness import Contestant, measure, present


@dataclass(frozen=True)
class Goal:
    """A bound on the ratio of two contestants' times."""

    text: str
    dividend: str
    divisor: str
    at_most: float = float("inf")
    at_least: float = 0.0

    def judge(self, seconds: Mapping[str, Sequence[float]]) -> str:
        """Say in one line whether the measured times reach the goal."""
        missing = [name for name in (self.dividend, self.divisor) if name not in seconds]
        if missing:
            return f"{'not measured':<13}{self.text}: {missing[0]} is not installed"
        ratio = ratio_of_times(seconds[self.dividend], seconds[self.divisor])
        verdict = "reached" if self.at_least <= ratio <= self.at_most else "NOT reached"
        return f"{verdict:<13}{self.text}: {ratio:.3f}"


def ratio_of_times(dividend: Sequence[float], divisor: Sequence[float]) -> float:
    """Return the median of the ratios within each round, which cancels the machine's drift."""
    return float(np.median(np.divide(dividend, divisor)))


def compare(
    title: str,
    contestants: Sequence[Contestant],
    yardstick: str,
    goals: Sequence[Goal],
    rounds: int,
    elsewhere: Mapping[str, Callable[[], float]] | None = None,
) -> dict[str, list[float]]:
    """Time the contestants, print their table and goals, and return the times.

    Those `elsewhere`, in processes of their own, give their seconds per step themselves.
    """
    print(f"\n{title} ({rounds} rounds)", flush=True)
    seconds = measure(present(contestants), rounds, elsewhere or {})
    unit, scale = _unit(seconds)
    print(f"  {'':<28}{'median ' + unit:>12}{'quartiles':>22}{'ratio':>9}")
    for name in (*[c.name for c in contestants], *(elsewhere or ())):
        if name not in seconds:
            print(f"  {name:<28}{'not installed':>12}")
            continue
        low, median, high = np.percentile(seconds[name], [25, 50, 75]) * scale
        spread = f"{low:.2f} .. {high:.2f}"
        ratio = (
            f"{ratio_of_times(seconds[name], seconds[yardstick]):9.2f}"
            if yardstick in seconds
            else ""
        )
        print(f"  {name:<28}{median:12.2f}{spread:>22}{ratio}")
    if yardstick in seconds:
        print(f"  ratio: to {yardstick}, the median of the rounds")
    for goal in goals:
        print(f"  {goal.judge(seconds)}", flush=True)
    return seconds


def _unit(seconds: Mapping[str, Sequence[float]]) -> tuple[str, float]:
    fastest = min(min(times) for times in seconds.values())
    return ("ms", 1e3) if fastest >= 1e-3 else ("µs", 1e6)
