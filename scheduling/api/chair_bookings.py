"""One infusion's chair, and when its patient can come."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Clock
from her2tracker.api.views import Operations, operation
from scheduling import lookups
from scheduling.actions import bookings
from scheduling.api.chairs import ChairBookingOut
from scheduling.core.chair_day import clock
from scheduling.models.chair_days import day_of
from scheduling.models.free_hours import free_hours, next_free


class FreeOut(serializers.Serializer[Any]):
    at = Clock()
    chair = serializers.UUIDField(source="chair_uuid")
    chair_name = serializers.CharField(source="chair")
    others = serializers.IntegerField(help_text="How many others start in the same half hour.")


class NextFreeOut(serializers.Serializer[Any]):
    on = serializers.DateField()
    at = Clock()


class ChairOfCycleDay(serializers.Serializer[Any]):
    """What is booked, and every hour at which a chair is free long enough."""

    minutes = serializers.IntegerField()
    booking = ChairBookingOut(allow_null=True)
    free = FreeOut(many=True)
    next_free = NextFreeOut(allow_null=True, help_text="The next day with room, where this one is full.")


class BookIn(serializers.Serializer[Any]):
    chair = serializers.UUIDField()
    starts_at = Clock()
    seen = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=40,
        help_text="The booking you looked at, empty for none: another one by now is refused.",
    )  # fmt: skip


class GiveBackIn(serializers.Serializer[Any]):
    seen = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=40)


class WishIn(serializers.Serializer[Any]):
    not_before = Clock(allow_null=True)
    leave_by = Clock(allow_null=True)


class ChairOfOne(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.CHANGE_SCHEDULE}

    @operation("cycle_days_chair", returns=ChairOfCycleDay)
    def get(self, _: Any, uuid: UUID) -> Response:
        """The infusion's chair, and where it could sit."""
        return self._stands(uuid)

    @operation("cycle_days_chair_book", takes=BookIn, returns=ChairOfCycleDay)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Book a chair, or move the one it has. A taken one is refused as `chair-taken`, with whose it is."""
        row = lookups.cycle_day_for(self.by, uuid)
        said = self.body(BookIn)
        chair = lookups.chair_for(self.by, said["chair"])
        seen = said.get("seen")
        bookings.book(by=self.by, cycle_day=row, chair=chair, starts_at=said["starts_at"], seen=seen)
        return self._stands(uuid)

    def _stands(self, uuid: UUID) -> Response:
        row, site = lookups.cycle_day_for(self.by, uuid), self.by.site
        day = day_of(site, row.planned_on)
        free = free_hours(day, row)
        later = None if free else next_free(site, row, max(row.planned_on, site.today()))
        stands = {
            "minutes": day.minutes(row),
            "booking": day.bookings.get(row.pk),
            "free": free,
            "next_free": {"on": later[0], "at": clock(later[1].begins)} if later else None,
        }
        return self.shown(ChairOfCycleDay, stands)


class GiveBack(Operations):
    permissions = {"POST": Permission.CHANGE_SCHEDULE}

    @operation("cycle_days_chair_give_back", takes=GiveBackIn, returns=None, status=204)
    def post(self, _: Any, uuid: UUID) -> Response:
        """The infusion stays planned, without a chair and without an hour."""
        row = lookups.cycle_day_for(self.by, uuid)
        bookings.give_back(by=self.by, cycle_day=row, seen=self.body(GiveBackIn).get("seen"))
        return Response(status=204)


class Wish(Operations):
    permissions = {"POST": Permission.CHANGE_SCHEDULE}

    @operation("patients_chair_wish", takes=WishIn, returns=WishIn)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Between which hours the patient can come, for every infusion. Null twice: at any hour."""
        patient, said = lookups.patient_for(self.by, uuid), self.body(WishIn)
        bookings.wish(by=self.by, patient=patient, **said)
        return self.shown(WishIn, said)
