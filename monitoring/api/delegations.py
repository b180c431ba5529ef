"""Who stands in for whom over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Day
from her2tracker.api.views import Operations, operation
from monitoring import lookups
from monitoring.actions import delegations
from scheduling.lookups import colleague_for


class StandInOut(serializers.Serializer[Any]):
    """While it lasts, what is sent to `person` about flags goes to `to`."""

    uuid = serializers.UUIDField()
    person = serializers.CharField()
    to = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True, help_text="Null: until one of the two ends it.")
    ended_at = serializers.DateTimeField(allow_null=True)


class StandInIn(serializers.Serializer[Any]):
    to = serializers.EmailField(max_length=254, help_text="The e-mail address of a colleague who decides flags.")
    since = Day(required=False, allow_null=True, help_text="From now when left out.")
    until = Day(required=False, allow_null=True, help_text="The last day; until it is ended when left out.")


class StandIns(Operations):
    permissions = {"GET": Permission.DECIDE_FLAGS, "POST": Permission.DECIDE_FLAGS}

    @operation("stand_ins_list", returns=StandInOut(many=True))
    def get(self, _: Any) -> Response:
        """Who stands in for you, and for whom you stand in, now or later."""
        return self.listed(StandInOut, lookups.delegations_for(self.by, timezone.now()))

    @operation("stand_ins_begin", takes=StandInIn, returns=StandInOut, status=201)
    def post(self, _: Any) -> Response:
        """Have a colleague hear in your place: mails, the daily digest, escalations."""
        said = self.body(StandInIn)
        to = colleague_for(self.by, said.pop("to"))
        return self.shown(StandInOut, delegations.begin(by=self.by, to=to, **said), status=201)


class EndStandIn(Operations):
    permissions = {"POST": Permission.DECIDE_FLAGS}

    @operation("stand_ins_end", returns=StandInOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Off. Either of the two may end it."""
        delegations.end(by=self.by, delegation=lookups.delegation_for(self.by, uuid))
        return self.shown(StandInOut, lookups.delegation_for(self.by, uuid))
