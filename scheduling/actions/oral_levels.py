"""What is taken at home, one level lower from a day on: only down, with a reason, and seen before it is confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling.actions.changes import refuse_silence
from scheduling.actions.locks import open_plan, touch
from scheduling.core.at_home import Course, Lowered, refuse_lower
from scheduling.models import OralLevelChange, TreatmentPlan
from scheduling.models.standing import courses_of, regimen_of
from scheduling.words import PlanState


@dataclass(frozen=True, slots=True)
class Lowering:
    """One agent's course as it is, and as it would be."""

    before: Course
    after: Course


def preview_reduce(*, by: User, plan: TreatmentPlan, agent: str, from_on: date) -> Lowering:
    """The agent's course with one level less from `from_on` on. Nothing is saved."""
    require(by, Permission.ADJUST_PLANS)
    before = _course(plan, agent)
    lowered = Lowered(agent, from_on, _lower(plan, before, from_on, by))
    return Lowering(before, _named(courses_of(plan, lowered), agent))


def reduce(
    *,
    by: User,
    plan: TreatmentPlan,
    agent: str,
    from_on: date,
    reason: str,
    mg: Decimal | None = None,
    revision: int | None = None,
) -> Course:
    """Have `agent` taken one level lower from `from_on` on. A level named in `mg` must be that one: never up."""
    require(by, Permission.ADJUST_PLANS)
    refuse_silence(reason, "Say why the dose is reduced.")
    with act("plan.reduced", by=by, patient=plan.patient, subject=plan, reason=reason) as entry:
        plan = open_plan(plan, expected_revision=revision)
        level = _lower(plan, _course(plan, agent), from_on, by, mg)
        OralLevelChange.objects.create(
            plan=plan, agent=agent, from_on=from_on, mg=level, reason=reason.strip(),
            plan_revision=plan.revision + 1, recorded_by=by,
        )  # fmt: skip
        touch(plan)
        entry.details = {"agent": agent, "from_on": str(from_on), "mg": str(level)}
        return _course(plan, agent)


def reducible(plan: TreatmentPlan) -> tuple[str, ...]:
    """The agents taken at home that have a level left to go down to."""
    if not any(oral.levels for oral in regimen_of(plan.regimen).oral):
        return ()
    return tuple(course.agent.name for course in courses_of(plan) if course.next_level is not None)


def without(plan: TreatmentPlan, change: OralLevelChange) -> Lowering:
    """What taking `change` back does to its agent's course."""
    return Lowering(_course(plan, change.agent), _named(courses_of(plan, without=change), change.agent))


def _course(plan: TreatmentPlan, agent: str) -> Course:
    regimen = regimen_of(plan.regimen)
    if agent in regimen.agents:
        sentence = f"{regimen.agent(agent).title} is infused: it is reduced from a cycle on."
        raise Refused(Refusal("infused", sentence), {"from_on": [sentence]})
    return _named(courses_of(plan), agent)


def _named(found: tuple[Course, ...], agent: str) -> Course:
    for course in found:
        if course.agent.name == agent:
            return course
    raise Refused(Refusal("no-such-agent", f"This plan has no {agent}."), {"agent": ["Not in this plan."]})


def _lower(plan: TreatmentPlan, course: Course, from_on: date, by: User, named: Decimal | None = None) -> Decimal:
    """The level one step down. Raises Refused where there is none, or where another one is named."""
    if plan.state != PlanState.ACTIVE:
        raise Refused(Refusal("not-active", f"This plan is {plan.state}: nothing more is planned in it."))
    level = named if named is not None else course.next_level or Decimal(0)
    refuse(refuse_lower(course, level, from_on, by.site.today()))
    return level
