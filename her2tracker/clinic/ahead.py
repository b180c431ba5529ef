"""The next days before they come: what is not ready, whose it is, and what waits for a release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from her2tracker.accounts.models import Site
from her2tracker.clinic.today import Row, day_at
from monitoring.actions.release_requests import asked_today
from monitoring.models import Reminder
from monitoring.models.standing import read_once
from scheduling.models import CycleDay, SitePolicy
from scheduling.models.about import about
from scheduling.models.about import read_once as about_once
from scheduling.models.gates import release_of

DAYS_AHEAD = 3  # tomorrow and the two days after it: USERS.md 15:00, G73


@dataclass(frozen=True, slots=True)
class DayAhead:
    """One day: what is not ready, and how many are."""

    on: date
    lines: tuple[Row, ...]
    ready: int
    unreleased: tuple[CycleDay, ...]

    @property
    def unreleased_uuids(self) -> list[UUID]:
        return [day.uuid for day in self.unreleased]


@dataclass(frozen=True, slots=True)
class Ahead:
    """Tomorrow and the two days after it. `asked` are today's requests."""

    days: tuple[DayAhead, ...]
    release_required: bool
    asked: tuple[Reminder, ...]

    @property
    def unreleased(self) -> tuple[CycleDay, ...]:
        return tuple(row for day in self.days for row in day.unreleased)


def ahead_at(site: Site) -> Ahead:
    """A constant number of queries for each day."""
    today = site.today()
    with about_once(), read_once():
        days = tuple(_day(site, today + timedelta(n)) for n in range(1, DAYS_AHEAD + 1))
    return Ahead(days, SitePolicy.of(site).release_required, tuple(asked_today(site.pk, today)))


def _day(site: Site, on: date) -> DayAhead:
    rows = [row for row in day_at(site, on).rows if row.is_open]
    known = about([row.day.plan for row in rows])
    unreleased = tuple(row.day for row in rows if not release_of(row.day, known[row.day.plan_id], on).holds)
    waiting = {day.pk for day in unreleased}
    required = SitePolicy.of(site).release_required
    lines = tuple(row for row in rows if not row.is_ready or row.at_risk or (required and row.day.pk in waiting))
    return DayAhead(on, lines, len(rows) - len(lines), unreleased)
