"""Weighing: beside the last weight and the one that doses are calculated with, so that a slip shows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.bounds import plain
from her2tracker.lib.refusals import Refused
from her2tracker.lib.rounding import change_percent, signed_percent
from scheduling import clearance, lookups
from scheduling.actions import patients
from scheduling.core.dosing import WeightChange
from scheduling.forms.patients import MeasureForm
from scheduling.models import BodyMeasurement, Patient, TreatmentPlan
from scheduling.views.inside import inside
from scheduling.views.shown import wants_part

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Compared:
    """A weight in kg beside the one before it and the one doses are calculated with; percents in words."""

    kg: Decimal
    previous: BodyMeasurement | None
    since_previous: str
    plan: TreatmentPlan | None
    since_calculated: str
    change: WeightChange | None

    @property
    def recalculate(self) -> bool:
        return self.change is not None and self.change.recalculate


@permitted(Permission.RECORD_MEASUREMENTS)
@require_http_methods(["GET", "POST"])
def patient_measure(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record a weight, a height, or both; the page stays when the doses must be calculated anew."""
    user = user_of(request)
    patient = lookups.patient_for(user, uuid)
    if wants_part(request) and request.method == "GET":
        return render(request, "scheduling/measure.html#change", {"compared": _typed(request, patient)})
    form = MeasureForm(request.POST if request.method == "POST" else None, initial={"measured_on": user.site.today()})
    if form.is_valid():
        try:
            row = patients.measure(by=user, patient=patient, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            return _recorded(request, patient, row)
    rows = list(patient.measurements.select_related("recorded_by")[:SHOWN])
    context = inside(patient, "Weight and height", form=form, rows=rows, compared=_standing(patient))
    context["back"] = next_url(request, reverse("patient", args=[patient.uuid]))
    return render(request, "scheduling/measure.html", context, status=422 if form.errors else 200)


def _recorded(request: HttpRequest, patient: Patient, row: BodyMeasurement) -> HttpResponse:
    measured = ((row.weight_kg, "kg"), (row.height_cm, "cm"))
    figures = " and ".join(f"{plain(figure)} {unit}" for figure, unit in measured if figure)
    messages.success(request, f"Recorded {figures} for {patient}.")
    compared = _standing(patient)
    if row.weight_kg and compared and compared.recalculate:
        return redirect("patient-measure", patient.uuid)
    return redirect(next_url(request, reverse("patient", args=[patient.uuid])))


def _standing(patient: Patient) -> Compared | None:
    """The newest weight on record beside the one before it."""
    weights = list(patient.measurements.filter(weight_kg__isnull=False)[:2])
    if not weights or weights[0].weight_kg is None:
        return None
    return _compare(patient, weights[0].weight_kg, weights[1] if len(weights) > 1 else None)


def _typed(request: HttpRequest, patient: Patient) -> Compared | None:
    """A weight being typed, beside the newest on record; None while it is not one."""
    form = MeasureForm({"weight_kg": request.GET.get("weight_kg", ""), "measured_on": "2000-01-01"})
    if not form.is_valid():
        return None
    previous = patient.measurements.filter(weight_kg__isnull=False).first()
    return _compare(patient, form.cleaned_data["weight_kg"], previous)


def _compare(patient: Patient, kg: Decimal, previous: BodyMeasurement | None) -> Compared:
    plan = TreatmentPlan.objects.active().filter(patient=patient).select_related("regimen").first()
    change = clearance.change_since_calculated(plan, kg) if plan else None
    before = previous.weight_kg if previous else None
    return Compared(
        kg=kg,
        previous=previous,
        since_previous=signed_percent(change_percent(before, kg)) if before else "",
        plan=plan,
        since_calculated=signed_percent(change.percent) if change else "",
        change=change,
    )
