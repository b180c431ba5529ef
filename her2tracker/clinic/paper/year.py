"""The dates of a plan as its patient needs them: infusions and heart examinations, the last one named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from monitoring.models import EchoBooking
from monitoring.models.foretold import echoes_to_come
from monitoring.models.standing import Standing, standings
from monitoring.models.work import bookings_of
from scheduling.models import CycleDay, Patient, TreatmentPlan
from scheduling.models.standing import projection_of
from scheduling.words import DayState, PlanState


class EventKind(StrEnum):
    INFUSION = "infusion"
    ECHO_BOOKED = "echo_booked"
    ECHO_DUE = "echo_due"


ECHOES = frozenset({EventKind.ECHO_BOOKED, EventKind.ECHO_DUE})


@dataclass(frozen=True, slots=True)
class Event:
    """One date. `uid` stays the same when it moves, so that a calendar moves it and does not add another."""

    kind: EventKind
    on: date
    uid: UUID
    at: time | None = None
    minutes: int | None = None
    where: str = ""
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Year:
    """`revision` grows with every change of a plan; `is_held` while one of them is on hold."""

    events: tuple[Event, ...]
    revision: int
    is_held: bool


def year_of(patient: Patient, today: date) -> Year:
    """Everything still to come for this patient, from every plan that goes on. A constant number of queries."""
    plans = list(TreatmentPlan.objects.with_facts().filter(patient=patient).exclude(end_reason="entered-in-error"))
    found = standings(plans)
    bookings = bookings_of([plan.pk for plan in plans])
    events = [event for one in found for event in _events(one, bookings.get(one.plan.pk), today)]
    return Year(
        events=tuple(sorted(events, key=lambda event: (event.on, event.at or time.min, event.kind))),
        revision=sum(plan.revision for plan in plans) + len(patient.assessments.all()),
        is_held=any(one.open_hold for one in found),
    )


def next_of(year: Year, today: date) -> Year:
    """The next infusion after `today`, and the next echo: what somebody who goes home must know."""
    infusions = (one for one in year.events if one.kind is EventKind.INFUSION and one.on > today)
    echoes = (one for one in year.events if one.kind in ECHOES)
    found = [one for one in (next(infusions, None), next(echoes, None)) if one is not None]
    return replace(year, events=tuple(sorted(found, key=lambda one: (one.on, one.at or time.min))))


def _events(standing: Standing, booking: EchoBooking | None, today: date) -> Iterable[Event]:
    plan = standing.plan
    if plan.state == PlanState.ACTIVE:
        yield from _infusions(plan, today)
    booked = _still_to_come(booking, standing, today)
    if booked:
        yield Event(EventKind.ECHO_BOOKED, booked.booked_for, booked.uuid, where=booked.lab)
    yield from _echoes_due(standing, booked, today)


def _infusions(plan: TreatmentPlan, today: date) -> Iterable[Event]:
    days = [day for day in plan.cycle_days.all() if day.state == DayState.PLANNED]
    last = max((day.planned_on for day in days), default=None) if _has_an_end(days) else None
    for day in days:
        if day.planned_on >= today:
            yield Event(
                EventKind.INFUSION,
                day.planned_on,
                day.uuid,
                at=day.starts_at,
                minutes=day.chair_minutes,
                is_last=day.planned_on == last,
            )


def _has_an_end(days: list[CycleDay]) -> bool:
    return any(day.of_cycles for day in days)


def _still_to_come(booking: EchoBooking | None, standing: Standing, today: date) -> EchoBooking | None:
    """An appointment that is not past and that no result has answered."""
    if booking is None or booking.booked_for < today:
        return None
    latest = standing.latest
    return None if latest is not None and latest.performed_on >= booking.booked_for else booking


def _echoes_due(standing: Standing, booked: EchoBooking | None, today: date) -> Iterable[Event]:
    """What surveillance will ask for, the one that the booking serves left out. Overdue ones are due today."""
    plan = standing.plan
    due = [(echo.on, echo.occasion.value) for echo in echoes_to_come(standing, projection_of(plan, today=today))]
    window = standing.window(today)
    if plan.state != PlanState.ACTIVE and window.due_on:
        due = [(window.due_on, window.occasion.value)]
    for number, (on, occasion) in enumerate(due):
        if booked and number == 0:
            continue  # the appointment is this one's
        uid = uuid5(NAMESPACE_URL, f"her2tracker:{plan.uuid}:{occasion}:{number}")
        yield Event(EventKind.ECHO_DUE, max(on, today), uid)
