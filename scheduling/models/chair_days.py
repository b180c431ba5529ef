"""One day of a site's chairs, read from rows: what is open, who asks for a chair, and who has one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from her2tracker.accounts.models import Site
from scheduling.core.chair_day import STEP, ChairDay, Place, Stay
from scheduling.models import at_once
from scheduling.models.chairs import Chair, ChairBooking, OpeningHours
from scheduling.models.closed_days import closed_days_of
from scheduling.models.cycles import CycleDay, CycleDayQuerySet
from scheduling.models.plans import Hold
from scheduling.models.policies import SitePolicy
from scheduling.words import DayState, PlanState


@dataclass(frozen=True, slots=True)
class Day:
    """`rows` ask for a chair or had one; `bookings` by their cycle day. `why_closed` is empty on an open day."""

    site: Site
    on: date
    hours: OpeningHours | None
    chairs: tuple[Chair, ...]
    rows: tuple[CycleDay, ...]
    bookings: dict[int, ChairBooking]
    why_closed: str
    set_up_minutes: int

    @property
    def is_open(self) -> bool:
        return self.hours is not None and bool(self.chairs) and not self.why_closed

    @property
    def open_minutes(self) -> tuple[int, int]:
        """From when until when, minutes after midnight; nothing where there are no hours."""
        return (minute_of(self.hours.opens_at), minute_of(self.hours.closes_at)) if self.hours else (0, 0)

    @property
    def unseated(self) -> tuple[CycleDay, ...]:
        """Planned, and without a chair."""
        return tuple(row for row in self.rows if row.state == DayState.PLANNED and row.pk not in self.bookings)

    def minutes(self, row: CycleDay) -> int:
        """How long this infusion takes a chair: set-up, infusions and observation from the regimen."""
        return max(row.chair_minutes + self.set_up_minutes, STEP)

    def stay(self, row: CycleDay) -> Stay:
        wish = getattr(row.plan.patient, "chair_wish", None)
        return Stay(
            str(row.uuid),
            self.minutes(row),
            not_before=minute_of(wish.not_before) if wish and wish.not_before else 0,
            leave_by=minute_of(wish.leave_by) if wish and wish.leave_by else 24 * 60,
        )

    def place(self, row: CycleDay, booking: ChairBooking) -> Place:
        begins = booking.begins(self.site)
        return Place(str(row.uuid), str(booking.chair.uuid), minute_of(begins.time()), booking.minutes)

    def places(self) -> tuple[Place, ...]:
        return tuple(self.place(row, self.bookings[row.pk]) for row in self.rows if row.pk in self.bookings)

    def bare(self) -> ChairDay:
        """Hours and chairs alone, to measure a seating with."""
        return ChairDay(*self.open_minutes, tuple(str(chair.uuid) for chair in self.chairs), ())

    def plain(self, *, keep: bool = True, now: datetime | None = None) -> ChairDay:
        """The day for the core. What has begun, is given or is kept stands; all else asks for a place.

        Those with a chair come first in its order, then by the hour they were asked to come.
        """
        now = now or timezone.now()
        stands, asks = [], []
        for row in self.rows:
            booking = self.bookings.get(row.pk)
            begun = booking is not None and booking.during.lower <= now
            if booking and (keep or begun or row.state != DayState.PLANNED):
                stands.append(self.place(row, booking))
            elif row.state == DayState.PLANNED:
                asks.append(row)
        asks.sort(key=self._order)
        opens, closes = self.open_minutes
        if self.on == now.astimezone(self.site.zone).date():
            opens = self._opens_from(opens, now)
        chairs = tuple(str(chair.uuid) for chair in self.chairs) if self.is_open else ()
        return ChairDay(opens, closes, chairs, tuple(self.stay(row) for row in asks), tuple(stands))

    def _opens_from(self, opens: int, now: datetime) -> int:
        """Nothing starts in the past: the next step after now, on the day's own grid."""
        passed = minute_of(now.astimezone(self.site.zone).time()) - opens
        return opens + max(0, -(-passed // STEP) * STEP)

    def _order(self, row: CycleDay) -> tuple[time, int]:
        booking = self.bookings.get(row.pk)
        at = booking.begins(self.site).time() if booking else row.starts_at
        return at or time.max, row.pk

    def digest(self) -> str:
        """Changes with whatever a proposal rests on: hours, chairs, who comes, how long, who sits where."""
        hours = str(self.hours) if self.hours else ""
        facts = [hours, self.why_closed, *(f"{chair.uuid}" for chair in self.chairs)]
        for row in sorted(self.rows, key=lambda row: row.pk):
            booking = self.bookings.get(row.pk)
            stay = self.stay(row)
            facts.append(f"{stay} {row.state} {booking.uuid if booking else ''}")
        return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


def day_of(site: Site, on: date) -> Day:
    """One day in a constant number of queries."""
    return days_of(site, [on])[on]


def days_of(site: Site, days: Iterable[date]) -> dict[date, Day]:
    """Several days in the same number of queries as one."""
    wanted = sorted(days)
    first, last = wanted[0], wanted[-1]
    hours, chairs, bookings, rows, policies = at_once.read(
        OpeningHours.objects.filter(site=site),
        Chair.objects.filter(site=site),
        ChairBooking.objects.standing()
        .filter(chair__site=site, on__range=(first, last))
        .select_related("chair", "recorded_by"),
        _rows(site, first, last),
        SitePolicy.objects.filter(site=site),
    )
    closed = closed_days_of(site, first, last)
    by_row = {booking.cycle_day_id: booking for booking in bookings}
    set_up = policies[0].chair_set_up_minutes if policies else 0
    by_weekday = {one.weekday: one for one in hours}
    return {
        on: Day(
            site,
            on,
            by_weekday.get(on.weekday()),
            tuple(chair for chair in chairs if _in_use(chair, on)),
            found := tuple(row for row in rows if (row.done_on or row.planned_on) == on),
            {row.pk: by_row[row.pk] for row in found if row.pk in by_row and by_row[row.pk].on == on},
            closed.why(on),
            set_up,
        )
        for on in wanted
    }


def _rows(site: Site, first: date, last: date) -> CycleDayQuerySet:
    """What needs a chair: planned on plans that run and are not held, or given."""
    held = Hold.objects.open().filter(plan=OuterRef("plan"))
    planned = Q(state=DayState.PLANNED, planned_on__range=(first, last), plan__state=PlanState.ACTIVE)
    given = Q(state=DayState.GIVEN, done_on__range=(first, last))
    return (
        CycleDay.objects.at(site)
        .filter((planned & ~Exists(held)) | given)
        .select_related("plan__patient__site", "plan__patient__chair_wish", "plan__regimen")
        .defer("plan__regimen__definition")
        .order_by("starts_at", "plan__patient__family_name", "pk")
    )


def _in_use(chair: Chair, on: date) -> bool:
    return (chair.from_on is None or chair.from_on <= on) and (chair.until_on is None or on <= chair.until_on)


def minute_of(at: time) -> int:
    """Minutes after midnight."""
    return at.hour * 60 + at.minute


def time_of(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def row_of(day: Day, key: str | UUID) -> CycleDay | None:
    return next((row for row in day.rows if str(row.uuid) == str(key)), None)
