"""What runs in the chairs and whose it is, for a day's list: one round trip however many rows.

Only the site's own today has running infusions and vital signs that are due; any day has its nurses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from her2tracker.accounts.models import Site, User
from scheduling import catalog
from scheduling.core import running
from scheduling.models import CycleDay, InfusionRun, NurseAssignment, SitePolicy, VitalSigns
from scheduling.models.about import grouped
from scheduling.models.nursing import acuity_of, weights_of
from scheduling.words import DayState


@dataclass(frozen=True, slots=True)
class RunLine:
    """One agent that runs or has run."""

    row: InfusionRun
    run: running.Run
    minutes_over: int


@dataclass(frozen=True, slots=True)
class AtChair:
    """One row's part of it. `watched_until` comes before the next agent."""

    acuity: int
    nurse: User | None = None
    runs: tuple[RunLine, ...] = ()
    asked: running.Asked | None = None
    next_agent: str | None = None
    watched_until: datetime | None = None

    @property
    def running(self) -> RunLine | None:
        return next((one for one in self.runs if one.run.is_running), None)

    @property
    def has_run(self) -> tuple[RunLine, ...]:
        return tuple(one for one in self.runs if not one.run.is_running)

    @property
    def due_since(self) -> datetime | None:
        """Since when vital signs are due."""
        return self.asked.due.due if self.asked and self.asked.due else None

    @property
    def ticks(self) -> bool:
        """Whether what is shown changes with the clock alone."""
        return bool(self.running or self.watched_until or (self.asked and (self.asked.due or self.asked.next)))


def questions(site: Site, days: Sequence[CycleDay], on: date) -> tuple[QuerySet[Any, Any], ...]:
    """What `at_chair` answers from; asked along with others, it costs no round trip of its own."""
    begun = [day.plan_id for day in days if day.begun_at] if on == site.today() else []
    runs, vitals = InfusionRun.objects.none(), VitalSigns.objects.none()
    if begun:
        runs = InfusionRun.objects.standing().filter(plan__among=begun, started_on=on)
        vitals = VitalSigns.objects.filter(plan__among=begun, in_error=False)
    nurses = NurseAssignment.objects.standing().filter(plan__among=[day.plan_id for day in days], on=on)
    return SitePolicy.objects.filter(site=site.pk), nurses.select_related("nurse"), runs, vitals


def at_chair(site: Site, days: Sequence[CycleDay], answers: Sequence[list[Any]]) -> dict[int, AtChair]:
    """By cycle day, from what `questions` found."""
    policies, nurses, runs, vitals = answers
    weights = weights_of(policies[0] if policies else SitePolicy())
    now = timezone.localtime(timezone.now(), site.zone).replace(tzinfo=None)
    nurse_of = {_key(one): one.nurse for one in nurses}
    runs_of, taken_of = grouped(runs, "plan_id"), grouped(vitals, "plan_id")
    found = {}
    for day in days:
        own, seen = (
            [one for one in rows.get(day.plan_id, ()) if _key(one) == _key(day)] for rows in (runs_of, taken_of)
        )
        found[day.pk] = _one(day, nurse_of.get(_key(day)), acuity_of(day, weights), own, seen, now)
    return found


def _one(
    day: CycleDay, nurse: User | None, acuity: int, runs: list[InfusionRun], taken: list[VitalSigns], now: datetime
) -> AtChair:
    if not runs:
        return AtChair(acuity, nurse)
    ran = [one.of(day) for one in runs]
    moments = [datetime.combine(one.seen_on, one.seen_at) for one in taken]
    is_open = day.state == DayState.PLANNED
    following = running.next_agent([dose.agent for dose in day.administrations.all()], ran) if is_open else None
    lines = tuple(RunLine(row, run, run.minutes_over(now)) for row, run in zip(runs, ran, strict=True))
    watched = [run.watched_until for run in ran if run.stopped and run.watched_until and run.watched_until > now]
    return AtChair(
        acuity=acuity,
        nurse=nurse,
        runs=lines,
        asked=running.asked(catalog.vital_signs(), ran, moments, now),
        next_agent=following,
        watched_until=max(watched) if following and watched else None,
    )


def _key(row: CycleDay | InfusionRun | VitalSigns | NurseAssignment) -> tuple[int, int, int]:
    return row.plan_id, row.cycle, row.day
