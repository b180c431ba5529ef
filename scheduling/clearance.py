"""May we treat today, and if not, why not. Other apps add their checks by the setting, never by an import here.

A check is `check(plans, on=day) -> {plan.pk: [Objection, ...]}`, and answers for many plans at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils.module_loading import import_string

from her2tracker.lib.dates import in_words
from scheduling import catalog
from scheduling.before_infusion import of_one_day
from scheduling.core import dosing, preconditions
from scheduling.core.earlier import opening
from scheduling.core.facts import Credit
from scheduling.models import (
    Administration,
    CycleDay,
    Override,
    Patient,
    PriorTreatment,
    RegimenVersion,
    TreatmentPlan,
    TumourProfile,
)
from scheduling.models.about import about, read_once
from scheduling.models.standing import credit_of, regimen_of, situation_of
from scheduling.objection import BEFORE_THE_START, Objection
from scheduling.words import Gate, HoldReason, OverrideReason, Setting

Check = Callable[..., dict[Any, list[Objection]]]


def objections(days: Sequence[CycleDay], *, on: date) -> dict[int, list[Objection]]:
    """Objections to each cycle day, blocking ones first. A constant number of queries."""
    plans = list({day.plan_id: day.plan for day in days}.values())
    of_day: dict[int, list[Objection]] = {}
    found: dict[int, list[Objection]] = {plan.pk: [] for plan in plans}
    with read_once():
        for check in _checks():
            for pk, more in check(plans, on=on).items():
                found[pk] += more
        overrides, known = _overrides(plans), about(plans)
        for day in days:
            of_day[day.pk] = list(of_one_day(day, known[day.plan_id], on))
    return {
        day.pk: _applied([*found[day.plan_id], *of_day[day.pk]], overrides.get((day.plan_id, day.cycle, day.day), []))
        for day in days
    }


@cache
def _checks() -> tuple[Check, ...]:
    """Ours, and what other apps named in TREATMENT_CLEARANCE_CHECKS."""
    return (on_hold, prepared, weighed, *(import_string(path) for path in settings.TREATMENT_CLEARANCE_CHECKS))


def on_hold(plans: Sequence[TreatmentPlan], *, on: date) -> dict[int, list[Objection]]:
    """An open hold stops everything until an oncologist resumes."""
    del on
    holds = [hold for one in about(plans).values() for hold in one.holds if hold.ended_on is None]
    return {
        hold.plan_id: [
            Objection(
                key="hold",
                short=f"On hold: {HoldReason(hold.reason).in_sentence}",
                sentence=f"On hold since {in_words(hold.begun_on)}: {HoldReason(hold.reason).in_sentence}"
                + (f". {hold.note}" if hold.note else ""),
                owner=f"{hold.recorded_by} decides",
                blocks=True,
                overridable=False,
            )
        ]
        for hold in holds
    }


def prepared(plans: Sequence[TreatmentPlan], *, on: date) -> dict[int, list[Objection]]:
    """What the sources ask for before a plan starts, until its first infusion."""
    del on
    known = about(plans)
    ended = _trastuzumab_ended({plan.patient_id for plan in plans if regimen_of(plan.regimen).is_by_mouth_only})
    return {
        plan.pk: preconditions_of(
            plan, one.tumour, [credit_of(prior) for prior in one.priors], ended.get(plan.patient_id)
        )
        for plan in plans
        if (one := known[plan.pk]).given is None
    }


def _trastuzumab_ended(patients: set[int]) -> dict[int, date]:
    """The last dose of trastuzumab in any form, given here or told of as given before, by patient."""
    if not patients:
        return {}
    groups = catalog.switching_rules().same_strategy
    agents = {name for group in groups if "trastuzumab" in group.agents for name in group.agents}
    here = Administration.objects.filter(cycle_day__plan__patient__in=patients, agent__in=agents)
    told = PriorTreatment.objects.filter(plan__patient__in=patients, agent__in=agents)
    found: dict[int, date] = {}
    for patient, on in (
        *here.filter(given_on__isnull=False).values_list("cycle_day__plan__patient").annotate(Max("given_on")),
        *told.values_list("plan__patient").annotate(Max("last_given_on")),
    ):
        found[patient] = max(on, found.get(patient, on))
    return found


def preconditions_of(
    plan: TreatmentPlan,
    profile: TumourProfile | None,
    earlier: Sequence[Credit] = (),
    trastuzumab_ended_on: date | None = None,
) -> list[Objection]:
    """Objections to starting `plan`; none where it goes on with what another plan began."""
    has_begun = opening(regimen_of(plan.regimen), plan.start_on, earlier).credited > 0
    if has_begun and plan.continues_id is not None:
        return []
    situation = situation_of(plan, profile, has_begun=has_begun, trastuzumab_ended_on=trastuzumab_ended_on)
    return [
        Objection(
            key=f"{BEFORE_THE_START}{one.code}",
            sentence=f"{one.sentence.rstrip('.')} ({one.text.rstrip('.')})",
            short=one.sentence.rstrip("."),
            owner="Oncologist decides",
            blocks=True,
            source=one.citation,
        )
        for one in preconditions.objections(plan.regimen.key, situation, catalog.preconditions())
    ]


def before_the_start(patient: Patient, version: RegimenVersion, profile: TumourProfile | None) -> list[Objection]:
    """What would stand before a start today, of a regimen suggested for early disease where it is for that."""
    settings = regimen_of(version).settings
    setting = Setting.ADJUVANT if Setting.ADJUVANT in settings else settings[0]
    plan = TreatmentPlan(patient=patient, regimen=version, setting=setting, start_on=patient.site.today())
    ended = _trastuzumab_ended({patient.pk}) if regimen_of(version).is_by_mouth_only else {}
    return preconditions_of(plan, profile, trastuzumab_ended_on=ended.get(patient.pk))


def weighed(plans: Sequence[TreatmentPlan], *, on: date) -> dict[int, list[Objection]]:
    """Doses by weight need one that is recent, and arithmetic that knows it."""
    known = about(plans)
    return {
        plan.pk: list(_weight_objections(plan, one.weight, one.policy.weight_valid_days, on))
        for plan in plans
        if (one := known[plan.pk]) and _needs_weight(plan)
    }


def _weight_objections(
    plan: TreatmentPlan, latest: tuple[Decimal, date] | None, valid_days: int, on: date
) -> Iterable[Objection]:
    if latest is None or plan.dosing_weight_kg is None:
        sentence = "No weight to calculate the dose from"
        yield Objection("weight-missing", sentence, "Nurse", short="Weight missing", gate=Gate.WEIGHT)
        return
    kg, measured_on = latest
    change = _change(plan, kg)
    if change and change.recalculate:
        yield Objection(
            "weight-changed",
            f"Weight {kg} kg is {change.percent:+.1f} % from the {plan.dosing_weight_kg} kg that doses were "
            "calculated with: recalculate",
            "Pharmacist",
            short=f"Weight {change.percent:+.1f} %: recalculate",
            gate=Gate.WEIGHT,
        )
    if (on - measured_on).days > valid_days:
        days = (on - measured_on).days
        sentence = f"Last weighed {days} days ago"
        yield Objection("weight-old", sentence, "Nurse", short=f"Weight {days} days old", gate=Gate.WEIGHT)


def change_since_calculated(plan: TreatmentPlan, kg: Decimal) -> dosing.WeightChange | None:
    """`kg` against the weight doses are calculated with; None where no dose goes by weight, or none was known."""
    return _change(plan, kg) if plan.dosing_weight_kg and _needs_weight(plan) else None


def _change(plan: TreatmentPlan, kg: Decimal) -> dosing.WeightChange | None:
    regimen = regimen_of(plan.regimen)
    agent = next(a for phase in regimen.phases for a in phase.agents if a.maintenance.needs_weight)
    assert plan.dosing_weight_kg is not None  # noqa: S101 - the caller looked
    return dosing.weight_change(agent, plan.dosing_weight_kg, kg)


def _needs_weight(plan: TreatmentPlan) -> bool:
    regimen = regimen_of(plan.regimen)
    return any(agent.maintenance.needs_weight for phase in regimen.phases for agent in phase.agents)


def _overrides(plans: Sequence[TreatmentPlan]) -> dict[tuple[int, int, int], list[Override]]:
    found: dict[tuple[int, int, int], list[Override]] = {}
    for one in about(plans).values():
        for override in one.overrides:
            found.setdefault((override.plan_id, override.cycle, override.day), []).append(override)
    return found


def _applied(found: list[Objection], overrides: list[Override]) -> list[Objection]:
    """The objections with what an oncologist overrode said beside them, the blocking ones first."""
    said = {key: override for override in overrides for key in override.objections}
    marked = [replace(o, overridden=_in_words(said[o.key])) if o.overridable and o.key in said else o for o in found]
    return sorted(marked, key=lambda o: (not o.stops_treatment, not o.blocks))


def _in_words(override: Override) -> str:
    when, why = in_words(override.recorded_at.date()), OverrideReason(override.reason).in_sentence
    return f"overridden by {override.recorded_by} on {when}: {why}. {override.note}"
