"""Second checks that wait for somebody, for Today and for the page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from her2tracker.accounts.models import Site
from scheduling.core.second_check import CheckState
from scheduling.models import ChairBooking, CycleDay, SecondCheck
from scheduling.models.checking import why_lapsed
from scheduling.models.gates import ordered
from scheduling.words import DayState


@dataclass(frozen=True, slots=True)
class WaitingCheck:
    """One request of today. `chair` is empty where none is booked; `lapsed` says why it can no longer be done."""

    check: SecondCheck
    row: CycleDay
    chair: str
    minutes: int
    lapsed: tuple[str, ...]


def checks_at(site: Site, now: datetime) -> list[WaitingCheck]:
    """Every request of the site's today that nobody has done, longest first. One query where none waits."""
    return shown(list(asked_at(site, site.today(now))), site, now)


def asked_at(site: Site, today: date) -> QuerySet[SecondCheck]:
    """The requests themselves."""
    rows = SecondCheck.objects.filter(plan__patient__site=site, state=CheckState.ASKED, for_on=today)
    return rows.select_related("plan__patient", "plan__regimen", "recorded_by").order_by("recorded_at", "id")


def shown(asked: Sequence[SecondCheck], site: Site, now: datetime) -> list[WaitingCheck]:
    """Each with its infusion, chair and minutes; none of what is decided. No query where none waits."""
    if not asked:
        return []
    today, rows = site.today(now), _rows(asked)
    booked = ChairBooking.objects.standing().filter(cycle_day__in=list(rows.values()))
    chairs = dict(booked.values_list("cycle_day", "chair__name"))
    found = []
    for check in asked:
        row = rows.get((check.plan_id, check.cycle, check.day))
        if row and row.state == DayState.PLANNED:
            row.plan, check.plan.patient.site = check.plan, site
            minutes = max(int((now - check.recorded_at).total_seconds() // 60), 0)
            found.append(WaitingCheck(check, row, chairs.get(row.pk, ""), minutes, _lapsed(check, row, today)))
    return found


def _lapsed(check: SecondCheck, row: CycleDay, today: date) -> tuple[str, ...]:
    return why_lapsed(check, ordered(row), today)


def _rows(asked: Sequence[SecondCheck]) -> dict[tuple[int, int, int], CycleDay]:
    wanted = {(one.plan_id, one.cycle, one.day) for one in asked}
    rows = CycleDay.objects.filter(
        plan__in={one.plan_id for one in asked}, cycle__in={one.cycle for one in asked}
    ).prefetch_related("administrations")
    return {key: row for row in rows if (key := (row.plan_id, row.cycle, row.day)) in wanted}
