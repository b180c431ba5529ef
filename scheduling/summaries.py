"""One line about each of many patients: where the treatment plan stands. Three queries, however many patients."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F
from django.db.models.fields.json import KeyTextTransform

from scheduling.models import CycleDay, Hold, Patient, TreatmentPlan
from scheduling.words import PlanState


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """The active plan, else the one that ended last. `next` is its first undecided cycle day."""

    plan: TreatmentPlan
    regimen: str
    next: CycleDay | None
    hold: Hold | None
    today: date

    @property
    def state(self) -> str:
        """The plan's state as a list shows it: a hold, or a date nobody decided about, comes first."""
        if self.plan.state != PlanState.ACTIVE:
            return self.plan.state
        if self.hold:
            return "hold"
        return "missed" if self.next and self.next.planned_on < self.today else "active"


def plan_summaries(patients: Iterable[Patient], *, today: date) -> dict[int, PlanSummary]:
    """By patient; who has no plan is left out."""
    plans = _plans([patient.pk for patient in patients])
    pks = [plan.pk for plan in plans]
    nexts = {row.plan_id: row for row in _next_days(pks)}
    holds = {hold.plan_id: hold for hold in Hold.objects.open().filter(plan__in=pks)}
    return {
        plan.patient_id: PlanSummary(plan, plan.short_name, nexts.get(plan.pk), holds.get(plan.pk), today)  # type: ignore[attr-defined]
        for plan in plans
    }


def _plans(patients: list[int]) -> list[TreatmentPlan]:
    # only an active plan has no end, so "nulls first" puts it before those that ended
    order = ("patient_id", F("ended_on").desc(nulls_first=True), "-start_on", "-id")
    found = TreatmentPlan.objects.filter(patient__in=patients).annotate(
        short_name=KeyTextTransform("short_name", "regimen__definition")
    )
    return list(found.order_by(*order).distinct("patient_id"))


def _next_days(plans: list[int]) -> list[CycleDay]:
    planned = CycleDay.objects.planned().filter(plan__in=plans)
    return list(planned.order_by("plan_id", "planned_on").distinct("plan_id"))
