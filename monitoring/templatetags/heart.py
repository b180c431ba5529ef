"""The heart's drawings and words for templates of any app."""

from __future__ import annotations

from typing import Any

from django import template

from monitoring.lookups import trend_for
from monitoring.models.clocks import clock_of
from monitoring.models.standing import Standing, standing_of
from scheduling.models import Patient, TreatmentPlan

register = template.Library()


@register.inclusion_tag("monitoring/lvef_trend_tag.html")
def lvef_trend(patient: Patient, id: str = "lvef-trend") -> dict[str, Any]:  # noqa: A002 - it is the HTML attribute
    """`{% lvef_trend patient %}`: the trend of the patient's current plan, or what emptiness means."""
    return {"trend": trend_for(patient), "id": id, "name": str(patient), "patient": patient}


@register.inclusion_tag("monitoring/hold_clock.html")
def hold_clock(of: TreatmentPlan | Standing) -> dict[str, Any]:
    """`{% hold_clock plan %}`: the clocks of its open hold for the heart; nothing when it has none."""
    standing = of if isinstance(of, Standing) else standing_of(of)
    found = clock_of(standing, standing.plan.patient.site.today())
    return {"held": found[0], "clock": found[1]} if found else {}


@register.filter
def advice_tone(advice: str) -> str:
    """`hold` or `needs` for the edge of a card; nothing for continue."""
    return {"withhold": "hold", "discontinue": "hold", "review": "needs", "repeat": "needs"}.get(str(advice), "")
