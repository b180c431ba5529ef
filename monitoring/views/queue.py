"""The coordinator's home: everything that needs hands, by the last day on which it still helps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import Site
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import add_days, in_words
from monitoring.actions import flags, patient_answers
from monitoring.core.queue import Need, Stage, Task, order
from monitoring.forms.assessments import EchoForm
from monitoring.models import PatientAnswer, Reminder
from monitoring.models.standing import standings
from monitoring.models.work import Job, echo_jobs, missed_job
from monitoring.views.waiting import last_days_without_reload
from monitoring.words import ReminderState
from scheduling.closure_waits import closures_unsettled
from scheduling.models import CycleDay, Hold
from scheduling.words import PlanState

PAGE = 50
SOON_DAYS = 5
FILTERS = {
    "": ("All", tuple(Need)),
    "hold": ("Hold repeats", (Need.HOLD_REPEAT,)),
    "echo": ("Echoes", (Need.BASELINE, Need.ECHO, Need.FOLLOW_UP)),
    "missed": ("Missed", (Need.MISSED,)),
    "message": ("Messages", (Need.MESSAGE,)),
    "request": ("Requests", (Need.REQUEST,)),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do: a `job` with its patient, a `reminder` that failed, or the `answer` of a patient."""

    task: Task
    today: date
    job: Job | None = None
    reminder: Reminder | None = None
    answer: PatientAnswer | None = None

    @property
    def state(self) -> str:
        """What the mark says: late, at risk soon, waiting for a booked echo, or simply to do."""
        if self.task.stage is Stage.AWAIT:
            return "planned"
        return "hold" if self.days < 0 else "needs"

    @property
    def name(self) -> str:
        row = self.job or self.answer
        return str(row.patient) if row else ""

    @property
    def days(self) -> int:
        return self.task.days_left(self.today)

    @property
    def by_words(self) -> str:
        if self.task.stage is Stage.AWAIT:
            return "Booked"
        if self.days < 0:
            return f"{-self.days} {'day' if self.days == -1 else 'days'} too late"
        return {0: "Today", 1: "Tomorrow"}.get(self.days, f"In {self.days} days")

    @property
    def form(self) -> EchoForm | None:
        """The two fields that finish it, on the line."""
        job = self.job
        if job is None or self.task.need in (Need.MISSED, Need.MESSAGE) or self.task.stage is Stage.AWAIT:
            return None
        form = EchoForm(
            auto_id=f"id_{job.plan.uuid.hex[:8]}_%s", initial={"lab": job.booking.lab if job.booking else ""}
        )
        del form.fields["note"]
        return form


@permitted(Permission.VIEW_QUEUE)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    wanted = request.GET.get("show", "")
    wanted = wanted if wanted in (*FILTERS, "soon") else ""
    today = user.site.today()
    lines = sorted(_lines(user.site, today), key=lambda line: order(line.task, line.name))
    shown = [line for line in lines if _shows(line, wanted, today)]
    context = {
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "filters": _filters(lines, wanted, today),
        "today": today,
        "is_filtered": bool(wanted),
        "total": len(lines),
        "closures": closures_unsettled(user.site),
    }
    return render(request, "monitoring/queue.html", context)


def _lines(site: Site, today: date) -> Iterator[Line]:
    for batch in flags.watched_in_batches(site):
        for job in echo_jobs(standings(batch), today=today):
            yield Line(job.task, today, job)
    for job in _missed(site, today):
        yield Line(job.task, today, job)
    for answer in patient_answers.waiting(site, today):
        yield Line(_request(answer), today, answer=answer)
    failed = Reminder.objects.filter(site=site, state=ReminderState.FAILED).select_related("recipient", "patient")
    for reminder in failed.order_by("due_on"):
        step = f"{reminder.get_kind_display()} to {reminder.to} did not arrive: {_next_step(reminder)}"
        yield Line(Task(Need.MESSAGE, reminder.due_on, None, step, reminder.last_error), today, reminder=reminder)


def _request(answer: PatientAnswer) -> Task:
    """Nothing moved by it. The last useful day is the one before the appointment."""
    day, patient = answer.reminder.due_on, answer.patient
    call = patient.phone or "the patient (no phone is on record)"
    step = f"Call {call} and agree on a day; {in_words(day)} stands until then."
    why = f"In the patient's words: “{answer.words}”" if answer.words else "By the letter's link, without words."
    return Task(Need.REQUEST, add_days(day, -1), day, step, why)


def _next_step(reminder: Reminder) -> str:
    """A patient is rung up: a mail that does not arrive twice does not arrive a third time."""
    if reminder.patient is None:
        return "correct the address, or call."
    return f"call {reminder.patient.phone or 'the patient (no phone is on record)'}, and name the appointment."


def _missed(site: Site, today: date) -> Iterator[Job]:
    """The first undecided infusion of each plan whose day has passed; held plans wait on purpose."""
    held = Hold.objects.open().filter(plan__patient__site=site).values("plan")
    days = (
        CycleDay.objects.at(site)
        .planned()
        .filter(planned_on__lt=today, plan__state=PlanState.ACTIVE)
        .exclude(plan__in=held)
        .select_related("plan__patient", "plan__regimen")
        .order_by("plan_id", "planned_on")
        .distinct("plan_id")
    )
    rows = list(days)
    last_days = last_days_without_reload(rows)
    for row in rows:
        yield missed_job(row, last_maintenance_on=last_days.get(row.pk), today=today)


def _shows(line: Line, wanted: str, today: date) -> bool:
    if wanted == "soon":
        saves = line.task.saves
        return saves is not None and line.task.stage is not Stage.AWAIT and (saves - today).days <= SOON_DAYS
    return line.task.need in FILTERS[wanted][1]


def _filters(lines: list[Line], wanted: str, today: date) -> list[dict[str, Any]]:
    names = [("", "All"), ("soon", f"At risk within {SOON_DAYS} days")]
    names += [(key, label) for key, (label, _) in FILTERS.items() if key]
    return [
        {
            "label": label,
            "url": f"?show={key}" if key else "?",
            "current": key == wanted,
            "count": sum(_shows(line, key, today) for line in lines),
        }
        for key, label in names
    ]
