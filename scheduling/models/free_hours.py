"""Where a chair is free for one infusion: the hours of its day, and the next day with room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from her2tracker.accounts.models import Site
from scheduling.core.chair_day import Place, clock, openings, rush, window_of
from scheduling.models.chair_days import Day, days_of
from scheduling.models.cycles import CycleDay

AHEAD_DAYS = 28
"""How far ahead a free day is looked for. Not a clinical figure."""


@dataclass(frozen=True, slots=True)
class Free:
    """An hour at which a chair is free, and how many others start in the same half hour."""

    at: str
    chair: str
    chair_uuid: str
    others: int

    @property
    def value(self) -> str:
        return f"{self.chair_uuid}@{self.at}"


def free_hours(day: Day, row: CycleDay) -> list[Free]:
    """The first free chair of each hour that is offered; none on a day without chairs."""
    plain, stay, bare = day.plain(), day.stay(row), day.bare()
    names = {str(chair.uuid): chair.name for chair in day.chairs}
    loads = rush(bare, [place for place in plain.taken if place.key != stay.key])
    found: dict[int, Free] = {}
    for place in openings(plain, stay):
        if place.begins not in found:
            load = loads.get(window_of(bare, place.begins), 0)
            found[place.begins] = Free(clock(place.begins), names[place.chair], place.chair, load)
    return list(found.values())


def next_free(site: Site, row: CycleDay, after: date) -> tuple[date, Place] | None:
    """The first open day after `after` on which this infusion would still find a chair. Moves nothing."""
    days = days_of(site, (after + timedelta(shift) for shift in range(1, AHEAD_DAYS + 1)))
    for on, day in days.items():
        if day.is_open and (found := next(openings(day.plain(), day.stay(row)), None)):
            return on, found
    return None
