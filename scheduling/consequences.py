"""What a change of the schedule moves beside the infusions. Other apps add theirs by the setting, never by an import.

A provider is `provider(plan, comparison) -> iterable of Moved`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.utils.module_loading import import_string

from her2tracker.lib.dates import in_words
from her2tracker.lib.moved import Moved
from scheduling.core.comparison import Comparison
from scheduling.models import CalendarFeed, TreatmentPlan
from scheduling.models.chairs import booked_of

Provider = Callable[[TreatmentPlan, Comparison], Iterable[Moved]]


def beside(plan: TreatmentPlan, comparison: Comparison) -> tuple[Moved, ...]:
    """Everything else that moves, is dropped, or stays where it no longer fits. `plan` comes with its facts."""
    if not comparison.changed:
        return ()
    return tuple(moved for provider in _providers() for moved in provider(plan, comparison))


def hours(plan: TreatmentPlan, comparison: Comparison) -> Iterator[Moved]:
    """An hour is agreed for a day, and a chair booked for it: both are dropped with it."""
    moved = {(day.cycle, day.day): day for day in comparison.changed if day.moved or day.omitted}
    timed = [row for row in plan.cycle_days.all() if row.starts_at is not None and (row.cycle, row.day) in moved]
    booked = booked_of(plan) if timed else {}
    for row in timed:
        change, booking = moved[row.cycle, row.day], booked.get((row.cycle, row.day))
        if booking is not None:
            freed = f"{booking.in_words(plan.patient.site)} becomes free"
            again = "" if change.omitted else ": book one for the new day"
            yield Moved(f"Chair of cycle {row.cycle}", change.old_on, None, f"{freed}{again}.")
        else:
            at = f"{row.starts_at:%H:%M} on {in_words(row.planned_on)}"
            again = "" if change.omitted else ": set one for the new day"
            yield Moved(f"Hour of cycle {row.cycle}", change.old_on, None, f"{at} is dropped{again}.")


def calendars(plan: TreatmentPlan, comparison: Comparison) -> Iterator[Moved]:
    """What the patient holds in hand."""
    moved = [day for day in comparison.changed if day.moved]
    if moved and CalendarFeed.objects.open().filter(patient=plan.patient_id).exists():
        dates = "1 date" if len(moved) == 1 else f"{len(moved)} dates"
        change = "changes" if len(moved) == 1 else "change"
        told = f"{dates} {change} by itself where the patient subscribed to it. A printed one is out of date."
        yield Moved("Patient's calendar", None, None, told)


def _providers() -> tuple[Provider, ...]:
    """Others' first: they are about the heart."""
    return (*(import_string(path) for path in settings.SCHEDULE_CONSEQUENCES), hours, calendars)
