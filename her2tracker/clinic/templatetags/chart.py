"""What pages of every app show about one patient: the banner, and the echoes a plan will ask for."""

from __future__ import annotations

from typing import Any

from django import template

from her2tracker.clinic.echoes import preview_echoes
from her2tracker.clinic.summary import Summary, summary_of
from scheduling.actions.plans import Preview
from scheduling.models import Patient

register = template.Library()


@register.inclusion_tag("components/patient_banner.html")
def patient_banner(patient: Patient, summary: Summary | None = None) -> dict[str, Any]:
    """Who this page is about, in the `banner` block: `{% patient_banner patient %}`.

    A page that has a Summary already passes it, and pays no query for the banner.
    """
    return {"patient": patient, "banner": (summary or summary_of(patient)).banner()}


@register.inclusion_tag("clinic/echo_preview.html")
def echo_preview(plan_preview: Preview) -> dict[str, Any]:
    """The echoes a plan would ask for, before it is started: `{% echo_preview preview %}`."""
    return {"preview": preview_echoes(plan_preview)}
