"""What a plan has taken at home, as its operations show it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from her2tracker.api.fields import Coded
from her2tracker.lib.sources import Confidence


class OralDoseOut(serializers.Serializer[Any]):
    dose = serializers.CharField(source="dose.in_words")
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True)
    source = serializers.CharField(source="dose.citation.key")  # type: ignore[assignment]
    confidence = Coded(Confidence, source="dose.citation.confidence")


class CourseOut(serializers.Serializer[Any]):
    """One agent taken at home: no infusion, no cycle day."""

    agent = serializers.CharField(source="agent.name")
    title = serializers.CharField(source="agent.title")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True, help_text="The last day; null where nothing says when it ends.")
    doses = OralDoseOut(many=True)
    step_up = OralDoseOut(many=True, help_text="Beginning lower, where that is chosen.")
    levels = serializers.CharField(help_text="Reduced doses in words; empty where there are none.")
    missed = serializers.CharField(source="agent.missed.text")
