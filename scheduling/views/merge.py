"""Two records that were one person, side by side before they become one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refused
from scheduling import lookups
from scheduling.actions import patients
from scheduling.forms.patients import MergeForm
from scheduling.models import Patient
from scheduling.summaries import plan_summaries
from scheduling.views.inside import inside

CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class Compared:
    """One fact of both records."""

    name: str
    goes: str
    stays: str

    @property
    def differs(self) -> bool:
        """Both say something, and not the same. Numbers always differ: they are why this page is open."""
        return self.name != "MRN" and bool(self.goes and self.stays) and self.goes != self.stays

    @property
    def verdict(self) -> str:
        return "same" if self.goes == self.stays else "in one only" if not (self.goes and self.stays) else ""


@permitted(Permission.EDIT_PATIENTS)
@require_http_methods(["GET", "POST"])
def patient_merge(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`into` is the record that stays; without it, the page looks for one."""
    user = user_of(request)
    patient = lookups.patient_for(user, uuid)
    form = MergeForm(request.POST if request.method == "POST" else None, initial={"into": request.GET.get("into")})
    into = _other(user, patient, request.POST.get("into") or request.GET.get("into"))
    if into and form.is_valid():
        try:
            kept = patients.merge(by=user, patient=patient, into=into, reason=form.cleaned_data["reason"])
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Merged MRN {patient.mrn} into {kept}, MRN {kept.mrn}. Both numbers find her.")
            return redirect("patient", kept.uuid)
    context = inside(patient, "Merge", form=form, into=into, q=request.GET.get("q", ""))
    context |= {"compared": _compare(user, patient, into)} if into else {"candidates": _candidates(request, patient)}
    return render(request, "scheduling/merge.html", context, status=422 if form.errors else 200)


def _other(user: User, patient: Patient, text: str | None) -> Patient | None:
    try:
        other = lookups.patient_for(user, UUID(text or ""))
    except ValueError:
        return None
    return other if other.pk != patient.pk else None


def _candidates(request: HttpRequest, patient: Patient) -> list[Patient]:
    """Who was searched for, else who bears the same name."""
    text = request.GET.get("q", "").strip()[:100] or f"{patient.family_name} {patient.given_name}"
    at_site = Patient.objects.at(patient.site_id)
    return list(at_site.search(text).exclude(pk=patient.pk)[:CANDIDATES])


def _compare(user: User, goes: Patient, stays: Patient) -> list[Compared]:
    summaries = plan_summaries([goes, stays], today=user.site.today())
    both = [_told(patient, summaries.get(patient.pk)) for patient in (goes, stays)]
    return [Compared(name, both[0][name], both[1][name]) for name in both[0]]


def _told(patient: Patient, summary: Any) -> dict[str, str]:
    weight = patient.measurements.filter(weight_kg__isnull=False).first()
    return {
        "MRN": patient.mrn,
        "Name": str(patient),
        "Date of birth": in_words(patient.born_on).split(" ", 1)[1],
        "Sex": patient.get_sex_display(),
        "Phone": patient.phone,
        "E-mail": patient.email,
        "Allergies": patient.allergies,
        "Treatment plan": f"{summary.regimen}, {summary.plan.state}" if summary else "",
        "Last weight": f"{weight.weight_kg} kg, {in_words(weight.measured_on)}" if weight else "",
        "Tumour profile": "recorded" if hasattr(patient, "tumour") else "",
    }
