"""From rows to the patients in follow-up: who finished treatment and is still asked for LVEFs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitoring.core.follow_up import FollowUpTask, Progress, next_task
from monitoring.models.flags import EchoBooking
from monitoring.models.standing import Standing
from monitoring.models.work import bookings_of
from scheduling.models import Patient, TreatmentPlan


@dataclass(frozen=True, slots=True)
class Aftercare:
    """One patient after her last administration: every task, the next of them, and what is booked for it."""

    standing: Standing
    tasks: tuple[FollowUpTask, ...]
    next: FollowUpTask
    booking: EchoBooking | None

    @property
    def plan(self) -> TreatmentPlan:
        return self.standing.plan

    @property
    def patient(self) -> Patient:
        return self.standing.plan.patient

    @property
    def done(self) -> int:
        return sum(one.progress is Progress.ANSWERED for one in self.tasks)


def aftercare_of(standings: Sequence[Standing], today: date) -> list[Aftercare]:
    """Those of whom something is still asked, soonest first. One query beyond the standings."""
    found = [(one, tasks) for one in standings if (tasks := one.follow_up(today)) and next_task(tasks)]
    bookings = bookings_of([one.plan.pk for one, _ in found])
    rows = [
        Aftercare(one, tasks, coming, _open(bookings.get(one.plan.pk), one))
        for one, tasks in found
        if (coming := next_task(tasks)) is not None
    ]
    return sorted(rows, key=lambda row: (row.next.due_on, str(row.patient)))


def _open(booking: EchoBooking | None, standing: Standing) -> EchoBooking | None:
    latest = standing.latest
    return None if booking and latest and latest.performed_on >= booking.booked_for else booking
