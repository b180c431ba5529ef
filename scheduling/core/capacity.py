"""How full days are: chair minutes asked of chair minutes open, hour by hour, in a word. No figure here is clinical."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from scheduling.core.chair_day import ChairDay, Place, first_come

NEARLY_FULL = 85
"""From this percent of the open chair minutes on a day is called nearly full. How the list reads, nothing more."""


class Load(StrEnum):
    CLOSED = "closed"
    ROOM = "room"
    NEARLY_FULL = "nearly-full"
    FULL = "full"

    @property
    def label(self) -> str:
        return {"closed": "Closed", "room": "Room", "nearly-full": "Nearly full", "full": "Full"}[self.value]


@dataclass(frozen=True, slots=True)
class Fullness:
    """`asked` is booked and still without a chair together, in minutes; `left_out` found no chair first come first
    served. `hours` says how many chairs are in use at the busiest moment of each hour."""

    booked: int
    asked: int
    open: int
    left_out: int
    hours: tuple[tuple[int, int], ...]
    load: Load

    @property
    def percent(self) -> int:
        return round(100 * self.asked / self.open) if self.open else 0


def fullness(day: ChairDay, *, is_open: bool, opens: int | None = None) -> Fullness:
    """`day` as it stands: its stays ask for a chair, its taken places have one. A closed day is never full.

    `opens` is when the whole day opened, where part of it has passed: the hours gone by were chair time too.
    """
    opens = day.opens if opens is None else opens
    placed = first_come(day)
    every = (*day.taken, *placed)
    booked = sum(place.minutes for place in day.taken)
    asked = booked + sum(stay.minutes for stay in day.stays)
    there = (day.closes - opens) * len(day.chairs) if is_open else 0
    left_out = len(day.stays) - len(placed)
    return Fullness(
        booked, asked, there, left_out, hours(opens, day.closes, every), _load(asked, there, left_out, is_open)
    )


def hours(opens: int, closes: int, places: Iterable[Place]) -> tuple[tuple[int, int], ...]:
    """Hour of the day and chairs in use at its busiest moment, for every open hour."""
    taken = list(places)
    return tuple(
        (hour, max(_in_use(taken, minute) for minute in range(hour * 60, hour * 60 + 60, 15)))
        for hour in range(opens // 60, -(-closes // 60))
    )


def _in_use(places: Iterable[Place], minute: int) -> int:
    return sum(place.begins <= minute < place.ends for place in places)


def _load(asked: int, there: int, left_out: int, is_open: bool) -> Load:
    if not is_open:
        return Load.CLOSED
    if left_out or asked >= there:
        return Load.FULL
    return Load.NEARLY_FULL if 100 * asked >= NEARLY_FULL * there else Load.ROOM
