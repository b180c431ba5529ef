"""Recording a result, and seeing at once how it is judged."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from her2tracker.accounts.access import permitted, require, user_of
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.audit import acts
from her2tracker.lib.refusals import Refused
from monitoring import lookups
from monitoring.actions import assessments, report_files
from monitoring.core.ctrcd import Grading, measured
from monitoring.core.entry import DoubleEntry
from monitoring.core.evaluation import judge_start
from monitoring.core.lifecycle import MISSING_BASELINE
from monitoring.forms.assessments import AssessmentForm, InvalidateForm, ReportForm
from monitoring.lookups import trend_for
from monitoring.models import CardiacPolicy, LvefAssessment
from monitoring.models.comparisons import compared
from monitoring.models.standing import Standing, standing_of
from scheduling.lookups import patient_for
from scheduling.models import Patient
from scheduling.views.inside import inside


@permitted(Permission.RECORD_ASSESSMENTS)
@require_http_methods(["GET", "POST"])
def assessment_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Beside the last result and the baseline, so that a slip shows before it is saved."""
    user = user_of(request)
    patient = patient_for(user, uuid)
    plan = lookups.current_plan(patient)
    standing = standing_of(plan) if plan else None
    last = LvefAssessment.objects.valid().filter(patient=patient).last()
    form = AssessmentForm(
        request.POST if request.method == "POST" else None,
        files=request.FILES if request.method == "POST" else None,
        limits=_limits(patient),
        last=last.lvef if last else None,
        today=user.site.today(),
    )
    if form.is_valid():
        try:
            with transaction.atomic():  # the result with its report, or neither
                row = assessments.record(by=user, patient=patient, **form.recorded())
                if sent := form.cleaned_data["report"]:
                    report_files.attach(by=user, assessment=row, name=sent[0], content=sent[1])
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Recorded LVEF {row.lvef} for {patient}. It was judged at once; see below.")
            return redirect("assessment", row.uuid)
    context = inside(patient, "Record LVEF", form=form, last=last, standing=standing)
    return render(request, "monitoring/assessment_new.html", context, status=422 if form.errors else 200)


@permitted(Permission.VIEW_PATIENTS)
@require_http_methods(["GET", "POST"])
def assessment(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One result with its judgement; posting declares it not valid."""
    user = user_of(request)
    row = lookups.assessment_for(user, uuid)
    form = InvalidateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        require(user, Permission.DECIDE_FLAGS)
    else:
        acts.record("chart.opened", by=user, patient=row.patient, subject=row)
    if form.is_valid():
        try:
            assessments.invalidate(by=user, assessment=row, because=form.cleaned_data["because"])
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"LVEF {row.lvef} no longer counts; flags were computed again.")
            return redirect("assessment", row.uuid)
    files = row.report_files.defer("content").select_related("recorded_by")
    context = inside(row.patient, f"LVEF {row.lvef}", form=form, row=row, files=files, report_form=ReportForm())
    context |= _judged(row)
    return render(request, "monitoring/assessment.html", context, status=422 if form.errors else 200)


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def lvef_trend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All results of a patient: drawn against the plan, and listed, those that no longer count too."""
    user = user_of(request)
    patient = patient_for(user, uuid, opened=True)
    plan = lookups.current_plan(patient)
    standing = standing_of(plan) if plan else None
    rows = LvefAssessment.objects.filter(patient=patient).select_related("recorded_by", "invalidated_by")
    graded = [(row, _graded(standing, row)) for row in rows.order_by("-performed_on", "-id")]
    context = inside(patient, "LVEF", rows=graded, standing=standing, plan=plan)
    context |= {"trend": trend_for(patient), "window": standing.window(user.site.today()) if standing else None}
    return render(request, "monitoring/lvef_trend.html", context)


def _graded(standing: Standing | None, row: LvefAssessment) -> Grading | None:
    return standing.grading(row) if standing and not row.invalidated_at else None


def _limits(patient: Patient) -> DoubleEntry:
    policy = CardiacPolicy.objects.filter(site=patient.site_id).first() or CardiacPolicy()
    return DoubleEntry(policy.double_entry_below, policy.double_entry_fall)


def _judged(row: LvefAssessment) -> dict[str, Any]:
    """The verdict of the plan's protocols, what the other rule sets would say, and what is due next."""
    plan = lookups.current_plan(row.patient)
    if plan is None:
        return {"plan": None}
    standing = standing_of(plan)
    is_baseline = standing.baseline is not None and standing.baseline.pk == row.pk
    objections = judge_start(standing.protocols, row.to_core()) if is_baseline else ()
    return {
        "plan": plan,
        "standing": standing,
        "is_baseline": is_baseline,
        "objections": objections,
        "judgement": standing.judge(row),
        "grading": standing.grading(row),
        "measured": measured(row.to_core(), standing.baseline.to_core() if standing.baseline else None),
        "comparison": compared(standing, row),
        "window": standing.window(row.patient.site.today()),
        "flags": list(row.flags.filter(plan=plan)),
        "no_baseline": plan.flags.filter(fact=MISSING_BASELINE).first() if standing.lacks_baseline else None,
    }
