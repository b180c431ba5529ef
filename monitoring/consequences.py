"""What a change of the schedule does to the heart's dates, for scheduling's previews. Nothing is saved by looking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from her2tracker.lib.moved import Moved
from monitoring.core.at_risk import CycleOutlook, Infusion
from monitoring.core.moved import booked, moved_echoes, moved_need
from monitoring.models import PatientLetterSettings
from monitoring.models.appointments import wants_none
from monitoring.models.foretold import echoes_to_come
from monitoring.models.outlook import outlooks_of
from monitoring.models.standing import Standing, standing_of
from monitoring.words import ReminderChannel, ReminderState
from scheduling.core.comparison import Comparison
from scheduling.core.expansion import Entry, EntryState
from scheduling.models import TreatmentPlan


def echoes(plan: TreatmentPlan, comparison: Comparison) -> tuple[Moved, ...]:
    """Due dates that follow the last infusion, the day until which an echo helps, and appointments that stay."""
    standing, today = standing_of(plan), plan.patient.site.today()
    before, after = comparison.before, comparison.after
    found = [*moved_echoes(echoes_to_come(standing, before), echoes_to_come(standing, after))]
    need = moved_need(*(_needed(standing, side.entries, today) for side in (before, after))) if after.left else None
    return (*([need] if need else ()), *_bookings(standing, comparison), *found)


def _needed(standing: Standing, entries: Iterable[Entry], today: date) -> CycleOutlook | None:
    """The first infusion that no LVEF covers."""
    infusions = [Infusion(day.isoformat(), day) for day in _planned(entries) if day >= today]
    found = outlooks_of([standing], today, infusions={standing.plan.pk: infusions}).get(standing.plan.pk)
    return next((one for one in found.found if one.last_useful), None) if found else None


def _bookings(standing: Standing, comparison: Comparison) -> Iterator[Moved]:
    before, after = (_planned(side.entries) for side in (comparison.before, comparison.after))
    latest = standing.latest
    for booking in standing.bookings:
        is_answered = latest is not None and latest.performed_on >= booking.booked_for
        if not is_answered and (moved := booked(booking.booked_for, before, after)):
            yield moved


def _planned(entries: Iterable[Entry]) -> list[date]:
    return sorted({entry.on for entry in entries if entry.state is EntryState.PLANNED})


def letters(plan: TreatmentPlan, comparison: Comparison) -> Iterator[Moved]:
    """Letters that follow the new dates, and those already sent, which are taken back."""
    chosen = PatientLetterSettings.objects.filter(site=plan.patient.site).first()
    moved = [day for day in comparison.changed if day.old_on and (day.moved or day.omitted)]
    if chosen is None or not chosen.writes or not moved or not plan.patient.email:
        return
    if wants_none([plan.patient_id], ReminderChannel.EMAIL):
        return
    lead = timedelta(max(chosen.infusion_lead_days))
    old_on, new_on = moved[0].old_on, None if moved[0].omitted else moved[0].new_on
    sent = old_on is not None and plan.patient.letters.filter(state=ReminderState.SENT, due_on=old_on).exists()
    appointments = f"{len(moved)} {'appointment' if len(moved) == 1 else 'appointments'}"
    told = f"{appointments}: letters follow the new dates."
    if not comparison.after.left:
        told = f"{appointments}: no letter announces them."
    if sent and chosen.tells_moved:
        died = "" if comparison.after.left else ", unless death ends the plan"
        told += f" One is sent already: the patient is written that this day no longer stands{died}."
    yield Moved("Letter to the patient", old_on - lead if old_on else None, new_on - lead if new_on else None, told)
