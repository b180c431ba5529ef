"""A site's infusions as a calendar file: when, which cycle, how long. Whose they are is not in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from icalendar import Calendar, Event

from her2tracker.accounts.models import Site
from scheduling.models import CycleDay, Hold
from scheduling.words import DayState, PlanState

BEHIND, AHEAD = timedelta(days=7), timedelta(days=92)


def infusions_ics(site: Site, *, now: datetime) -> bytes:
    """RFC 5545. A date that moved keeps its identity and counts its sequence up. Two queries."""
    today, calendar = site.today(now), Calendar()
    calendar.add("prodid", "-//her2tracker//infusions//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Infusions")
    calendar.add("x-wr-timezone", str(site.zone))
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    held = Exists(Hold.objects.open().filter(plan=OuterRef("plan")))
    rows = CycleDay.objects.at(site).filter(
        state=DayState.PLANNED, plan__state=PlanState.ACTIVE, planned_on__range=(today - BEHIND, today + AHEAD)
    )
    rows = rows.select_related("plan").annotate(is_held=held).order_by("planned_on", "starts_at", "pk")
    for row in rows:
        calendar.add_component(_event(row, site, now))
    calendar.add_missing_timezones(first_date=today - BEHIND, last_date=today + AHEAD + timedelta(days=366))
    text: bytes = calendar.to_ical()
    return text


def _event(row: Any, site: Site, now: datetime) -> Any:
    event = Event()
    event.add("uid", f"{row.uuid}@her2tracker")
    event.add("dtstamp", now)
    event.add("sequence", row.plan.revision)
    event.add("summary", title_of(row))
    event.add("class", "PRIVATE")
    if row.starts_at is None:
        event.add("dtstart", row.planned_on)
        event.add("dtend", row.planned_on + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    else:
        start = datetime.combine(row.planned_on, row.starts_at, site.zone)
        event.add("dtstart", start)
        event.add("dtend", start + timedelta(minutes=row.chair_minutes))
    return event


def title_of(row: Any) -> str:
    """`Infusion C7 of 18, 60 min`; no drug, no name, no number of a record."""
    cycle = f"C{row.cycle}" + (f"D{row.day}" if row.day > 1 else "") + (f" of {row.of_cycles}" if row.of_cycles else "")
    return f"Infusion {cycle}, {row.chair_minutes} min" + (", on hold" if row.is_held else "")
