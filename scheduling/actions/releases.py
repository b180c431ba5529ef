"""A doctor releases cycles, one by one or all that nothing stands against; blood tests are entered for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import Part, act
from her2tracker.lib.bounds import plain
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling import catalog, clearance
from scheduling.actions import cycles
from scheduling.actions.locks import open_day, refuse_changed
from scheduling.core import laboratory
from scheduling.core.release import refuse_release
from scheduling.models import CycleDay, LabResult, Release, TreatmentPlan
from scheduling.models.about import about
from scheduling.models.gates import ordered, release_of
from scheduling.objection import CHECK_MISSING, NOT_RELEASED
from scheduling.words import DayState, PlanState


@dataclass(frozen=True, slots=True)
class Released:
    """What a release run did: the releases it made, and each cycle day it could not, with why."""

    made: tuple[Release, ...]
    refused: tuple[tuple[CycleDay, Refusal], ...]


def release(*, by: User, cycle_day: CycleDay, revision: int | None = None) -> Release:
    """Let one cycle day be given: on its planned day, or today when that has passed. Raises Refused."""
    require(by, Permission.RELEASE_CYCLES)
    with act("cycle.released", by=by, patient=cycle_day.plan.patient, subject=cycle_day) as entry:
        made = _release(by, cycle_day, revision)
        entry.details = _told(made)
    return made


def release_all(*, by: User, cycle_days: Sequence[CycleDay]) -> Released:
    """Release each of them that nothing stands against, in one act; the others are named with their reason."""
    require(by, Permission.RELEASE_CYCLES)
    made, refused = [], []
    with act("cycles.released", by=by) as entry:
        for day in sorted(cycle_days, key=lambda one: one.plan_id):  # plans are locked in one order
            try:
                with transaction.atomic():
                    made.append(_release(by, day, None, only_green=True))
            except Refused as told:
                refused.append((day, told.refusal))
            else:
                entry.parts.append(Part("cycle.released", day.plan.patient, day, _told(made[-1])))
        if not made:
            raise Refused(Refusal("nothing-released", _named(refused) or "Nothing is left to release."))
        entry.details = {"released": len(made), "refused": len(refused)}
    return Released(tuple(made), tuple(refused))


def withdraw(*, by: User, cycle_day: CycleDay) -> Release:
    """Take a release back before the infusion is recorded. Raises Refused where none stands."""
    require(by, Permission.RELEASE_CYCLES)
    with act("cycle.release-withdrawn", by=by, patient=cycle_day.plan.patient, subject=cycle_day) as entry:
        plan, row = open_day(cycle_day)
        refuse(cycles.refuse_decided(row))
        standing = plan.releases.filter(cycle=row.cycle, day=row.day, ended_at=None).first()
        if standing is None:
            raise Refused(Refusal("not-released", "No release stands that could be taken back."))
        _end(standing, by)
        entry.details = {"cycle": row.cycle, "for": str(standing.for_on)}
    return standing


def record_labs(
    *, by: User, cycle_day: CycleDay, values: Sequence[tuple[str, Decimal, str]], taken_on: date
) -> tuple[LabResult, ...]:
    """Enter blood tests for one infusion: `(test, value, unit)`, in the unit the laboratory wrote. Raises Refused."""
    require(by, Permission.RECORD_MEASUREMENTS)
    with act("laboratory.recorded", by=by, patient=cycle_day.plan.patient, subject=cycle_day) as entry:
        plan, row = open_day(cycle_day)
        refuse(cycles.refuse_decided(row))
        refuse(None if values else Refusal("nothing-entered", "Enter at least one value."))
        _refuse_values(row, values, taken_on, by.site.today())
        made = tuple(
            LabResult.objects.create(
                plan=plan, cycle=row.cycle, day=row.day, test=test, value=value, unit=unit, taken_on=taken_on,
                recorded_by=by,
            )
            for test, value, unit in values
        )  # fmt: skip
        told = {test: f"{plain(value)} {unit}" for test, value, unit in values}
        entry.details = {"cycle": row.cycle, "on": str(taken_on), "values": told}
    return made


def _refuse_values(row: CycleDay, values: Sequence[tuple[str, Decimal, str]], taken_on: date, today: date) -> None:
    tests = laboratory.asked(catalog.lab_tests(), [dose.agent for dose in row.administrations.all()])
    known = {test.id: test for test in tests}
    for test, value, unit in values:
        refusal = laboratory.refuse_value(known.get(test), value=value, unit=unit, taken_on=taken_on, today=today)
        if refusal:
            raise Refused(refusal, {test: [refusal.sentence]})


def _release(by: User, cycle_day: CycleDay, revision: int | None, *, only_green: bool = False) -> Release:
    plan, row = open_day(cycle_day)
    refuse(cycles.refuse_decided(row))
    refuse_changed(plan, revision)
    if plan.state != PlanState.ACTIVE:
        raise Refused(Refusal("plan-ended", f"The plan is {plan.state}: nothing of it is given any more."))
    today = by.site.today()
    for_on = max(row.planned_on, today)
    standing = release_of(row, about([plan])[plan.pk], for_on)
    refuse(
        refuse_release(
            undecided=_undecided(plan, row),
            objections=_against(row, for_on, only_green=only_green),
            is_released=standing.holds,
            for_on=for_on,
            today=today,
        )
    )
    for old in plan.releases.filter(cycle=row.cycle, day=row.day, ended_at=None):
        _end(old, by)
    seen = ordered(row)
    return Release.objects.create(
        plan=plan, cycle=row.cycle, day=row.day, for_on=for_on, planned_on=row.planned_on, doses=dict(seen.doses),
        weight_kg=seen.weight_kg, plan_revision=plan.revision, recorded_by=by,
    )  # fmt: skip


def _undecided(plan: TreatmentPlan, row: CycleDay) -> date | None:
    earlier = (
        one.planned_on
        for one in plan.cycle_days.all()
        if (one.cycle, one.day) < (row.cycle, row.day) and one.state == DayState.PLANNED
    )
    return min(earlier, default=None)


def _against(row: CycleDay, on: date, *, only_green: bool) -> tuple[str, ...]:
    """What stops it, the missing release and what comes after it aside; in a release run whatever is open."""
    after = (NOT_RELEASED, CHECK_MISSING)  # the bag is checked once it is there
    found = [one for one in clearance.objections([row], on=on)[row.pk] if one.key not in after]
    return tuple(one.sentence for one in found if (not one.overridden if only_green else one.stops_treatment))


def _end(standing: Release, by: User) -> None:
    standing.ended_at, standing.ended_by = timezone.now(), by
    standing.save(update_fields=["ended_at", "ended_by"])


def _named(refused: Sequence[tuple[CycleDay, Refusal]]) -> str:
    return " ".join(f"{day.plan.patient}: {refusal.sentence}" for day, refusal in refused)


def _told(made: Release) -> dict[str, object]:
    return {"cycle": made.cycle, "for": str(made.for_on), "doses": dict(made.doses)}
