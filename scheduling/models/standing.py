"""From a plan's rows to the core's facts, and where the plan stands by them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TypeVar

from scheduling import catalog
from scheduling.core.alongside import AlongsideKind, Lane, Recorded, lanes
from scheduling.core.at_home import Course, Lowered, courses
from scheduling.core.choosing import Tumour
from scheduling.core.expansion import Entry, agent_of
from scheduling.core.facts import BroughtForward as Forward
from scheduling.core.facts import Credit, Delayed, DelayScope, Extended, Fact, Given, LevelChanged, Omitted
from scheduling.core.policy import Policy
from scheduling.core.preconditions import Situation
from scheduling.core.projection import Projection, project
from scheduling.core.regimen import Agent, DoseKind, Regimen
from scheduling.models.alongside import AlongsideTreatment
from scheduling.models.changes import Extension, LevelChange
from scheduling.models.cycles import BroughtForward, CycleDay, Delay
from scheduling.models.patients import TumourProfile
from scheduling.models.plans import PriorTreatment, TreatmentPlan
from scheduling.models.regimens import RegimenVersion
from scheduling.words import DayState, Receptor, ResidualDisease

M = TypeVar("M")

# Published versions are frozen, so a digest's conversion holds for as long as the process lives.
_converted: dict[str, Regimen] = {}


def regimen_of(version: RegimenVersion) -> Regimen:
    """The core's regimen of a published row; one conversion per digest and process."""
    if version.digest not in _converted:
        _converted[version.digest] = catalog.regimen_from(version.definition, str(version))
    return _converted[version.digest]


def facts_of(plan: TreatmentPlan, *, without: object = None) -> tuple[Fact, ...]:
    """Every fact recorded about the plan, except what the row `without` holds.

    Reads prefetched rows when `with_facts()` fetched them.
    """
    facts: list[Fact] = [credit_of(prior) for prior in plan.prior_treatments.all()]
    for cycle_day in _but(plan.cycle_days.all(), without):
        facts.extend(_facts_of_day(cycle_day))
    moved: tuple[Delay | BroughtForward, ...] = (*plan.delays.all(), *plan.brought_forward.all())
    # of two moves of one day the later decision counts
    facts.extend(fact_of(one) for one in sorted(_but(moved, without), key=lambda one: one.plan_revision))
    decided: tuple[Extension | LevelChange, ...] = (*plan.extensions.all(), *plan.level_changes.all())
    facts.extend(fact_of(one) for one in _but(decided, without))
    return tuple(facts)


def fact_of(decision: Delay | BroughtForward | Extension | LevelChange) -> Fact:
    """What the core calls a decision about the plan."""
    if isinstance(decision, BroughtForward):
        return Forward(decision.cycle, decision.day, decision.from_on, decision.to_on)
    if isinstance(decision, Delay):
        return Delayed(decision.cycle, decision.day, decision.to_on, DelayScope(decision.scope))
    if isinstance(decision, Extension):
        return Extended(decision.cycles, decision.reason, decision.overridden)
    return LevelChanged(decision.agent, decision.from_cycle, decision.mg_per_kg)


def _but(rows: Iterable[M], without: object) -> Iterator[M]:
    return (row for row in rows if row != without)


def credit_of(prior: PriorTreatment) -> Credit:
    return Credit(
        agent=prior.agent,
        doses=prior.doses,
        last_given_on=prior.last_given_on,
        first_given_on=prior.first_given_on,
        decided=DoseKind(prior.decided_kind) if prior.decided_kind else None,
        passed=prior.passed,
        made_up=prior.made_up,
    )


def _facts_of_day(row: CycleDay) -> Iterator[Fact]:
    if row.state == DayState.OMITTED and row.done_on:
        yield Omitted(row.cycle, row.day, row.done_on, made_up=row.omission_made_up)
    elif row.state == DayState.GIVEN and row.done_on:
        for given in row.administrations.all():
            if given.given_on:
                yield Given(row.cycle, row.day, given.agent, given.given_on, given.given_mg)
            else:
                yield Omitted(row.cycle, row.day, row.done_on, agent=given.agent)


