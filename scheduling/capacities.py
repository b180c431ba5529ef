"""Two weeks of chairs read from rows, and which infusions of full days may move where. Nothing moves here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from her2tracker.accounts.models import Site
from scheduling.core.calendar import Candidate, ClosedDays
from scheduling.core.capacity import Fullness, Load, fullness
from scheduling.models import CycleDay
from scheduling.models.chair_days import Day, days_of
from scheduling.models.closed_days import closed_days_of, on_closed_days_of
from scheduling.models.facts import read_facts_of
from scheduling.models.standing import projection_of
from scheduling.words import DayState

DAYS = 14


@dataclass(frozen=True, slots=True)
class Movable:
    """A planned infusion of a full day, and the days with room inside its window that re-load nothing."""

    row: CycleDay
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class DayLoad:
    day: Day
    fullness: Fullness
    movable: tuple[Movable, ...] = ()

    @property
    def on(self) -> date:
        return self.day.on

    @property
    def infusions(self) -> int:
        return len(self.day.rows)

    @property
    def chairs(self) -> int:
        return len(self.day.chairs)


def two_weeks(site: Site, first: date) -> tuple[DayLoad, ...]:
    """Fourteen days from `first` on; the number of queries depends on neither their infusions nor the full ones."""
    today = site.today()
    days = days_of(site, [first + timedelta(days=index) for index in range(DAYS)])
    found = {on: _fullness(day) for on, day in days.items()}
    movable = _movable(site, days.values(), found, today)
    return tuple(DayLoad(day, found[on], movable.get(on, ())) for on, day in sorted(days.items()))


def _fullness(day: Day) -> Fullness:
    return fullness(day.plain(), is_open=day.is_open, opens=day.open_minutes[0])


def _movable(
    site: Site, days: Iterable[Day], found: dict[date, Fullness], today: date
) -> dict[date, tuple[Movable, ...]]:
    """The engine that finds open days near a closed one, asked with the full days as closed."""
    full = {on: "full" for on, one in found.items() if one.load is Load.FULL and on >= today}
    rows = [row for day in days if day.on in full for row in day.rows if row.state == DayState.PLANNED]
    if not rows:
        return {}
    closed = closed_days_of(site)
    shut = ClosedDays(closed.weekdays, {**full, **closed.dates})
    with_room = {on for on, one in found.items() if one.load in (Load.ROOM, Load.NEARLY_FULL)}
    plans = read_facts_of(list({row.plan_id for row in rows}))
    ahead: dict[date, list[Movable]] = {}
    by_plan = {
        pk: on_closed_days_of(plan, projection_of(plan, today=today).entries, shut, today) for pk, plan in plans.items()
    }
    for row in rows:
        one = by_plan[row.plan_id].get((row.cycle, row.day))
        fits = tuple(_fitting(one.proposals, with_room)) if one else ()
        if fits:
            ahead.setdefault(row.planned_on, []).append(Movable(row, fits))
    return {on: tuple(lines) for on, lines in ahead.items()}


def _fitting(candidates: Iterable[Candidate], with_room: set[date]) -> Iterable[Candidate]:
    """Days of the two weeks that have room, and on which no agent re-loads, there or at the next dose."""
    return (one for one in candidates if one.on in with_room and not one.reloads and not one.reloads_after)
