"""A site's infusions, or a nurse's own, as a calendar file: when, which cycle, how long. Nobody's name is in it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from icalendar import Calendar, Event

from her2tracker.accounts.models import Site, User
from scheduling.models import CycleDay, Hold, NurseAssignment
from scheduling.words import DayState, PlanState

BEHIND, AHEAD = timedelta(days=7), timedelta(days=92)


def infusions_ics(site: Site, *, now: datetime, nurse: User | None = None) -> bytes:
    """RFC 5545. A date that moved keeps its identity and counts its sequence up. At most three queries.

    With a `nurse`, only what this person has, on the day it was taken for.
    """
    today, calendar = site.today(now), Calendar()
    calendar.add("prodid", "-//her2tracker//infusions//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "My infusions" if nurse else "Infusions")
    calendar.add("x-wr-timezone", str(site.zone))
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    rows = _assigned(site, nurse, today) if nurse else [(row, row.planned_on) for row in _planned(site, today)]
    for row, on in rows:
        calendar.add_component(_event(row, on, site, now))
    calendar.add_missing_timezones(first_date=today - BEHIND, last_date=today + AHEAD + timedelta(days=366))
    text: bytes = calendar.to_ical()
    return text


def _planned(site: Site, today: date) -> QuerySet[CycleDay]:
    held = Exists(Hold.objects.open().filter(plan=OuterRef("plan")))
    rows = CycleDay.objects.at(site).filter(
        state=DayState.PLANNED, plan__state=PlanState.ACTIVE, planned_on__range=(today - BEHIND, today + AHEAD)
    )
    return rows.select_related("plan").annotate(is_held=held).order_by("planned_on", "starts_at", "pk")


def _assigned(site: Site, nurse: User, today: date) -> list[tuple[CycleDay, date]]:
    """What moved away from the day it was taken for is nobody's again; a missed one is taken for a later day."""
    standing = NurseAssignment.objects.standing().filter(nurse=nurse, on__range=(today - BEHIND, today + AHEAD))
    taken = {(one.plan_id, one.cycle, one.day, one.on) for one in standing}
    found = []
    for row in _planned(site, today):
        on = max(row.planned_on, today)  # the day on whose list it stands
        for day in dict.fromkeys((on, row.planned_on)):
            if (row.plan_id, row.cycle, row.day, day) in taken:
                found.append((row, day))
                break
    return found


def _event(row: Any, on: date, site: Site, now: datetime) -> Any:
    event = Event()
    event.add("uid", f"{row.uuid}@her2tracker")
    event.add("dtstamp", now)
    event.add("sequence", row.plan.revision)
    event.add("summary", title_of(row))
    event.add("class", "PRIVATE")
    if row.starts_at is None:
        event.add("dtstart", on)
        event.add("dtend", on + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    else:
        start = datetime.combine(on, row.starts_at, site.zone)
        event.add("dtstart", start)
        event.add("dtend", start + timedelta(minutes=row.chair_minutes))
    return event


def title_of(row: Any) -> str:
    """`Infusion C7 of 18, 60 min`; no drug, no name, no number of a record."""
    cycle = f"C{row.cycle}" + (f"D{row.day}" if row.day > 1 else "") + (f" of {row.of_cycles}" if row.of_cycles else "")
    return f"Infusion {cycle}, {row.chair_minutes} min" + (", on hold" if row.is_held else "")
