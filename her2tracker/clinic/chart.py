"""A patient's chart: where treatment stands above the fold, then what was measured and described."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from her2tracker.clinic.plan import CycleRow, PlanView, view_of
from her2tracker.clinic.summary import Summary, fall_words, summary_of
from monitoring.core.ctrcd import Grading
from monitoring.models import LvefAssessment
from scheduling.models import BodyMeasurement, Patient, TreatmentPlan, TumourProfile
from scheduling.models.closed_days import closed_days_of
from scheduling.models.standing import regimen_of

NEXT_SHOWN, MEASUREMENTS_SHOWN, ASSESSMENTS_SHOWN = 3, 6, 6


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """One LVEF with its fall below the plan's baseline. Those declared not valid stay in sight, struck."""

    assessment: LvefAssessment
    fall: str
    is_baseline: bool
    grading: Grading | None = None


@dataclass(frozen=True, slots=True)
class PlanLine:
    plan: TreatmentPlan
    name: str
    given: int


@dataclass(frozen=True, slots=True)
class Chart:
    summary: Summary
    view: PlanView | None
    plans: tuple[PlanLine, ...]
    measurements: tuple[BodyMeasurement, ...]
    assessments: tuple[AssessmentRow, ...]
    tumour: TumourProfile | None

    @property
    def next_dates(self) -> tuple[date, ...]:
        return tuple(day.planned_on for day in self.summary.coming[:NEXT_SHOWN])

    @property
    def next_closed(self) -> tuple[CycleRow, ...]:
        """Of the next dates, those on which the site is closed."""
        rows = self.view.rows if self.view else ()
        return tuple(row for row in rows if row.closed and row.on in self.next_dates)

    @property
    def ended(self) -> tuple[PlanLine, ...]:
        current = self.summary.plan
        return tuple(line for line in self.plans if current is None or line.plan.pk != current.pk)


def chart_of(patient: Patient) -> Chart:
    """Everything on the chart; the number of queries does not depend on how long the story is."""
    summary = summary_of(patient)
    plans = patient.plans.select_related("regimen").prefetch_related("cycle_days")
    return Chart(
        summary=summary,
        view=_view(summary),
        plans=tuple(_line(plan) for plan in plans),
        measurements=tuple(patient.measurements.all()[:MEASUREMENTS_SHOWN]),
        assessments=_assessments(patient, summary),
        tumour=TumourProfile.objects.filter(patient=patient).first(),
    )


def _view(summary: Summary) -> PlanView | None:
    if summary.plan is None or summary.standing is None:
        return None
    plan = TreatmentPlan.objects.with_facts().get(pk=summary.plan.pk)
    return view_of(plan, summary.standing, summary.today, closed_days_of(plan.patient.site))


def _line(plan: TreatmentPlan) -> PlanLine:
    given = sum(day.state == "given" for day in plan.cycle_days.all())
    return PlanLine(plan, regimen_of(plan.regimen).name, given)


def _assessments(patient: Patient, summary: Summary) -> tuple[AssessmentRow, ...]:
    """The latest first."""
    baseline = summary.baseline
    rows = patient.assessments.select_related("recorded_by").order_by("-performed_on", "-id")[:ASSESSMENTS_SHOWN]
    return tuple(
        AssessmentRow(
            row,
            "" if row.invalidated_at else fall_words(summary.standing, row),
            baseline is not None and row.pk == baseline.pk,
            summary.standing.grading(row) if summary.standing and not row.invalidated_at else None,
        )
        for row in rows
    )
