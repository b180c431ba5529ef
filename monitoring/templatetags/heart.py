"""The heart's drawings and words for templates of any app."""

from __future__ import annotations

from typing import Any

from django import template

from monitoring.core.trend import Trend
from monitoring.lookups import current_plan
from monitoring.models.standing import standing_of
from monitoring.models.trend import trends_of
from scheduling.models import Patient

register = template.Library()


@register.inclusion_tag("monitoring/lvef_trend_tag.html")
def lvef_trend(patient: Patient, id: str = "lvef-trend") -> dict[str, Any]:  # noqa: A002 - it is the HTML attribute
    """`{% lvef_trend patient %}`: the trend of the patient's current plan, or what emptiness means."""
    return {"trend": trend_for(patient), "id": id, "name": str(patient), "patient": patient}


def trend_for(patient: Patient) -> Trend | None:
    """None without a plan: thresholds and infusions belong to one. Results alone are in the table."""
    plan = current_plan(patient)
    if plan is None:
        return None
    return trends_of([standing_of(plan)], today=patient.site.today())[plan.pk]


@register.filter
def advice_tone(advice: str) -> str:
    """`hold` or `needs` for the edge of a card; nothing for continue."""
    return {"withhold": "hold", "discontinue": "hold", "review": "needs", "repeat": "needs"}.get(str(advice), "")
