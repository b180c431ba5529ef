"""The operations report: drawn, as a table, and as CSV."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from her2tracker.lib.tables import to_csv
from scheduling.core.operations import Week
from scheduling.models import SitePolicy
from scheduling.operations import weeks_of

SPANS = (4, 8, 12)
DEFAULT = 12
STEP, BAR, HEIGHT, TOP = 64, 40, 110, 24
NARROWEST = 8 + 12 * STEP  # fewer weeks are drawn no larger
HEADER = (
    "Week from", "to", "Planned", "Delivered", "Fell out on the day", "Reasons", "Undecided", "Started on time",
    "Of timed", "Without hour or start", "Open chair minutes", "Booked minutes", "Used minutes",
    "Infusions without start or stop",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bar:
    """One week in the drawing: the frame is what was planned, the filled part what was delivered."""

    week: Week
    index: int
    of: int

    @property
    def x(self) -> int:
        return 8 + self.index * STEP

    @property
    def middle(self) -> int:
        return self.x + BAR // 2

    @property
    def height(self) -> int:
        return round(self.week.planned * HEIGHT / self.of)

    @property
    def y(self) -> int:
        return TOP + HEIGHT - self.height

    @property
    def filled(self) -> int:
        return round(self.week.delivered * HEIGHT / self.of)

    @property
    def filled_y(self) -> int:
        return TOP + HEIGHT - self.filled


@permitted(Permission.VIEW_REPORTS)
@require_safe
def operations(request: HttpRequest) -> HttpResponse:
    """`?weeks=` how many, this one included."""
    site, count = user_of(request).site, asked_weeks(request)
    found = weeks_of(site, count)
    fullest = max((week.planned for week in found), default=0) or 1
    context: dict[str, Any] = {
        "weeks": found,
        "bars": [Bar(week, index, fullest) for index, week in enumerate(found)],
        "width": max(8 + len(found) * STEP, NARROWEST),
        "bar": BAR,
        "reasons": _reasons(found),
        "today": site.today(),
        "tolerance": SitePolicy.of(site).start_tolerance_minutes,
        "spans": [
            {"label": f"{one} weeks", "url": f"?weeks={one}", "current": one == count, "count": ""} for one in SPANS
        ],
        "count": count,
        "is_empty": all(week.is_empty for week in found),
    }
    return render(request, "scheduling/operations.html", context)


@permitted(Permission.VIEW_REPORTS)
@require_safe
def operations_csv(request: HttpRequest) -> HttpResponse:
    """A line for each week."""
    found = weeks_of(user_of(request).site, asked_weeks(request))
    response = HttpResponse(to_csv(HEADER, map(_line, found)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="operations.csv"'
    return response


def asked_weeks(request: HttpRequest) -> int:
    wanted = request.GET.get("weeks", "")
    return int(wanted) if wanted in {str(one) for one in SPANS} else DEFAULT


def _reasons(found: Sequence[Week]) -> list[tuple[str, int]]:
    """Over all weeks, the most frequent first."""
    every: Counter[str] = Counter()
    for week in found:
        every.update(week.fell_out)
    return sorted(every.items(), key=lambda pair: (-pair[1], pair[0]))


def _line(week: Week) -> list[object]:
    reasons = "; ".join(f"{because} {count}" for because, count in week.fell_out.items())
    return [
        week.monday, week.sunday, week.planned, week.delivered, week.cancelled, reasons, week.undecided, week.on_time,
        week.timed, week.untimed, week.open_minutes, week.booked_minutes, week.used_minutes, week.used_unknown,
    ]  # fmt: skip
