"""The next days, and asking for what they lack, over HTTP."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.views import Operations, operation
from her2tracker.clinic.ahead import ahead_at
from her2tracker.clinic.api import RowOut
from monitoring.actions import release_requests
from scheduling.lookups import cycle_days_for


class DayAheadOut(serializers.Serializer[Any]):
    """One day: what is not ready, and how many are."""

    on = serializers.DateField()
    ready = serializers.IntegerField()
    not_ready = RowOut(many=True, source="lines")
    unreleased = serializers.ListField(child=serializers.UUIDField(), source="unreleased_uuids")


class AheadOut(serializers.Serializer[Any]):
    """Tomorrow and the two days after it."""

    release_required = serializers.BooleanField()
    days = DayAheadOut(many=True)


class AskReleaseIn(serializers.Serializer[Any]):
    cycle_days = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=500)


class AskedDoctorOut(serializers.Serializer[Any]):
    """One doctor was asked, by one message; `is_new` is false where the same was asked today already."""

    doctor = serializers.CharField()
    infusions = serializers.IntegerField()
    is_new = serializers.BooleanField()


class NextDays(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("next_days", returns=AheadOut)
    def get(self, _: Any) -> Response:
        """What of the next three days is not ready, and whose it is."""
        return self.shown(AheadOut, ahead_at(self.by.site))


class AskRelease(Operations):
    permissions = {"POST": Permission.ASK_RELEASES}

    @operation("releases_ask", takes=AskReleaseIn, returns=AskedDoctorOut(many=True))
    def post(self, _: Any) -> Response:
        """Ask each doctor once to release these. Released and decided ones are left out."""
        rows = cycle_days_for(self.by, self.body(AskReleaseIn)["cycle_days"])
        asked = release_requests.ask(by=self.by, cycle_days=rows, now=timezone.now())
        told = [{"doctor": str(one.doctor), "infusions": len(one.days), "is_new": one.is_new} for one in asked]
        return self.listed(AskedDoctorOut, told)
