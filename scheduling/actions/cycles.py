"""What people decide about one cycle day: later, not at all, at which hour, or in spite of an objection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.audit.statements import inserting
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling import clearance
from scheduling.actions import rows
from scheduling.actions.locks import open_day, refuse_changed, touch, touching
from scheduling.actions.runs import refuse_begun
from scheduling.core import lifecycle
from scheduling.core.comparison import PAST_CAP
from scheduling.core.expansion import Entry
from scheduling.core.facts import Delayed, Fact, Omitted
from scheduling.core.projection import Projection
from scheduling.models import ChairBooking, CycleDay, Delay, Override, TreatmentPlan
from scheduling.models.facts import read_plan
from scheduling.models.standing import fact_of, policy_of, projection_of, regimen_of
from scheduling.objection import CHECK_MISSING
from scheduling.words import DayState, DelayReason, DelayScope, OmissionReason, OverrideReason, PlanState


@dataclass(frozen=True, slots=True)
class Change:
    """Where the plan stands, and where it would stand. Nothing is saved."""

    before: Projection
    after: Projection
    gone: str = PAST_CAP  # why a day of `before` is not in `after`


def preview_delay(*, by: User, cycle_day: CycleDay, to_on: date, scope: DelayScope = DelayScope.LATER) -> Change:
    """What moves when this day, and with it all later ones or none, moves to `to_on`."""
    require(by, Permission.CHANGE_SCHEDULE)
    plan, today = _with_facts(cycle_day), by.site.today()
    before = projection_of(plan, today=today)
    refuse(_refuse_delay(cycle_day, plan, before, to_on, scope, today))
    return _change(plan, before, Delayed(cycle_day.cycle, cycle_day.day, to_on, scope), today)


def preview_omit(*, by: User, cycle_day: CycleDay, made_up: bool) -> Change:
    """What changes when this day's dose is not given, with or without one more cycle at the end."""
    require(by, Permission.CHANGE_SCHEDULE)
    plan, today = _with_facts(cycle_day), by.site.today()
    before = projection_of(plan, today=today)
    refuse(_refuse_omit(cycle_day, before))
    return _change(plan, before, Omitted(cycle_day.cycle, cycle_day.day, today, made_up=made_up), today)


def delay(
    *,
    by: User,
    cycle_day: CycleDay,
    to_on: date,
    reason: DelayReason,
    scope: DelayScope = DelayScope.LATER,
    note: str = "",
    revision: int | None = None,
) -> Projection:
    """Treat later, same dose: this day moves, and with it all later ones or none."""
    require(by, Permission.CHANGE_SCHEDULE)
    with act("cycle.delayed", by=by, subject=cycle_day, reason=note or reason.label) as entry:
        today = by.site.today()
        plan, row = open_day(cycle_day)
        entry.patient, from_on = plan.patient, row.planned_on
        refuse(refuse_decided(row))
        refuse_changed(plan, revision)
        refuse(_refuse_delay(row, plan, projection_of(plan, today=today), to_on, scope, today))
        made = Delay(
            plan=plan,
            cycle=row.cycle,
            day=row.day,
            from_on=from_on,
            to_on=to_on,
            scope=scope,
            reason=reason,
            note=note,
            plan_revision=plan.revision + 1,
            recorded_by=by,
        )
        projection, moving = rows.replan(plan, fact_of(made), today=today)
        entry.writes += [inserting(made), *moving, touching(plan)]
        entry.details = {"cycle": row.cycle, "from": str(from_on), "to": str(to_on), "reason": reason.value}
        entry.details |= {"scope": scope.value}
    return projection


def omit(
    *,
    by: User,
    cycle_day: CycleDay,
    reason: OmissionReason,
    made_up: bool = False,
    note: str = "",
    revision: int | None = None,
) -> Projection:
    """Decide that this dose is not given; `made_up` adds one at the end where the cap is in doses."""
    require(by, Permission.CHANGE_SCHEDULE)
    with act("cycle.omitted", by=by, subject=cycle_day, reason=note or reason.label) as entry:
        today = by.site.today()
        plan, row = open_day(cycle_day)
        entry.patient = plan.patient
        refuse(refuse_decided(row))
        refuse_changed(plan, revision)
        refuse(_refuse_omit(row, projection_of(plan, today=today)))
        row.state, row.omission_reason, row.omission_made_up = DayState.OMITTED, reason, made_up
        row.note, row.plan_revision = note, plan.revision + 1
        decided(row, by, today)
        row.save()
        projection = rows.reproject(plan, today=today)
        complete_when_done(plan, projection, today)
        touch(plan)
        entry.details = {"cycle": row.cycle, "reason": reason.value, "made_up": made_up}
    return projection


def set_time(*, by: User, cycle_day: CycleDay, starts_at: time | None) -> CycleDay:
    """The hour the patient is asked to come. Moves no date."""
    require(by, Permission.CHANGE_SCHEDULE)
    with act("cycle.timed", by=by, patient=cycle_day.plan.patient, subject=cycle_day) as entry:
        _, row = open_day(cycle_day)
        refuse(refuse_decided(row))
        refuse(_refuse_seated(row, starts_at))
        row.starts_at = starts_at
        row.save(update_fields=["starts_at"])
        entry.details = {"cycle": row.cycle, "at": f"{starts_at:%H:%M}" if starts_at else ""}
    return row


