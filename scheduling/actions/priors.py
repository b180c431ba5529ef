"""Doses given before a plan, added or corrected after its start. What was given in it keeps its dates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling.actions import cycles, plans, rows
from scheduling.actions.locks import lock, touch
from scheduling.actions.plans import Prior
from scheduling.core import recount
from scheduling.core.gaps import AskClinician
from scheduling.core.projection import Projection, project
from scheduling.core.recount import Recount, Renumbered
from scheduling.models import BroughtForward, CycleDay, Delay, LevelChange, Override, PriorTreatment, TreatmentPlan
from scheduling.models.standing import facts_of, policy_of, projection_of, regimen_of
from scheduling.words import PlanState


@dataclass(frozen=True, slots=True)
class Correction:
    """What other earlier doses would mean. Nothing is saved."""

    before: Projection
    after: Projection
    recount: Recount

    @property
    def lines(self) -> tuple[Renumbered, ...]:
        """Every cycle day as it is numbered and planned now, and as it would be."""
        return recount.lines(self.before, self.after, self.recount.renumber)


def preview_correct(*, by: User, plan: TreatmentPlan, prior: Sequence[Prior]) -> Correction:
    """The plan with `prior` as all its earlier doses. Raises Refused when what was given says otherwise."""
    require(by, Permission.START_PLANS)
    if plan.state != PlanState.ACTIVE:
        raise Refused(Refusal("not-active", f"This plan is {plan.state}: its earlier doses stay as they are."))
    refuse(plans.refuse_prior(plan, prior))
    prior = _keeping(plan, prior)
    core, today = regimen_of(plan.regimen), by.site.today()
    try:
        counted = recount.recount(core, plan.start_on, facts_of(plan), [one.credit() for one in prior])
        after = project(core, plan.start_on, counted.facts, today=today, policy=policy_of(plan))
    except AskClinician as question:
        raise Refused(Refusal("ask-clinician", question.sentence), {"prior": [question.sentence]}) from question
    except ValueError as error:
        sentence = f"These earlier doses cannot be: {error}."
        raise Refused(Refusal("contradicts-what-was-given", sentence), {"prior": [sentence]}) from error
    return Correction(projection_of(plan, today=today), after, counted)


def correct(
    *, by: User, plan: TreatmentPlan, prior: Sequence[Prior], reason: str, revision: int | None = None
) -> Projection:
    """Put `prior` in place of the plan's earlier doses: numbering, loading and the end follow."""
    require(by, Permission.START_PLANS)
    if not reason.strip():
        raise Refused(Refusal("no-reason", "Say how you know of these doses."), {"reason": ["Say how you know."]})
    with act("plan.credited", by=by, patient=plan.patient, subject=plan, reason=reason) as entry:
        lock(plan, expected_revision=revision)
        plan = TreatmentPlan.objects.with_facts().get(pk=plan.pk)
        counted = preview_correct(by=by, plan=plan, prior=prior).recount
        entry.details = {"before": list(_told(plan)), "shift": counted.shift}
        kept = _keeping(plan, prior)
        plan.prior_treatments.all().delete()
        PriorTreatment.objects.bulk_create(plans.prior_rows(plan, kept, by))
        _renumber(plan, counted)
        plan = TreatmentPlan.objects.with_facts().get(pk=plan.pk)
        projection = rows.reproject(plan, today=by.site.today())
        cycles.complete_when_done(plan, projection, by.site.today())
        touch(plan)
        entry.details["after"] = list(_told(plan))
    return projection


def _keeping(plan: TreatmentPlan, prior: Sequence[Prior]) -> list[Prior]:
    """With the cycle days that went by without a dose, which nobody types: they came on a handover card."""
    known = {row.agent: row for row in plan.prior_treatments.all()}
    return [
        replace(one, passed=known[one.agent].passed, made_up=known[one.agent].made_up) if one.agent in known else one
        for one in prior
    ]


def _told(plan: TreatmentPlan) -> Iterator[str]:
    return (f"{prior.doses} {prior.agent}" for prior in plan.prior_treatments.all())


def _renumber(plan: TreatmentPlan, counted: Recount) -> None:
    """Every row that names a cycle takes its new number, from the far end first so that none meets another."""
    if counted.shift == 0:
        return
    planned = {row.pk: counted.renumber((row.cycle, row.day)) for row in plan.cycle_days.planned()}
    CycleDay.objects.filter(pk__in=[pk for pk, key in planned.items() if key is None]).delete()
    for model in (CycleDay, Delay, BroughtForward, Override):
        named = model.objects.filter(plan=plan)
        for row in sorted(named, key=lambda row: (row.cycle, row.day), reverse=counted.shift > 0):
            row.cycle, row.day = counted.renumber((row.cycle, row.day)) or (row.cycle, row.day)
            row.save(update_fields=["cycle", "day"])
    for level in LevelChange.objects.filter(plan=plan):
        renumbered = counted.renumber((level.from_cycle, 1))
        if renumbered is not None:  # the recount refused the rest
            level.from_cycle = renumbered[0]
            level.save(update_fields=["from_cycle"])
