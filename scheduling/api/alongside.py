"""What runs alongside a plan, with its dates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded, Day
from her2tracker.api.views import Operations, operation
from scheduling import lookups
from scheduling.actions import alongside
from scheduling.core.alongside import AlongsideKind

SEEN_HELP = "The `revision` you saw, 0 for none. When it has changed since, nothing is saved."


class AlongsideIn(serializers.Serializer[Any]):
    kind = Coded(AlongsideKind)
    from_on = Day()
    until_on = Day(required=False, allow_null=True)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)
    seen = serializers.IntegerField(required=False, min_value=0, help_text=SEEN_HELP)


class TakeBackIn(serializers.Serializer[Any]):
    kind = Coded(AlongsideKind)
    reason = serializers.CharField(max_length=200)
    seen = serializers.IntegerField(required=False, min_value=0, help_text=SEEN_HELP)


class AlongsideOut(serializers.Serializer[Any]):
    """Moves no cycle. `until_on` is null while it lasts."""

    kind = Coded(AlongsideKind)
    from_on = serializers.DateField()
    until_on = serializers.DateField(allow_null=True)
    note = serializers.CharField()
    revision = serializers.IntegerField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class Alongside(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.EDIT_PATIENTS}

    @operation("plans_alongside_list", returns=AlongsideOut(many=True))
    def get(self, _: Any, uuid: UUID) -> Response:
        """What is on record to run alongside the plan."""
        return self.listed(AlongsideOut, lookups.plan_for(self.by, uuid).alongside.select_related("recorded_by"))

    @operation("plans_alongside_record", takes=AlongsideIn, returns=AlongsideOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Record the dates of one kind, in place of those on record. No cycle moves."""
        row = alongside.record(by=self.by, plan=lookups.plan_for(self.by, uuid), **self.body(AlongsideIn))
        return self.shown(AlongsideOut, row, status=201)


class TakeBackAlongside(Operations):
    permissions = {"POST": Permission.EDIT_PATIENTS}

    @operation("plans_alongside_take_back", takes=TakeBackIn, returns=AlongsideOut(many=True))
    def post(self, _: Any, uuid: UUID) -> Response:
        """Take back what was recorded in error; answered with what is left. The history keeps it."""
        plan = lookups.plan_for(self.by, uuid)
        alongside.remove(by=self.by, plan=plan, **self.body(TakeBackIn))
        return self.listed(AlongsideOut, plan.alongside.select_related("recorded_by"))
