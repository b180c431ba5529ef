"""The cardiac risk before treatment: answering the proforma, and what its level changes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.audit import acts
from her2tracker.lib.refusals import Refused
from monitoring import lookups
from monitoring.actions import risk
from monitoring.actions.intervals import offers
from monitoring.catalog.risk import proforma
from monitoring.forms.risk import RiskForm
from monitoring.models import RiskAssessment
from monitoring.models.known import known_of
from monitoring.models.standing import standing_of
from scheduling.lookups import patient_for
from scheduling.views.inside import inside


@permitted(Permission.RECORD_ASSESSMENTS)
@require_http_methods(["GET", "POST"])
def risk_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every factor with its source; what is on record is filled in, and says where it is from."""
    user = user_of(request)
    patient = patient_for(user, uuid)
    plan = lookups.current_plan(patient)
    standing = standing_of(plan) if plan else None
    known = known_of(patient, standing, user.site.today())
    form = RiskForm(request.POST if request.method == "POST" else None, proforma=proforma(), known=known)
    if form.is_valid():
        try:
            row = risk.record(by=user, patient=patient, answers=form.answers(), note=form.cleaned_data["note"])
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"{row.words} recorded for {patient}.")
            return redirect("risk", row.uuid)
    last = RiskAssessment.objects.filter(patient=patient).select_related("recorded_by").first()
    context = inside(patient, "Cardiac risk", form=form, last=last, proforma=proforma(), scoring=proforma().scoring)
    return render(request, "monitoring/risk_new.html", context, status=422 if form.errors else 200)


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def risk_result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One assessment: its arithmetic, what was not answered, and what the level changes."""
    user = user_of(request)
    row = lookups.risk_for(user, uuid)
    acts.record("chart.opened", by=user, patient=row.patient, subject=row)
    plan = lookups.current_plan(row.patient)
    standing = standing_of(plan) if plan else None
    is_latest = standing is not None and standing.risk is not None and standing.risk.pk == row.pk
    context = inside(row.patient, "Cardiac risk", row=row, score=row.score(), plan=plan, standing=standing)
    context["points"] = proforma(row.proforma, row.version).scoring.points
    context["offers"] = offers(standing) if standing and is_latest else ()
    context["others"] = RiskAssessment.objects.filter(patient=row.patient).exclude(pk=row.pk)
    return render(request, "monitoring/risk.html", context)
