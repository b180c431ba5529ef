"""The patient's calendar: looked at, printed, downloaded, subscribed to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from her2tracker.clinic.forms.calendar import LetterForm
from her2tracker.clinic.paper.ics import ics
from her2tracker.clinic.paper.letter import Letter, write
from her2tracker.clinic.paper.pdf import pdf
from her2tracker.clinic.paper.words import words_for
from her2tracker.clinic.paper.year import year_of
from her2tracker.clinic.summary import summary_of
from her2tracker.lib.refusals import Refused
from scheduling.actions import feeds
from scheduling.lookups import patient_for
from scheduling.models import Patient

ICS = "text/calendar; charset=utf-8"
UNWRITABLE = "This calendar cannot be written like that: choose from the page."


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def calendar(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The dates as the patient will read them, with the ways to give them to her."""
    user = user_of(request)
    patient = patient_for(user, uuid)
    form = LetterForm(request.GET, preferred=patient.language)
    return _page(request, patient, form)


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def calendar_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    patient = patient_for(user_of(request), uuid)
    form = LetterForm(request.GET, preferred=patient.language)
    if not form.is_valid():
        return HttpResponseBadRequest(UNWRITABLE)
    letter = _letter(patient, form.cleaned_data)
    content = pdf(
        letter,
        name=str(patient),
        identity="" if letter.discreet else f"{letter.words.of_day(patient.born_on)} · {patient.mrn}",
        clinic="" if letter.discreet else patient.site.name,
        size=form.cleaned_data["size"],
    )
    return as_file(content, "application/pdf", "calendar.pdf", inline=True)


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def calendar_ics(request: HttpRequest, uuid: UUID) -> HttpResponse:
    patient = patient_for(user_of(request), uuid)
    form = LetterForm(request.GET, preferred=patient.language)
    if not form.is_valid():
        return HttpResponseBadRequest(UNWRITABLE)
    content = ics(_letter(patient, form.cleaned_data), patient.site.zone, now=timezone.now())
    return as_file(content, ICS, "calendar.ics")


@permitted(Permission.SHARE_CALENDAR)
@require_POST
def feed_open(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A new address, shown this once. It is in the page and nowhere else: not in the session, not in the log."""
    user = user_of(request)
    patient = patient_for(user, uuid)
    form = LetterForm(request.POST, preferred=patient.language)
    if not form.is_valid():
        return _page(request, patient, form)
    said = form.cleaned_data
    secret = feeds.open_feed(by=user, patient=patient, language=said["language"], discreet=said["discreet"])
    address = request.build_absolute_uri(reverse("calendar-feed", query={"key": secret}))
    return _page(request, patient, form, address=address)


@permitted(Permission.SHARE_CALENDAR)
@require_POST
def feed_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    user = user_of(request)
    patient = patient_for(user, uuid)
    try:
        feeds.revoke(by=user, patient=patient)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Ended the calendar subscription. Its address answers nothing from now on.")
    return redirect("patient-calendar", patient.uuid)


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """What a phone fetches. Whoever has the address sees dates; an ended or unknown one does not exist."""
    found = feeds.feed_of(request.GET.get("key", ""))
    if found is None:
        raise Http404
    letter = _letter(found.patient, {"language": found.language, "discreet": found.discreet})
    response = as_file(ics(letter, found.patient.site.zone, now=timezone.now()), ICS, "calendar.ics")
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _letter(patient: Patient, said: dict[str, Any]) -> Letter:
    site = patient.site
    today = site.today()
    return write(year_of(patient, today), site, today, language=said["language"], discreet=said["discreet"])


def _page(request: HttpRequest, patient: Patient, form: LetterForm, **more: Any) -> HttpResponse:
    said = form.cleaned_data if form.is_valid() else {"language": patient.language, "discreet": False}
    context = {
        "patient": patient,
        "summary": summary_of(patient),
        "form": form,
        "letter": _letter(patient, said),
        "feed": patient.calendar_feeds.open().select_related("recorded_by").first(),
        "may_share": user_of(request).may(Permission.SHARE_CALENDAR),
        "without_words": "" if patient.language.startswith(words_for(patient.language)[0]) else patient.language,
        "crumbs": [("Patients", reverse("patients")), (str(patient), reverse("patient", args=[patient.uuid]))],
        **more,
    }
    return render(request, "clinic/calendar.html", context, status=422 if form.errors else 200)


def as_file(content: bytes, kind: str, name: str, *, inline: bool = False) -> HttpResponse:
    """File names carry no name of a patient: they stay in download folders of shared computers."""
    how = "inline" if inline else "attachment"
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'{how}; filename="{name}"'})
