"""Who sits where and when: booking a chair, moving it, giving it back, and taking a whole day's proposal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import Entry, Part, act
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling.actions import freeing
from scheduling.actions.cycles import refuse_decided
from scheduling.actions.locks import open_day
from scheduling.core.chair_day import ChairDay, Place, clock, faults, first_come, overlap
from scheduling.core.chair_proposal import Proposal, propose
from scheduling.models import Chair, ChairBooking, ChairWish, CycleDay, Patient, TreatmentPlan
from scheduling.models.chair_days import Day, day_of, minute_of, row_of, time_of
from scheduling.models.chairs import span
from scheduling.words import ChairFreed

_SENTENCE = (
    "Somebody changed this meanwhile. Nothing of yours was saved. Look at the day as it is now and decide again."
)
CHANGED = Refusal("changed-meanwhile", _SENTENCE)


@dataclass(frozen=True, slots=True)
class Seat:
    """One line of a proposal that is accepted: whose chair, from which hour."""

    cycle_day: str
    chair: str
    starts_at: time


def book(*, by: User, cycle_day: CycleDay, chair: Chair, starts_at: time, seen: str | None = None) -> ChairBooking:
    """Book a chair for an infusion, or move the one it has. The hour the patient comes is the chair's.

    `seen` is the booking that was shown ("" for none): another one by now is refused. So is a chair that is
    taken: by whom, booked by whom and when.
    """
    require(by, Permission.CHANGE_SCHEDULE)
    with act("chair.booked", by=by, patient=cycle_day.plan.patient, subject=cycle_day) as entry:
        _, row = open_day(cycle_day)
        refuse(refuse_decided(row))
        # locked after the plan, always in this order
        chair = Chair.objects.select_for_update().get(pk=chair.pk, site=by.site_id)
        day = day_of(by.site, row.planned_on)
        before = day.bookings.get(row.pk)
        _refuse_changed(before, seen)
        refuse(_refuse_day(day, row))
        place = Place(str(row.uuid), str(chair.uuid), minute_of(starts_at), day.minutes(row))
        refuse(_refuse_place(day, row, place))
        if before:
            freeing.free_one(before, ChairFreed.REBOOKED)
        booking = _create(day, row, chair, starts_at, by)
        entry.details = _told(day, row, booking, before)
    return booking


def give_back(*, by: User, cycle_day: CycleDay, seen: str | None = None) -> None:
    """The infusion stays planned; its chair and its hour are free again."""
    require(by, Permission.CHANGE_SCHEDULE)
    with act("chair.given-back", by=by, patient=cycle_day.plan.patient, subject=cycle_day) as entry:
        _, row = open_day(cycle_day)
        refuse(refuse_decided(row))
        booking = ChairBooking.objects.standing().filter(cycle_day=row).select_related("chair").first()
        _refuse_changed(booking, seen)
        if booking is None:
            raise Refused(Refusal("no-chair", "This infusion has no chair: somebody gave it back already."))
        freeing.free_one(booking, ChairFreed.GIVEN_BACK)
        CycleDay.objects.filter(pk=row.pk).update(starts_at=None)
        entry.details = {"chair": booking.chair.name, "cycle": row.cycle, "on": str(booking.on)}


def wish(*, by: User, patient: Patient, not_before: time | None, leave_by: time | None) -> ChairWish | None:
    """Between which hours the patient can come, for every infusion from now on. What is booked stays."""
    require(by, Permission.CHANGE_SCHEDULE)
    if not_before and leave_by and leave_by <= not_before:
        sentence = "Leaving lies before coming."
        raise Refused(Refusal("wish-ends-before-it-begins", sentence), {"leave_by": [sentence]})
    with act("chair.wished", by=by, patient=patient, subject=patient) as entry:
        Patient.objects.select_for_update().get(pk=patient.pk)
        ChairWish.objects.filter(patient=patient).delete()
        if not (not_before or leave_by):
            return None
        made = ChairWish.objects.create(patient=patient, not_before=not_before, leave_by=leave_by, recorded_by=by)
        entry.details = {"wish": str(made)}
    return made


def proposal(day: Day, *, keep: bool = True) -> Proposal:
    """Starts and chairs for whoever has none; with `keep` off, also for those who have one. Changes nothing."""
    return propose(day.plain(keep=keep), present=day.plain(keep=True).taken)


def in_queue(day: ChairDay) -> tuple[Place, ...]:
    """The same day first come, first served: what a proposal is measured against."""
    return first_come(day)


def accept(*, by: User, on: date, seats: Sequence[Seat], digest: str, keep: bool = True) -> int:
    """Book a proposal as it was shown, in one act. Refused whole when the day is no longer as it was."""
    require(by, Permission.CHANGE_SCHEDULE)
    with act("chair.proposal-accepted", by=by, subject=by.site) as entry:
        # whoever books one of them holds its plan's row, so the day cannot change from here on
        _lock(by.site, on)
        day = day_of(by.site, on)
        if day.digest() != digest:
            raise Refused(CHANGED)
        plain, places = day.plain(keep=keep), _places(day, seats)
        wrong = faults(plain, places)
        refuse(Refusal("proposal-breaks-a-rule", wrong[0]) if wrong else None)
        count = _seat(day, places, by, entry)
        entry.details = {"on": str(on), "seated": count}
    return count


def _places(day: Day, seats: Sequence[Seat]) -> list[Place]:
    found = []
    for seat in seats:
        row = row_of(day, seat.cycle_day)
        if row is None:
            raise Refused(CHANGED)
        found.append(Place(str(row.uuid), seat.chair, minute_of(seat.starts_at), day.minutes(row)))
    return found


def _seat(day: Day, places: Sequence[Place], by: User, entry: Entry) -> int:
    """Free all that move, then book: two may change places."""
    standing = {place.key: place for place in day.places()}
    moving = [place for place in places if standing.get(place.key) != place]
    chairs = {str(chair.uuid): chair for chair in day.chairs}
    rows = {place.key: row for place in moving if (row := row_of(day, place.key))}
    for row in rows.values():
        if before := day.bookings.get(row.pk):
            freeing.free_one(before, ChairFreed.REBOOKED)
    for place in moving:
        row = rows[place.key]
        booking = _create(day, row, chairs[place.chair], time_of(place.begins), by)
        told = _told(day, row, booking, day.bookings.get(row.pk))
        entry.parts.append(Part("chair.booked", row.plan.patient, row, told))
    return len(moving)


def _create(day: Day, row: CycleDay, chair: Chair, starts_at: time, by: User) -> ChairBooking:
    """The booking and the hour. The database has the last word: it refuses what nobody could have seen."""
    try:
        with transaction.atomic():
            booking = ChairBooking.objects.create(
                chair=chair, cycle_day=row, patient=row.plan.patient, on=day.on,
                during=span(day.site, day.on, starts_at, day.minutes(row)), recorded_by=by,
            )  # fmt: skip
    except IntegrityError as error:
        if "scheduling_patient_in_one_chair" in str(error):
            raise Refused(Refusal("patient-in-another-chair", "The patient has another chair at that hour.")) from error
        if "scheduling_chair_taken_once" in str(error):
            raise Refused(Refusal("chair-taken", f"{chair} was taken in this very moment.")) from error
        raise
    CycleDay.objects.filter(pk=row.pk).update(starts_at=starts_at)
    return booking


def _lock(site: Site, on: date) -> None:
    """Every plan with something on this day, then every chair: the order in which a single booking locks."""
    plans = TreatmentPlan.objects.filter(cycle_days__in=CycleDay.objects.at(site).on(on)).values("pk")
    list(TreatmentPlan.objects.select_for_update(of=("self",)).filter(pk__in=plans).order_by("pk"))
    list(Chair.objects.select_for_update().filter(site=site).order_by("pk"))


def _refuse_changed(booking: ChairBooking | None, seen: str | None) -> None:
    if seen is not None and seen != (str(booking.uuid) if booking else ""):
        raise Refused(CHANGED)


def _refuse_day(day: Day, row: CycleDay) -> Refusal | None:
    if day.on < day.site.today():
        return Refusal("day-passed", f"{in_words(day.on)} has passed. Move the infusion to another day first.")
    if day.why_closed:
        return Refusal("day-is-closed", f"{in_words(day.on)} is closed: {day.why_closed}.")
    if day.hours is None:
        return Refusal("no-hours", f"No chair is used on {in_words(day.on)}: the site has no opening hours then.")
    if row_of(day, row.uuid) is None:
        return Refusal("not-to-be-seated", "This infusion needs no chair: its plan is on hold, or has ended.")
    return None


def _refuse_place(day: Day, row: CycleDay, place: Place) -> Refusal | None:
    """Why a chair cannot be had from this hour: what stands there, then hours and wishes."""
    for other in day.rows:
        booking = day.bookings.get(other.pk)
        is_there = booking is not None and other.pk != row.pk and str(booking.chair.uuid) == place.chair
        if booking and is_there and overlap(day.place(other, booking), place):
            return Refusal("chair-taken", taken(day, other, booking))
    # alone on the day: what stands was looked at above, and who sits down a little late is booked all the same
    chairs = tuple(str(chair.uuid) for chair in day.chairs)
    wrong = faults(ChairDay(*day.open_minutes, chairs, (day.stay(row),)), [place])
    return Refusal("outside-hours", f"{wrong[0]} {_between(day, row)}") if wrong else None


def taken(day: Day, row: CycleDay, booking: ChairBooking) -> str:
    """`Chair 3 is taken from 09:00 to 10:40 by Testcase, Anna: booked by Nora Nilsen on Mon 2 Mar 2026 at 08:10.`"""
    begins, ends = booking.begins(day.site), booking.ends(day.site)
    when = timezone.localtime(booking.recorded_at, day.site.zone)
    whose = f"{row.plan.patient.family_name}, {row.plan.patient.given_name}"
    booked = f"booked by {booking.recorded_by} on {in_words(when.date())} at {when:%H:%M}"
    return f"{booking.chair} is taken from {begins:%H:%M} to {ends:%H:%M} by {whose}: {booked}."


def _between(day: Day, row: CycleDay) -> str:
    """The hours within which this infusion can be."""
    stay, (opens, closes) = day.stay(row), day.open_minutes
    early, late = max(opens, stay.not_before), min(closes, stay.leave_by)
    return f"It takes {stay.minutes} minutes, between {clock(early)} and {clock(late)}."


def _told(day: Day, row: CycleDay, booking: ChairBooking, before: ChairBooking | None) -> dict[str, Any]:
    begins, ends = booking.begins(day.site), booking.ends(day.site)
    told = {"chair": booking.chair.name, "cycle": row.cycle, "on": str(day.on)}
    told |= {"at": f"{begins:%H:%M}", "until": f"{ends:%H:%M}"}
    return told | ({"before": f"{before.chair} at {before.begins(day.site):%H:%M}"} if before else {})
