"""Every version of a plan's schedule: who made it, when, and why. Read from the act log."""

from __future__ import annotations

from dataclasses import dataclass

from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from scheduling.models import TreatmentPlan

_MAKES_ONE = (
    "plan.started", "plan.credited", "cycle.delayed", "cycle.brought-forward", "cycle.omitted", "plan.extended",
    "plan.reduced", "plan.policy-chosen", "plan.undone", "plan.dose-recalculated", "plan.switched", "plan.ceased",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Version:
    """`reason` is empty when the sentence says it already."""

    number: int
    act: Act
    told: str
    reason: str


def versions_of(plan: TreatmentPlan) -> list[Version]:
    """The newest first; v1 is the plan as it was started. An infusion given on its day makes none."""
    subjects = [plan.uuid, *(row.uuid for row in plan.cycle_days.all())]
    acts = Act.objects.filter(
        patient_uuid=plan.patient.uuid, subject_uuid__in=subjects, verb__in=[*_MAKES_ONE, "administration.given"]
    ).order_by("at", "id")
    made = [act for act in acts if _moves(act)]
    return [_version(number, act) for number, act in enumerate(made, 1)][::-1]


def _moves(act: Act) -> bool:
    if act.verb != "administration.given":
        return True
    return "planned" in act.details and act.details["planned"] != act.details.get("on")


def _version(number: int, act: Act) -> Version:
    told = sentence(act)
    return Version(number, act, told, act.reason if act.reason.lower() not in told.lower() else "")
