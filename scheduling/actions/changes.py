"""What changes a running plan as a whole: more cycles, a lower level, other policies; and taking the last one back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling import catalog
from scheduling.actions import rows
from scheduling.actions.cycles import Change, complete_when_done
from scheduling.actions.locks import open_plan, touch
from scheduling.core import lifecycle
from scheduling.core.dosing import next_level
from scheduling.core.facts import Extended, Fact, LevelChanged
from scheduling.core.policy import Anchor, CapPolicy, Policy, ReloadPolicy
from scheduling.core.projection import Projection
from scheduling.models import (
    BroughtForward,
    CycleDay,
    Delay,
    Extension,
    LevelChange,
    OralLevelChange,
    TreatmentPlan,
)
from scheduling.models.standing import fact_of, projection_of, regimen_of
from scheduling.words import DayState, PlanState

Decided = Delay | BroughtForward | CycleDay | Extension | LevelChange | OralLevelChange


@dataclass(frozen=True, slots=True)
class Extending:
    """What adding cycles would do. `refusal` is what only an override, by name, passes."""

    change: Change
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A plan's answers where the labels disagree."""

    reload_with_pertuzumab: ReloadPolicy
    anchor: Anchor
    cap: CapPolicy

    @classmethod
    def of(cls, plan: TreatmentPlan) -> Chosen:
        return cls(ReloadPolicy(plan.reload_with_pertuzumab), Anchor(plan.anchor), CapPolicy(plan.cap))

    def values(self) -> dict[str, str]:
        return {"reload_with_pertuzumab": self.reload_with_pertuzumab, "anchor": self.anchor, "cap": self.cap}

    def policy(self, plan: TreatmentPlan) -> Policy:
        return catalog.policy(self.reload_with_pertuzumab, self.anchor, plan.minimum_gap_days, self.cap)


def preview_extend(*, by: User, plan: TreatmentPlan, cycles: int) -> Extending:
    """The plan with `cycles` more. Raises Refused where none can be added at all."""
    require(by, Permission.ADJUST_PLANS)
    before = projection_of(plan, today=by.site.today())
    fact, refusal = _extension(plan, cycles, "not saved", by)
    return Extending(Change(before, projection_of(plan, fact, today=by.site.today())), refusal)


def extend(
    *, by: User, plan: TreatmentPlan, cycles: int, reason: str, overridden: bool = False, revision: int | None = None
) -> Projection:
    """Add cycles at the end. Past one year or its doses only `overridden`, by whoever may override objections."""
    require(by, Permission.ADJUST_PLANS)
    with act("plan.extended", by=by, patient=plan.patient, subject=plan, reason=reason) as entry:
        plan = open_plan(plan, expected_revision=revision)
        fact, refusal = _extension(plan, cycles, reason, by)
        if refusal:
            refuse(None if overridden else refusal)
            require(by, Permission.OVERRIDE_OBJECTIONS)
        made = Extension.objects.create(
            plan=plan, cycles=cycles, reason=reason.strip(), overridden=fact.overridden,
            plan_revision=plan.revision + 1, recorded_by=by,
        )  # fmt: skip
        entry.details = {"cycles": cycles, "overridden": refusal.sentence if refusal else ""}
        return _written(plan, by, fact_of(made))


def preview_reduce(*, by: User, plan: TreatmentPlan, agent: str, from_cycle: int) -> Change:
    """Every dose of `agent` from `from_cycle` on, one level lower."""
    require(by, Permission.ADJUST_PLANS)
    before = projection_of(plan, today=by.site.today())
    fact = LevelChanged(agent, from_cycle, _lower(plan, before, agent, from_cycle))
    return Change(before, projection_of(plan, fact, today=by.site.today()))


def reduce(
    *,
    by: User,
    plan: TreatmentPlan,
    agent: str,
    from_cycle: int,
    reason: str,
    mg_per_kg: Decimal | None = None,
    revision: int | None = None,
) -> Projection:
    """Give `agent` one level lower from `from_cycle` on. A level named in `mg_per_kg` must be that one: never up."""
    require(by, Permission.ADJUST_PLANS)
    refuse_silence(reason, "Say why the dose is reduced.")
    with act("plan.reduced", by=by, patient=plan.patient, subject=plan, reason=reason) as entry:
        plan = open_plan(plan, expected_revision=revision)
        level = _lower(plan, projection_of(plan, today=by.site.today()), agent, from_cycle, mg_per_kg)
        made = LevelChange.objects.create(
            plan=plan, agent=agent, from_cycle=from_cycle, mg_per_kg=level, reason=reason.strip(),
            plan_revision=plan.revision + 1, recorded_by=by,
        )  # fmt: skip
        entry.details = {"agent": agent, "from_cycle": from_cycle, "mg_per_kg": str(level)}
        return _written(plan, by, fact_of(made))


