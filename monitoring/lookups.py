"""Finding rows of the heart for a person: at their own site or not at all. Pages and API use the same."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, Q
from django.http import Http404

from her2tracker.accounts.models import Site, User
from monitoring.core.comparison import Comparison
from monitoring.core.trend import Trend
from monitoring.models import (
    CardiacFlag,
    CheckFault,
    Delegation,
    FlagDecision,
    FlagSnooze,
    LvefAssessment,
    Reminder,
    ReportFile,
    ResultImport,
    RiskAssessment,
)
from monitoring.models.after import Aftercare, aftercare_of
from monitoring.models.comparisons import compared
from monitoring.models.flags import FlagQuerySet
from monitoring.models.standing import Standing, standing_of, standings
from monitoring.models.trend import trends_of
from scheduling.models import Patient, TreatmentPlan
from scheduling.words import PlanState


def assessment_for(by: User, uuid: UUID) -> LvefAssessment:
    """The result, valid or not, at `by`'s site, or Http404."""
    rows = LvefAssessment.objects.select_related("patient__site", "recorded_by", "invalidated_by")
    found = rows.filter(patient__site=by.site_id, uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def report_file_for(by: User, uuid: UUID) -> ReportFile:
    """The kept report at `by`'s site, or Http404."""
    rows = ReportFile.objects.select_related("assessment__patient__site")
    found = rows.filter(assessment__patient__site=by.site_id, uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def flag_for(by: User, uuid: UUID) -> CardiacFlag:
    """The flag with its decisions, at `by`'s site, or Http404."""
    found = flags_at(by).filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def flags_at(by: User) -> FlagQuerySet:
    """Flags of `by`'s site with all that a card shows of the flag itself."""
    decisions = Prefetch("decisions", FlagDecision.objects.select_related("recorded_by"))
    snoozes = Prefetch("snoozes", FlagSnooze.objects.select_related("recorded_by"))
    return (
        CardiacFlag.objects.at(by.site_id)
        .select_related(
            "patient__site",
            "assessment",
            "plan__regimen",
            "plan__patient__site",
            "plan__responsible",
            "plan__recorded_by",
        )
        .prefetch_related(decisions, snoozes, "escalations")
    )


def delegations_for(by: User, at: datetime) -> list[Delegation]:
    """Those of `by`, and those in which `by` stands in, that are not over."""
    rows = Delegation.objects.not_over(at).select_related("person", "to")
    return list(rows.filter(Q(person=by) | Q(to=by)).order_by("since", "pk"))


def delegation_for(by: User, uuid: UUID) -> Delegation:
    """The delegation at `by`'s site, or Http404."""
    found = Delegation.objects.at(by.site_id).select_related("person", "to").filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def check_faults_at(site: Site) -> list[CheckFault]:
    """What full checks found wrong at the site, the latest first."""
    return list(CheckFault.objects.filter(site=site).select_related("seen_by"))


def check_fault_for(by: User, uuid: UUID) -> CheckFault:
    """The fault at `by`'s site, or Http404."""
    found = CheckFault.objects.filter(site=by.site_id, uuid=uuid).select_related("seen_by").first()
    if found is None:
        raise Http404
    return found


def reminder_for(by: User, uuid: UUID) -> Reminder:
    """The reminder at `by`'s site, or Http404."""
    found = Reminder.objects.select_related("recipient", "patient").filter(site=by.site_id, uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def result_import_for(by: User, uuid: UUID) -> ResultImport:
    """The file of LVEF results with the report of its lines, at `by`'s site, or Http404."""
    rows = ResultImport.objects.filter(site=by.site_id, uuid=uuid).defer("text")
    row: ResultImport | None = rows.select_related("site", "recorded_by", "decided_by").first()
    if row is None:
        raise Http404
    return row


def risk_for(by: User, uuid: UUID) -> RiskAssessment:
    """The risk assessment at `by`'s site, or Http404."""
    rows = RiskAssessment.objects.select_related("patient__site", "recorded_by")
    found = rows.filter(patient__site=by.site_id, uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def in_follow_up(by: User) -> list[Aftercare]:
    """Patients of `by`'s site whose treatment is over and of whom an LVEF is still asked, soonest first.

    A plan that another one continues hands its heart on; of two finished plans the later one counts.
    """
    plans = TreatmentPlan.objects.select_related("patient__site", "regimen").exclude(end_reason="entered-in-error")
    latest: dict[int, TreatmentPlan] = {}
    for plan in plans.filter(patient__site=by.site_id).order_by("patient_id", "start_on", "pk"):
        latest[plan.patient_id] = plan
    ended = [plan for plan in latest.values() if plan.state != PlanState.ACTIVE]
    return aftercare_of(standings(ended), by.site.today())


def current_plan(patient: Patient) -> TreatmentPlan | None:
    """The plan whose heart is watched: the active one, else the last that was not entered in error."""
    plans = TreatmentPlan.objects.with_facts().filter(patient=patient).exclude(end_reason="entered-in-error")
    return plans.active().first() or plans.first()


def comparison_of(assessment: LvefAssessment) -> tuple[Standing, Comparison] | None:
    """What every rule set says of a result of the patient's plan; None for a baseline, and without a plan."""
    plan = current_plan(assessment.patient)
    standing = standing_of(plan) if plan else None
    found = compared(standing, assessment) if standing else None
    return (standing, found) if standing and found else None


def trend_for(patient: Patient) -> Trend | None:
    """None without a plan: thresholds and infusions belong to one. Results alone are in the table."""
    plan = current_plan(patient)
    if plan is None:
        return None
    return trends_of([standing_of(plan)], today=patient.site.today())[plan.pk]
