"""Chairs become free in the same transaction as what makes them so. Who did it is the act's to say."""

from __future__ import annotations

from django.utils import timezone

from scheduling.models import ChairBooking, TreatmentPlan
from scheduling.words import ChairFreed, DayState


def free_moved(plan: TreatmentPlan) -> int:
    """Free the chairs of cycle days that are omitted, or on another day than their chair by now."""
    standing = ChairBooking.objects.standing().filter(cycle_day__plan=plan).select_related("cycle_day")
    found: dict[ChairFreed, list[int]] = {}
    for booking in standing:
        day = booking.cycle_day
        if day.state == DayState.OMITTED:
            found.setdefault(ChairFreed.OMITTED, []).append(booking.pk)
        elif (day.done_on or day.planned_on) != booking.on:
            found.setdefault(ChairFreed.CYCLE_MOVED, []).append(booking.pk)
    return sum(_free(pks, because) for because, pks in found.items())


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