def policy_of(plan: TreatmentPlan) -> Policy:
    """The plan's own choices where the labels disagree."""
    return catalog.policy(plan.reload_with_pertuzumab, plan.anchor, plan.minimum_gap_days, plan.cap)


def projection_of(
    plan: TreatmentPlan, *facts: Fact, today: date, policy: Policy | None = None, without: object = None
) -> Projection:
    """Where the plan stands on `today`; with more `facts`, another `policy` or `without` a row, where it would."""
    return project(
        regimen_of(plan.regimen),
        plan.start_on,
        (*facts_of(plan, without=without), *facts),
        today=today,
        policy=policy or policy_of(plan),
    )


def agent_on(plan: TreatmentPlan, entry: Entry) -> Agent:
    """The entry's agent as the plan's policy and levels make it: what re-loads it, and with how much."""
    return agent_of(regimen_of(plan.regimen), entry, facts_of(plan), policy_of(plan))


def tumour_of(profile: TumourProfile | None) -> Tumour:
    """What the choice of a regimen reads; unknown stays unknown, a profile nobody wrote is unknown all over."""
    if profile is None:
        return Tumour()
    residual = ResidualDisease(profile.residual_disease)
    return Tumour(
        size_mm=profile.size_mm,
        nodes_positive=profile.nodes_positive,
        er=_is_positive(profile.er),
        pr=_is_positive(profile.pr),
        her2=_is_positive(profile.her2),
        neoadjuvant=profile.neoadjuvant_therapy,
        residual_disease=None if residual is ResidualDisease.UNKNOWN else residual is ResidualDisease.PRESENT,
        surgery_on=profile.surgery_on,
    )


def alongside_of(plan: TreatmentPlan, infusions: Sequence[date], profile: TumourProfile | None) -> tuple[Lane, ...]:
    """What runs beside the infusions, with the dates on record. One query."""
    recorded = {
        AlongsideKind(row.kind): Recorded(row.from_on, row.until_on, row.note)
        for row in AlongsideTreatment.objects.filter(plan=plan)
    }
    positive = tumour_of(profile).hormone_receptor_positive
    return lanes(
        regimen_of(plan.regimen), infusions, recorded, hormone_receptor_positive=positive, courses=courses_of(plan)
    )


def courses_of(plan: TreatmentPlan, *more: Lowered, without: object = None) -> tuple[Course, ...]:
    """What the plan has taken at home, reduced where that was recorded. No query for a plan of infusions only."""
    regimen = regimen_of(plan.regimen)
    rows = _but(plan.oral_level_changes.all(), without) if regimen.oral else ()
    lowered = [Lowered(row.agent, row.from_on, row.mg) for row in rows]
    return courses(regimen, plan.start_on, ended_on=plan.ended_on, lowered=[*lowered, *more])


def situation_of(
    plan: TreatmentPlan,
    profile: TumourProfile | None,
    *,
    has_begun: bool = False,
    trastuzumab_ended_on: date | None = None,
) -> Situation:
    """What the start's preconditions read. `has_begun`: earlier doses count in the plan."""
    tumour, profile = tumour_of(profile), profile or TumourProfile()
    return Situation(
        start_on=plan.start_on,
        setting=plan.setting,
        jurisdiction=plan.patient.site.jurisdiction,
        surgery_on=tumour.surgery_on,
        residual_disease=tumour.residual_disease,
        hormone_receptor_positive=tumour.hormone_receptor_positive,
        chemotherapy_cycles=profile.chemotherapy_cycles,
        chemotherapy_ended_on=profile.chemotherapy_ended_on,
        anthracycline=profile.anthracycline,
        trastuzumab_ended_on=trastuzumab_ended_on,
        has_begun=has_begun,
    )


def _is_positive(receptor: str) -> bool | None:
    return None if receptor == Receptor.UNKNOWN else receptor == Receptor.POSITIVE
