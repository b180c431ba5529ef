"""The release run: what comes in the next days, what a doctor released, and what nothing stands against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from her2tracker.accounts.models import Site
from her2tracker.clinic.today import Row, day_at
from monitoring.models.standing import read_once
from scheduling.models import SitePolicy
from scheduling.models.about import about
from scheduling.models.about import read_once as about_once
from scheduling.models.gates import ReleaseState, release_of
from scheduling.objection import CHECK_MISSING, NOT_RELEASED, Objection

DAYS_AHEAD = 3


@dataclass(frozen=True, slots=True)
class RunLine:
    """One infusion of the run. `against` is what is open, the missing release aside."""

    row: Row
    release: ReleaseState
    against: tuple[Objection, ...]

    @property
    def is_green(self) -> bool:
        """Nothing stands against it but the release itself."""
        return not self.release.holds and not self.against

    @property
    def may_be_released(self) -> bool:
        return not self.release.holds and not any(one.stops_treatment for one in self.against)


@dataclass(frozen=True, slots=True)
class RunDay:
    on: date
    lines: tuple[RunLine, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Today and the next three days."""

    days: tuple[RunDay, ...]
    required: bool

    @property
    def green(self) -> tuple[RunLine, ...]:
        return tuple(line for day in self.days for line in day.lines if line.is_green)

    @property
    def count(self) -> int:
        return sum(len(day.lines) for day in self.days)

    @property
    def released(self) -> int:
        return sum(line.release.holds for day in self.days for line in day.lines)


def run_at(site: Site) -> Run:
    """Every undecided infusion from today on. A constant number of queries, however many infusions."""
    today = site.today()
    with about_once(), read_once():
        days = tuple(_day(site, today + timedelta(n)) for n in range(DAYS_AHEAD + 1))
    return Run(days, SitePolicy.of(site).release_required)


def _day(site: Site, on: date) -> RunDay:
    rows = [row for row in day_at(site, on).rows if row.is_open]
    known = about([row.day.plan for row in rows])
    return RunDay(on, tuple(_line(row, release_of(row.day, known[row.day.plan_id], on)) for row in rows))


def _line(row: Row, release: ReleaseState) -> RunLine:
    open_ones = (one for one in row.objections if not one.overridden and one.key not in (NOT_RELEASED, CHECK_MISSING))
    return RunLine(row, release, tuple(open_ones))
