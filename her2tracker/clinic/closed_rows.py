"""Infusions of a day's list that stand on a closed day, and the plans that must be projected to say so."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from scheduling.core.calendar import ClosedDays
from scheduling.core.closure import OnClosedDay
from scheduling.models import CycleDay, TreatmentPlan
from scheduling.models.closed_days import on_closed_days_of
from scheduling.models.facts import read_facts_of
from scheduling.models.standing import projection_of
from scheduling.words import DayState


def facts_of(days: Sequence[CycleDay], missed_pks: Collection[int], closed: ClosedDays) -> dict[int, TreatmentPlan]:
    """The plans that must be projected: of what was missed, and of what is planned on a closed day. One reading."""
    pks = {day.plan_id for day in days if day.pk in missed_pks or _is_on_closed(day, closed)}
    return read_facts_of(list(pks)) if pks else {}


def _is_on_closed(day: CycleDay, closed: ClosedDays) -> bool:
    return day.state == DayState.PLANNED and bool(closed.why(day.planned_on))


def on_closed(
    days: Sequence[CycleDay], closed: ClosedDays, facts: Mapping[int, TreatmentPlan], today: date
) -> dict[tuple[int, int, int], OnClosedDay]:
    """By plan, cycle and day: planned infusions on closed days."""
    found: dict[tuple[int, int, int], OnClosedDay] = {}
    for pk in {day.plan_id for day in days if _is_on_closed(day, closed)}:
        plan = facts[pk]
        entries = projection_of(plan, today=today).entries
        found |= {(pk, *key): one for key, one in on_closed_days_of(plan, entries, closed, today).items()}
    return found
