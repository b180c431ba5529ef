"""The release run over HTTP."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.views import Operations, operation
from her2tracker.clinic.releases import run_at
from scheduling.actions import releases
from scheduling.api.doses import CycleDayLine, ObjectionOut
from scheduling.api.patients import PatientOut
from scheduling.api.releases import ReleaseOut
from scheduling.lookups import cycle_days_for


class RunLineOut(serializers.Serializer[Any]):
    """One infusion of the run; `against` is what is open, the missing release aside."""

    patient = PatientOut(source="row.day.plan.patient")
    regimen_name = serializers.CharField(source="row.regimen.name")
    cycle_day = CycleDayLine(source="row.day")
    is_green = serializers.BooleanField()
    is_released = serializers.BooleanField(source="release.holds")
    lapsed = serializers.ListField(child=serializers.CharField(), source="release.lapsed")
    against = ObjectionOut(many=True)


class RunDayOut(serializers.Serializer[Any]):
    on = serializers.DateField()
    lines = RunLineOut(many=True)


class RunOut(serializers.Serializer[Any]):
    """Today and the next three days."""

    is_required = serializers.BooleanField(source="required", help_text="Whether the site gives nothing without one.")
    days = RunDayOut(many=True)


class RunIn(serializers.Serializer[Any]):
    cycle_days = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=500)


class NotReleasedOut(serializers.Serializer[Any]):
    cycle_day = serializers.UUIDField()
    code = serializers.CharField()
    sentence = serializers.CharField()


class ReleasedOut(serializers.Serializer[Any]):
    """What the run released, and what it could not, each with why."""

    made = ReleaseOut(many=True)
    refused = NotReleasedOut(many=True)


class ReleaseRun(Operations):
    permissions = {"GET": Permission.RELEASE_CYCLES, "POST": Permission.RELEASE_CYCLES}

    @operation("releases_run", returns=RunOut)
    def get(self, _: Any) -> Response:
        """The undecided infusions of today and the next three days, each with what stands against it."""
        return self.shown(RunOut, run_at(self.by.site))

    @operation("releases_make", takes=RunIn, returns=ReleasedOut)
    def post(self, _: Any) -> Response:
        """Release each of these that nothing stands against, in one act. The others are named with why."""
        rows = cycle_days_for(self.by, self.body(RunIn)["cycle_days"])
        done = releases.release_all(by=self.by, cycle_days=rows)
        refused = [{"cycle_day": day.uuid, "code": r.code, "sentence": r.sentence} for day, r in done.refused]
        return self.shown(ReleasedOut, {"made": done.made, "refused": refused})
