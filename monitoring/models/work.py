"""From rows to the coordinator's tasks: who needs an echo, whose infusion was missed, which message failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from monitoring.core.queue import Task, baseline_task, echo_no_show_task, echo_task, missed_task, no_show_task
from monitoring.models.assessments import LvefAssessment
from monitoring.models.desk import EchoNoShow
from monitoring.models.flags import EchoBooking
from monitoring.models.standing import Standing
from scheduling.models import CycleDay, NoShow, Patient, TreatmentPlan
from scheduling.words import DayState, PlanState


@dataclass(frozen=True, slots=True)
class Job:
    """A task with the rows that its line shows."""

    task: Task
    patient: Patient
    plan: TreatmentPlan
    booking: EchoBooking | None = None
    cycle_day: CycleDay | None = None
    no_show: NoShow | None = None

    @property
    def key(self) -> str:
        """Names the task for as long as it is the same one: the plan's examination, or one infusion on one day."""
        row = self.cycle_day
        if row is not None:
            return f"infusion:{self.plan.uuid}:{row.cycle}.{row.day}:{row.planned_on}"
        return f"echo:{self.plan.uuid}:{self.task.due_on or self.task.not_attended}"

    @property
    def echo_no_show(self) -> EchoNoShow | None:
        """The open one of its appointment."""
        return no_show_of(self.booking) if self.booking and self.task.not_attended else None


def no_show_of(booking: EchoBooking | None) -> EchoNoShow | None:
    """Settled or not; read along with the bookings."""
    return getattr(booking, "no_show", None) if booking else None


def infusions_of(plans: Sequence[int], today: date) -> dict[int, list[date]]:
    """Planned days from today on, by plan, soonest first."""
    rows = CycleDay.objects.filter(plan__in=plans, state=DayState.PLANNED, planned_on__gte=today)
    found: dict[int, list[date]] = {}
    for plan, day in rows.order_by("planned_on").values_list("plan_id", "planned_on"):
        found.setdefault(plan, []).append(day)
    return found


def bookings_of(plans: Sequence[int]) -> dict[int, EchoBooking]:
    """The last appointment of each plan that was not cancelled."""
    rows = EchoBooking.objects.filter(plan__in=plans, cancelled_at=None).select_related("recorded_by", "no_show")
    rows = rows.order_by("booked_for", "id")
    return {row.plan_id: row for row in rows}


def booking_of(one: Standing) -> EchoBooking | None:
    """The plan's appointment whose result is still to come."""
    return _unanswered(bookings_of([one.plan.pk]).get(one.plan.pk), one.latest)


def echo_jobs(standings: Sequence[Standing], *, today: date) -> Iterable[Job]:
    """A constant number of queries; each plan needs at most one echo at a time."""
    plans = [one.plan.pk for one in standings]
    infusions, bookings = infusions_of(plans, today), bookings_of(plans)
    for one in standings:
        booking = _unanswered(bookings.get(one.plan.pk), one.latest)
        task = _task(one, infusions.get(one.plan.pk, []), booking, today)
        if task is not None:
            yield Job(task, one.plan.patient, one.plan, booking)


def _task(one: Standing, infusions: list[date], booking: EchoBooking | None, today: date) -> Task | None:
    missed = no_show_of(booking)
    booked_for = booking.booked_for if booking and missed is None else None
    task = _needed(one, infusions, booked_for, today)
    if booking is None or missed is None or missed.settled_at is not None:
        return task
    return echo_no_show_task(task, booking.booked_for, today=today)


def _needed(one: Standing, infusions: list[date], booked_for: date | None, today: date) -> Task | None:
    policy = one.policy
    waits = {"lead_days": policy.echo_lead_days, "result_days": policy.echo_result_days}
    if one.first_given_on is None and one.baseline is None and infusions and one.plan.state == PlanState.ACTIVE:
        return baseline_task(first_infusion=infusions[0], booked_for=booked_for, today=today, **waits)
    return echo_task(one.window(today), infusions=infusions, booked_for=booked_for, today=today, **waits)


def _unanswered(booking: EchoBooking | None, latest: LvefAssessment | None) -> EchoBooking | None:
    """A booking counts until a result of its day or later is on record."""
    if booking is None or (latest is not None and latest.performed_on >= booking.booked_for):
        return None
    return booking


def missed_job(row: CycleDay, *, last_maintenance_on: date | None, today: date) -> Job:
    task = missed_task(row.planned_on, last_maintenance_on=last_maintenance_on, today=today)
    return Job(task, row.plan.patient, row.plan, cycle_day=row)


def no_show_job(row: CycleDay, no_show: NoShow, *, last_maintenance_on: date | None, today: date) -> Job:
    task = no_show_task(
        no_show.on,
        words=no_show.words,
        told_by=str(no_show.recorded_by),
        last_maintenance_on=last_maintenance_on,
        today=today,
    )
    return Job(task, row.plan.patient, row.plan, cycle_day=row, no_show=no_show)
