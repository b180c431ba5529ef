"""The calendar as a file that phones and computers open, and as the feed they subscribe to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar
from icalendar import Event as Entry

from her2tracker.clinic.paper.letter import Letter, Line


def ics(letter: Letter, zone: ZoneInfo, *, now: datetime) -> bytes:
    """RFC 5545. Names nobody; a date that moved keeps its identity and counts its sequence up."""
    calendar = Calendar()
    calendar.add("prodid", "-//her2tracker//patient calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", letter.title)
    calendar.add("x-wr-timezone", str(zone))
    calendar.add("refresh-interval", timedelta(hours=12), parameters={"VALUE": "DURATION"})
    for line in letter.lines:
        calendar.add_component(_entry(line, letter, zone, now))
    days = [line.event.on for line in letter.lines]
    if days:
        calendar.add_missing_timezones(first_date=min(days), last_date=max(days) + timedelta(days=366))
    text: bytes = calendar.to_ical()
    return text


def _entry(line: Line, letter: Letter, zone: ZoneInfo, now: datetime) -> Any:
    entry, event = Entry(), line.event
    entry.add("uid", f"{event.uid}@her2tracker")
    entry.add("dtstamp", now)
    entry.add("sequence", letter.revision)
    entry.add("summary", line.what)
    entry.add("description", "\n".join(letter.notes))
    entry.add("class", "PRIVATE")
    if event.at is None:
        entry.add("dtstart", event.on)
        entry.add("dtend", event.on + timedelta(days=1))
        entry.add("transp", "TRANSPARENT")  # a day to remember, not a day that is taken
    else:
        start = datetime.combine(event.on, event.at, zone)
        entry.add("dtstart", start)
        entry.add("dtend", start + timedelta(minutes=event.minutes or 0))
    if line.where:
        entry.add("location", line.where)
    return entry