def reducible(plan: TreatmentPlan) -> tuple[str, ...]:
    """The plan's agents that have lower levels."""
    core = regimen_of(plan.regimen)
    return tuple(name for name in core.agents if (levels := core.agent(name).levels) and levels.mg_per_kg)


def preview_policy(*, by: User, plan: TreatmentPlan, chosen: Chosen) -> Change:
    """What moves when the plan goes by other answers."""
    require(by, Permission.ADJUST_PLANS)
    return _by_policy(plan, chosen, by)


def choose_policy(
    *, by: User, plan: TreatmentPlan, chosen: Chosen, reason: str, revision: int | None = None
) -> Projection:
    """Let the plan go by other answers where the labels disagree. What was given stays."""
    require(by, Permission.ADJUST_PLANS)
    refuse_silence(reason, "Say why the plan goes by another policy.")
    with act("plan.policy-chosen", by=by, patient=plan.patient, subject=plan, reason=reason) as entry:
        plan = open_plan(plan, expected_revision=revision)
        _by_policy(plan, chosen, by)
        was, now = Chosen.of(plan).values(), chosen.values()
        changed = {name: [str(was[name]), str(now[name])] for name in now if was[name] != now[name]}
        for name in changed:
            setattr(plan, name, now[name])
        plan.save(update_fields=list(changed))
        entry.details = {"changed": changed}
        return _written(plan, by)


def last_change(plan: TreatmentPlan) -> Decided | None:
    """The move, omission, extension or level that nothing clinical followed; reads the plan's facts only."""
    omitted = (row for row in plan.cycle_days.all() if row.state == DayState.OMITTED)
    moved: tuple[Decided, ...] = (*plan.delays.all(), *plan.brought_forward.all())
    decided: tuple[Decided, ...] = (*moved, *omitted, *plan.extensions.all(), *plan.level_changes.all())
    if regimen_of(plan.regimen).oral:
        decided = (*decided, *plan.oral_level_changes.all())
    return next((row for row in decided if row.plan_revision == plan.revision), None)


def told(change: Decided) -> str:
    """`the delay of cycle 5 to Mon 6 Apr 2026`."""
    if isinstance(change, Delay):
        return f"the delay of cycle {change.cycle} to {in_words(change.to_on)}"
    if isinstance(change, BroughtForward):
        return f"the bringing forward of cycle {change.cycle} to {in_words(change.to_on)}"
    if isinstance(change, CycleDay):
        return f"the omission of cycle {change.cycle}"
    if isinstance(change, Extension):
        return f"the extension by {change.cycles} cycle{'s' if change.cycles > 1 else ''}"
    if isinstance(change, OralLevelChange):
        return f"the reduction of {change.agent} to {plain(change.mg)} mg from {in_words(change.from_on)} on"
    return f"the reduction of {change.agent} to {plain(change.mg_per_kg)} mg/kg from cycle {change.from_cycle}"


def preview_undo(*, by: User, plan: TreatmentPlan) -> tuple[Decided, Change]:
    """What would be taken back, and the plan without it."""
    require(by, Permission.CHANGE_SCHEDULE)
    last, today = _undoable(plan, by), by.site.today()
    change = Change(projection_of(plan, today=today), projection_of(plan, today=today, without=last))
    return last, change


def undo(*, by: User, plan: TreatmentPlan, reason: str = "", revision: int | None = None) -> Projection:
    """Take back the last delay or bringing forward, omission, extension or level while nothing clinical followed it."""
    require(by, Permission.CHANGE_SCHEDULE)
    with act("plan.undone", by=by, patient=plan.patient, subject=plan, reason=reason.strip()) as entry:
        plan = open_plan(plan, expected_revision=revision)
        last = _undoable(plan, by)
        entry.details = {"what": told(last)}
        if isinstance(last, CycleDay):
            _plan_again(last)
            _reopen(plan)
        else:
            last.delete()
        return _written(plan, by, without=None if isinstance(last, CycleDay) else last)


