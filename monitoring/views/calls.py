"""Calls to a patient as they went, and the patients whom nobody reaches."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, require, user_of
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from monitoring.actions import calls as actions
from monitoring.core.calls import CallOutcome, unreached
from monitoring.forms.desk import CallForm, UnreachedForm
from monitoring.models import Call, CardiacPolicy, Unreached
from scheduling.lookups import patient_for

SHOWN = 100


@permitted(Permission.VIEW_PATIENTS)
@require_http_methods(["GET", "POST"])
def patient_calls(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every call to one patient, and the form for the next. `?about=` names the task of the queue."""
    by = user_of(request)
    patient = patient_for(by, uuid)
    back = next_url(request, reverse("patient-calls", args=[patient.uuid]))
    if request.method == "POST":
        require(by, Permission.LOG_CALLS)
    form = CallForm(request.POST if request.method == "POST" else None, initial={"about": request.GET.get("about", "")})
    if form.is_valid():
        try:
            call = actions.log(by=by, patient=patient, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            _told(request, call)
            return redirect(back)
    rows = list(patient.calls.select_related("recorded_by")[:SHOWN])
    context = {
        "patient": patient,
        "form": form,
        "back": back,
        "calls": rows,
        "attempts": unreached(CallOutcome(row.outcome) for row in rows),
        "most": CardiacPolicy.of(by.site).attempts,
        "notice": actions.notices_of([patient.pk]).get(patient.pk),
        "crumbs": [("Patients", reverse("patients")), (str(patient), reverse("patient", args=[patient.uuid]))],
    }
    return render(request, "monitoring/patient_calls.html", context, status=422 if form.errors else 200)


@permitted(Permission.DECIDE_FLAGS)
@require_http_methods(["GET", "POST"])
def unreached_list(request: HttpRequest) -> HttpResponse:
    """Patients whom nobody reaches by telephone: an oncologist says what is to be done."""
    by = user_of(request)
    rows, form = list(actions.waiting_for(by)), UnreachedForm()
    asked = request.POST.get("notice", "") if request.method == "POST" else ""
    if request.method == "POST":
        form = UnreachedForm(request.POST)
        notice = _notice(by.site_id, asked)
        if form.is_valid():
            try:
                actions.answer(by=by, notice=notice, words=form.cleaned_data["answer"])
            except Refused as refused:
                tell(form, refused)
            else:
                messages.success(request, f"The coordinators see what you said about {notice.patient}.")
                return redirect("unreached")
    called = actions.calls_of([row.patient_id for row in rows])
    context = {
        "lines": [(row, called.get(row.patient_id, [])[: row.calls]) for row in rows],
        "form": form,
        "asked": asked,
        "crumbs": [("Flags", reverse("flags"))],
    }
    return render(request, "monitoring/unreached.html", context, status=422 if form.errors else 200)


def _notice(site: int, uuid: str) -> Unreached:
    try:
        found = Unreached.objects.at(site).filter(uuid=UUID(uuid)).select_related("patient").first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def _told(request: HttpRequest, call: Call) -> None:
    notice = Unreached.objects.open().filter(patient=call.patient_id).first()
    if notice is not None and call.outcome != CallOutcome.REACHED:
        said = f"Call kept. {notice.calls} calls in a row reached nobody: the oncologist is told."
        messages.warning(request, said)
    else:
        messages.success(request, f"Call to {call.patient} kept: {call.get_outcome_display().lower()}.")
