"""Where a patient stands, in one look: what the banner says on every page, and the chart above the fold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.urls import reverse

from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words
from monitoring.core.evaluation import figures_of
from monitoring.core.protocol import Advice
from monitoring.core.surveillance import Window
from monitoring.models import CardiacFlag, LvefAssessment, RiskAssessment
from monitoring.models.standing import Standing, standing_of
from scheduling.models import BodyMeasurement, CycleDay, Hold, Patient, TreatmentPlan
from scheduling.models.standing import regimen_of
from scheduling.words import PlanState

_NO_ALLERGIES = ("", "none", "none known", "no known allergies", "nka", "nkda")
STOPS = (Advice.WITHHOLD, Advice.DISCONTINUE)


@dataclass(frozen=True)
class Summary:
    """Read once per page. `plan` is the active one, else the latest; `planned` its undecided cycle days."""

    patient: Patient
    today: date
    plan: TreatmentPlan | None
    planned: tuple[CycleDay, ...]
    standing: Standing | None
    latest: LvefAssessment | None
    flags: tuple[CardiacFlag, ...]
    weight: BodyMeasurement | None

    @property
    def head(self) -> CycleDay | None:
        """The first cycle day that nobody decided."""
        return self.planned[0] if self.planned else None

    @property
    def missed(self) -> CycleDay | None:
        return self.head if self.head and self.head.planned_on < self.today else None

    @property
    def coming(self) -> tuple[CycleDay, ...]:
        return tuple(day for day in self.planned if day.planned_on >= self.today)

    @property
    def hold(self) -> Hold | None:
        return self.standing.open_hold if self.standing else None

    @property
    def stopping(self) -> CardiacFlag | None:
        """The strictest open flag that advises to withhold or discontinue."""
        found = [flag for flag in self.flags if flag.advice in STOPS]
        return max(found, key=lambda flag: Advice(flag.advice).severity, default=None)

    @property
    def is_stopped(self) -> bool:
        """Nothing is to be given until an oncologist decided."""
        return self.hold is not None or self.stopping is not None

    @property
    def baseline(self) -> LvefAssessment | None:
        return self.standing.baseline if self.standing else None

    @cached_property
    def risk(self) -> RiskAssessment | None:
        """The latest; it may be older than the plan, or there without one."""
        return self.standing.risk if self.standing else self.patient.risk_assessments.first()

    @cached_property
    def window(self) -> Window | None:
        return self.standing.window(self.today) if self.standing else None

    @property
    def fall_text(self) -> str:
        return fall_words(self.standing, self.latest)

    @property
    def plan_text(self) -> str:
        return f"{regimen_of(self.plan.regimen).name}, {self.plan.setting}" if self.plan else ""

    @property
    def cycle_text(self) -> str:
        if self.head:
            until = regimen_of(self.plan.regimen).cap.in_words() if self.plan else ""
            of = f" of {self.head.of_cycles}" if self.head.of_cycles else f", {until}"
            return f"cycle {self.head.cycle}{of}"
        return ""

    @property
    def state(self) -> tuple[str, str]:
        """The mark and the words of what most needs to be seen, or two empty texts."""
        if self.plan is None:
            return "", ""
        if self.plan.state != PlanState.ACTIVE and self.plan.ended_on:
            state = PlanState(self.plan.state)
            return state.value, f"{state.value.capitalize()} on {in_words(self.plan.ended_on)}"
        if self.hold:
            return "hold", f"On hold since {in_words(self.hold.begun_on)}"
        if self.stopping:
            return self.stopping.advice, ""
        if self.missed:
            return "missed", f"Cycle {self.missed.cycle} of {in_words(self.missed.planned_on)} is undecided"
        return "", ""

    def banner(self) -> dict[str, Any]:
        """What components/patient_banner.html asks for."""
        state, words = self.state
        coming, latest, weight = self.coming, self.latest, self.weight
        return {
            "url": reverse("patient", args=[self.patient.uuid]),
            "no_allergies": says_none(self.patient.allergies),
            "age": self.patient.age_on(self.today),
            "plan_text": self.plan_text,
            "cycle_text": self.cycle_text,
            "next_on": coming[0].planned_on if coming and not self.hold else None,
            "state": state,
            "state_words": words,
            "lvef_text": str(latest.lvef) if latest else "",
            "modality": latest.get_modality_display() if latest else "",
            "lvef_on": latest.performed_on if latest else None,
            "baseline_text": str(self.baseline.lvef) if self.baseline else "",
            "fall_text": self.fall_text,
            "risk_mark": self.risk.mark if self.risk else "",
            "risk_words": self.risk.words if self.risk else "",
            "weight_kg": weight.weight_kg if weight else None,
            "weight_on": weight.measured_on if weight else None,
        }


def summary_of(patient: Patient) -> Summary:
    """Everything a patient page's head needs; the number of queries does not depend on the patient."""
    today = patient.site.today()
    plans = list(patient.plans.select_related("regimen").defer("regimen__definition"))
    plan = next((p for p in plans if p.state == PlanState.ACTIVE), plans[0] if plans else None)
    if plan is not None:
        plan.patient = patient
    standing = standing_of(plan) if plan else None
    return Summary(
        patient=patient,
        today=today,
        plan=plan,
        planned=tuple(plan.cycle_days.planned()) if plan else (),
        standing=standing,
        latest=standing.latest if standing else patient.assessments.valid().last(),
        flags=tuple(patient.flags.open()),
        weight=patient.measurements.filter(weight_kg__isnull=False).first(),
    )


def says_none(allergies: str) -> bool:
    """Whether the text says that there are none: that is an answer, and must not look like an allergy."""
    return allergies.strip().rstrip(".").lower() in _NO_ALLERGIES


def fall_words(standing: Standing | None, assessment: LvefAssessment | None) -> str:
    """`15 points`, or `10 to 15 points` when either LVEF is a range; nothing for the baseline itself."""
    baseline = standing.baseline if standing else None
    if standing is None or assessment is None or baseline is None or baseline.pk == assessment.pk:
        return ""
    ends = [
        figures_of(assessment.to_core(), baseline.to_core(), standing.normal, end).fall for end in ("best", "worst")
    ]
    low, high = sorted(end for end in ends if end is not None)
    if high <= 0:
        return "none"
    if low == high:
        return f"{plain(high)} {'point' if high == 1 else 'points'}"
    return f"{plain(max(low, low * 0))} to {plain(high)} points"
