"""What every page inside a patient needs: whose it is, and the way back."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from scheduling.models import Patient


def inside(patient: Patient, here: str, **more: Any) -> dict[str, Any]:
    """Context of `scheduling/patient_page.html`; `here` names the page."""
    crumbs = [("Patients", reverse("patients")), (str(patient), reverse("patient", args=[patient.uuid]))]
    return {"patient": patient, "crumbs": crumbs, "here": here, **more}
