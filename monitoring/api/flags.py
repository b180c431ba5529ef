"""Cardiac flags, and the decisions that close them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded, Day
from her2tracker.api.views import Operations, PagedOperations, operation
from monitoring import lookups
from monitoring.actions import decisions
from monitoring.core.protocol import Advice
from monitoring.models.flags import FlagQuerySet
from monitoring.words import Decision, DecisionReason, FlagKind, FlagState
from scheduling.models import CycleDay


class DecisionOut(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    decision = Coded(Decision)
    reason = Coded(DecisionReason)
    note = serializers.CharField()
    repeat_by = serializers.DateField(allow_null=True)
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class FlagOut(serializers.Serializer[Any]):
    """One fact that somebody must decide about, with the next infusion it may stop."""

    uuid = serializers.UUIDField()
    patient = serializers.UUIDField(source="patient.uuid")
    mrn = serializers.CharField(source="patient.mrn")
    plan = serializers.UUIDField(source="plan.uuid")
    assessment = serializers.UUIDField(source="assessment.uuid", default=None, allow_null=True)
    kind = Coded(FlagKind)
    advice = Coded(Advice)
    sentence = serializers.CharField()
    state = Coded(FlagState)
    due_on = serializers.DateField(allow_null=True)
    next_infusion_on = serializers.DateField(allow_null=True)
    raised_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolved_because = serializers.CharField()
    decisions = DecisionOut(source="decisions.all", many=True)


class FlagDetail(FlagOut):
    """With the evidence as it stood when the flag was raised."""

    evidence = serializers.JSONField()


class FlagQuery(serializers.Serializer[Any]):
    state = Coded(FlagState, required=False)
    kind = Coded(FlagKind, required=False)
    patient = serializers.UUIDField(required=False)


class DecideIn(serializers.Serializer[Any]):
    """A signed decision. `hold` and `repeat` need `repeat_by`; `not-valid` needs a `note`."""

    decision = Coded(Decision)
    reason = Coded(DecisionReason)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    repeat_by = Day(required=False, allow_null=True)
    decisions_seen = serializers.IntegerField(
        required=False, min_value=0, max_value=1000, help_text="How many decisions you saw; a newer one is told first."
    )


class Flags(PagedOperations):
    permissions = {"GET": Permission.VIEW_FLAGS}

    @operation("flags_list", query=FlagQuery, returns=FlagOut(many=True))
    def get(self, _: Any) -> Response:
        """Flags of your site, the latest first."""
        asked = self.query(FlagQuery)
        rows = with_next_infusion(lookups.flags_at(self.by))
        if "patient" in asked:
            rows = rows.filter(patient__uuid=asked.pop("patient"))
        return self.paged(FlagOut, rows.filter(**asked))


class OneFlag(Operations):
    permissions = {"GET": Permission.VIEW_FLAGS}

    @operation("flags_retrieve", returns=FlagDetail)
    def get(self, _: Any, uuid: UUID) -> Response:
        """One flag with its evidence and the history of decisions."""
        return self.shown(FlagDetail, _one(self, uuid))


class Decide(Operations):
    permissions = {"POST": Permission.DECIDE_FLAGS}

    @operation("flags_decide", takes=DecideIn, returns=FlagDetail)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Sign a decision and carry it out: hold, continue with cardiology, repeat by a date, or not valid."""
        decisions.decide(by=self.by, flag=lookups.flag_for(self.by, uuid), **self.body(DecideIn))
        return self.shown(FlagDetail, _one(self, uuid))


def with_next_infusion(rows: FlagQuerySet) -> FlagQuerySet:
    days = CycleDay.objects.planned().filter(plan=OuterRef("plan")).order_by("planned_on")
    return rows.annotate(next_infusion_on=Subquery(days.values("planned_on")[:1]))


def _one(view: Operations, uuid: UUID) -> Any:
    """The flag, at the person's site, or Http404."""
    lookups.flag_for(view.by, uuid)
    return with_next_infusion(lookups.flags_at(view.by)).get(uuid=uuid)
