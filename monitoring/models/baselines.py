"""From rows to the core's candidates: which results may be pinned as a plan's baseline."""

from __future__ import annotations

from datetime import date

from django.db.models import Min

from monitoring.core.baselines import candidates
from monitoring.models.assessments import LvefAssessment
from scheduling.models import TreatmentPlan
from scheduling.words import DayState


def first_own_dose(plan: TreatmentPlan) -> date | None:
    """Of this plan alone: a patient who began elsewhere may be compared with the LVEF she came with."""
    found: date | None = plan.cycle_days.filter(state=DayState.GIVEN).aggregate(day=Min("done_on"))["day"]
    return found


def candidates_of(plan: TreatmentPlan) -> list[LvefAssessment]:
    """Valid results up to the plan's own first dose, the latest first."""
    results = LvefAssessment.objects.valid().filter(patient=plan.patient_id).order_by("performed_on", "id")
    return candidates(results, first_own_dose(plan))
