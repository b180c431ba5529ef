"""Going home: the next infusion and the next echo on one page, to print or to take along."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from her2tracker.clinic.forms.calendar import LetterForm
from her2tracker.clinic.paper.ics import ics
from her2tracker.clinic.paper.letter import Letter, write
from her2tracker.clinic.paper.year import ECHOES, EventKind, next_of, year_of
from her2tracker.clinic.summary import summary_of
from her2tracker.clinic.views.calendar import ICS, UNWRITABLE, as_file
from scheduling.lookups import patient_for
from scheduling.models import Patient


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def discharge(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """When the patient comes again, for what, and whom to call. What is not set is said, with where to set it."""
    patient = patient_for(user_of(request), uuid)
    form = LetterForm(request.GET, preferred=patient.language)
    said: dict[str, Any] = form.cleaned_data if form.is_valid() else {"language": patient.language, "discreet": False}
    letter = letter_of(patient, language=said["language"], discreet=said["discreet"])
    kinds = {line.event.kind for line in letter.lines}
    summary = summary_of(patient)
    context = {
        "patient": patient,
        "summary": summary,
        "form": form,
        "letter": letter,
        "has_infusion": EventKind.INFUSION in kinds,
        "has_echo": bool(kinds & ECHOES),
        "is_booked": EventKind.ECHO_BOOKED in kinds,
        "crumbs": [("Patients", reverse("patients")), (str(patient), reverse("patient", args=[patient.uuid]))],
    }
    return render(request, "clinic/discharge.html", context, status=422 if form.errors else 200)


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def discharge_ics(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same dates as a file for a phone."""
    patient = patient_for(user_of(request), uuid)
    form = LetterForm(request.GET, preferred=patient.language)
    if not form.is_valid():
        return HttpResponseBadRequest(UNWRITABLE)
    said = form.cleaned_data
    letter = letter_of(patient, language=said["language"], discreet=said["discreet"])
    return as_file(ics(letter, patient.site.zone, now=timezone.now()), ICS, "next.ics")


def letter_of(patient: Patient, *, language: str, discreet: bool) -> Letter:
    """The next infusion and the next echo in the patient's own words."""
    today = patient.site.today()
    return write(next_of(year_of(patient, today), today), patient.site, today, language=language, discreet=discreet)
