"""Patients whose treatment is over and whose heart is still watched, each with what comes next."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from her2tracker.lib.tables import to_csv
from monitoring.lookups import in_follow_up
from monitoring.models.after import Aftercare

PAGE = 50


@permitted(Permission.VIEW_QUEUE)
@require_safe
def follow_up(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    rows = in_follow_up(user)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "monitoring/follow_up.html", {"page": page, "total": len(rows), "today": user.site.today()})


@permitted(Permission.VIEW_QUEUE)
@require_safe
def follow_up_csv(request: HttpRequest) -> HttpResponse:
    """A line for each LVEF of each patient in follow-up, so that the list can be worked through elsewhere."""
    header = ["MRN", "Patient", "Born", "Last given", "Last LVEF", "Measured on"]
    header += ["LVEF due", "State", "Answered on", "Because", "Sources", "Next echo booked", "Laboratory"]
    lines = (line for row in in_follow_up(user_of(request)) for line in _lines(row))
    response = HttpResponse(to_csv(header, lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="follow-up.csv"'
    return response


def _lines(row: Aftercare) -> Iterator[list[object]]:
    latest, booked = row.standing.latest, row.booking
    patient = [row.patient.mrn, row.patient, row.patient.born_on, row.standing.last_given_on]
    known = [latest.lvef, latest.performed_on] if latest else [None, None]
    for task in row.tasks:
        sources = "; ".join(f"{one.key}, {one.confidence}" for one in task.citations)
        echo = [booked.booked_for, booked.lab] if booked and task is row.next else [None, None]
        yield [*patient, *known, task.due_on, task.progress.label, task.answered_on, task.because, sources, *echo]
