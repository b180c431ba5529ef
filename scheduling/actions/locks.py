"""Whoever writes to a plan holds its row. What they saw must still be what is there."""

from __future__ import annotations

from her2tracker.audit.statements import Statement, send
from her2tracker.lib.refusals import Refusal, Refused
from scheduling.models import CycleDay, TreatmentPlan
from scheduling.models.facts import read_plan


def lock(plan: TreatmentPlan, *, expected_revision: int | None) -> TreatmentPlan:
    """The plan's row locked and fresh. Raises Refused when someone changed it since it was shown."""
    fresh = (
        TreatmentPlan.objects.select_for_update(of=("self",)).select_related("patient__site", "regimen").get(pk=plan.pk)
    )
    refuse_changed(fresh, expected_revision)
    return fresh


def open_plan(plan: TreatmentPlan, *, expected_revision: int | None) -> TreatmentPlan:
    """The plan locked and fresh with all its facts. Raises Refused when someone changed it since it was shown."""
    fresh = read_plan(plan.pk, lock=True)
    refuse_changed(fresh, expected_revision)
    return fresh


def open_day(cycle_day: CycleDay) -> tuple[TreatmentPlan, CycleDay]:
    """The plan locked with all its facts, and its own row of this cycle day, in one reading.

    Whatever decides about a cycle day holds its plan's row, so nothing of it can change meanwhile.
    Raises Refused when a projection took the row away since it was shown.
    """
    plan = read_plan(cycle_day.plan_id, lock=True)
    row = next((row for row in plan.cycle_days.all() if row.pk == cycle_day.pk), None)
    if row is None:
        raise Refused(Refusal("gone", "This cycle day is no longer in the plan."))
    row.plan = plan
    return plan, row


def refuse_changed(plan: TreatmentPlan, expected_revision: int | None) -> None:
    """Raise Refused when the locked plan is not the one that was shown."""
    if expected_revision is not None and plan.revision != expected_revision:
        raise Refused(
            Refusal(
                "changed-meanwhile",
                "Somebody changed this plan while you were looking at it. Nothing of yours was saved. "
                "Look at the plan as it is now and decide again.",
            )
        )


def touch(plan: TreatmentPlan) -> None:
    """A new revision: whoever still looks at the old one will be told."""
    send(touching(plan))


def touching(plan: TreatmentPlan) -> Statement:
    """What writes the plan's new revision, for an act that sends all its writes together."""
    plan.revision += 1
    return 'UPDATE "scheduling_treatmentplan" SET "revision" = "revision" + 1 WHERE "id" = %s', [plan.pk]