def _undoable(plan: TreatmentPlan, by: User) -> Decided:
    last = last_change(plan)
    if last is None:
        sentence = "There is no change to take back: something was recorded or decided after the last one."
        raise Refused(Refusal("nothing-to-undo", sentence))
    if isinstance(last, Extension | LevelChange | OralLevelChange):
        require(by, Permission.ADJUST_PLANS)
    return last


def _plan_again(row: CycleDay) -> None:
    row.state, row.omission_reason, row.omission_made_up, row.note = DayState.PLANNED, "", False, ""
    row.done_on = row.decided_by = row.decided_at = row.plan_revision = None
    row.save()


def _reopen(plan: TreatmentPlan) -> None:
    """An omission of the last dose had completed the plan."""
    if plan.state != PlanState.COMPLETED:
        return
    if TreatmentPlan.objects.active().filter(patient=plan.patient).exists():
        raise Refused(Refusal("already-treated", "This patient has another active plan by now."))
    plan.state, plan.ended_on = PlanState.ACTIVE, None
    plan.save(update_fields=["state", "ended_on"])


def _written(plan: TreatmentPlan, by: User, *facts: Fact, without: Decided | None = None) -> Projection:
    projection = rows.reproject(plan, *facts, today=by.site.today(), without=without)
    complete_when_done(plan, projection, by.site.today())
    touch(plan)
    return projection


def _extension(plan: TreatmentPlan, cycles: int, reason: str, by: User) -> tuple[Extended, Refusal | None]:
    """The fact, and what only an override passes. Raises Refused for what nothing passes."""
    core, state, limits = regimen_of(plan.regimen), PlanState(plan.state), catalog.year_limits()
    fact = Extended(cycles, reason, overridden=True)
    extended = projection_of(plan, fact, today=by.site.today())
    refuse(lifecycle.refuse_extend(state, core, extended, limits, reason=reason, overridden=True))
    refusal = lifecycle.refuse_extend(state, core, extended, limits, reason=reason)
    return Extended(cycles, reason, overridden=refusal is not None), refusal


def _lower(
    plan: TreatmentPlan, standing: Projection, agent: str, from_cycle: int, named: Decimal | None = None
) -> Decimal:
    """The level one step down. Raises Refused where there is none, or where another one is named."""
    core = regimen_of(plan.regimen)
    if agent not in core.agents:
        raise Refused(Refusal("no-such-agent", f"{core.name} has no {agent}."), {"agent": ["Not in this plan."]})
    found = core.agent(agent)
    doses = [e.dose.mg_per_kg for e in standing.entries if e.agent == agent and e.dose.mg_per_kg is not None]
    lower = next_level(found, min(doses)) if doses else None
    to = named if named is not None else lower or (min(doses) if doses else Decimal(0))
    refuse(
        lifecycle.refuse_level(PlanState(plan.state), found, standing.entries, to_mg_per_kg=to, from_cycle=from_cycle)
    )
    if to != lower:
        raise Refused(Refusal("one-step", f"{found.title} is reduced one step at a time."))
    return to


def _by_policy(plan: TreatmentPlan, chosen: Chosen, by: User) -> Change:
    if plan.state != PlanState.ACTIVE:
        raise Refused(Refusal("not-active", f"This plan is {plan.state}: nothing more is planned in it."))
    if chosen == Chosen.of(plan):
        raise Refused(Refusal("nothing-changes", "The plan goes by these policies already."))
    before = projection_of(plan, today=by.site.today())
    try:
        after = projection_of(plan, today=by.site.today(), policy=chosen.policy(plan))
    except ValueError as error:
        raise Refused(Refusal("does-not-fit", f"This plan cannot go by that: {error}.")) from error
    if not after.left:
        raise Refused(Refusal("nothing-left", "Nothing would be left to give. Cease the plan instead."))
    return Change(before, after)


def refuse_silence(reason: str, sentence: str) -> None:
    if not reason.strip():
        raise Refused(Refusal("no-reason", sentence), {"reason": [sentence]})


def as_values(chosen: dict[str, Any], plan: TreatmentPlan) -> Chosen:
    """Answers that were given, the plan's own for those left out."""
    values = Chosen.of(plan).values() | {name: value for name, value in chosen.items() if value}
    return Chosen(ReloadPolicy(values["reload_with_pertuzumab"]), Anchor(values["anchor"]), CapPolicy(values["cap"]))
