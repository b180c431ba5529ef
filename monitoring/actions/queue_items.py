"""Everything that needs a coordinator's hands, each with its owner, its calls and the day of its next step.

Computed from the facts whenever it is asked for; only owners, calls and ticks are rows. The number of queries does
not grow with the tasks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import F, Min, Q
from django.db.models.functions import TruncDate

from her2tracker.accounts.models import Site, User
from her2tracker.lib.dates import add_days, in_words
from monitoring.actions import calls as calling
from monitoring.actions import flags, owners, patient_answers
from monitoring.core.calls import CallOutcome, unreached
from monitoring.core.checklist import ENTERED_LATER, Point, open_points
from monitoring.core.owners import Lack, Owning
from monitoring.core.queue import EchoStep, Need, Task, checklist_task, order
from monitoring.models import Call, CardiacPolicy, PatientAnswer, QueueOwner, Reminder, Unreached
from monitoring.models.clocks import last_days_without_reload
from monitoring.models.standing import standings
from monitoring.models.work import Job, echo_jobs, missed_job, no_show_job
from monitoring.words import ReminderState
from scheduling.models import CycleDay, Hold, NoShow, Patient, TreatmentPlan
from scheduling.models.no_shows import no_shows_among
from scheduling.words import DayState, PlanState


@dataclass(frozen=True, slots=True)
class Item:
    """One task. It stands on a `job`, a `reminder` that failed, an `answer` of a patient, or a new `plan`."""

    key: str
    task: Task
    today: date
    job: Job | None = None
    reminder: Reminder | None = None
    answer: PatientAnswer | None = None
    new_plan: TreatmentPlan | None = None
    points: tuple[Point, ...] = ()
    owner: QueueOwner | None = None
    calls: tuple[Call, ...] = ()  # to this patient, the latest first
    notice: Unreached | None = None

    @property
    def patient(self) -> Patient | None:
        """Nobody for a message to a colleague."""
        if self.new_plan is not None:
            return self.new_plan.patient
        row = self.job or self.answer or self.reminder
        return row.patient if row else None

    @property
    def name(self) -> str:
        return str(self.patient) if self.patient else ""

    @property
    def days(self) -> int:
        return self.task.days_left(self.today)

    @property
    def attempts(self) -> int:
        """Calls in a row that reached nobody."""
        return unreached(CallOutcome(call.outcome) for call in self.calls)

    @property
    def next_on(self) -> date | None:
        """A booked echo waits for its day; else the later said of the call's next try and the owner's next step."""
        if self.task.stage is EchoStep.AWAIT:
            return self.task.act_by
        said = [(call.recorded_at, call.next_try_on) for call in self.calls if call.about == self.key]
        if self.owner:
            said.append((self.owner.recorded_at, self.owner.next_on))
        dated = [one for one in said if one[1]]
        return max(dated, key=lambda one: one[0])[1] if dated else None

    @property
    def lacks(self) -> tuple[Lack, ...]:
        return Owning(bool(self.owner and self.owner.is_owned), self.next_on).lacks(self.today)

    @property
    def is_unowned(self) -> bool:
        return Lack.OWNER in self.lacks

    def is_of(self, person: User) -> bool:
        """Theirs by name, or their role's."""
        one = self.owner
        return one is not None and (one.owner_id == person.pk or bool(one.role and one.role == person.role))


def items_at(site: Site, today: date) -> list[Item]:
    """In the order in which they save a cycle."""
    found = list(_items(site, today))
    named = owners.owners_of(site)
    people = list({one.patient.pk for one in found if one.patient})
    called, notices = calling.calls_of(people), calling.notices_of(people)
    whole = [
        replace(
            one,
            owner=named.get(one.key),
            calls=tuple(called.get(one.patient.pk, ())) if one.patient else (),
            notice=notices.get(one.patient.pk) if one.patient else None,
        )
        for one in found
    ]
    return sorted(whole, key=lambda one: order(one.task, one.name))


