"""May we treat today, and if not, why not. Other apps add their checks by the setting, never by an import here.

A check is `check(plans, on=day) -> {plan.pk: [Objection, ...]}`, and answers for many plans at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils.module_loading import import_string

from her2tracker.lib.dates import in_words
from her2tracker.lib.sources import Citation
from scheduling import catalog
from scheduling.core import dosing, preconditions
from scheduling.core.earlier import opening
from scheduling.core.facts import Credit
from scheduling.core.laboratory import LabState
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
from scheduling.models.about import About, about, read_once
from scheduling.models.checking import standing_of, told
from scheduling.models.checks import codes_of
from scheduling.models.gates import laboratory_of, release_of
from scheduling.models.standing import credit_of, regimen_of, situation_of
from scheduling.words import DayState, Gate, HoldReason, OverrideReason, Setting

BEFORE_THE_START = "before-the-start:"
CHECK_MISSING, CHECK_DIFFERS = "second-check-missing", "second-check-differs:"


@dataclass(frozen=True, slots=True)
class Objection:
    """Why not, and whose it is. `blocks`: nothing is given until it is gone or overridden by name."""

    key: str
    sentence: str
    owner: str
    blocks: bool = False
    overridable: bool = True
    short: str = ""
    source: Citation | None = None
    gate: Gate = Gate.PLAN
    overridden: str = ""  # "by Dr Ortega, 5 Jan: cardiology advises to continue"

    @property
    def stops_treatment(self) -> bool:
        return self.blocks and not self.overridden

    @property
    def is_to_do(self) -> bool:
        """Something that is still to be done for this infusion, rather than a reason to withhold."""
        return self.gate.is_of_one_day and not self.key.startswith(("laboratory:", CHECK_DIFFERS))

    @property
    def in_short(self) -> str:
        return self.short or self.sentence


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
            of_day[day.pk] = list(_of_one_day(day, known[day.plan_id], on))
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


NOT_RELEASED = "not-released"


def _is_not_to_come(day: CycleDay) -> bool:
    """Decided already, or only looked at before its plan is saved."""
    return day.pk is None or day.state != DayState.PLANNED


def _of_one_day(day: CycleDay, known: About, on: date) -> Iterable[Objection]:
    """What stands before this infusion alone."""
    if _is_not_to_come(day):
        return
    yield from _released(day, known, on)
    yield from _laboratory(day, known)
    yield from _identified(day, known, on)
    yield from _checked(day, known, on)


def _identified(day: CycleDay, known: About, on: date) -> Iterable[Objection]:
    """Somebody else's wristband was read here: nothing is given until the right one is."""
    codes = codes_of(known.codes_read, day.cycle, day.day, on)
    if codes.is_wrong and codes.wristband:
        sentence = f"{codes.wristband.recorded_by} read a wristband that is not this patient’s: read the right one"
        key = f"wrong-wristband:{codes.wristband.uuid}"
        yield Objection(key, sentence, "Nurse", blocks=True, short="Wrong wristband read", gate=Gate.IDENTITY)


def _checked(day: CycleDay, known: About, on: date) -> Iterable[Objection]:
    """A second check that differs, wherever one was done; a missing one where the site asks for it."""
    state = standing_of(day, known, on)
    if state.differs and state.done:
        yield Objection(
            f"{CHECK_DIFFERS}{state.done.uuid}",
            f"The second check differs: {'; '.join(told(state.done))}",
            "Second check (nurse), or an oncologist decides",
            blocks=True,
            short="Second check differs",
            gate=Gate.SECOND_CHECK,
        )
    elif known.policy.second_check_required and not state.agreed:
        short = "Second check asked for" if state.waits else "Second check to come"
        yield Objection(
            CHECK_MISSING,
            state.why_missing,
            "Second check (nurse)",
            blocks=True,
            short=short if state.waits or state.is_empty else "Second check lapsed",
            gate=Gate.SECOND_CHECK,
        )


def _released(day: CycleDay, known: About, on: date) -> Iterable[Objection]:
    """Where the site asks for it, a doctor's release that still holds."""
    if not known.policy.release_required:
        return
    state = release_of(day, known, on)
    if state.holds:
        return
    why = f"The release by {state.release.recorded_by} lapsed: {'; '.join(state.lapsed)}" if state.release else ""
    yield Objection(
        NOT_RELEASED,
        why or "Not released by a doctor",
        "Oncologist releases",
        blocks=True,
        short="Release lapsed" if why else "Not released",
        gate=Gate.RELEASE,
    )


def _laboratory(day: CycleDay, known: About) -> Iterable[Objection]:
    """The blood tests that the agents due ask for: each on record for this cycle, none at a figure to withhold."""
    verdicts = laboratory_of(day, known)
    missing = [verdict.test.title for verdict in verdicts if verdict.state is LabState.MISSING]
    if missing:
        sentence = f"Not on record for this cycle: {', '.join(missing)}"
        yield Objection(
            "laboratory-missing",
            sentence,
            "Nurse",
            blocks=True,
            short="Laboratory missing",
            source=verdicts[0].test.citation,
            gate=Gate.LABORATORY,
        )
    for verdict in verdicts:
        if verdict.state is LabState.WITHHOLDS and verdict.test.withhold:
            yield Objection(
                f"laboratory:{verdict.test.id}",
                verdict.sentence,
                "Oncologist decides",
                blocks=True,
                source=verdict.test.withhold.citation,
                gate=Gate.LABORATORY,
            )


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
