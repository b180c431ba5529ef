"""What has run of a cycle day, as its record takes it, and what it stands in the way of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from her2tracker.lib.refusals import Refusal, refuse
from scheduling.actions.doses import Dose
from scheduling.core import running
from scheduling.models import CycleDay, InfusionRun, TreatmentPlan
from scheduling.models.running import runs_of
from scheduling.words import DayState


def gone_in(row: CycleDay, doses: Sequence[Dose], given_on: date) -> list[Dose]:
    """The doses that were started and stopped. Raises Refused while one runs, or is told otherwise."""
    found = runs_of(row)
    refuse(
        running.refuse_recording(
            [run.of(row) for run in found],
            named=[dose.agent for dose in doses],
            given_on=datetime.combine(given_on, time.min),
        )
    )
    return [_dose(run) for run in found]


def refuse_begun(row: CycleDay, act: str) -> Refusal | None:
    """Why a day is not delayed or omitted: something of it was started. No query where nothing was."""
    return running.refuse_elsewise([run.of(row) for run in runs_of(row)], act)


def refuse_begun_plan(plan: TreatmentPlan, act: str) -> Refusal | None:
    """Why a plan is not ended: an infusion of it has begun and is not recorded."""
    begun = plan.cycle_days.filter(state=DayState.PLANNED, begun_at__isnull=False)
    row = begun.select_related("plan__patient__site", "plan__regimen").prefetch_related("administrations").first()
    return refuse_begun(row, act) if row else None


def _dose(run: InfusionRun) -> Dose:
    return Dose(
        run.agent, mg=run.given_mg, ml=run.given_ml, product=run.product, lot=run.lot, expires_on=run.expires_on,
        started_at=run.started_at, stopped_at=run.stopped_at, difference_reason=run.difference_reason, note=run.note,
    )  # fmt: skip