def _items(site: Site, today: date) -> Iterator[Item]:
    for batch in flags.watched_in_batches(site):
        yield from (_of_job(job, today) for job in echo_jobs(standings(batch), today=today))
    yield from (_of_job(job, today) for job in _infusions(site, today))
    for answer in patient_answers.waiting(site, today):
        yield Item(f"request:{answer.uuid}", _request(answer), today, answer=answer)
    failed = Reminder.objects.filter(site=site, state=ReminderState.FAILED).select_related("recipient", "patient")
    for reminder in failed.order_by("due_on"):
        yield Item(f"message:{reminder.uuid}", _message(reminder), today, reminder=reminder)
    yield from _new_plans(site, today)


def _of_job(job: Job, today: date) -> Item:
    return Item(job.key, job.task, today, job=job)


def _request(answer: PatientAnswer) -> Task:
    """Nothing moved by it. The last useful day is the one before the appointment."""
    day, patient = answer.reminder.due_on, answer.patient
    call = patient.phone or "the patient (no phone is on record)"
    step = f"Call {call} and agree on a day; {in_words(day)} stands until then."
    why = f"In the patient's words: “{answer.words}”" if answer.words else "By the letter's link, without words."
    return Task(Need.REQUEST, add_days(day, -1), day, step, why)


def _message(reminder: Reminder) -> Task:
    """A patient is rung up: a mail that does not arrive twice does not arrive a third time."""
    patient = reminder.patient
    step = "correct the address, or call."
    if patient is not None:
        step = f"call {patient.phone or 'the patient (no phone is on record)'}, and name the appointment."
    told = f"{reminder.get_kind_display()} to {reminder.to} did not arrive: {step}"
    return Task(Need.MESSAGE, reminder.due_on, None, told, reminder.last_error)


def _infusions(site: Site, today: date) -> Iterator[Job]:
    """Those to which nobody came, and the first undecided one of each plan whose day has passed."""
    no_shows: dict[int, NoShow] = {row.cycle_day_pk: row for row in no_shows_among(site)}  # type: ignore[attr-defined]
    rows = list(_undecided(site, today, list(no_shows)))
    last_days = last_days_without_reload(rows)
    for row in rows:
        last = last_days.get(row.pk)
        if row.pk in no_shows:
            yield no_show_job(row, no_shows[row.pk], last_maintenance_on=last, today=today)
        else:
            yield missed_job(row, last_maintenance_on=last, today=today)


def _undecided(site: Site, today: date, not_attended: Sequence[int]) -> Iterable[CycleDay]:
    """Held plans wait on purpose, except for somebody who did not come."""
    held = Hold.objects.open().filter(plan__patient__site=site).values("plan")
    planned = CycleDay.objects.at(site).planned().filter(plan__state=PlanState.ACTIVE)
    heads = planned.filter(planned_on__lt=today).exclude(plan__in=held).order_by("plan_id", "planned_on")
    first = heads.distinct("plan_id").values("pk")
    rows = planned.filter(Q(pk__in=first) | Q(pk__in=not_attended))
    return rows.select_related("plan__patient", "plan__regimen").order_by("plan_id", "planned_on")


def _new_plans(site: Site, today: date) -> Iterator[Item]:
    for plan in new_plans(site):
        points = open_points([Point(tick.point) for tick in plan.checklist.all()])
        if points:
            task = checklist_task(plan.first_on, points, today=today)  # type: ignore[attr-defined]
            yield Item(f"plan:{plan.uuid}", task, today, new_plan=plan, points=points)


def new_plans(site: Site) -> Iterable[TreatmentPlan]:
    """Active ones that began here, not entered while they were running; each with the ticks of its checklist."""
    policy = CardiacPolicy.of(site)
    since: datetime | None = policy.checklists_since
    rows = TreatmentPlan.objects.at(site).active().filter(patient__merged_into=None)
    rows = rows.annotate(entered_on=TruncDate("recorded_at", tzinfo=site.zone))
    rows = rows.filter(start_on__gte=F("entered_on") - ENTERED_LATER)
    if since is not None:
        rows = rows.filter(recorded_at__gte=since)
    first = Min("cycle_days__planned_on", filter=Q(cycle_days__state=DayState.PLANNED))
    rows = rows.annotate(first_on=first).select_related("patient", "regimen").defer("regimen__definition")
    return rows.prefetch_related("checklist__recorded_by").order_by("start_on", "pk")
