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
from monitoring.actions import flags
from monitoring.core.queue import Need, Stage, Task, order
from monitoring.forms.assessments import EchoForm
from monitoring.models import Reminder
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
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do; `job` has its patient, `reminder` its message: one of the two."""

    task: Task
    today: date
    job: Job | None = None
    reminder: Reminder | None = None

    @property
    def state(self) -> str:
        """What the mark says: late, at risk soon, waiting for a booked echo, or simply to do."""
        if self.task.stage is Stage.AWAIT:
            return "planned"
        return "hold" if self.days < 0 else "needs"

    @property
    def name(self) -> str:
        return str(self.job.patient) if self.job else ""

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
    lines = sorted(
        _lines(user.site, today), key=lambda line: order(line.task, str(line.job.patient) if line.job else "")
    )
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
    failed = Reminder.objects.filter(site=site, state=ReminderState.FAILED).select_related("recipient")
    for reminder in failed.order_by("due_on"):
        step = f"{reminder.get_kind_display()} to {reminder.recipient} did not arrive: correct the address, or call."
        yield Line(Task(Need.MESSAGE, reminder.due_on, None, step, reminder.last_error), today, reminder=reminder)


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
