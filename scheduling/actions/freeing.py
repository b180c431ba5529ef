"""Chairs become free in the same transaction as what makes them so. Who did it is the act's to say."""

from __future__ import annotations

from django.utils import timezone

from her2tracker.audit.statements import Statement
from scheduling.models import ChairBooking, TreatmentPlan
from scheduling.words import ChairFreed, DayState

_FREE_MOVED = """
UPDATE scheduling_chairbooking AS booking
SET freed_at = %s, freed_because = CASE WHEN day.state = %s THEN %s ELSE %s END
FROM scheduling_cycleday AS day
WHERE day.id = booking.cycle_day_id AND day.plan_id = %s AND booking.freed_at IS NULL
  AND (day.state = %s OR COALESCE(day.done_on, day.planned_on) <> booking."on")"""


def freeing_moved(plan: TreatmentPlan) -> Statement:
    """Frees the chairs of cycle days that are omitted, or on another day than their chair by now.

    To be sent after what moves the rows.
    """
    omitted = DayState.OMITTED.value
    because = (ChairFreed.OMITTED.value, ChairFreed.CYCLE_MOVED.value)
    return _FREE_MOVED, [timezone.now(), omitted, *because, plan.pk, omitted]


def free_planned(plan: TreatmentPlan, because: ChairFreed) -> int:
    """Free the chairs of everything still planned: the plan is held, or ends."""
    standing = ChairBooking.objects.standing().filter(cycle_day__plan=plan, cycle_day__state=DayState.PLANNED)
    pks = list(standing.values_list("pk", flat=True))
    freed = _free(pks, because)
    if freed:
        # the hour came with the chair
        plan.cycle_days.filter(chair_bookings__in=pks, state=DayState.PLANNED).update(starts_at=None)
    return freed


def _free(pks: list[int], because: ChairFreed) -> int:
    rows = ChairBooking.objects.standing().filter(pk__in=pks)
    return rows.update(freed_at=timezone.now(), freed_because=because) if pks else 0


def free_one(booking: ChairBooking, because: ChairFreed) -> None:
    """Raises nothing when it is free already: what counts is that it is."""
    _free([booking.pk], because)
