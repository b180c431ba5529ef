"""Treating earlier: this cycle day and all later ones, by a few days, where the minimum intervals allow it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, refuse
from scheduling import catalog
from scheduling.actions import rows
from scheduling.actions.cycles import Change, entry_of, refuse_decided
from scheduling.actions.locks import open_day, refuse_changed, touch
from scheduling.actions.runs import refuse_begun
from scheduling.core import closure, lifecycle
from scheduling.core.facts import BroughtForward as Forward
from scheduling.core.projection import Projection
from scheduling.models import BroughtForward, CycleDay, TreatmentPlan
from scheduling.models.closed_days import closed_days_of
from scheduling.models.standing import agent_on, fact_of, projection_of
from scheduling.words import ForwardReason, PlanState


@dataclass(frozen=True, slots=True)
class EarlierDay:
    """A day that an infusion could be brought forward to. `closed` says why the clinic is, `refusal` why it cannot."""

    on: date
    days: int
    closed: str
    refusal: Refusal | None


def preview_bring_forward(*, by: User, cycle_day: CycleDay, to_on: date) -> Change:
    """What moves when this day, and with it all later ones, moves to the earlier `to_on`."""
    require(by, Permission.CHANGE_SCHEDULE)
    plan, today = TreatmentPlan.objects.with_facts().get(pk=cycle_day.plan_id), by.site.today()
    before = projection_of(plan, today=today)
    refuse(_refuse(cycle_day, plan, before, to_on, today))
    fact = Forward(cycle_day.cycle, cycle_day.day, entry_of(cycle_day, before).on, to_on)
    return Change(before, projection_of(plan, fact, today=today))


def days_earlier(*, by: User, cycle_day: CycleDay) -> list[EarlierDay]:
    """Each day within the window, the nearest first, with why not where it may not be. One read of the plan."""
    require(by, Permission.CHANGE_SCHEDULE)
    plan, today = TreatmentPlan.objects.with_facts().get(pk=cycle_day.plan_id), by.site.today()
    before, closed = projection_of(plan, today=today), closed_days_of(plan.patient.site)
    days = [cycle_day.planned_on - timedelta(days=back) for back in range(1, catalog.window().days + 1)]
    return [
        EarlierDay(on, (cycle_day.planned_on - on).days, closed.why(on), _refuse(cycle_day, plan, before, on, today))
        for on in days
    ]


def bring_forward(
    *,
    by: User,
    cycle_day: CycleDay,
    to_on: date,
    reason: ForwardReason,
    note: str = "",
    revision: int | None = None,
) -> Projection:
    """Treat earlier, same dose: this day moves, and with it all later ones."""
    require(by, Permission.CHANGE_SCHEDULE)
    with act("cycle.brought-forward", by=by, subject=cycle_day, reason=note or reason.label) as entry:
        today = by.site.today()
        plan, row = open_day(cycle_day)
        entry.patient, from_on = plan.patient, row.planned_on
        refuse(refuse_decided(row))
        refuse_changed(plan, revision)
        refuse(_refuse(row, plan, projection_of(plan, today=today), to_on, today))
        made = BroughtForward.objects.create(
            plan=plan, cycle=row.cycle, day=row.day, from_on=from_on, to_on=to_on, reason=reason, note=note,
            plan_revision=plan.revision + 1, recorded_by=by,
        )  # fmt: skip
        projection = rows.reproject(plan, fact_of(made), today=today)
        touch(plan)
        entry.details = {"cycle": row.cycle, "from": str(from_on), "to": str(to_on), "reason": reason.value}
    return projection


def _refuse(row: CycleDay, plan: TreatmentPlan, projection: Projection, to_on: date, today: date) -> Refusal | None:
    key = (row.cycle, row.day)
    return (
        refuse_decided(row)
        or refuse_begun(row, "brought forward")
        or lifecycle.refuse_bring_forward(
            PlanState(plan.state),
            entry_of(row, projection),
            to=to_on,
            today=today,
            before=closure.day_before(projection.entries, key),
            last_doses=closure.last_doses(projection.entries, key, lambda entry: agent_on(plan, entry)),
            window=catalog.window(),
        )
    )
