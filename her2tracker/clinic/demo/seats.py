"""The demo clinic's chairs, and who sits in them today. Some are left over, so that a proposal has work to do."""

from __future__ import annotations

from datetime import time

from her2tracker.accounts.models import Site, User
from scheduling.actions import bookings, chairs
from scheduling.core.chair_day import Place, overlap
from scheduling.models.chair_days import day_of, minute_of
from scheduling.words import DayState

CHAIRS, LEFT_OVER = 6, 4
OPEN = (time(8), time(18))
SET_UP_MINUTES = 10


def fill(site: Site, *, by: User, arranged_by: User) -> int:
    """Name the chairs, open every day, and book today's by the hour each was asked to come; returns how many."""
    chairs.set_hours(by=arranged_by, hours=dict.fromkeys(range(7), OPEN), set_up_minutes=SET_UP_MINUTES)
    for number in range(CHAIRS):
        chairs.add(by=arranged_by, name=f"Chair {number + 1}")
    day = day_of(site, site.today())
    timed = [row for row in day.rows if row.starts_at and row.state == DayState.PLANNED]
    placed: list[Place] = []
    for row in timed[: max(len(timed) - LEFT_OVER, 0)] if day.is_open else ():
        assert row.starts_at is not None  # noqa: S101
        for chair in day.chairs:
            place = Place(str(row.uuid), str(chair.uuid), minute_of(row.starts_at), day.minutes(row))
            fits = place.ends <= minute_of(OPEN[1])
            if fits and not any(one.chair == place.chair and overlap(one, place) for one in placed):
                bookings.book(by=by, cycle_day=row, chair=chair, starts_at=row.starts_at)
                placed.append(place)
                break
    return len(placed)
