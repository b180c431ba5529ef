"""A doctor's release of one cycle, and the blood tests that stand before it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Day, Figure
from her2tracker.api.views import Operations, operation
from scheduling import lookups
from scheduling.actions import releases
from scheduling.api.plans import Revised
from scheduling.models.about import about
from scheduling.models.gates import laboratory_of, release_of


class ReleaseOut(serializers.Serializer[Any]):
    """What a doctor released: these doses, on this day. It lapses when one of them changes."""

    uuid = serializers.UUIDField()
    cycle = serializers.IntegerField()
    day = serializers.IntegerField()
    for_on = serializers.DateField()
    doses = serializers.DictField(child=serializers.CharField())
    weight_kg = Figure(allow_null=True)
    plan_revision = serializers.IntegerField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class ReleaseStateOut(serializers.Serializer[Any]):
    """The latest release of a cycle day on its planned day or, when that has passed, today."""

    is_required = serializers.BooleanField(help_text="Whether the site gives nothing without a release.")
    holds = serializers.BooleanField()
    lapsed = serializers.ListField(child=serializers.CharField(), help_text="Why it no longer holds.")
    release = ReleaseOut(allow_null=True)


class LabValueIn(serializers.Serializer[Any]):
    test = serializers.CharField(max_length=40, help_text="As `GET` names them.")
    value = serializers.DecimalField(8, 2)
    unit = serializers.CharField(max_length=20)


class LabValuesIn(serializers.Serializer[Any]):
    """Blood tests for one infusion, in the unit the laboratory wrote."""

    taken_on = Day()
    values = LabValueIn(many=True, allow_empty=False)


class LabVerdictOut(serializers.Serializer[Any]):
    """One test that is asked for, with what is on record for this cycle."""

    test = serializers.CharField(source="test.id")
    title = serializers.CharField(source="test.title")
    units = serializers.ListField(child=serializers.CharField(), source="test.units")
    state = serializers.CharField(help_text="missing, no-figure, passes or withholds.")
    sentence = serializers.CharField()
    value = Figure(source="value.value", allow_null=True, default=None)
    unit = serializers.CharField(source="value.unit", allow_null=True, default=None)
    source = serializers.CharField(source="test.citation.key")  # type: ignore[assignment]


class ReleaseOne(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.RELEASE_CYCLES}

    @operation("cycle_days_release_retrieve", returns=ReleaseStateOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """Whether a doctor released this cycle, and why a release no longer holds."""
        row = lookups.cycle_day_for(self.by, uuid)
        known = about([row.plan])[row.plan_id]
        state = release_of(row, known, max(row.planned_on, self.by.site.today()))
        told = {"is_required": known.policy.release_required, "holds": state.holds, "lapsed": state.lapsed}
        return self.shown(ReleaseStateOut, told | {"release": state.release})

    @operation("cycle_days_release", takes=Revised, returns=ReleaseOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Let this cycle be given on its planned day or, when that has passed, today."""
        row = lookups.cycle_day_for(self.by, uuid)
        return self.shown(ReleaseOut, releases.release(by=self.by, cycle_day=row, **self.body(Revised)), status=201)


class WithdrawRelease(Operations):
    permissions = {"POST": Permission.RELEASE_CYCLES}

    @operation("cycle_days_release_withdraw", returns=ReleaseOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Take a release back before the infusion is recorded."""
        row = lookups.cycle_day_for(self.by, uuid)
        return self.shown(ReleaseOut, releases.withdraw(by=self.by, cycle_day=row))


class Laboratory(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.RECORD_MEASUREMENTS}

    @operation("cycle_days_laboratory", returns=LabVerdictOut(many=True))
    def get(self, _: Any, uuid: UUID) -> Response:
        """The blood tests that are asked for before this infusion, and what is on record."""
        row = lookups.cycle_day_for(self.by, uuid)
        return self.listed(LabVerdictOut, laboratory_of(row, about([row.plan])[row.plan_id]))

    @operation("cycle_days_laboratory_record", takes=LabValuesIn, returns=LabVerdictOut(many=True))
    def post(self, _: Any, uuid: UUID) -> Response:
        """Enter values for this cycle. The latest of each test counts."""
        row, said = lookups.cycle_day_for(self.by, uuid), self.body(LabValuesIn)
        values = [(one["test"], one["value"], one["unit"]) for one in said["values"]]
        releases.record_labs(by=self.by, cycle_day=row, values=values, taken_on=said["taken_on"])
        return self.listed(LabVerdictOut, laboratory_of(row, about([row.plan])[row.plan_id]))
