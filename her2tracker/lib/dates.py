"""Calendar days. Due dates are local dates, never instants; a clock is always an argument."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from functools import lru_cache


def add_days(day: date, days: int) -> date:
    return day + timedelta(days=days)


def days_between(earlier: date, later: date) -> int:
    """Calendar days from `earlier` to `later`; negative when `later` comes first."""
    return (later - earlier).days


def add_months(day: date, months: int) -> date:
    """The same day of the month, or its last day: 31 Aug + 6 months is 28 Feb."""
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@lru_cache(maxsize=8192)
def in_words(day: date) -> str:
    """`Mon 5 Jan 2026`, whatever the process's locale."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
