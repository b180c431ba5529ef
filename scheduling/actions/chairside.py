"""Writing down what is seen at the chair. Moves no date and changes no dose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.bounds import plain
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling.actions.locks import lock
from scheduling.core import chairside
from scheduling.models import CycleDay, Reaction, VitalSigns
from scheduling.models.chairside import RANGES
from scheduling.words import DayState, ReactionAction, ReactionSign


def record_reaction(
    *,
    by: User,
    cycle_day: CycleDay,
    agent: str,
    seen_on: date,
    seen_at: time,
    grade: int,
    signs: Sequence[ReactionSign],
    action: ReactionAction,
    note: str = "",
) -> Reaction:
    """Record an infusion reaction with its grade, signs and what was done. Raises Refused."""
    require(by, Permission.RECORD_ADMINISTRATIONS)
    with act("reaction.recorded", by=by, patient=cycle_day.plan.patient, subject=cycle_day, reason=note) as entry:
        row = _open(by, cycle_day, seen_on, seen_at)
        refuse(chairside.refuse_reaction(grade=grade, signs=signs))
        refuse_agent(row, agent)
        made = Reaction.objects.create(
            plan=row.plan, cycle=row.cycle, day=row.day, agent=agent, seen_on=seen_on, seen_at=seen_at, grade=grade,
            signs=list(dict.fromkeys(str(sign) for sign in signs)), action=action, note=note, recorded_by=by,
        )  # fmt: skip
        entry.details = {"cycle": row.cycle, "agent": agent, "grade": grade, "told": made.in_words}
        entry.details |= {"on": str(seen_on), "at": f"{seen_at:%H:%M}"}
    return made


def record_vitals(
    *,
    by: User,
    cycle_day: CycleDay,
    seen_on: date,
    seen_at: time,
    temperature_c: Decimal | None = None,
    pulse_bpm: int | None = None,
    systolic_mmhg: int | None = None,
    diastolic_mmhg: int | None = None,
    saturation_percent: int | None = None,
) -> VitalSigns:
    """Record one timed set of vital signs; what was not measured is left out. Raises Refused."""
    require(by, Permission.RECORD_ADMINISTRATIONS)
    figures = {
        "temperature_c": temperature_c, "pulse_bpm": pulse_bpm, "systolic_mmhg": systolic_mmhg,
        "diastolic_mmhg": diastolic_mmhg, "saturation_percent": saturation_percent,
    }  # fmt: skip
    with act("vitals.recorded", by=by, patient=cycle_day.plan.patient, subject=cycle_day) as entry:
        row = _open(by, cycle_day, seen_on, seen_at)
        refuse(chairside.refuse_vitals(figures.values(), systolic=systolic_mmhg, diastolic=diastolic_mmhg))
        refuse_implausible(figures)
        made = VitalSigns.objects.create(
            plan=row.plan, cycle=row.cycle, day=row.day, seen_on=seen_on, seen_at=seen_at, recorded_by=by, **figures
        )
        measured = {name: plain(Decimal(figure)) for name, figure in figures.items() if figure is not None}
        entry.details = {"cycle": row.cycle, "on": str(seen_on), "at": f"{seen_at:%H:%M}", "measured": measured}
    return made


def _open(by: User, cycle_day: CycleDay, seen_on: date, seen_at: time) -> CycleDay:
    """The cycle day with its plan held, unless nothing of that moment belongs to it."""
    row = held(cycle_day)
    refuse_seen(by, row, seen_on, seen_at)
    return row


def held(cycle_day: CycleDay) -> CycleDay:
    """The cycle day with its plan held. Raises Refused when the plan no longer has it."""
    plan = lock(cycle_day.plan, expected_revision=None)
    row = plan.cycle_days.filter(pk=cycle_day.pk).first()
    if row is None:
        raise Refused(Refusal("gone", "This cycle day is no longer in the plan."))
    row.plan = plan
    return row


def refuse_seen(by: User, row: CycleDay, seen_on: date, seen_at: time) -> None:
    """Raise Refused where nothing of that moment belongs to the cycle day."""
    now = timezone.localtime(timezone.now(), by.site.zone).replace(tzinfo=None)
    is_given = row.state == DayState.GIVEN
    refuse(
        chairside.refuse_at_the_chair(
            is_omitted=row.state == DayState.OMITTED,
            planned_on=row.planned_on,
            given_on=row.done_on if is_given else None,
            at=datetime.combine(seen_on, seen_at),
            now=now,
        )
    )


def refuse_agent(row: CycleDay, agent: str) -> None:
    """Raise Refused where the cycle day does not have the agent."""
    if agent not in {dose.agent for dose in row.administrations.all()}:
        sentence = f"{agent} is not given on this cycle day."
        raise Refused(Refusal("not-due", sentence), {"agent": [sentence]})


def refuse_implausible(figures: dict[str, Decimal | int | None]) -> None:
    """Raise Refused where a figure cannot be meant."""
    faults = {
        name: [f"Between {low} and {high}: check the unit and the decimal point."]
        for name, (low, high) in RANGES.items()
        if (figure := figures[name]) is not None and not low <= figure <= high
    }
    if faults:
        raise Refused(Refusal("implausible", "A figure cannot be meant: check the unit and the decimal point."), faults)
