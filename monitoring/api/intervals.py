"""A plan's own surveillance interval, and the patients who are in follow-up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded, Day
from her2tracker.api.shapes import Cited
from her2tracker.api.views import Operations, operation
from her2tracker.lib.refusals import Refusal, Refused
from monitoring import lookups
from monitoring.actions import intervals
from monitoring.core.follow_up import Progress
from monitoring.core.surveillance import Occasion
from monitoring.models import SurveillanceInterval
from monitoring.models.standing import standing_of
from scheduling.lookups import plan_for


class IntervalOut(Cited):
    """An interval that a clinician set for this plan. It asks more than the sources do, never less."""

    uuid = serializers.UUIDField()
    name = serializers.CharField()
    every_days = serializers.IntegerField()
    opens_after_days = serializers.IntegerField()
    overdue_after_days = serializers.IntegerField()
    begun_on = serializers.DateField()
    until = serializers.DateField(allow_null=True)
    results = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_by = serializers.CharField(allow_null=True)
    ended_because = serializers.CharField()


class OfferOut(serializers.Serializer[Any]):
    """What the patient's risk level proposes; with `refusal` it may not be set for this plan."""

    choice = serializers.CharField(source="choice.id")
    name = serializers.CharField(source="choice.name")
    every_days = serializers.IntegerField(source="choice.rule.every_days")
    until = serializers.DateField(source="interval.until", allow_null=True)
    refusal = serializers.CharField(source="refusal.sentence", default=None, allow_null=True)


class IntervalsOut(serializers.Serializer[Any]):
    current = IntervalOut(allow_null=True)
    offers = OfferOut(many=True)
    history = IntervalOut(many=True)


class IntervalIn(serializers.Serializer[Any]):
    """Either `choice`, one that is offered, or `weeks`, your own."""

    choice = serializers.CharField(max_length=60, required=False)
    weeks = serializers.IntegerField(required=False, min_value=1, max_value=52)
    until = Day(required=False, allow_null=True)
    results = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=50)
    reason = serializers.CharField(max_length=500)
    seen = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="The interval in force when you looked; none if left out.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("choice" in attrs) == ("weeks" in attrs):
            raise serializers.ValidationError({"choice": ["Give either choice or weeks."]})
        return attrs


class EndIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class TaskOut(serializers.Serializer[Any]):
    """One LVEF after treatment. Several sources may ask for it; one result answers them all."""

    occasion = Coded(Occasion)
    opens_on = serializers.DateField()
    due_on = serializers.DateField()
    overdue_on = serializers.DateField()
    progress = Coded(Progress)
    answered_on = serializers.DateField(allow_null=True)
    because = serializers.CharField()
    sources = serializers.SerializerMethodField()

    def get_sources(self, task: Any) -> list[str]:
        return [one.key for one in task.citations]


class AftercareOut(serializers.Serializer[Any]):
    patient = serializers.UUIDField(source="patient.uuid")
    plan = serializers.UUIDField(source="plan.uuid")
    last_given_on = serializers.DateField(source="standing.last_given_on")
    next = TaskOut()
    tasks = TaskOut(many=True)


class Intervals(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.ADJUST_PLANS}

    @operation("plans_interval_retrieve", returns=IntervalsOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """The interval in force, what the risk level offers, and every one set before."""
        return self._shown(uuid)

    @operation("plans_interval_set", takes=IntervalIn, returns=IntervalsOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Watch this patient more closely than the sources ask. Replaces the interval in force."""
        plan = plan_for(self.by, uuid)
        intervals.choose(by=self.by, plan=plan, **self.body(IntervalIn))
        return self._shown(uuid, status=201)

    def _shown(self, uuid: UUID, status: int = 200) -> Response:
        standing = standing_of(plan_for(self.by, uuid))
        history = SurveillanceInterval.objects.filter(plan=standing.plan).select_related("recorded_by", "ended_by")
        found = {"current": standing.interval, "offers": intervals.offers(standing), "history": history}
        return self.shown(IntervalsOut, found, status=status)


class EndInterval(Operations):
    permissions = {"POST": Permission.ADJUST_PLANS}

    @operation("plans_interval_end", takes=EndIn, returns=IntervalOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """End the interval in force: the sources alone say when the next LVEF is due."""
        current = standing_of(plan_for(self.by, uuid)).interval
        reason = self.body(EndIn)["reason"]
        if current is None:
            raise Refused(Refusal("no-interval", "No interval is set for this plan."))
        return self.shown(IntervalOut, intervals.end(by=self.by, interval=current, reason=reason))


class FollowUps(Operations):
    permissions = {"GET": Permission.VIEW_QUEUE}

    @operation("follow_up_list", returns=AftercareOut(many=True))
    def get(self, _: Any) -> Response:
        """Patients whose treatment is over and of whom an LVEF is still asked, soonest first."""
        return self.listed(AftercareOut, lookups.in_follow_up(self.by))
