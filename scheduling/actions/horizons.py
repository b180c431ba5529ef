"""Plans without a last cycle: their dates are laid out a horizon ahead, and the horizon moves on with the days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import QuerySet

from her2tracker.audit.acts import act
from scheduling.actions import rows
from scheduling.actions.locks import touch
from scheduling.core.at_home import last_day
from scheduling.models import RegimenVersion, TreatmentPlan
from scheduling.models.standing import projection_of, regimen_of
from scheduling.words import PlanState

log = structlog.get_logger(__name__)


class HorizonFailed(Exception):
    """Some plan could not be laid out further. The others were; the next run tries it again."""


def move_on(*, now: datetime) -> int:
    """Lay out what the days since the last run have brought within sight; returns how many cycle days were added.

    Only what is missing is written, so it makes no difference how often this runs or how many nights it missed.
    """
    added, failed = 0, []
    for pk in _without_end():
        try:
            added += _move_on(pk, now)
        except Exception:
            # One plan's trouble must not leave the others without dates; it is logged, counted and raised below.
            log.exception("horizon_failed", plan=pk)
            failed.append(pk)
    if failed:
        raise HorizonFailed(f"{len(failed)} plans could not be laid out further")
    return added


def complete_courses(*, now: datetime) -> int:
    """Complete the plans by mouth whose last day is past; returns how many. One on hold is left to its oncologist.

    The end is computed from the start, so a night missed changes nothing but when it is written.
    """
    by_mouth = [v.pk for v in _ordered() if regimen_of(v).is_by_mouth_only]
    plans = TreatmentPlan.objects.active().filter(regimen__in=by_mouth)
    return sum(_complete(pk, now) for pk in plans.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _complete(pk: int, now: datetime) -> int:
    plan = TreatmentPlan.objects.active().select_for_update(of=("self",)).with_facts().filter(pk=pk).first()
    if plan is None or any(hold.ended_on is None for hold in plan.holds.all()):
        return 0
    last = last_day(regimen_of(plan.regimen), plan.start_on)
    if last is None or plan.patient.site.today(now) <= last:
        return 0
    with act("plan.completed", by=None, patient=plan.patient, subject=plan) as entry:
        plan.state, plan.ended_on = PlanState.COMPLETED, last
        plan.save(update_fields=["state", "ended_on"])
        touch(plan)
        entry.details = {"on": str(last)}
    return 1


def _ordered() -> QuerySet[RegimenVersion]:
    return RegimenVersion.objects.filter(plans__state=PlanState.ACTIVE).distinct()


def _without_end() -> Iterator[int]:
    open_ended = [
        version.pk for version in _ordered() if regimen_of(version).cap.open_ended and regimen_of(version).phases
    ]
    plans = TreatmentPlan.objects.active().filter(regimen__in=open_ended)
    return plans.order_by("pk").values_list("pk", flat=True).iterator()


@transaction.atomic
def _move_on(pk: int, now: datetime) -> int:
    """The plan's revision stays: what is added at the far end is nobody's change."""
    plan = TreatmentPlan.objects.active().select_for_update(of=("self",)).with_facts().filter(pk=pk).first()
    if plan is None:
        return 0
    today = plan.patient.site.today(now)
    known = {(row.cycle, row.day) for row in plan.cycle_days.all()}
    added = len({(entry.cycle, entry.day) for entry in projection_of(plan, today=today).entries} - known)
    if not added:
        return 0
    with act("plan.laid-out", by=None, patient=plan.patient, subject=plan) as entry:
        projection = rows.reproject(plan, today=today)
        entry.details = {"added": added, "until": str(projection.entries[-1].on)}
    return added
