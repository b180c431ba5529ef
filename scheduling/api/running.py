"""A running infusion over HTTP: start, stop, withdraw, and the vital signs that are due meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Clock, Coded, Day, Figure
from her2tracker.api.views import Operations, operation
from scheduling import catalog, lookups
from scheduling.actions import running
from scheduling.core import running as core
from scheduling.models.running import runs_of
from scheduling.words import DifferenceReason


class StartInfusionIn(serializers.Serializer[Any]):
    """One agent that runs since `started_at` of today, on the site's clocks."""

    revision = serializers.IntegerField(
        required=False, help_text="The plan's revision you saw; another one is refused as `changed-meanwhile`."
    )
    agent = serializers.CharField(max_length=60)
    started_at = Clock()
    product = serializers.CharField(max_length=80, help_text="A name of `products/`, brand and suffix.")
    lot = serializers.CharField(max_length=40, required=False, allow_blank=True)
    expires_on = Day(required=False, allow_null=True)
    rate_ml_per_h = serializers.DecimalField(5, 1, required=False, allow_null=True, min_value=0)
    why = serializers.CharField(
        max_length=1000, required=False, allow_blank=True, help_text="For another order, or within an observation."
    )


class StopIn(serializers.Serializer[Any]):
    """The end, and what went in: all that was planned where neither mg nor ml is named."""

    stopped_at = Clock()
    mg = serializers.DecimalField(7, 2, required=False)
    ml = serializers.DecimalField(6, 2, required=False)
    difference_reason = Coded(DifferenceReason, required=False)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "mg" in attrs and "ml" in attrs:
            raise serializers.ValidationError("Give one of mg and ml.")
        return attrs


class WithdrawStartIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1000, help_text="In a sentence. Nothing of it went in.")


class InfusionRunOut(serializers.Serializer[Any]):
    """One agent from its start to its stop. Figures in mg or, for a fixed combination, mL."""

    uuid = serializers.UUIDField()
    cycle = serializers.IntegerField()
    day = serializers.IntegerField()
    agent = serializers.CharField()
    started_on = serializers.DateField()
    started_at = Clock()
    planned_minutes = serializers.IntegerField(source="minutes")
    planned_mg = Figure(allow_null=True)
    planned_ml = Figure(allow_null=True)
    product = serializers.CharField()
    lot = serializers.CharField()
    expires_on = serializers.DateField(allow_null=True)
    rate_ml_per_h = Figure(allow_null=True)
    why = serializers.CharField()
    started_by = serializers.CharField(source="recorded_by")
    stopped_at = Clock(allow_null=True)
    stopped_by = serializers.CharField(allow_null=True)
    given_mg = Figure(allow_null=True)
    given_ml = Figure(allow_null=True)
    difference_reason = Coded(DifferenceReason, allow_null=True)
    note = serializers.CharField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    withdrawn_by = serializers.CharField(allow_null=True)
    withdrawn_why = serializers.CharField()


class PromptOut(serializers.Serializer[Any]):
    """Vital signs at one moment, on the site's clocks."""

    due = serializers.DateTimeField(format="%Y-%m-%dT%H:%M", help_text="On the site's clocks, without a zone.")
    after = serializers.CharField()


class AskedOut(serializers.Serializer[Any]):
    """What vital signs are asked for now; `late` in minutes."""

    due = PromptOut(allow_null=True)
    late = serializers.IntegerField()
    next = PromptOut(allow_null=True)
    not_taken = PromptOut(many=True)
    source = serializers.CharField(source="citation.key")  # type: ignore[assignment]


class StandsOut(serializers.Serializer[Any]):
    """What runs and has run of one infusion, and the vital signs asked for."""

    runs = InfusionRunOut(many=True)
    vital_signs = AskedOut()


class Runs(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.RECORD_ADMINISTRATIONS}

    @operation("cycle_days_runs", returns=StandsOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """What runs and has run of one infusion, and when vital signs are due."""
        row = lookups.cycle_day_for(self.by, uuid)
        found = runs_of(row)
        taken = row.plan.vital_signs.filter(cycle=row.cycle, day=row.day, in_error=False)
        moments = [datetime.combine(one.seen_on, one.seen_at) for one in taken]
        runs = [one.of(row) for one in found]
        asked = core.asked(catalog.vital_signs(), runs, moments, running.now_at(self.by))
        return self.shown(StandsOut, {"runs": found, "vital_signs": asked})

    @operation("cycle_days_start", takes=StartInfusionIn, returns=InfusionRunOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Start one agent of today's infusion. It passes the same gates as a record."""
        row = lookups.cycle_day_for(self.by, uuid)
        return self.shown(
            InfusionRunOut, running.start(by=self.by, cycle_day=row, **self.body(StartInfusionIn)), status=201
        )


class Stop(Operations):
    permissions = {"POST": Permission.RECORD_ADMINISTRATIONS}

    @operation("infusion_runs_stop", takes=StopIn, returns=InfusionRunOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Stop it. The last agent of the day to stop records the day as given."""
        run = lookups.run_for(self.by, uuid)
        return self.shown(InfusionRunOut, running.stop(by=self.by, run=run, **self.body(StopIn)))


class WithdrawStart(Operations):
    permissions = {"POST": Permission.RECORD_ADMINISTRATIONS}

    @operation("infusion_runs_withdraw", takes=WithdrawStartIn, returns=InfusionRunOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Take back a start that was a mistake. It stays in the history."""
        running.withdraw(by=self.by, run=lookups.run_for(self.by, uuid), **self.body(WithdrawStartIn))
        return self.shown(InfusionRunOut, lookups.run_for(self.by, uuid))
