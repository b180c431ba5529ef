"""S1 and S2: the scheduling core against bare date arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from dateutil.rrule import DAILY, rrule

from benchmarks.bars import Bar, in_turns, median
from scheduling import catalog
from scheduling.core import dosing
from scheduling.core.expansion import expand
from scheduling.core.facts import Delayed, Fact, Given, Omitted
from scheduling.core.projection import project

START = date(2026, 1, 5)
TIMES = 2000


def bars() -> Iterator[Bar]:
    regimen = catalog.regimen("trastuzumab-q3w-17")

    def ours() -> None:
        dosing.calculate_each(regimen, expand(regimen, START), Decimal(70))

    def dates() -> None:
        list(rrule(DAILY, interval=21, count=17, dtstart=datetime(2026, 1, 5)))  # noqa: DTZ001

    def projected() -> None:
        project(regimen, START, _facts(), today=date(2026, 6, 1))

    expanded, bare = in_turns(ours, dates, TIMES)
    yield Bar("S1", "expand 17 cycles with milligrams / 17 bare dates", median(expanded), median(bare), 1.5)
    taken, again = in_turns(projected, ours, TIMES)
    yield Bar("S2", "project with 10 facts / S1", median(taken), median(again), 3.0)


def _facts() -> list[Fact]:
    given = [Given(n, 1, "trastuzumab", START + timedelta(days=21 * (n - 1)), Decimal(420)) for n in range(1, 8)]
    late = [Given(8, 1, "trastuzumab", START + timedelta(days=150), Decimal(560))]
    return [*given, *late, Omitted(9, 1, START + timedelta(days=160)), Delayed(10, 1, START + timedelta(days=200))]
