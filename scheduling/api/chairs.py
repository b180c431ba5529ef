"""The chairs of your site, when they are used, and one day of them."""

from __future__ import annotations

from datetime import date, time
from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.models import Site
from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Clock, Day
from her2tracker.api.views import Operations, operation
from scheduling import lookups
from scheduling.actions import bookings, chairs
from scheduling.actions.bookings import Seat
from scheduling.core.chair_day import measure
from scheduling.core.in_chairs import InChair
from scheduling.models import Chair, CycleDay, OpeningHours, SitePolicy
from scheduling.models import chair_days as days
from scheduling.models.in_chairs import in_chairs


class ChairOut(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    name = serializers.CharField()
    position = serializers.IntegerField()
    from_on = serializers.DateField(allow_null=True)
    until_on = serializers.DateField(allow_null=True, help_text="The last day in use.")


class ChairAddIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=40)
    from_on = Day(required=False, allow_null=True)


class ChairIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=40)
    position = serializers.IntegerField(min_value=0, max_value=999)
    from_on = Day(required=False, allow_null=True)
    until_on = Day(required=False, allow_null=True)


class WeekdayHours(serializers.Serializer[Any]):
    weekday = serializers.IntegerField(min_value=0, max_value=6, help_text="Monday is 0.")
    opens_at = Clock()
    closes_at = Clock()


class HoursShape(serializers.Serializer[Any]):
    set_up_minutes = serializers.IntegerField(min_value=0, max_value=240)
    hours = WeekdayHours(many=True, help_text="A weekday that is left out has no chairs.")


