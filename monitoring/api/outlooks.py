"""The coming infusions' hearts: which are at risk, which days would save them, and whether an echo is early."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded, Day
from her2tracker.api.shapes import Cited
from her2tracker.api.views import Operations, operation
from monitoring.core.at_risk import Outlook
from monitoring.models.outlook import outlook_of, pairings_of
from monitoring.models.standing import standing_of
from scheduling.lookups import plan_for


class CycleOutlookOut(serializers.Serializer[Any]):
    """One planned cycle day. `ask_by` is the last day to ask the echo lab, `last_useful` the last for the echo."""

    cycle_day = serializers.UUIDField(source="infusion.key")
    on = serializers.DateField(source="infusion.on")
    state = Coded(Outlook)
    sentence = serializers.CharField()
    earliest = serializers.DateField(help_text="About when the lab could do an echo asked for today.")
    ask_by = serializers.DateField(allow_null=True)
    last_useful = serializers.DateField(allow_null=True)


class PairingOut(serializers.Serializer[Any]):
    """An open day on which, or next to which, the patient comes for an infusion anyway."""

    on = serializers.DateField()
    same_day = serializers.BooleanField(source="is_same_day")
    sentence = serializers.CharField()


class TooEarlyOut(Cited):
    """A note, never a refusal."""

    days_since_last = serializers.IntegerField()
    last_lvef = serializers.CharField(source="last.lvef")
    last_on = serializers.DateField(source="last.performed_on")
    sentence = serializers.CharField()


class PlanOutlookOut(serializers.Serializer[Any]):
    cycle_days = CycleOutlookOut(many=True)
    pairings = PairingOut(many=True)
    too_early = TooEarlyOut(allow_null=True)


class OutlookQuery(serializers.Serializer[Any]):
    asked_for = Day(required=False, help_text="A day for an echo; today when left out.")


class PlanOutlooks(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("plans_outlook", query=OutlookQuery, returns=PlanOutlookOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """Whether a valid LVEF covers each coming infusion, by the lab's waiting time. Computed now, never stored."""
        standing, today = standing_of(plan_for(self.by, uuid)), self.by.site.today()
        found = outlook_of(standing, today)
        asked_for = self.query(OutlookQuery).get("asked_for", today)
        return self.shown(
            PlanOutlookOut,
            {
                "cycle_days": found.found,
                "pairings": pairings_of(standing, found, today),
                "too_early": standing.too_early(asked_for, today),
            },
        )
