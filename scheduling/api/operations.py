"""The operations report, two weeks of chairs, and who did not attend."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded, Day
from her2tracker.api.views import Operations, operation
from scheduling.actions import no_shows
from scheduling.capacities import DayLoad, two_weeks
from scheduling.core.capacity import Load
from scheduling.lookups import cycle_day_for
from scheduling.models import NoShow
from scheduling.operations import weeks_of


class WeekOut(serializers.Serializer[Any]):
    """A week from Monday to Sunday. Minutes are chair minutes."""

    monday = serializers.DateField()
    planned = serializers.IntegerField(help_text="What stood on a day's list when the day began.")
    delivered = serializers.IntegerField()
    undecided = serializers.IntegerField()
    cancelled = serializers.IntegerField(help_text="Fell out on the infusion's own day.")
    reasons = serializers.DictField(source="fell_out", child=serializers.IntegerField())
    timed = serializers.IntegerField(help_text="Given with an hour and a recorded start.")
    on_time = serializers.IntegerField()
    open_minutes = serializers.IntegerField()
    booked_minutes = serializers.IntegerField()
    used_minutes = serializers.IntegerField(help_text="From the first start to the last stop of each infusion.")
    used_unknown = serializers.IntegerField(help_text="Infusions without a start or a stop.")


class WeeksQuery(serializers.Serializer[Any]):
    weeks = serializers.IntegerField(min_value=1, max_value=52, default=12, help_text="The present one included.")


class HourLoadOut(serializers.Serializer[Any]):
    hour = serializers.IntegerField()
    chairs = serializers.IntegerField(help_text="In use at the busiest moment.")


class MoveTo(serializers.Serializer[Any]):
    on = serializers.DateField()
    days_moved = serializers.IntegerField()
    risk = serializers.CharField()


class MovableOut(serializers.Serializer[Any]):
    cycle_day = serializers.UUIDField(source="row.uuid")
    patient = serializers.UUIDField(source="row.plan.patient.uuid")
    to = MoveTo(source="candidates", many=True)


class CapacityDayOut(serializers.Serializer[Any]):
    """One day's chairs: asked for of open, in minutes, and what may move away from a full day."""

    on = serializers.DateField()
    load = Coded(Load, source="fullness.load")
    chairs = serializers.IntegerField()
    infusions = serializers.IntegerField()
    open_minutes = serializers.IntegerField(source="fullness.open")
    booked_minutes = serializers.IntegerField(source="fullness.booked")
    asked_minutes = serializers.IntegerField(source="fullness.asked")
    left_out = serializers.IntegerField(source="fullness.left_out")
    hours = serializers.SerializerMethodField()
    movable = MovableOut(many=True)

    def get_hours(self, one: DayLoad) -> list[dict[str, int]]:
        return [{"hour": hour, "chairs": chairs} for hour, chairs in one.fullness.hours]


class FirstDayQuery(serializers.Serializer[Any]):
    on = Day(required=False, help_text="The first of fourteen days; today when left out.")


class NoShowIn(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=300, required=False, allow_blank=True)


class NoShowSettledIn(serializers.Serializer[Any]):
    settlement = serializers.CharField(max_length=300)


class NoShowOut(serializers.Serializer[Any]):
    """Nothing moves by it; a new day, an omission or a record ends it by itself."""

    uuid = serializers.UUIDField()
    on = serializers.DateField()
    cycle = serializers.IntegerField()
    words = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()
    settled_at = serializers.DateTimeField(allow_null=True)
    settlement = serializers.CharField()


class OperationsReport(Operations):
    permissions = {"GET": Permission.VIEW_REPORTS}

    @operation("reports_operations", query=WeeksQuery, returns=WeekOut(many=True))
    def get(self, _: Any) -> Response:
        """Starts on time, chair use, same-day cancellations and delivered of planned, by week."""
        return self.listed(WeekOut, weeks_of(self.by.site, self.query(WeeksQuery)["weeks"]))


class Capacity(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("chair_capacity", query=FirstDayQuery, returns=CapacityDayOut(many=True))
    def get(self, _: Any) -> Response:
        """Two weeks of chairs, and which infusions of full days may move where."""
        site = self.by.site
        return self.listed(CapacityDayOut, two_weeks(site, self.query(FirstDayQuery).get("on", site.today())))


class NotAttended(Operations):
    permissions = {"POST": Permission.CHANGE_SCHEDULE}

    @operation("cycle_days_not_attended", takes=NoShowIn, returns=NoShowOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Record that the patient did not come. The infusion stays planned where it is."""
        row = cycle_day_for(self.by, uuid)
        return self.shown(NoShowOut, no_shows.record(by=self.by, cycle_day=row, **self.body(NoShowIn)), status=201)


class SettleNoShow(Operations):
    permissions = {"POST": Permission.CHANGE_SCHEDULE}

    @operation("cycle_days_not_attended_settle", takes=NoShowSettledIn, returns=NoShowOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Say why nothing more is to be done about it."""
        row = cycle_day_for(self.by, uuid)
        mine = NoShow.objects.filter(plan=row.plan_id, cycle=row.cycle, day=row.day, on=row.planned_on)
        known = mine.select_related("plan__patient", "recorded_by").first()
        if known is None:
            raise Http404
        no_shows.settle(by=self.by, no_show=known, **self.body(NoShowSettledIn))
        known.refresh_from_db()
        return self.shown(NoShowOut, known)
