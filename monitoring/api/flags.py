"""Cardiac flags, and the decisions that close them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded, Day
from her2tracker.api.shapes import Cited
from her2tracker.api.views import Operations, PagedOperations, operation
from monitoring import lookups
from monitoring.actions import decisions, snoozes
from monitoring.core.escalation import Recipient, Step
from monitoring.core.protocol import Advice
from monitoring.models import CardiacFlag, CardiacPolicy, FlagEscalation
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


class SnoozeOut(serializers.Serializer[Any]):
    """For how long a flag is or was put off. It ends by itself at `until`."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    reason = serializers.CharField()
    recorded_by = serializers.CharField()
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_because = serializers.CharField()


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
    put_off_until = serializers.SerializerMethodField(help_text="While it is put off: when it comes back by itself.")
    responsible = serializers.CharField(source="plan.responsible_oncologist")
    due_on = serializers.DateField(allow_null=True)
    next_infusion_on = serializers.DateField(allow_null=True)
    raised_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolved_because = serializers.CharField()
    decisions = DecisionOut(source="decisions.all", many=True)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_put_off_until(self, flag: CardiacFlag) -> str | None:
        now = timezone.now()
        held = next((one for one in flag.snoozes.all() if one.since <= now < one.core.over_at), None)
        return serializers.DateTimeField().to_representation(held.until) if held else None


class FlagDetail(FlagOut):
    """With the evidence as it stood when the flag was raised."""

    evidence = serializers.JSONField()
    snoozes = SnoozeOut(source="snoozes.all", many=True)


class FlagQuery(serializers.Serializer[Any]):
    state = Coded(FlagState, required=False)
    kind = Coded(FlagKind, required=False)
    put_off = serializers.BooleanField(required=False, allow_null=True, default=None)
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
        asked, now = self.query(FlagQuery), timezone.now()
        put_off = asked.pop("put_off")
        rows = with_next_infusion(lookups.flags_at(self.by))
        if "patient" in asked:
            rows = rows.filter(patient__uuid=asked.pop("patient"))
        if put_off is not None:
            rows = rows.put_off(now) if put_off else rows.exclude(pk__in=CardiacFlag.objects.put_off(now).values("pk"))
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


class SnoozeIn(serializers.Serializer[Any]):
    """Until which morning, at your site; at most as many days away as the policy file allows."""

    until = Day()
    reason = serializers.CharField(max_length=2000)


class PutOff(Operations):
    permissions = {"POST": Permission.DECIDE_FLAGS}

    @operation("flags_put_off", takes=SnoozeIn, returns=FlagDetail)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Put an open flag off. It comes back by itself on its morning, or at once with a new result."""
        snoozes.begin(by=self.by, flag=lookups.flag_for(self.by, uuid), **self.body(SnoozeIn))
        return self.shown(FlagDetail, _one(self, uuid))


class BringBack(Operations):
    permissions = {"POST": Permission.DECIDE_FLAGS}

    @operation("flags_bring_back", returns=FlagDetail)
    def post(self, _: Any, uuid: UUID) -> Response:
        """End what put the flag off."""
        snoozes.end(by=self.by, flag=lookups.flag_for(self.by, uuid))
        return self.shown(FlagDetail, _one(self, uuid))


class StepOut(Cited):
    """One step of the ladder: owed after so many hours without a decision; `told_at` once it was taken."""

    step = serializers.CharField(source="id")
    after_hours = serializers.IntegerField()
    to = Coded(Recipient)
    by_mail = serializers.BooleanField()
    told_at = serializers.DateTimeField(allow_null=True)
    mails = serializers.IntegerField(allow_null=True)


class LadderOut(serializers.Serializer[Any]):
    """Who hears about the flag when nobody decides. No steps for what only a result closes."""

    ladder = serializers.CharField()
    version = serializers.IntegerField()
    steps = StepOut(many=True)


class Escalations(Operations):
    permissions = {"GET": Permission.VIEW_FLAGS}

    @operation("flags_escalations", returns=LadderOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """The flag's ladder at your site, and what was done at each step."""
        flag = lookups.flag_for(self.by, uuid)
        ladder, told = CardiacPolicy.of(self.by.site).ladder, {row.step: row for row in flag.escalations.all()}
        steps = ladder.steps if flag.waits_for_decision else ()
        shown = [_step(one, told.get(one.id)) for one in steps]
        return self.shown(LadderOut, {"ladder": ladder.id, "version": ladder.version, "steps": shown})


def _step(step: Step, told: FlagEscalation | None) -> dict[str, Any]:
    fields = {name: getattr(step, name) for name in step.__dataclass_fields__}
    return fields | {"told_at": told.told_at if told else None, "mails": told.mails if told else None}


def with_next_infusion(rows: FlagQuerySet) -> FlagQuerySet:
    days = CycleDay.objects.planned().filter(plan=OuterRef("plan")).order_by("planned_on")
    return rows.annotate(next_infusion_on=Subquery(days.values("planned_on")[:1]))


def _one(view: Operations, uuid: UUID) -> Any:
    """The flag, at the person's site, or Http404."""
    lookups.flag_for(view.by, uuid)
    return with_next_infusion(lookups.flags_at(view.by)).get(uuid=uuid)
