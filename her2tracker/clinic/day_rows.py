"""The cycle days of one day's list as rows, and the days with infusions beside it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, time
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from her2tracker.accounts.models import Site
from her2tracker.clinic.at_chair import AtChair, at_chair, questions
from scheduling.models import Administration, ChairBooking, CycleDay, NoShow, RegimenVersion, SecondCheck, at_once
from scheduling.models.about import grouped
from scheduling.models.facts import remember_doses
from scheduling.models.prepared import DAY, MANY, ONE, Prepared
from scheduling.words import DayState


def on_list(on: date) -> Q:
    """What stood on a day's list: planned for it, given on it, or omitted from it. An index answers each of the three.

    Two states in one condition would read every infusion there is: each has an index of its own.
    """
    planned, omitted = (Q(state=state, planned_on=on) for state in (DayState.PLANNED, DayState.OMITTED))
    return Q(state=DayState.GIVEN, done_on=on) | planned | omitted


def _days(site: int, on: date, missed: list[int]) -> QuerySet[CycleDay, CycleDay]:
    booked = ChairBooking.objects.standing().filter(cycle_day=OuterRef("pk"))
    stayed_away = NoShow.objects.filter(
        plan=OuterRef("plan"), cycle=OuterRef("cycle"), day=OuterRef("day"), on=OuterRef("planned_on")
    )
    return (
        CycleDay.objects.at(site)
        .filter(on_list(on) | Q(pk__among=missed))
        .select_related("plan__patient", "decided_by")
        .annotate(
            chair_name=Subquery(booked.values("chair__name")[:1]),
            no_show_at=Subquery(stayed_away.values("recorded_at")[:1]),
        )
        .order_by()
    )


_DAYS = Prepared(_days, ONE, DAY, MANY)
_DOSES = Prepared(lambda days: Administration.objects.filter(cycle_day__among=days), MANY)
_REGIMENS = Prepared(lambda versions: RegimenVersion.objects.filter(pk__among=versions).defer("definition"), MANY)


def days_of(
    site: Site, on: date, missed_pks: Collection[int], asked: QuerySet[SecondCheck, Any] | None = None
) -> tuple[list[CycleDay], list[SecondCheck], dict[int, AtChair]]:
    """Their people with them; in the same round trip the second checks `asked` for, and what runs at their chairs.

    The site is the one asked for and regimens are few: neither is read once per row.
    """
    [found] = at_once.read(_DAYS.of(site.pk, on, missed_pks))
    doses, regimens, checks, *beside = at_once.read(
        _DOSES.of([day.pk for day in found]),
        _REGIMENS.of({day.plan.regimen_id for day in found}),
        SecondCheck.objects.none() if asked is None else asked,
        *questions(site, found, on),
    )
    remember_doses(found, grouped(doses, "cycle_day_id"))
    regimen_by = {regimen.pk: regimen for regimen in regimens}
    for day in found:
        day.plan.patient.site, day.plan.regimen = site, regimen_by[day.plan.regimen_id]
    return sorted(found, key=order), checks, at_chair(site, found, beside)


def order(day: CycleDay) -> tuple[bool, time, str, str, int]:
    patient = day.plan.patient
    untimed = day.starts_at is None
    return untimed, day.starts_at or time.min, patient.family_name.lower(), patient.given_name.lower(), day.pk


def neighbours(site: Site, on: date) -> tuple[date | None, date | None]:
    """The nearest days with infusions before and after, each read from the ends of two indexes."""
    [found] = at_once.read(_NEIGHBOURS.of(site.pk, on))
    before, after = [day for (day,) in found if day < on], [day for (day,) in found if day > on]
    return max(before, default=None), min(after, default=None)


def _first(rows: QuerySet[CycleDay, Any], name: str) -> QuerySet[CycleDay, Any]:
    return rows.values_list(name)[:1]


def _neighbours(site: int, on: date) -> QuerySet[CycleDay, Any]:
    planned, given = CycleDay.objects.at(site).planned(), CycleDay.objects.at(site).filter(state=DayState.GIVEN)
    return _first(planned.filter(planned_on__lt=on).order_by("-planned_on"), "planned_on").union(
        _first(given.filter(done_on__lt=on).order_by("-done_on"), "done_on"),
        _first(planned.filter(planned_on__gt=on).order_by("planned_on"), "planned_on"),
        _first(given.filter(done_on__gt=on).order_by("done_on"), "done_on"),
    )


_NEIGHBOURS = Prepared(_neighbours, ONE, DAY)
