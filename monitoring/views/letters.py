"""Letters to patients: switched on, timed, worded, paused."""

from __future__ import annotations

from collections import Counter
from datetime import date, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import Site
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from monitoring.actions import letter_settings as actions
from monitoring.actions.patient_letters import due, words_of
from monitoring.catalog.patient_letters import languages
from monitoring.core.patient_letters import LetterKind
from monitoring.forms.letters import LetterSettingsForm, PauseForm, WordingForm, example_values
from monitoring.models import LetterWording, PatientLetterSettings, Reminder
from monitoring.words import ReminderKind, ReminderState


@permitted(Permission.MANAGE_LETTERS)
@require_http_methods(["GET", "POST"])
def letters(request: HttpRequest) -> HttpResponse:
    """What is written when, today's figures, and the wordings."""
    by = user_of(request)
    chosen = actions.settings_of(by.site)
    form = LetterSettingsForm(request.POST if request.method == "POST" else None, chosen=chosen)
    if form.is_valid():
        try:
            chosen = actions.choose(by=by, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, "Saved. Letters go out by it from the next check on.")
            return redirect("letters")
    return _page(request, by.site, form, status=422 if form.errors else 200)


@permitted(Permission.MANAGE_LETTERS)
@require_POST
def letters_pause(request: HttpRequest) -> HttpResponse:
    """Everything stops, with the reason beside it."""
    by, form = user_of(request), PauseForm(request.POST)
    if form.is_valid():
        try:
            actions.pause(by=by, reason=form.cleaned_data["reason"])
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, "Paused: no patient is written to until somebody resumes it here.")
            return redirect("letters")
    settings_form = LetterSettingsForm(chosen=actions.settings_of(by.site))
    return _page(request, by.site, settings_form, pause_form=form, status=422)


@permitted(Permission.MANAGE_LETTERS)
@require_POST
def letters_resume(request: HttpRequest) -> HttpResponse:
    try:
        actions.resume(by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Resumed. What is still to come is written at the next check.")
    return redirect("letters")


@permitted(Permission.MANAGE_LETTERS)
@require_http_methods(["GET", "POST"])
def letter_wording(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    """One letter in one language, with what the patient would read."""
    by = user_of(request)
    if kind not in list(LetterKind) or language not in languages():
        raise Http404
    wanted, said = LetterKind(kind), languages()[language]
    form = WordingForm(request.POST if request.method == "POST" else None, wording=words_of(by.site)(wanted, said))
    if form.is_valid():
        try:
            actions.word(by=by, kind=wanted, language=language, wording=form.wording())
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, "Saved. Letters written from now on read like this.")
            return redirect("letter-wording", kind, language)
    when = said.when(by.site.today() + timedelta(7), time(9, 30))
    context = {
        "form": form,
        "kind": wanted,
        "language": language,
        "read": words_of(by.site)(wanted, said).filled(example_values(by.site, when)),
        "own": LetterWording.objects.filter(site=by.site, kind=kind, language=language).first(),
        "crumbs": [("Reminders", reverse("reminders")), ("Letters to patients", reverse("letters"))],
    }
    return render(request, "monitoring/letter_wording.html", context, status=422 if form.errors else 200)


@permitted(Permission.MANAGE_LETTERS)
@require_POST
def letter_as_shipped(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    if kind not in list(LetterKind) or language not in languages():
        raise Http404
    try:
        actions.unword(by=user_of(request), kind=LetterKind(kind), language=language)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "The words are those shipped again.")
    return redirect("letter-wording", kind, language)


def _page(
    request: HttpRequest, site: Site, form: LetterSettingsForm, *, status: int, pause_form: PauseForm | None = None
) -> HttpResponse:
    chosen, today = actions.settings_of(site), site.today()
    context = {
        "form": form,
        "pause_form": pause_form or PauseForm(),
        "chosen": chosen,
        "figures": _figures(site),
        "next": _counted(chosen, today) if chosen.is_on else None,
        "wordings": _wordings(site),
        "crumbs": [("Reminders", reverse("reminders"))],
    }
    return render(request, "monitoring/letters.html", context, status=status)


def _figures(site: Site) -> list[tuple[str, int]]:
    """Of the letters written since midnight: how many stand where."""
    midnight = timezone.localtime(timezone=site.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Reminder.objects.filter(site=site, kind=ReminderKind.PATIENT, created_at__gte=midnight)
    counts = Counter(rows.values_list("state", flat=True))
    return [("Planned", sum(counts.values())), *((one.label, counts[one]) for one in ReminderState if counts[one])]


def _counted(chosen: PatientLetterSettings, today: date) -> dict[str, int]:
    """By kind, what the leads name today, written already or not."""
    found = Counter(one.kind.label for one in due(chosen, today))
    return dict(sorted(found.items()))


def _wordings(site: Site) -> list[dict[str, Any]]:
    own = set(LetterWording.objects.filter(site=site).values_list("kind", "language"))
    return [
        {"kind": kind, "languages": [(code, (kind.value, code) in own) for code in languages()]} for kind in LetterKind
    ]
