"""The plan page. Its timeline shows echoes beside infusions, so it needs both apps."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from her2tracker.clinic.links import plan_links
from her2tracker.clinic.plan import view_of
from her2tracker.clinic.policies import policies_of
from her2tracker.clinic.summary import summary_of
from her2tracker.clinic.versions import versions_of
from monitoring.models.outlook import outlook_of
from monitoring.models.standing import standing_of
from monitoring.models.work import booking_of
from scheduling.catalog import year_limits
from scheduling.core.forecast import forecast
from scheduling.forecasts import interruption_words
from scheduling.lookups import plan_for
from scheduling.models import TumourProfile
from scheduling.models.closed_days import closed_days_of


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def plan(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Where one plan stands: sentence, timeline, cycles, echoes, and what it goes by."""
    user = user_of(request)
    found = plan_for(user, uuid)
    summary = summary_of(found.patient)
    is_current = summary.plan is not None and summary.plan.pk == found.pk
    standing = summary.standing if is_current and summary.standing else standing_of(found)
    today = user.site.today()
    profile = TumourProfile.objects.filter(patient=found.patient).first()
    view = view_of(found, standing, today, closed_days_of(user.site), outlook_of(standing, today), profile)
    context = {
        "patient": found.patient,
        "summary": summary,
        "view": view,
        "reactions": list(found.reactions.filter(in_error=False).select_related("recorded_by")),
        "booking": booking_of(standing),
        "links": plan_links(user, view, summary),
        "policies": policies_of(view),
        "forecast": forecast(view.regimen, view.projection, year_limits()),
        "limits": year_limits(),
        "interruption": interruption_words(),
        "versions": versions_of(found),
        "crumbs": [
            ("Patients", reverse("patients")),
            (str(found.patient), reverse("patient", args=[found.patient.uuid])),
        ],
    }
    return render(request, "clinic/plan.html", context)
