"""Finding patients, registering them, and what is known of the tumour."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from scheduling import lookups
from scheduling.actions import patients
from scheduling.forms.patients import PatientForm, TumourForm
from scheduling.models import Patient, TumourProfile
from scheduling.summaries import plan_summaries
from scheduling.views.inside import inside
from scheduling.views.shown import wants_part

PATIENTS_PER_PAGE = 50


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def patient_list(request: HttpRequest) -> HttpResponse:
    """Everyone at the site, or who matches `q`; a text that names one person goes straight to her."""
    user, text = user_of(request), request.GET.get("q", "").strip()[:100]
    at_site = Patient.objects.at(user.site)
    named = at_site.exactly(text) if text and not wants_part(request) else None
    if named:
        return redirect("patient", named.uuid)
    page = Paginator(at_site.search(text), PATIENTS_PER_PAGE).get_page(request.GET.get("page"))
    summaries = plan_summaries(page.object_list, today=user.site.today())
    rows = [(patient, summaries.get(patient.pk)) for patient in page.object_list]
    template = "scheduling/patients.html#found" if wants_part(request) else "scheduling/patients.html"
    return render(request, template, {"page": page, "rows": rows, "q": text, "anyone": bool(rows) or at_site.exists()})


@permitted(Permission.EDIT_PATIENTS)
@require_http_methods(["GET", "POST"])
def patient_new(request: HttpRequest) -> HttpResponse:
    form = PatientForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            patient = patients.register(by=user_of(request), **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Registered {patient}. Next: a weight, the tumour, and a baseline LVEF.")
            return redirect("patient", patient.uuid)
    context = {"form": form, "title": "Register a patient", "act": "Register patient", "back": reverse("patients")}
    return render(request, "scheduling/patient_form.html", context, status=422 if form.errors else 200)


@permitted(Permission.EDIT_PATIENTS)
@require_http_methods(["GET", "POST"])
def patient_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    patient = lookups.patient_for(user_of(request), uuid)
    form = PatientForm.of(patient, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            patient = patients.update(by=user_of(request), patient=patient, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Saved the details of {patient}.")
            return redirect("patient", patient.uuid)
    context = inside(patient, "Details", form=form, previous=patient.previous_mrns.all())
    return render(request, "scheduling/patient_edit.html", context, status=422 if form.errors else 200)


@permitted(Permission.EDIT_PATIENTS)
@require_http_methods(["GET", "POST"])
def patient_tumour(request: HttpRequest, uuid: UUID) -> HttpResponse:
    patient = lookups.patient_for(user_of(request), uuid)
    profile = TumourProfile.objects.filter(patient=patient).first()
    form = TumourForm.of(profile, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            patients.describe_tumour(by=user_of(request), patient=patient, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, "Saved the tumour profile. A new plan will suggest regimens from it.")
            return redirect(next_url(request, reverse("patient", args=[patient.uuid])))
    back = next_url(request, reverse("patient", args=[patient.uuid]))
    context = inside(patient, "Tumour", form=form, profile=profile, back=back)
    return render(request, "scheduling/tumour.html", context, status=422 if form.errors else 200)
