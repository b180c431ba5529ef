"""Which chairs of today are in use, read from the starts and stops on record."""

from __future__ import annotations

from datetime import datetime

from scheduling.core import running
from scheduling.core.in_chairs import InChair, in_chair
from scheduling.models.chair_days import Day
from scheduling.models.running import InfusionRun
from scheduling.words import DayState


def in_chairs(day: Day, *, now: datetime) -> dict[int, InChair]:
    """By cycle day: what has begun and is not recorded yet. Only today has any. One query, none on other days."""
    local = now.astimezone(day.site.zone).replace(tzinfo=None)
    if day.on != local.date():
        return {}
    begun = [row for row in day.rows if row.begun_at and row.state == DayState.PLANNED]
    found = InfusionRun.objects.standing().filter(plan__in={row.plan_id for row in begun}, started_on=day.on)
    runs: dict[tuple[int, int, int], list[running.Run]] = {}
    for one in found:
        run = running.Run(one.agent, one.agent.capitalize(), one.minutes, one.started, one.stopped)
        runs.setdefault((one.plan_id, one.cycle, one.day), []).append(run)
    shown = {}
    for row in begun:
        booking = day.bookings.get(row.pk)
        until = booking.ends(day.site).replace(tzinfo=None) if booking else None
        if stands := in_chair(runs.get((row.plan_id, row.cycle, row.day), ()), booked_until=until, now=local):
            shown[row.pk] = stands
    return shown
