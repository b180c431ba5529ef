"""The coordinator's home: everything that needs hands, by the last day on which it still helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from monitoring.actions import owners, saved_lists
from monitoring.actions.queue_items import Item, items_at
from monitoring.core.calls import CallOutcome
from monitoring.core.queue import EchoStep, Need, Task
from monitoring.forms.assessments import EchoForm
from monitoring.models import PatientAnswer, Reminder
from monitoring.models.work import Job, no_show_of
from scheduling.closure_waits import closures_unsettled
from scheduling.models import Patient

PAGE = 50
SOON_DAYS, CALLS_SHOWN = 5, 3
FILTERS = {
    "": ("All", tuple(Need)),
    "hold": ("Hold repeats", (Need.HOLD_REPEAT,)),
    "echo": ("Echoes", (Need.BASELINE, Need.ECHO, Need.FOLLOW_UP)),
    "no-show": ("No-shows", (Need.NO_SHOW,)),
    "missed": ("Missed", (Need.MISSED,)),
    "message": ("Messages", (Need.MESSAGE,)),
    "request": ("Requests", (Need.REQUEST,)),
    "new-plan": ("New plans", (Need.NEW_PLAN,)),
}
WHOSE = {"": "Everybody’s", "mine": "Mine", "unowned": "Unowned"}


@dataclass(frozen=True, slots=True)
class Line:
    """One task as the page shows it."""

    item: Item

    @property
    def task(self) -> Task:
        return self.item.task

    @property
    def job(self) -> Job | None:
        return self.item.job

    @property
    def reminder(self) -> Reminder | None:
        return self.item.reminder

    @property
    def answer(self) -> PatientAnswer | None:
        return self.item.answer

    @property
    def patient(self) -> Patient | None:
        return self.item.patient

    @property
    def id(self) -> str:
        """For the page's own ids: a key holds colons."""
        return self.item.key.replace(":", "-").replace(".", "-")

    @property
    def state(self) -> str:
        """What the mark says: late, at risk soon, waiting for a booked echo, or simply to do."""
        if self.task.stage is EchoStep.AWAIT:
            return "planned"
        return "hold" if self.days < 0 else "needs"

    @property
    def days(self) -> int:
        return self.item.days

    @property
    def by_words(self) -> str:
        if self.task.stage is EchoStep.AWAIT:
            return "Booked"
        if self.days < 0:
            return f"{-self.days} {'day' if self.days == -1 else 'days'} too late"
        return {0: "Today", 1: "Tomorrow"}.get(self.days, f"In {self.days} days")

    @property
    def calls(self) -> Sequence[Any]:
        return self.item.calls[:CALLS_SHOWN]

    @property
    def may_not_attend(self) -> bool:
        """A booked echo of today or earlier: somebody may have stayed away."""
        booking = self.job.booking if self.job and self.job.cycle_day is None else None
        return booking is not None and booking.booked_for <= self.item.today and no_show_of(booking) is None

    @property
    def form(self) -> EchoForm | None:
        """The two fields that finish it, on the line."""
        job = self.job
        if job is None or job.cycle_day is not None or self.task.stage is EchoStep.AWAIT:
            return None
        form = EchoForm(
            auto_id=f"id_{job.plan.uuid.hex[:8]}_%s", initial={"lab": job.booking.lab if job.booking else ""}
        )
        del form.fields["note"]
        return form


@permitted(Permission.VIEW_QUEUE)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """`?show=` which kind of task, `?whose=` everybody's, one's own, or nobody's."""
    user = user_of(request)
    show, whose = request.GET.get("show", ""), request.GET.get("whose", "")
    show, whose = show if show in (*FILTERS, "soon") else "", whose if whose in WHOSE else ""
    today = user.site.today()
    lines = [Line(item) for item in items_at(user.site, today)]
    of_them = [line for line in lines if is_whose(line.item, whose, user)]
    shown = [line for line in of_them if _shows(line, show, today)]
    context = {
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "filters": _filters(of_them, show, whose, today),
        "whose": _whose(lines, show, whose, user),
        "today": today,
        "is_filtered": bool(show or whose),
        "total": len(lines),
        "unowned": sum(line.item.is_unowned for line in lines),
        "lacking": sum(bool(line.item.lacks) for line in lines),
        "closures": closures_unsettled(user.site),
        "outcomes": list(CallOutcome),
        "people": owners.people(user.site),
        "roles": owners.roles(),
        "here": request.get_full_path(),
        "saved": saved_lists.lists_of(user, "queue"),
        "query": _query(show, whose),
    }
    return render(request, "monitoring/queue.html", context)


def is_whose(item: Item, whose: str, person: User) -> bool:
    if whose == "mine":
        return item.is_of(person)
    return item.is_unowned if whose == "unowned" else True


def _shows(line: Line, wanted: str, today: date) -> bool:
    if wanted == "soon":
        saves = line.task.saves
        return saves is not None and line.task.stage is not EchoStep.AWAIT and (saves - today).days <= SOON_DAYS
    if wanted == "no-show" and line.task.not_attended:
        return True
    return line.task.need in FILTERS[wanted][1]


def _filters(lines: list[Line], show: str, whose: str, today: date) -> list[dict[str, Any]]:
    names = [("", "All"), ("soon", f"At risk within {SOON_DAYS} days")]
    names += [(key, label) for key, (label, _) in FILTERS.items() if key]
    return [
        {
            "label": label,
            "url": f"?{_query(key, whose)}",
            "current": key == show,
            "count": sum(_shows(line, key, today) for line in lines),
        }
        for key, label in names
    ]


def _whose(lines: list[Line], show: str, whose: str, person: User) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": f"?{_query(show, key)}",
            "current": key == whose,
            "count": sum(is_whose(line.item, key, person) for line in lines),
        }
        for key, label in WHOSE.items()
    ]


def _query(show: str, whose: str) -> str:
    return urlencode({name: value for name, value in (("show", show), ("whose", whose)) if value})
