"""What the sources name for this tumour: each regimen with reason, source, preconditions and what runs beside it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from scheduling import clearance, lookups
from scheduling.core.choosing import Reason
from scheduling.core.regimen import Regimen
from scheduling.models import RegimenVersion, TumourProfile
from scheduling.models.library import orderable_at
from scheduling.models.standing import regimen_of
from scheduling.objection import Objection
from scheduling.views.inside import inside
from scheduling.views.new_plan import advice_for


@dataclass(frozen=True, slots=True)
class Suggested:
    """One regimen. `objections` are what would stand against a start today."""

    version: RegimenVersion
    regimen: Regimen
    reasons: tuple[Reason, ...]
    objections: tuple[Objection, ...]


@permitted(Permission.START_PLANS)
@require_safe
def suggestions(request: HttpRequest, uuid: UUID) -> HttpResponse:
    patient = lookups.patient_for(user_of(request), uuid)
    profile = TumourProfile.objects.filter(patient=patient).first()
    advice = advice_for(profile, orderable_at(patient.site), patient.site)
    found = [
        Suggested(
            version, regimen_of(version), one.reasons, tuple(clearance.before_the_start(patient, version, profile))
        )
        for version, one in advice.suggestions
    ]
    active = patient.plans.active().first()
    context = inside(patient, "Suggestions", advice=advice, suggested=found, profile=profile, active=active)
    return render(request, "scheduling/suggestions.html", context)
