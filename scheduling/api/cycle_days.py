"""One infusion: what stands against it, what is due on a date, and what is decided about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Clock, Coded, Day
from her2tracker.api.views import Operations, operation
from scheduling import clearance, lookups
from scheduling.actions import administrations, codes, cycles, forwards
from scheduling.api.doses import ComparisonOut, CycleDayLine, DoseIn, DueOut, ObjectionOut, compared
from scheduling.api.plans import Revised
from scheduling.models import CycleDay
from scheduling.objection import Objection
from scheduling.words import DayState, DelayReason, DelayScope, ForwardReason, OmissionReason, OverrideReason


class CycleDayOut(CycleDayLine):
    """One infusion with its plan, and what stands against it on its planned day or, when that has passed, today."""

    plan = serializers.UUIDField(source="plan.uuid")
    patient = serializers.UUIDField(source="plan.patient.uuid")
    regimen_name = serializers.CharField(source="plan.regimen.name")
    revision = serializers.IntegerField(source="plan.revision")
    objections = serializers.SerializerMethodField()

    @extend_schema_field(ObjectionOut(many=True))
    def get_objections(self, row: CycleDay) -> Any:
        return ObjectionOut(_objections(row), many=True).data


class DueQuery(serializers.Serializer[Any]):
    on = Day(required=False, help_text="The day it would be given; its planned day when left out.")


class RecordIn(Revised):
    """What went in. Every agent that is due is named once, given or not given."""

    given_on = Day()
    doses = DoseIn(many=True, allow_empty=False)
    wristband = serializers.CharField(
        max_length=400,
        required=False,
        trim_whitespace=False,
        help_text="Its scanned code; another patient's is refused.",
    )
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class DelayTo(serializers.Serializer[Any]):
    to_on = Day()
    scope = Coded(
        DelayScope, required=False, default=DelayScope.LATER, help_text="`only`: later days keep their dates."
    )


class DelayIn(Revised, DelayTo):
    reason = Coded(DelayReason)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class ForwardTo(serializers.Serializer[Any]):
    to_on = Day(help_text="An earlier day within the site's window.")


class ForwardIn(Revised, ForwardTo):
    reason = Coded(ForwardReason)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class MadeUp(serializers.Serializer[Any]):
    made_up = serializers.BooleanField(
        required=False, default=False, help_text="Give one more at the end, where the regimen counts doses."
    )


class OmitIn(Revised, MadeUp):
    reason = Coded(OmissionReason)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class TimeIn(serializers.Serializer[Any]):
    starts_at = Clock(allow_null=True, help_text="`09:30`, or null for no time.")


class OverrideIn(serializers.Serializer[Any]):
    reason = Coded(OverrideReason)
    note = serializers.CharField(max_length=2000, help_text="In a sentence, why treatment goes on.")


class OverrideOut(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    cycle = serializers.IntegerField()
    day = serializers.IntegerField()
    objections = serializers.DictField(child=serializers.CharField())
    reason = Coded(OverrideReason)
    note = serializers.CharField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class OneCycleDay(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("cycle_days_retrieve", returns=CycleDayOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """One infusion: its doses, and what stands against it."""
        return self.shown(CycleDayOut, lookups.cycle_day_for(self.by, uuid))


class Due(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("cycle_days_due", query=DueQuery, returns=DueOut(many=True))
    def get(self, _: Any, uuid: UUID) -> Response:
        """What each agent would be due if this day were treated on another date: a longer gap may re-load it."""
        row = lookups.cycle_day_for(self.by, uuid)
        on = self.query(DueQuery).get("on", row.planned_on)
        return self.listed(DueOut, administrations.due_on(row, on, today=self.by.site.today()))


class CycleDayAct(Operations):
    """An act on a cycle day, answered with the day as it then stands."""

    def stands(self, uuid: UUID) -> Response:
        return self.shown(CycleDayOut, lookups.cycle_day_for(self.by, uuid))


class Record(CycleDayAct):
    permissions = {"POST": Permission.RECORD_ADMINISTRATIONS}

    @operation("cycle_days_record", takes=RecordIn, returns=CycleDayOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Record the day as given. Later days follow from the actual date.

        A second record of the same day is refused as `already-decided`, with who decided it and when.
        """
        row, said = lookups.cycle_day_for(self.by, uuid), self.body(RecordIn)
        doses = codes.scanned(by=self.by, cycle_day=row, wristband=said.pop("wristband", ""), doses=said.pop("doses"))
        administrations.record(by=self.by, cycle_day=row, doses=doses, **said)
        return self.stands(uuid)


