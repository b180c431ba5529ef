"""Which nurse has which infusion: taken, given to another, given back. Changes nothing about the treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling.actions.locks import lock
from scheduling.core import acuity
from scheduling.models import CycleDay, NurseAssignment
from scheduling.words import DayState


@dataclass(frozen=True, slots=True)
class Shared:
    """What came of several at once: each is taken or refused by itself."""

    made: tuple[NurseAssignment, ...]
    refused: tuple[tuple[CycleDay, Refusal], ...]


def take(*, by: User, cycle_days: Sequence[CycleDay]) -> Shared:
    """Take these infusions oneself. One that a colleague has is refused, the others are taken."""
    require(by, Permission.TAKE_INFUSIONS)
    return _each(by, cycle_days, by, may_assign=False)


def assign(*, by: User, cycle_days: Sequence[CycleDay], to: User) -> Shared:
    """Give these infusions to a nurse of the site, whoever has them now."""
    require(by, Permission.ASSIGN_NURSES)
    if to.site_id != by.site_id or not to.is_active:
        sentence = "Choose somebody who works at this site."
        raise Refused(Refusal("unknown-person", sentence), {"to": [sentence]})
    return _each(by, cycle_days, to, may_assign=True)


def give_back(*, by: User, cycle_day: CycleDay) -> None:
    """Nobody has it any longer. One's own, or with the right to assign anybody's. Raises Refused."""
    require(by, Permission.VIEW_PATIENTS)
    with act("nurse.given-back", by=by, patient=cycle_day.plan.patient, subject=cycle_day) as entry:
        lock(cycle_day.plan, expected_revision=None)
        standing = _standing(cycle_day, _day(by, cycle_day))
        if standing is None:
            raise Refused(Refusal("nobodys", "Nobody has this infusion."))
        if standing.nurse_id != by.pk:
            require(by, Permission.ASSIGN_NURSES)
        _end(standing, by)
        entry.details = {"cycle": cycle_day.cycle, "on": str(standing.on), "from": str(standing.nurse)}


def _each(by: User, cycle_days: Sequence[CycleDay], to: User, *, may_assign: bool) -> Shared:
    if not cycle_days:
        raise Refused(Refusal("none-named", "Choose at least one infusion."))
    made, refused = [], []
    for row in cycle_days:
        try:
            made.append(_give(by, row, to, may_assign=may_assign))
        except Refused as found:
            refused.append((row, found.refusal))
    return Shared(tuple(made), tuple(refused))


def _give(by: User, cycle_day: CycleDay, to: User, *, may_assign: bool) -> NurseAssignment:
    patient = cycle_day.plan.patient
    with transaction.atomic(), act("nurse.assigned", by=by, patient=patient, subject=cycle_day) as entry:
        plan = lock(cycle_day.plan, expected_revision=None)
        row = plan.cycle_days.filter(pk=cycle_day.pk).first()
        if row is None or row.state == DayState.OMITTED:
            raise Refused(Refusal("gone", "This infusion is no longer planned."))
        on = _day(by, row)
        standing = _standing(row, on)
        refuse(
            acuity.refuse_taking(
                standing=str(standing.nurse) if standing else "",
                nurse=str(to),
                may_assign=may_assign,
                may_care=to.may(Permission.TAKE_INFUSIONS),
            )
        )
        if standing:
            _end(standing, by)
        made = NurseAssignment.objects.create(plan=plan, cycle=row.cycle, day=row.day, on=on, nurse=to, recorded_by=by)
        entry.details = {"cycle": row.cycle, "on": str(on), "to": str(to)}
        entry.details |= {"from": str(standing.nurse) if standing else ""}
    return made


def _day(by: User, row: CycleDay) -> date:
    """The day on whose list it stands: a missed one is taken for today."""
    return row.done_on or max(row.planned_on, by.site.today())


def _standing(row: CycleDay, on: date) -> NurseAssignment | None:
    found = NurseAssignment.objects.standing().filter(plan=row.plan_id, cycle=row.cycle, day=row.day, on=on)
    return found.select_related("nurse").first()


def _end(standing: NurseAssignment, by: User) -> None:
    standing.ended_at, standing.ended_by = timezone.now(), by
    standing.save(update_fields=["ended_at", "ended_by"])
