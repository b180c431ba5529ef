"""The consent to a plan's treatment: what is on record, recording one, and its end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refused
from scheduling import lookups
from scheduling.actions import consents
from scheduling.forms.consents import ConsentEndForm, ConsentForm
from scheduling.models import SitePolicy, TreatmentPlan
from scheduling.views import shown
from scheduling.words import ConsentEnd, PlanState


@permitted(Permission.RECORD_CONSENT)
@require_http_methods(["GET", "POST"])
def plan_consent(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record a signed consent; what was recorded before stands above the form."""
    by = user_of(request)
    plan = lookups.plan_for(by, uuid)
    form = ConsentForm(shown.posted(request))
    if form.is_valid():
        try:
            made = consents.record(by=by, plan=plan, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Recorded the consent signed on {in_words(made.signed_on)}.")
            return redirect(_back(request, plan))
    return _page(request, "scheduling/consent.html", plan, form, "Consent to treatment")


@permitted(Permission.RECORD_CONSENT)
@require_http_methods(["GET", "POST"])
def plan_consent_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The patient withdrew it, or it was recorded in error."""
    by = user_of(request)
    plan = lookups.plan_for(by, uuid)
    form = ConsentEndForm(shown.posted(request), initial={"on": by.site.today()})
    if form.is_valid():
        said = form.cleaned_data
        try:
            if said["end"] == ConsentEnd.IN_ERROR:
                consents.recorded_in_error(by=by, plan=plan, note=said["note"])
                told = "The consent is marked as recorded in error: it never counted."
            else:
                on = said["on"] or by.site.today()
                consents.withdraw(by=by, plan=plan, on=on, note=said["note"])
                told = f"Consent was withdrawn on {in_words(on)}: nothing of this plan is given any more."
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, told)
            return redirect(_back(request, plan))
    return _page(request, "scheduling/consent_end.html", plan, form, "End of consent")


def _back(request: HttpRequest, plan: TreatmentPlan) -> str:
    return next_url(request, reverse("plan", args=[plan.uuid]))


def _page(request: HttpRequest, template: str, plan: TreatmentPlan, form: Any, title: str) -> HttpResponse:
    rows = list(plan.consents.select_related("recorded_by", "ended_by"))
    context = shown.inside_plan(plan, title, form=form, rows=rows, back=_back(request, plan))
    context |= {
        "standing": next((row for row in rows if row.ended_at is None), None),
        "is_active": plan.state == PlanState.ACTIVE,
        "is_required": SitePolicy.of(plan.patient.site).consent_required,
    }
    return render(request, template, context, status=422 if form.errors else 200)
