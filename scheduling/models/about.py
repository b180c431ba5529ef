"""What is on record about many plans beside their rows: one round trip for all of it, however many ask on a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from django.db.models import F, Max, Min, QuerySet

from scheduling.models import at_once
from scheduling.models.chairside import Reaction
from scheduling.models.changes import LevelChange
from scheduling.models.checks import CodeRead, SecondCheck
from scheduling.models.consents import TreatmentConsent
from scheduling.models.cycles import CycleDay, Override
from scheduling.models.patients import BodyMeasurement, TumourProfile
from scheduling.models.plans import Hold, PriorTreatment, TreatmentPlan
from scheduling.models.policies import SitePolicy
from scheduling.models.prepared import MANY, Prepared
from scheduling.models.releases import LabResult, Release
from scheduling.words import DayState


class Span(NamedTuple):
    """First and last day on which a plan's cycle days were given, and when the first of them was recorded."""

    first_on: date
    last_on: date
    first_recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class About:
    """Rows about one plan and its patient, oldest first."""

    holds: tuple[Hold, ...]
    given: Span | None
    given_before: Span | None  # by the plan it continues in the same line
    priors: tuple[PriorTreatment, ...]
    overrides: tuple[Override, ...]
    levels: tuple[LevelChange, ...]
    releases: tuple[Release, ...]  # also those that ended
    lab_results: tuple[LabResult, ...]
    second_checks: tuple[SecondCheck, ...]
    codes_read: tuple[CodeRead, ...]
    consents: tuple[TreatmentConsent, ...]  # also those that ended
    reactions: tuple[Reaction, ...]  # of the patient, in any plan
    weight: tuple[Decimal, date] | None  # the latest, in kg
    tumour: TumourProfile | None
    policy: SitePolicy


_known: ContextVar[dict[int, About] | None] = ContextVar("what this page read about plans", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Within it each plan is read about once, however many ask. For what only looks: no write is seen."""
    if _known.get() is not None:
        yield
        return
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def about(plans: Sequence[TreatmentPlan]) -> dict[int, About]:
    """By the plan's key."""
    known = _known.get()
    if known is None:
        return _read(plans)
    known.update(_read([plan for plan in plans if plan.pk not in known]))
    return {plan.pk: known[plan.pk] for plan in plans}


def carried_on(plans: Iterable[TreatmentPlan]) -> dict[int, int]:
    """By plan: the one whose line of treatment it goes on with."""
    return {plan.pk: plan.continues_id for plan in plans if plan.continues_id and not plan.starts_new_line}


def _read(plans: Sequence[TreatmentPlan]) -> dict[int, About]:
    if not plans:
        return {}
    pks, patients, lines = [plan.pk for plan in plans], [plan.patient_id for plan in plans], carried_on(plans)
    sites = {plan.patient.site_id for plan in plans}
    keys = (pks, [*pks, *lines.values()], *[pks] * 8, patients, patients, patients, sites)
    holds, given, *facts, reactions, weights, tumours, policies = at_once.read(
        *(question.of(key) for question, key in zip(_questions(), keys, strict=True))
    )
    spans = {pk: Span(*span) for pk, *span in given}
    by_plan = [grouped(rows, "plan_id") for rows in (holds, *facts)]
    reacted = grouped(reactions, "of_patient")
    weighed, tumour_of = {patient: (kg, on) for patient, kg, on in weights}, {one.patient_id: one for one in tumours}
    policy_of = {one.site_id: one for one in policies}
    nobody_decided, found = SitePolicy(), {}
    for plan in plans:
        of_plan = (tuple(rows.get(plan.pk, ())) for rows in by_plan)
        held, prior, overridden, reduced, released, measured, checked, scanned, consented = of_plan
        for check in checked:
            check.plan = plan  # whose site's clock its hours are told by
        found[plan.pk] = About(
            holds=held,
            given=spans.get(plan.pk),
            given_before=spans.get(lines.get(plan.pk, 0)),
            priors=prior,
            overrides=overridden,
            levels=reduced,
            releases=released,
            lab_results=measured,
            second_checks=checked,
            codes_read=scanned,
            consents=consented,
            reactions=tuple(reacted.get(plan.patient_id, ())),
            weight=weighed.get(plan.patient_id),
            tumour=tumour_of.get(plan.patient_id),
            policy=policy_of.get(plan.patient.site_id, nobody_decided),
        )
    return found


@cache
def _questions() -> tuple[Prepared[Any], ...]:
    asked: tuple[Callable[[Any], QuerySet[Any, Any]], ...] = (
        lambda plans: Hold.objects.filter(plan__among=plans).select_related("recorded_by").order_by("begun_on", "id"),
        spans_given,
        lambda plans: PriorTreatment.objects.filter(plan__among=plans).order_by("id"),
        lambda plans: Override.objects.filter(plan__among=plans).select_related("recorded_by"),
        lambda plans: LevelChange.objects.filter(plan__among=plans),
        lambda plans: Release.objects.filter(plan__among=plans).select_related("recorded_by"),
        lambda plans: LabResult.objects.filter(plan__among=plans),
        lambda plans: SecondCheck.objects.filter(plan__among=plans).select_related("recorded_by", "ended_by"),
        lambda plans: CodeRead.objects.filter(plan__among=plans).select_related("recorded_by"),
        lambda plans: TreatmentConsent.objects.filter(plan__among=plans).select_related("recorded_by", "ended_by"),
        lambda patients: Reaction.objects.filter(plan__patient__among=patients, in_error=False).annotate(
            of_patient=F("plan__patient_id")
        ),
        latest_weights,
        lambda patients: TumourProfile.objects.filter(patient__among=patients),
        lambda sites: SitePolicy.objects.filter(site__among=sites),
    )
    return tuple(Prepared(one, MANY) for one in asked)


def spans_given(pks: Sequence[int]) -> QuerySet[CycleDay, Any]:
    """`(plan, *Span)` of each plan that had a cycle day given."""
    days = CycleDay.objects.filter(plan__among=pks, state=DayState.GIVEN).order_by().values("plan_id")
    spans = days.annotate(first=Min("done_on"), last=Max("done_on"), at=Min("decided_at"))
    return spans.values_list("plan_id", "first", "last", "at")


def latest_weights(patients: Sequence[int]) -> QuerySet[BodyMeasurement, Any]:
    """`(patient, kg, measured on)`, one each."""
    return (
        BodyMeasurement.objects.filter(patient__among=patients, weight_kg__isnull=False)
        .order_by("patient_id", "-measured_on", "-id")
        .distinct("patient_id")
        .values_list("patient_id", "weight_kg", "measured_on")
    )


def grouped(rows: Iterable[Any], key: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, key), []).append(row)
    return found
