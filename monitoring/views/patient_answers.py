"""What a patient reads and presses without signing in, and what the clinic sees of it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from monitoring.actions import patient_answers as actions
from monitoring.actions.patient_answers import Asked
from monitoring.catalog.patient_letters import Language, language_for
from monitoring.core.patient_letters import Answer
from monitoring.forms.letters import PatientAnswerForm, SettleForm
from monitoring.models import PatientAnswer
from monitoring.words import ReminderChannel
from scheduling.lookups import patient_for
from scheduling.models import Patient

LETTERS = 100  # the latest; all of them are in the ledger


@never_cache
@require_http_methods(["GET", "POST"])
def patient_answer(request: HttpRequest) -> HttpResponse:
    """Opening it decides nothing: mail programs open links by themselves. It names a day and a place, nobody."""
    asked = actions.asked(request.GET.get("key", ""))
    if asked is None:
        raise Http404
    language = language_for(asked.patient.language)
    form = PatientAnswerForm(request.POST if request.method == "POST" else None)
    thanks = _take(asked, form, language) if form.is_valid() else ""
    page = language.page
    said_no = page.too_many if asked.is_full else "" if asked.is_open else page.past
    hour = asked.appointment.hour if asked.appointment else None
    place = asked.appointment.place if asked.appointment else asked.reminder.site.name
    context = {
        "language": language,
        "asked": page.asked.format(when=language.when(asked.reminder.due_on, hour), place=place),
        "thanks": thanks,
        "refused": said_no.format(phone=asked.reminder.site.phone),
        "site": asked.reminder.site,
    }
    response = render(request, "monitoring/patient_answer.html", context, status=422 if form.errors else 200)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


@permitted(Permission.VIEW_QUEUE)
@require_POST
def request_settle(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The coordinator rang up."""
    by = user_of(request)
    row = PatientAnswer.objects.select_related("patient").filter(patient__site=by.site_id, uuid=uuid).first()
    if row is None:
        raise Http404
    form = SettleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say in a word what was agreed: nothing was saved.")
        return redirect("queue")
    try:
        actions.settle(by=by, answer=row, settlement=form.cleaned_data["settlement"])
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Settled the request of {row.patient}.")
    return redirect("queue")


@permitted(Permission.VIEW_PATIENTS)
@require_http_methods(["GET", "POST"])
def patient_letters(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every letter, what was answered, and whether letters are wanted."""
    by = user_of(request)
    patient = patient_for(by, uuid)
    if request.method == "POST":
        channel = request.POST.get("channel", "")
        if channel not in list(ReminderChannel):
            raise Http404
        wants = request.POST.get("wants") == "yes"
        act = actions.opt_in if wants else actions.opt_out
        try:
            act(by=by, patient=patient, channel=ReminderChannel(channel))
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, "Letters go out again." if wants else "No more letters that way.")
        return redirect("patient-letters", patient.uuid)
    opted = {row.channel: row for row in patient.letter_opt_outs.in_force().select_related("recorded_by")}
    context = {
        "patient": patient,
        "channels": [(one, opted.get(one.value), _address(patient, one)) for one in ReminderChannel],
        "letters": patient.letters.defer("text", "html").prefetch_related("answers__settled_by")[:LETTERS],
        "may_change": by.may(Permission.SHARE_CALENDAR),
        "crumbs": [("Patients", reverse("patients")), (str(patient), reverse("patient", args=[patient.uuid]))],
    }
    return render(request, "monitoring/patient_letters.html", context)


def _take(asked: Asked, form: PatientAnswerForm, language: Language) -> str:
    """Write down what was pressed; returns the thanks."""
    said, now = form.cleaned_data["said"], timezone.now()
    if said == "stop":
        actions.stop(of=asked, now=now)
        return language.page.thanks_stop
    try:
        actions.answer(of=asked, said=Answer(said), words=form.cleaned_data["words"], now=now)
    except Refused:
        return ""  # the page says why: in her language, with the number to call
    return language.page.thanks_coming if said == Answer.COMING else language.page.thanks_other_day


def _address(patient: Patient, channel: ReminderChannel) -> str:
    return patient.phone if channel is ReminderChannel.SMS else patient.email
