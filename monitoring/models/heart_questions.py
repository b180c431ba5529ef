"""What is asked of the database about hearts, many plans at once; `standing` and `hearts` read the answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from monitoring.core.surveillance import RepeatAsked
from monitoring.models.assessments import BaselineChoice, LvefAssessment
from monitoring.models.flags import CardiacFlag, EchoBooking, FlagDecision
from monitoring.models.policies import CardiacPolicy
from monitoring.models.risk import RiskAssessment, SurveillanceInterval
from monitoring.words import Decision
from scheduling.models.prepared import MANY, Prepared


def chosen_baselines(pks: list[int]) -> QuerySet[BaselineChoice]:
    """The latest choice per plan; one that was declared not valid since does not count."""
    rows = BaselineChoice.objects.filter(plan__among=pks).select_related("assessment")
    return rows.order_by("plan_id", "-recorded_at", "-id").distinct("plan_id")


def latest_risks(patients: list[int]) -> QuerySet[RiskAssessment]:
    """The latest of each patient."""
    rows = RiskAssessment.objects.filter(patient__among=patients)
    return rows.order_by("patient_id", "-recorded_at", "-id").distinct("patient_id")


def decided_repeats(pks: list[int]) -> QuerySet[FlagDecision]:
    """The latest decision per plan."""
    rows = FlagDecision.objects.filter(flag__plan__among=pks).select_related("flag__patient__site")
    return rows.order_by("flag__plan_id", "-recorded_at", "-id").distinct("flag__plan_id")


QUESTIONS: tuple[Prepared[Any], ...] = tuple(
    Prepared(question, MANY)
    for question in (
        lambda patients: LvefAssessment.objects.valid().filter(patient__among=patients).order_by("performed_on", "id"),
        chosen_baselines,
        decided_repeats,
        lambda plans: CardiacFlag.objects.filter(plan__among=plans).waiting_for_decision(),
        lambda plans: EchoBooking.objects.filter(plan__among=plans, cancelled_at=None).order_by("booked_for", "id"),
        lambda sites: CardiacPolicy.objects.filter(site__among=sites),
        latest_risks,
        lambda plans: SurveillanceInterval.objects.filter(plan__among=plans, ended_at=None).select_related(
            "recorded_by"
        ),
    )
)


def asked_repeats(latest: Iterable[FlagDecision]) -> dict[int, RepeatAsked]:
    """By plan, where its latest decision asks for a repeat by a date."""
    return {
        row.flag.plan_id: RepeatAsked(row.flag.patient.site.today(row.recorded_at), row.repeat_by)
        for row in latest
        if row.repeat_by and row.decision in (Decision.REPEAT, Decision.HOLD, Decision.CONTINUE)
    }
