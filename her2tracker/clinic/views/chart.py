"""The patient's chart and its history."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from her2tracker.clinic.chart import chart_of
from her2tracker.clinic.history import history_of
from her2tracker.clinic.links import patient_links, plan_links
from her2tracker.clinic.summary import summary_of
from scheduling.lookups import patient_for


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def chart(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One patient on one page. Opening it is an act, and is recorded."""
    user = user_of(request)
    patient = patient_for(user, uuid, opened=True)
    found = chart_of(patient)
    context = {
        "patient": patient,
        "chart": found,
        "summary": found.summary,
        "view": found.view,
        "links": patient_links(user, found.summary),
        "plan_links": plan_links(user, found.view, found.summary) if found.view else [],
        "crumbs": [("Patients", reverse("patients"))],
    }
    return render(request, "clinic/chart.html", context)


@permitted(Permission.VIEW_HISTORY)
@require_safe
def history(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who did what to this patient's records, when, and what each changed from and to."""
    patient = patient_for(user_of(request), uuid)
    context = {
        "patient": patient,
        "summary": summary_of(patient),
        "history": history_of(patient, page=request.GET.get("page", 1)),
        "crumbs": [("Patients", reverse("patients")), (str(patient), reverse("patient", args=[patient.uuid]))],
    }
    return render(request, "clinic/history.html", context)
