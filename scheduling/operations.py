"""The operations report read from rows. The number of queries does not grow with the weeks or the infusions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from her2tracker.accounts.models import Site
from scheduling.core.operations import ChairMinutes, FellOut, GivenVisit, Week, monday_of, weeks
from scheduling.models import (
    Administration,
    Chair,
    ChairBooking,
    CycleDay,
    Delay,
    Hold,
    NoShow,
    OpeningHours,
    SitePolicy,
)
from scheduling.models.chair_days import minute_of
from scheduling.models.closed_days import closed_days_of
from scheduling.words import ChairFreed, DayState, DelayReason, OmissionReason, PlanState

Key = tuple[int, date]  # of one plan on one day: an infusion falls out of its day once, whatever was decided about it
DID_NOT_ATTEND, ON_HOLD = "did not attend", "hold"
LOST = (ChairFreed.HELD, ChairFreed.OMITTED, ChairFreed.CYCLE_MOVED)


def weeks_of(site: Site, count: int) -> tuple[Week, ...]:
    """The last `count` weeks, the present one until today included."""
    today = site.today()
    first = monday_of(today) - timedelta(weeks=count - 1)
    fell_out = _fell_out(site, first, today)
    return weeks(
        first,
        today,
        given=list(_given(site, first, today)),
        fell_out=[FellOut(on, because) for (_, on), because in fell_out.items()],
        undecided=[on for plan, on in _undecided(site, first, today) if (plan, on) not in fell_out],
        chairs=list(_chairs(site, first, today)),
        tolerance=SitePolicy.of(site).start_tolerance_minutes,
    )


def _given(site: Site, first: date, last: date) -> Iterator[GivenVisit]:
    doses = Administration.objects.filter(
        cycle_day__plan__patient__site=site, cycle_day__state=DayState.GIVEN, cycle_day__done_on__range=(first, last)
    )
    begins: dict[int, time] = {}
    ends: dict[int, time | None] = {}
    for pk, started, stopped, given_on in doses.values_list("cycle_day_id", "started_at", "stopped_at", "given_on"):
        if given_on is None:
            continue  # this agent was left out
        if started is not None:
            begins[pk] = min(started, begins.get(pk, started))
        last_stop = ends.get(pk, time.min)
        ends[pk] = None if stopped is None or last_stop is None else max(stopped, last_stop)
    rows = CycleDay.objects.at(site).filter(state=DayState.GIVEN, done_on__range=(first, last))
    for pk, on, hour in rows.values_list("pk", "done_on", "starts_at"):
        if on is not None:
            yield GivenVisit(on, _minute(hour), _minute(begins.get(pk)), _minute(ends.get(pk)))


def _undecided(site: Site, first: date, today: date) -> Iterable[tuple[int, date]]:
    """Whose day passed, and nobody decided."""
    rows = CycleDay.objects.at(site).planned().filter(planned_on__gte=first, planned_on__lt=today)
    return rows.filter(plan__state=PlanState.ACTIVE).values_list("plan_id", "planned_on")


def _fell_out(site: Site, first: date, last: date) -> dict[Key, str]:
    """By plan and day. Of several reasons for one infusion the first of these counts: nobody came, a hold, a delay,
    an omission. What was given on its day after all did not fall out."""
    found: dict[Key, str] = {}
    sources = (_not_attended(site, first, last), _held(site, first, last), _delayed(site, first, last))
    for source in (*sources, _omitted(site, first, last)):
        for key, because in source:
            found.setdefault(key, because)
    done = CycleDay.objects.at(site).filter(state=DayState.GIVEN, done_on__range=(first, last))
    given = set(done.values_list("plan_id", "done_on"))
    return {key: because for key, because in found.items() if key not in given}


def _not_attended(site: Site, first: date, last: date) -> Iterator[tuple[Key, str]]:
    for key in NoShow.objects.at(site).filter(on__range=(first, last)).values_list("plan_id", "on"):
        yield key, DID_NOT_ATTEND


def _held(site: Site, first: date, last: date) -> Iterator[tuple[Key, str]]:
    """Held on the day of an infusion: it still stands there, was moved or omitted from there, or lost its chair."""
    rows = Hold.objects.filter(plan__patient__site=site, begun_on__range=(first, last)).values_list("plan", "begun_on")
    held = set(rows)
    plans, days = {plan for plan, _ in held}, {on for _, on in held}
    stood = {
        *CycleDay.objects.filter(plan__in=plans, planned_on__in=days)
        .exclude(state=DayState.GIVEN)
        .values_list("plan_id", "planned_on"),
        *Delay.objects.filter(plan__in=plans, from_on__in=days).values_list("plan_id", "from_on"),
        *ChairBooking.objects.filter(cycle_day__plan__in=plans, on__in=days, freed_because=ChairFreed.HELD).values_list(
            "cycle_day__plan_id", "on"
        ),
    }
    for key in held & stood:
        yield key, ON_HOLD


def _delayed(site: Site, first: date, last: date) -> Iterator[tuple[Key, str]]:
    rows = Delay.objects.filter(plan__patient__site=site, from_on__range=(first, last))
    for plan, on, at, reason in rows.values_list("plan_id", "from_on", "recorded_at", "reason"):
        if _day(site, at) == on:
            told = DelayReason(reason)
            yield (plan, on), DID_NOT_ATTEND if told is DelayReason.DID_NOT_ATTEND else f"delay: {told.in_sentence}"


def _omitted(site: Site, first: date, last: date) -> Iterator[tuple[Key, str]]:
    rows = CycleDay.objects.at(site).filter(state=DayState.OMITTED, planned_on__range=(first, last))
    for plan, on, at, reason in rows.values_list("plan_id", "planned_on", "decided_at", "omission_reason"):
        if at is not None and _day(site, at) == on:
            yield (plan, on), f"omission: {OmissionReason(reason).in_sentence}"


def _chairs(site: Site, first: date, last: date) -> Iterator[ChairMinutes]:
    """By the hours and chairs as they are today: earlier ones are not kept by day."""
    hours = {one.weekday: one for one in OpeningHours.objects.filter(site=site)}
    chairs, closed = list(Chair.objects.filter(site=site)), closed_days_of(site, first, last)
    booked: dict[date, int] = {}
    for one in ChairBooking.objects.filter(chair__site=site, on__range=(first, last)):
        if _stood(site, one):
            booked[one.on] = booked.get(one.on, 0) + one.minutes
    for on in (first + timedelta(days=index) for index in range((last - first).days + 1)):
        there = sum(_in_use(chair, on) for chair in chairs)
        span = hours.get(on.weekday())
        minutes = 0 if span is None or closed.why(on) else minute_of(span.closes_at) - minute_of(span.opens_at)
        yield ChairMinutes(on, minutes * there, booked.get(on, 0))


def _stood(site: Site, booking: ChairBooking) -> bool:
    """Booked when its day began: never given back, or lost on the day itself with its infusion."""
    if booking.freed_at is None:
        return True
    return booking.freed_because in LOST and _day(site, booking.freed_at) >= booking.on


def _in_use(chair: Chair, on: date) -> bool:
    return (chair.from_on is None or chair.from_on <= on) and (chair.until_on is None or on <= chair.until_on)


def _day(site: Site, at: datetime) -> date:
    return at.astimezone(site.zone).date()


def _minute(at: time | None) -> int | None:
    return None if at is None else minute_of(at)
