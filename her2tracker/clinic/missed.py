"""Dates that passed and nobody decided, and what giving them today would mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet

from her2tracker.accounts.models import Site
from her2tracker.clinic.amounts import Amount, amounts_due
from scheduling.actions.administrations import Due
from scheduling.actions.rows import Ordering
from scheduling.core.facts import Given
from scheduling.models import CycleDay, TreatmentPlan, at_once
from scheduling.models.prepared import DAY, ONE, Prepared
from scheduling.models.standing import projection_of, regimen_of


class Head(NamedTuple):
    """A plan's earliest undecided cycle day; later ones wait for it."""

    pk: int
    plan: int
    cycle: int
    day: int
    planned_on: date


@dataclass(frozen=True, slots=True)
class IfToday:
    """The amounts, minutes and gap if it were given on `on`."""

    on: date
    amounts: tuple[Amount, ...]
    infusion_minutes: int
    chair_minutes: int

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(amount.because for amount in self.amounts if amount.because))


def heads(site: Site, *, before: date) -> dict[int, Head]:
    """By plan. One query, over the index of what is still planned."""
    [rows] = at_once.read(_HEADS.of(site.pk, before))
    return {head.plan: head for head in map(Head._make, rows)}


def _heads(site: int, before: date) -> QuerySet[CycleDay, Any]:
    rows = CycleDay.objects.at(site).planned().filter(planned_on__lt=before).order_by("plan_id", "cycle", "day")
    return rows.distinct("plan_id").values_list("pk", "plan_id", "cycle", "day", "planned_on")


_HEADS = Prepared(_heads, ONE, DAY)


def if_today(days: Sequence[CycleDay], plans: Mapping[int, TreatmentPlan], today: date) -> dict[int, IfToday]:
    """Each day projected as given today, from its plan with all its facts."""
    return {day.pk: _if_given(plans[day.plan_id], day, today) for day in days}


def _if_given(plan: TreatmentPlan, day: CycleDay, today: date) -> IfToday:
    regimen = regimen_of(plan.regimen)
    given = [Given(day.cycle, day.day, row.agent, today) for row in day.administrations.all()]
    projection = projection_of(plan, *given, today=today)
    entries = [entry for entry in projection.entries if (entry.cycle, entry.day) == (day.cycle, day.day)]
    ordering = Ordering.of(plan)
    chair = ordering.chair(entries)
    due = [Due(entry, ordering.calculate(entry)) for entry in entries]
    return IfToday(today, amounts_due(due, regimen), chair.infusion, chair.total)
