"""Chairs, when a site is open, and who sits where. The database lets no chair and no patient be taken twice."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F, Q

from her2tracker.accounts.models import Site
from her2tracker.audit.history import tracked
from scheduling.core.facts import CycleDayKey
from scheduling.models.base import Recorded, choices, one_of
from scheduling.models.cycles import CycleDay
from scheduling.models.patients import Patient
from scheduling.models.plans import TreatmentPlan
from scheduling.words import ChairFreed, DayState


@tracked
class OpeningHours(models.Model):
    """When chairs are used on one weekday, Monday is 0. A weekday without a row has no chairs."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField()
    opens_at = models.TimeField()
    closes_at = models.TimeField()

    class Meta:
        ordering = ["weekday"]
        constraints = [
            models.UniqueConstraint(fields=["site", "weekday"], name="scheduling_hours_once_a_weekday"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="scheduling_hours_of_a_weekday"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="scheduling_hours_close_after_open"),
        ]

    def __str__(self) -> str:
        return f"{self.opens_at:%H:%M} to {self.closes_at:%H:%M}"


class ChairQuerySet(models.QuerySet["Chair"]):
    def in_use(self, on: date) -> ChairQuerySet:
        return self.filter(Q(from_on=None) | Q(from_on__lte=on), Q(until_on=None) | Q(until_on__gte=on))


@tracked
class Chair(models.Model):
    """One place to be treated in, with the first and the last day on which it is in use."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="chairs")
    name = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)

    objects = ChairQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="scheduling_chair_name_once"),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(from_on=None) | Q(until_on__gte=F("from_on")),
                name="scheduling_chair_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BookingQuerySet(models.QuerySet["ChairBooking"]):
    def standing(self) -> BookingQuerySet:
        return self.filter(freed_at=None)


@tracked
class ChairBooking(Recorded):
    """A chair for one infusion, from its set-up until the patient leaves. One that is freed stays on record."""

    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, related_name="bookings")
    cycle_day = models.ForeignKey(CycleDay, on_delete=models.CASCADE, related_name="chair_bookings")
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="chair_bookings")
    on = models.DateField()  # the site's calendar day of `during`
    during = DateTimeRangeField()
    freed_at = models.DateTimeField(null=True, blank=True)
    freed_because = models.CharField(max_length=12, choices=choices(ChairFreed), blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        ordering = ["during", "id"]
        constraints = [
            ExclusionConstraint(
                name="scheduling_chair_taken_once",
                expressions=[("chair", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(freed_at=None),
            ),
            ExclusionConstraint(
                name="scheduling_patient_in_one_chair",
                expressions=[("patient", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(freed_at=None),
            ),
            models.UniqueConstraint(
                fields=["cycle_day"], condition=Q(freed_at=None), name="scheduling_one_chair_a_cycle_day"
            ),
            models.CheckConstraint(condition=Q(during__isempty=False), name="scheduling_booking_lasts"),
            models.CheckConstraint(
                condition=Q(freed_at=None, freed_because="") | (Q(freed_at__isnull=False) & ~Q(freed_because="")),
                name="scheduling_booking_freed_because",
            ),
            one_of("freed_because", ChairFreed, "scheduling_booking_freed_because_known", blank=True),
        ]
        indexes = [models.Index(fields=["on"], condition=Q(freed_at=None), name="scheduling_booking_on")]

    def __str__(self) -> str:
        return f"{self.chair} on {self.on}"

    @property
    def minutes(self) -> int:
        """How long the chair is taken."""
        lasts: timedelta = self.during.upper - self.during.lower
        return round(lasts.total_seconds() / 60)

    def begins(self, site: Site) -> datetime:
        """On the site's clocks."""
        lower: datetime = self.during.lower
        return lower.astimezone(site.zone)

    def ends(self, site: Site) -> datetime:
        upper: datetime = self.during.upper
        return upper.astimezone(site.zone)

    def in_words(self, site: Site) -> str:
        """`Chair 3 from 09:00 to 10:40`."""
        return f"{self.chair} from {self.begins(site):%H:%M} to {self.ends(site):%H:%M}"


@tracked
class ChairWish(Recorded):
    """Between which hours a patient can come; kept for every infusion until it is changed."""

    patient = models.OneToOneField(Patient, on_delete=models.CASCADE, related_name="chair_wish")
    not_before = models.TimeField(null=True, blank=True)
    leave_by = models.TimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(not_before=None) | Q(leave_by=None) | Q(leave_by__gt=F("not_before")),
                name="scheduling_wish_leaves_after_coming",
            )
        ]

    def __str__(self) -> str:
        return " and ".join(self.in_words())

    def in_words(self) -> list[str]:
        early = [f"not before {self.not_before:%H:%M}"] if self.not_before else []
        return early + ([f"gone by {self.leave_by:%H:%M}"] if self.leave_by else [])


def booked_of(plan: TreatmentPlan) -> dict[CycleDayKey, ChairBooking]:
    """By cycle and day: the chairs booked for what is still planned. One query."""
    rows = ChairBooking.objects.standing().filter(cycle_day__plan=plan, cycle_day__state=DayState.PLANNED)
    return {(one.cycle_day.cycle, one.cycle_day.day): one for one in rows.select_related("chair", "cycle_day")}


def span(site: Site, on: date, starts_at: time, minutes: int) -> DateTimeTZRange:
    """The stretch of time a booking takes; minutes are real ones, also where clocks change that day."""
    begins = datetime.combine(on, starts_at, tzinfo=site.zone).astimezone(UTC)
    return DateTimeTZRange(begins, begins + timedelta(minutes=minutes))
