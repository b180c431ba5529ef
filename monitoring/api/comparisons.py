"""What every rule set says about one result, side by side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded
from her2tracker.api.views import Operations, operation
from her2tracker.lib.sources import Confidence
from monitoring import lookups
from monitoring.core.protocol import Advice, Jurisdiction, Kind


class RuleSetOut(serializers.Serializer[Any]):
    """One rule set's verdict. Those that do not apply to this plan are for comparison only."""

    protocol = serializers.CharField(source="protocol_id")
    version = serializers.IntegerField()
    title = serializers.CharField()
    kind = Coded(Kind)
    jurisdiction = Coded(Jurisdiction)
    advice = Coded(Advice)
    arithmetic = serializers.CharField()
    because = serializers.CharField()
    words = serializers.CharField()
    applies = serializers.BooleanField()
    differs = serializers.BooleanField()
    notes = serializers.ListField(child=serializers.CharField())
    source = serializers.CharField(source="citation.key", default=None, allow_null=True)  # type: ignore[assignment]
    confidence = Coded(Confidence, source="citation.confidence", default=None, allow_null=True)


class RuleSetsOut(serializers.Serializer[Any]):
    """`leading` is the advice that counts here; null when no rule set applies."""

    leading = Coded(Advice, allow_null=True)
    sentence = serializers.CharField()
    rows = RuleSetOut(many=True)


class RuleSetComparisonOut(serializers.Serializer[Any]):
    comparison = RuleSetsOut(allow_null=True, help_text="Null for a baseline, and without a plan.")


class Compare(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("lvef_compare", returns=RuleSetComparisonOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """What would the other rule sets say? For discussion: what counts here is `leading`."""
        found = lookups.comparison_of(lookups.assessment_for(self.by, uuid))
        return self.shown(RuleSetComparisonOut, {"comparison": found[1] if found else None})