class ChairBookingOut(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    chair = serializers.UUIDField(source="chair.uuid")
    chair_name = serializers.CharField(source="chair.name")
    begins = serializers.DateTimeField(source="during.lower")
    ends = serializers.DateTimeField(source="during.upper")
    minutes = serializers.IntegerField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class UnderWayOut(serializers.Serializer[Any]):
    """What was started and is not recorded yet."""

    running = serializers.CharField(source="running.agent", default=None, allow_null=True, help_text="The agent.")
    is_over = serializers.BooleanField()
    infusion_over_minutes = serializers.IntegerField(source="infusion_over", help_text="Past its planned end.")
    chair_over_minutes = serializers.IntegerField(source="chair_over", help_text="Past the end of the booking.")
    state = serializers.CharField(help_text="In words.")


class SeatedOut(serializers.Serializer[Any]):
    """An infusion of the day, with its chair or without one."""

    cycle_day = serializers.UUIDField(source="row.uuid")
    patient = serializers.UUIDField(source="row.plan.patient.uuid")
    cycle = serializers.IntegerField(source="row.cycle")
    state = serializers.CharField(source="row.state")
    minutes = serializers.IntegerField(help_text="How long it takes a chair, set-up included.")
    booking = ChairBookingOut(allow_null=True)
    under_way = UnderWayOut(allow_null=True)


class ChairDayOut(serializers.Serializer[Any]):
    """One day. `digest` changes with whatever a proposal rests on."""

    on = serializers.DateField()
    is_open = serializers.BooleanField()
    why_closed = serializers.CharField()
    opens_at = Clock(allow_null=True)
    closes_at = Clock(allow_null=True)
    chairs = ChairOut(many=True)
    infusions = SeatedOut(many=True)
    digest = serializers.CharField()


class ChairDayQuery(serializers.Serializer[Any]):
    on = Day(required=False, help_text="Today at your site when left out.")


class ProposalQuery(ChairDayQuery):
    keep = serializers.BooleanField(required=False, default=True, help_text="Leave what is booked where it is.")


class SeatShape(serializers.Serializer[Any]):
    cycle_day = serializers.UUIDField()
    chair = serializers.UUIDField()
    starts_at = Clock()


class MeasureOut(serializers.Serializer[Any]):
    unplaced = serializers.IntegerField(help_text="Infusions without a chair.")
    peak = serializers.IntegerField(help_text="Most starts in one half hour.")
    waited = serializers.IntegerField(help_text="Minutes after opening, over all that are placed.")


class ChairProposalOut(serializers.Serializer[Any]):
    """At least as good as first come, first served (`queue`). Nothing is booked until it is accepted."""

    on = serializers.DateField()
    keep = serializers.BooleanField()
    digest = serializers.CharField()
    seats = SeatShape(many=True)
    measure = MeasureOut()
    queue = MeasureOut()
    present = MeasureOut(help_text="The day as it is.")
    way = serializers.CharField(help_text="What found it: `optimiser`, `spread` or `first come`.")
    is_best = serializers.BooleanField(help_text="Proven: no seating of this day is better.")


class AcceptIn(serializers.Serializer[Any]):
    """A proposal as it was answered."""

    on = Day()
    keep = serializers.BooleanField(required=False, default=True)
    digest = serializers.CharField(max_length=64)
    seats = SeatShape(many=True)


class Chairs(Operations):
    permissions = {"GET": None, "POST": Permission.ARRANGE_CHAIRS}

    @operation("chairs", returns=ChairOut(many=True))
    def get(self, _: Any) -> Response:
        """The chairs of your site in their order. There are few: the list is not paged."""
        return self.listed(ChairOut, Chair.objects.filter(site=self.by.site_id))

    @operation("chairs_add", takes=ChairAddIn, returns=ChairOut, status=201)
    def post(self, _: Any) -> Response:
        """Name one more chair."""
        return self.shown(ChairOut, chairs.add(by=self.by, **self.body(ChairAddIn)), status=201)


class OneChair(Operations):
    permissions = {"POST": Permission.ARRANGE_CHAIRS}

    @operation("chairs_change", takes=ChairIn, returns=ChairOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Rename or re-order a chair, or say from when until when it is used. Dates left out are taken away."""
        chair = lookups.chair_for(self.by, uuid)
        return self.shown(ChairOut, chairs.change(by=self.by, chair=chair, **self.body(ChairIn)))


class ChairHours(Operations):
    permissions = {"GET": None, "POST": Permission.ARRANGE_CHAIRS}

    @operation("chair_hours", returns=HoursShape)
    def get(self, _: Any) -> Response:
        """When chairs are used on each weekday, and how long a set-up takes."""
        return self.shown(HoursShape, _hours(self.by.site))

    @operation("chair_hours_set", takes=HoursShape, returns=HoursShape)
    def post(self, _: Any) -> Response:
        """Set all hours at once. What is booked stays booked."""
        said = self.body(HoursShape)
        hours = {one["weekday"]: (one["opens_at"], one["closes_at"]) for one in said["hours"]}
        chairs.set_hours(by=self.by, hours=hours, set_up_minutes=said["set_up_minutes"])
        return self.shown(HoursShape, _hours(self.by.site))


class ChairDays(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("chair_days", query=ChairDayQuery, returns=ChairDayOut)
    def get(self, _: Any) -> Response:
        """One day: the hours, the chairs, and every infusion with its chair or without one."""
        on = self.query(ChairDayQuery).get("on", self.by.site.today())
        return self.shown(ChairDayOut, _day(days.day_of(self.by.site, on)))


class ChairProposal(Operations):
    permissions = {"GET": Permission.CHANGE_SCHEDULE}

    @operation("chair_days_proposal", query=ProposalQuery, returns=ChairProposalOut)
    def get(self, _: Any) -> Response:
        """Starts and chairs that flatten the day, found within two seconds. Nothing is booked."""
        said = self.query(ProposalQuery)
        on, keep = said.get("on", self.by.site.today()), said["keep"]
        return self.shown(ChairProposalOut, _proposal(self.by.site, on, keep=keep))


class AcceptProposal(Operations):
    permissions = {"POST": Permission.CHANGE_SCHEDULE}

    @operation("chair_days_accept", takes=AcceptIn, returns=ChairDayOut)
    def post(self, _: Any) -> Response:
        """Book a proposal in one act. Refused as `changed-meanwhile` when the day is no longer as it was."""
        said = self.body(AcceptIn)
        seats = [Seat(str(one["cycle_day"]), str(one["chair"]), one["starts_at"]) for one in said["seats"]]
        bookings.accept(by=self.by, on=said["on"], seats=seats, digest=said["digest"], keep=said["keep"])
        return self.shown(ChairDayOut, _day(days.day_of(self.by.site, said["on"])))


def _hours(site: Site) -> dict[str, Any]:
    policy = SitePolicy.objects.filter(site=site).first() or SitePolicy()
    return {
        "set_up_minutes": policy.chair_set_up_minutes,
        "hours": list(OpeningHours.objects.filter(site=site)),
    }


def _day(day: days.Day) -> dict[str, Any]:
    going = in_chairs(day, now=timezone.now())
    return {
        "on": day.on,
        "is_open": day.is_open,
        "why_closed": day.why_closed,
        "opens_at": day.hours.opens_at if day.hours else None,
        "closes_at": day.hours.closes_at if day.hours else None,
        "chairs": day.chairs,
        "infusions": [_seated(day, row, going.get(row.pk)) for row in day.rows],
        "digest": day.digest(),
    }


def _seated(day: days.Day, row: CycleDay, going: InChair | None) -> dict[str, Any]:
    booking = day.bookings.get(row.pk)
    minutes = booking.minutes if booking else day.minutes(row)
    return {"row": row, "minutes": minutes, "booking": booking, "under_way": going}


def _proposal(site: Site, on: date, *, keep: bool) -> dict[str, Any]:
    day = days.day_of(site, on)
    found, plain = bookings.proposal(day, keep=keep), day.plain(keep=False)
    asks = {stay.key for stay in plain.stays}
    return {
        "on": on,
        "keep": keep,
        "digest": day.digest(),
        "seats": [_seat(place.key, place.chair, days.time_of(place.begins)) for place in found.places],
        "measure": found.measure,
        "queue": found.queue,
        "present": measure(plain, [place for place in day.places() if place.key in asks]),
        "way": found.way,
        "is_best": found.is_best,
    }


def _seat(cycle_day: str, chair: str, starts_at: time) -> dict[str, Any]:
    return {"cycle_day": cycle_day, "chair": chair, "starts_at": starts_at}
