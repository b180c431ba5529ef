"""The heart's drawings and words for templates of any app."""

from __future__ import annotations

from typing import Any

from django import template

from monitoring.lookups import trend_for
from scheduling.models import Patient

register = template.Library()


@register.inclusion_tag("monitoring/lvef_trend_tag.html")
def lvef_trend(patient: Patient, id: str = "lvef-trend") -> dict[str, Any]:  # noqa: A002 - it is the HTML attribute
    """`{% lvef_trend patient %}`: the trend of the patient's current plan, or what emptiness means."""
    return {"trend": trend_for(patient), "id": id, "name": str(patient), "patient": patient}


@register.filter
def advice_tone(advice: str) -> str:
    """`hold` or `needs` for the edge of a card; nothing for continue."""
    return {"withhold": "hold", "discontinue": "hold", "review": "needs", "repeat": "needs"}.get(str(advice), "")
