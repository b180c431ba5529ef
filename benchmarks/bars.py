"""A bar: what was measured, against what limit in the same run, and whether it is met."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results"  # kept runs, by number of plans


@dataclass(frozen=True, slots=True)
class Bar:
    """`ratio` is measured / limit; milliseconds unless `unit` says otherwise.

    Without a `limit` there is nothing to compare with, and no verdict.
    """

    name: str
    what: str
    measured: float
    limit: float | None
    bar: float
    unit: str = "ms"
    at_least: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        if self.limit is None:
            return None
        return self.measured / self.limit if self.limit else float("inf")

    @property
    def met(self) -> bool | None:
        if self.ratio is None:
            return None
        return self.ratio >= self.bar if self.at_least else self.ratio <= self.bar


def each(act: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each call, after one that warms up."""
    act()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


def in_turns(ours: Callable[[], object], limit: Callable[[], object], times: int) -> tuple[list[float], list[float]]:
    """Both measured alternately, so that a busy minute touches both."""
    ours(), limit()
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for index, act in enumerate((ours, limit)):
            begun = time.perf_counter()
            act()
            found[index].append((time.perf_counter() - begun) * 1000)
    return found


def p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]


def median(taken: list[float]) -> float:
    return statistics.median(taken)
