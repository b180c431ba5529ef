"""Two weeks of chairs: how full each day and hour is, and what may move from a full day to one with room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from scheduling.capacities import DAYS, DayLoad, two_weeks
from scheduling.core.calendar import Candidate
from scheduling.models import CycleDay
from scheduling.models.standing import regimen_of
from scheduling.views.chairs import asked_day


@dataclass(frozen=True, slots=True)
class To:
    """One day an infusion may move to, and the page that moves it there."""

    row: CycleDay
    candidate: Candidate

    @property
    def url(self) -> str:
        name = "cycle-delay" if self.candidate.days_moved > 0 else "cycle-forward"
        return f"{reverse(name, args=[self.row.uuid])}?to_on={self.candidate.on}"


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def chairs_capacity(request: HttpRequest) -> HttpResponse:
    """`?on=` the first of fourteen days; today where it cannot be read."""
    site = user_of(request).site
    first = asked_day(request.GET.get("on", ""), site)
    days = two_weeks(site, first)
    hours = sorted({hour for one in days for hour, _ in one.fullness.hours if one.day.is_open})
    context: dict[str, Any] = {
        "days": [(one, _by_hour(one, hours)) for one in days],
        "hours": hours,
        "movable": [(one, [_line(line) for line in one.movable]) for one in days if one.fullness.load == "full"],
        "first": first,
        "last": first + timedelta(days=DAYS - 1),
        "before": first - timedelta(days=DAYS),
        "after": first + timedelta(days=DAYS),
        "is_today": first == site.today(),
        "crumbs": [("Chairs", reverse("chairs"))],
    }
    return render(request, "scheduling/capacity.html", context)


def _by_hour(one: DayLoad, hours: list[int]) -> list[int | None]:
    """None where the day is closed in that hour."""
    known = dict(one.fullness.hours) if one.day.is_open else {}
    return [known.get(hour) for hour in hours]


def _line(movable: Any) -> dict[str, Any]:
    row: CycleDay = movable.row
    return {
        "row": row,
        "regimen": regimen_of(row.plan.regimen).short_name,
        "to": [To(row, one) for one in movable.candidates],
    }