def override(*, by: User, cycle_day: CycleDay, reason: OverrideReason, note: str) -> Override:
    """Treat on this cycle day in spite of today's blocking objections, by name and with a reason."""
    require(by, Permission.OVERRIDE_OBJECTIONS)
    if not note.strip():
        raise Refused(Refusal("no-reason", "Say in a sentence why treatment goes on."), {"note": ["Required."]})
    with act("cycle.overridden", by=by, patient=cycle_day.plan.patient, subject=cycle_day, reason=note) as entry:
        plan, row = open_day(cycle_day)
        refuse(refuse_decided(row))
        against = _overridable(row, by)
        refuse(None if against else Refusal("nothing-to-override", "Nothing stands against this infusion."))
        made = Override.objects.create(
            plan=plan, cycle=row.cycle, day=row.day, objections=against, reason=reason, note=note.strip(),
            recorded_by=by,
        )  # fmt: skip
        touch(plan)
        entry.details = {"cycle": row.cycle, "objections": against, "reason": reason.value}
    return made


def decided(row: CycleDay, by: User, on: date) -> None:
    row.done_on, row.decided_by, row.decided_at = on, by, timezone.now()


def complete_when_done(plan: TreatmentPlan, projection: Projection, on: date) -> None:
    """A plan with nothing left to decide is complete. One by mouth has no cycle days: its last day completes it."""
    if projection.entries and projection.left == 0 and plan.state == PlanState.ACTIVE:
        plan.state, plan.ended_on = PlanState.COMPLETED, on
        plan.save(update_fields=["state", "ended_on"])


def standing(row: CycleDay, today: date) -> Projection:
    """Where the row's plan stands, read afresh."""
    return projection_of(_with_facts(row), today=today)


def entry_of(row: CycleDay, projection: Projection) -> Entry:
    """The projection's entry of the day's first agent."""
    found = next((e for e in projection.entries if (e.cycle, e.day) == (row.cycle, row.day)), None)
    if found is None:
        raise Refused(Refusal("gone", "This cycle day is no longer in the plan."))
    return found


def refuse_decided(row: CycleDay) -> Refusal | None:
    """Who decided this day already, and when: the second of two nurses must see it at once."""
    if row.state == DayState.PLANNED:
        return None
    when = timezone.localtime(row.decided_at, row.plan.patient.site.zone) if row.decided_at else None
    sentence = f"Cycle {row.cycle} was recorded as {row.state} by {row.decided_by}"
    return Refusal("already-decided", f"{sentence} on {in_words(when.date())} at {when:%H:%M}." if when else sentence)


def _refuse_seated(row: CycleDay, starts_at: time | None) -> Refusal | None:
    """A chair is booked for hours: the two cannot say different things."""
    booking = ChairBooking.objects.standing().filter(cycle_day=row).select_related("chair").first()
    if booking is None or starts_at == row.starts_at:
        return None
    at = f"{booking.begins(row.plan.patient.site):%H:%M}"
    return Refusal("chair-booked", f"{booking.chair} is booked from {at}. Move the chair; the hour goes with it.")


def _overridable(row: CycleDay, by: User) -> dict[str, str]:
    """What an override answers. A missing second check only where nothing else stands: no side effect waives it."""
    found = [o for o in clearance.objections([row], on=by.site.today())[row.pk] if o.stops_treatment and o.overridable]
    others = [o for o in found if o.key != CHECK_MISSING]
    return {o.key: o.sentence for o in others or found}


def _with_facts(cycle_day: CycleDay) -> TreatmentPlan:
    return read_plan(cycle_day.plan_id)


def _change(plan: TreatmentPlan, before: Projection, fact: Fact, today: date) -> Change:
    return Change(before, projection_of(plan, fact, today=today))


def _refuse_delay(
    row: CycleDay, plan: TreatmentPlan, projection: Projection, to_on: date, scope: DelayScope, today: date
) -> Refusal | None:
    entry, state = entry_of(row, projection), PlanState(plan.state)
    if refusal := refuse_decided(row) or refuse_begun(row, "delayed"):
        return refusal
    if scope is DelayScope.LATER:
        return lifecycle.refuse_delay(state, entry, to=to_on, today=today)
    following = next((e for e in projection.entries if (e.cycle, e.day) > (row.cycle, row.day)), None)
    return lifecycle.refuse_delay_alone(
        state, regimen_of(plan.regimen), entry, following, to=to_on, today=today, grid=policy_of(plan).grid
    )


def _refuse_omit(row: CycleDay, projection: Projection) -> Refusal | None:
    entry = entry_of(row, projection)
    begun = refuse_begun(row, "omitted")
    return refuse_decided(row) or begun or lifecycle.refuse_omit(PlanState(row.plan.state), entry)
