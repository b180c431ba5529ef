"""Doses given before a plan, as programs send and read them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from her2tracker.api.fields import Day
from scheduling.core.regimen import DoseKind


class PriorIn(serializers.Serializer[Any]):
    """Doses of one agent given before this plan, here or elsewhere."""

    agent = serializers.CharField(max_length=60)
    doses = serializers.IntegerField(min_value=1, max_value=100)
    last_given_on = Day()
    first_given_on = Day(required=False, allow_null=True)
    place = serializers.CharField(max_length=120, required=False, allow_blank=True)
    decided_kind = serializers.ChoiceField(
        choices=[DoseKind.LOADING.value, DoseKind.MAINTENANCE.value],
        required=False,
        help_text="A clinician's answer where no document says how the plan starts after this agent.",
    )


class PriorOut(serializers.Serializer[Any]):
    agent = serializers.CharField()
    doses = serializers.IntegerField()
    last_given_on = serializers.DateField()
    first_given_on = serializers.DateField(allow_null=True)
    place = serializers.CharField()


def each_agent_once(prior: list[dict[str, Any]]) -> list[dict[str, Any]]:
    named = [one["agent"] for one in prior]
    if len(set(named)) < len(named):
        raise serializers.ValidationError("Name each agent once, with all its doses.")
    return prior