class Delay(CycleDayAct):
    permissions = {"POST": Permission.CHANGE_SCHEDULE}

    @operation("cycle_days_delay", takes=DelayIn, returns=CycleDayOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Treat later, same dose: this day moves, and with it all later ones or none."""
        cycles.delay(by=self.by, cycle_day=lookups.cycle_day_for(self.by, uuid), **self.body(DelayIn))
        return self.stands(uuid)


class PreviewDelay(Operations):
    permissions = {"POST": Permission.CHANGE_SCHEDULE}

    @operation("cycle_days_delay_preview", takes=DelayTo, returns=ComparisonOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Every day that a delay would move, and every dose it would re-load. Nothing is saved."""
        row = lookups.cycle_day_for(self.by, uuid)
        change = cycles.preview_delay(by=self.by, cycle_day=row, **self.body(DelayTo))
        return self.shown(ComparisonOut, compared(row.plan, change))


class BringForward(CycleDayAct):
    permissions = {"POST": Permission.CHANGE_SCHEDULE}

    @operation("cycle_days_forward", takes=ForwardIn, returns=CycleDayOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Treat earlier within the site's window, same dose: this day moves, and with it all later ones."""
        forwards.bring_forward(by=self.by, cycle_day=lookups.cycle_day_for(self.by, uuid), **self.body(ForwardIn))
        return self.stands(uuid)


class PreviewForward(Operations):
    permissions = {"POST": Permission.CHANGE_SCHEDULE}

    @operation("cycle_days_forward_preview", takes=ForwardTo, returns=ComparisonOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Every day that bringing one forward would move. Nothing is saved."""
        row = lookups.cycle_day_for(self.by, uuid)
        change = forwards.preview_bring_forward(by=self.by, cycle_day=row, **self.body(ForwardTo))
        return self.shown(ComparisonOut, compared(row.plan, change))


class Omit(CycleDayAct):
    permissions = {"POST": Permission.CHANGE_SCHEDULE}

    @operation("cycle_days_omit", takes=OmitIn, returns=CycleDayOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Decide that this day's doses are not given."""
        cycles.omit(by=self.by, cycle_day=lookups.cycle_day_for(self.by, uuid), **self.body(OmitIn))
        return self.stands(uuid)


class PreviewOmit(Operations):
    permissions = {"POST": Permission.CHANGE_SCHEDULE}

    @operation("cycle_days_omit_preview", takes=MadeUp, returns=ComparisonOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """What an omission would change, made up at the end or not. Nothing is saved."""
        row = lookups.cycle_day_for(self.by, uuid)
        change = cycles.preview_omit(by=self.by, cycle_day=row, **self.body(MadeUp))
        return self.shown(ComparisonOut, compared(row.plan, change))


class SetTime(CycleDayAct):
    permissions = {"POST": Permission.CHANGE_SCHEDULE}

    @operation("cycle_days_set_time", takes=TimeIn, returns=CycleDayOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Set or clear the hour the patient is asked to come. Moves no date."""
        cycles.set_time(by=self.by, cycle_day=lookups.cycle_day_for(self.by, uuid), **self.body(TimeIn))
        return self.stands(uuid)


class Override(Operations):
    permissions = {"POST": Permission.OVERRIDE_OBJECTIONS}

    @operation("cycle_days_override", takes=OverrideIn, returns=OverrideOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Let this day be treated in spite of what stands against it today, by name and with a reason."""
        row = lookups.cycle_day_for(self.by, uuid)
        return self.shown(OverrideOut, cycles.override(by=self.by, cycle_day=row, **self.body(OverrideIn)), status=201)


def _objections(row: CycleDay) -> list[Objection]:
    """A decided day has none left."""
    if row.state != DayState.PLANNED:
        return []
    on = max(row.planned_on, row.plan.patient.site.today())
    return clearance.objections([row], on=on)[row.pk]
