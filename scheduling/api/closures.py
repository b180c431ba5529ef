"""Closed spans: what is planned in them, where it is to go, who agreed, and how far it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded, Day
from her2tracker.api.views import Operations, PagedOperations, operation
from scheduling import lookups
from scheduling.actions import closures
from scheduling.models import Closure
from scheduling.words import ClosureState, MoveState


class SpanIn(serializers.Serializer[Any]):
    first_on = Day(help_text="The first closed day; today at your site, or later.")
    last_on = Day(help_text="The last closed day.")
    name = serializers.CharField(max_length=80, help_text="Why, as plans will show it.")


class ClosureLine(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    name = serializers.CharField()
    state = Coded(ClosureState)


class CandidateOut(serializers.Serializer[Any]):
    """An open day near the planned one that can be chosen, and what it costs."""

    on = serializers.DateField()
    days_moved = serializers.IntegerField(help_text="Negative when earlier.")
    risk = serializers.CharField(help_text="Re-loads there and at the next dose, in words.")


class MoveOut(serializers.Serializer[Any]):
    """One infusion of the span."""

    uuid = serializers.UUIDField(source="move.uuid")
    patient = serializers.UUIDField(source="move.plan.patient.uuid")
    plan = serializers.UUIDField(source="move.plan.uuid")
    cycle = serializers.IntegerField(source="move.cycle")
    day = serializers.IntegerField(source="move.day")
    from_on = serializers.DateField(source="move.from_on")
    to_on = serializers.DateField(source="move.to_on", allow_null=True, help_text="Null: left where it is.")
    agreed = serializers.CharField(source="move.agreed", help_text="What the move means for each agent.")
    doctor = serializers.EmailField(source="move.doctor.email", default=None, allow_null=True)
    state = Coded(MoveState, source="move.state")
    outcome = serializers.CharField(source="move.outcome", help_text="Why it did not move.")
    changed = serializers.CharField(help_text="What is no longer as it was agreed; empty while it may move.")
    candidates = CandidateOut(many=True)


class ClosureOut(ClosureLine):
    moves = MoveOut(many=True)


class ChoiceIn(serializers.Serializer[Any]):
    move = serializers.UUIDField()
    to_on = Day(allow_null=True, help_text="One of the move's candidates, or null to leave it.")


class ChoicesIn(serializers.Serializer[Any]):
    choices = ChoiceIn(many=True, required=False, help_text="Moves left out stay as they were chosen.")

    def days(self, said: dict[str, Any]) -> dict[UUID, Any]:
        return {one["move"]: one["to_on"] for one in said.get("choices", ())}


class ConfirmIn(serializers.Serializer[Any]):
    seen = serializers.ListField(child=serializers.UUIDField(), help_text="The moves you looked at.")
    declined = serializers.ListField(
        child=serializers.UUIDField(), required=False, help_text="Of these, the ones that shall stay."
    )


class Closures(PagedOperations):
    permissions = {"GET": Permission.CHANGE_SCHEDULE, "POST": Permission.PLAN_CLOSURES}

    @operation("closures", returns=ClosureLine(many=True))
    def get(self, _: Any) -> Response:
        """The closed spans of your site, the latest first."""
        return self.paged(ClosureLine, Closure.objects.filter(site=self.by.site_id))

    @operation("closures_prepare", takes=SpanIn, returns=ClosureOut, status=201)
    def post(self, _: Any) -> Response:
        """List every infusion planned in a span with the open days near it. Nothing moves."""
        closure = closures.prepare(by=self.by, **self.body(SpanIn))
        return self.shown(ClosureOut, _shape(closure, self.by.site.today()), status=201)


class ClosureAct(Operations):
    """An act on a span, answered with the span as it then stands."""

    def stands(self, uuid: UUID) -> Response:
        return self.shown(ClosureOut, _shape(lookups.closure_for(self.by, uuid), self.by.site.today()))

    def choices(self) -> dict[UUID, Any]:
        return ChoicesIn().days(self.body(ChoicesIn))


class OneClosure(ClosureAct):
    permissions = {"GET": Permission.CHANGE_SCHEDULE}

    @operation("closures_retrieve", returns=ClosureOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """One span with every infusion planned in it, and how far each is."""
        return self.stands(uuid)


class Choose(ClosureAct):
    permissions = {"POST": Permission.PLAN_CLOSURES}

    @operation("closures_choose", takes=ChoicesIn, returns=ClosureOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Keep where infusions are to go. Nobody is asked yet."""
        closure = lookups.closure_for(self.by, uuid)
        closures.choose(by=self.by, closure=closure, days=self.choices())
        return self.stands(uuid)


class Send(ClosureAct):
    permissions = {"POST": Permission.PLAN_CLOSURES}

    @operation("closures_send", takes=ChoicesIn, returns=ClosureOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Close the span and ask each doctor to confirm."""
        closure = lookups.closure_for(self.by, uuid)
        closures.send(by=self.by, closure=closure, days=self.choices())
        return self.stands(uuid)


class Withdraw(ClosureAct):
    permissions = {"POST": Permission.PLAN_CLOSURES}

    @operation("closures_withdraw", returns=ClosureOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Take the set back. What moved stays moved."""
        closures.withdraw(by=self.by, closure=lookups.closure_for(self.by, uuid))
        return self.stands(uuid)


class Confirm(ClosureAct):
    permissions = {"POST": Permission.ADJUST_PLANS}

    @operation("closures_confirm", takes=ConfirmIn, returns=ClosureOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Confirm your own moves, line by line, in one act. They are then carried out one by one."""
        closures.confirm(by=self.by, closure=lookups.closure_for(self.by, uuid), **self.body(ConfirmIn))
        return self.stands(uuid)


def _shape(closure: Closure, today: Any) -> dict[str, Any]:
    fields = ("uuid", "first_on", "last_on", "name", "state")
    return {name: getattr(closure, name) for name in fields} | {"moves": closures.lines_of(closure, today)}
