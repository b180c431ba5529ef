"""Going on with a plan from another hospital: started by the rules for earlier doses, then given what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from scheduling.actions import plans, rows
from scheduling.actions.plans import Prior
from scheduling.core.facts import Credit
from scheduling.models import (
    BodyMeasurement,
    BroughtForward,
    Delay,
    Extension,
    Hold,
    LevelChange,
    OralLevelChange,
    Patient,
    RegimenVersion,
    TreatmentPlan,
)
from scheduling.models.facts import read_plan
from scheduling.words import DelayReason, DelayScope, ForwardReason, HoldReason, Setting


@dataclass(frozen=True, slots=True)
class Moved:
    """A cycle day still to come, moved before the plan came here. `kind` is later, only or forward."""

    kind: str
    cycle: int
    day: int
    from_on: date
    to_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Lowered:
    """An agent's lower level: mg/kg from a cycle on, or mg from a day on for what is taken at home."""

    agent: str
    amount: Decimal
    from_cycle: int | None
    from_on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Held:
    begun_on: date
    reason: HoldReason
    repeat_by: date | None
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Continued:
    """A plan as another hospital left it. `policies` are the plan's own columns where the labels disagree."""

    hospital: str
    regimen: RegimenVersion
    setting: Setting
    start_on: date
    credits: Sequence[Credit]
    policies: dict[str, object]
    moved: Sequence[Moved] = ()
    added: Sequence[tuple[int, str, bool]] = ()
    lowered: Sequence[Lowered] = ()
    held: Sequence[Held] = field(default=())


def go_on(*, by: User, patient: Patient, asked: Continued, weight: BodyMeasurement | None) -> TreatmentPlan:
    """Start the plan at its next cycle day and write what was decided about it. Raises Refused as a start does."""
    require(by, Permission.START_PLANS)
    require(by, Permission.HOLD_PLANS)
    prior = [
        Prior(
            one.agent, one.doses, one.last_given_on, one.first_given_on, asked.hospital[:120],
            one.decided.value if one.decided else "", one.passed, one.made_up,
        )
        for one in asked.credits
    ]  # fmt: skip
    with act("plan.taken-over", by=by, patient=patient) as entry:
        plan = plans.start(
            by=by, patient=patient, regimen=asked.regimen, start_on=asked.start_on, setting=asked.setting,
            prior=prior, weight=weight,
        )  # fmt: skip
        plan = TreatmentPlan.objects.select_for_update().get(pk=plan.pk)
        for name, value in asked.policies.items():
            setattr(plan, name, value)
        plan.revision += _decide(by, plan, asked)
        plan.save(update_fields=["revision", *asked.policies])
        _hold(by, plan, asked)
        rows.reproject(read_plan(plan.pk), today=by.site.today())
        entry.subject = plan
        entry.details = {
            "hospital": asked.hospital, "doses": max((one.doses for one in asked.credits), default=0),
            "next_on": str(asked.start_on),
        }  # fmt: skip
    return read_plan(plan.pk)


def _decide(by: User, plan: TreatmentPlan, asked: Continued) -> int:
    """Write the decisions in their order; returns how many. None is the plan's last, so none can be undone here."""
    told, number = f"Decided at {asked.hospital}", 0
    for number, one in enumerate(asked.moved, start=1):
        values = {
            "plan": plan, "cycle": one.cycle, "day": one.day, "from_on": one.from_on, "to_on": one.to_on,
            "note": told, "plan_revision": number, "recorded_by": by,
        }  # fmt: skip
        if one.kind == "forward":
            known = {reason.value for reason in ForwardReason}
            reason = one.reason if one.reason in known else ForwardReason.OTHER
            BroughtForward.objects.create(reason=reason, **values)
        else:
            known = {reason.value for reason in DelayReason}
            reason = one.reason if one.reason in known else DelayReason.OTHER
            Delay.objects.create(scope=DelayScope(one.kind), reason=reason, **values)
    for cycles, because, overridden in asked.added:
        Extension.objects.create(
            plan=plan, cycles=cycles, reason=f"{told}: {because}", overridden=overridden, plan_revision=number,
            recorded_by=by,
        )  # fmt: skip
    for level in asked.lowered:
        values = {
            "plan": plan, "agent": level.agent, "reason": f"{told}: {level.reason}", "plan_revision": number,
            "recorded_by": by,
        }  # fmt: skip
        if level.from_cycle is not None:
            LevelChange.objects.create(from_cycle=level.from_cycle, mg_per_kg=level.amount, **values)
        elif level.from_on is not None:
            OralLevelChange.objects.create(from_on=level.from_on, mg=level.amount, **values)
    return number + 1


def _hold(by: User, plan: TreatmentPlan, asked: Continued) -> None:
    """Holds keep their days: their clocks go on, and how many there were is counted."""
    for one in asked.held:
        Hold.objects.create(
            plan=plan, begun_on=one.begun_on, reason=one.reason, note=f"Held at {asked.hospital}",
            repeat_assessment_by=one.repeat_by, ended_on=one.ended_on, ended_by=by if one.ended_on else None,
            end_note=f"Ended at {asked.hospital}" if one.ended_on else "", recorded_by=by,
        )  # fmt: skip
