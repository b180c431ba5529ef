"""How many flags each rule raised, what was decided, and how soon: drawn, as a table, and as CSV."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import add_months
from her2tracker.lib.tables import to_csv
from monitoring.core.burden import Burden
from monitoring.models import CardiacPolicy
from monitoring.models.burden import burdens

MONTHS = 12  # on the page; the CSV has all
BAR_STEP, BAR_WIDTH, BAR_HEIGHT, BAR_TOP = 64, 40, 120, 24
HEADER = (
    "Month", "Rule", "Raised", "Hold", "Continue with cardiology", "Repeat echo", "Not valid",
    "Resolved by facts", "Undecided", "Overridden", "Waited past the ladder", "Median hours to decision",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Month:
    """All rules of a month together, and its bar. `of` is the fullest month's count."""

    on: date
    raised: int
    decided: int
    by_facts: int
    open: int
    index: int
    of: int

    @property
    def label(self) -> str:
        return f"{self.on:%b %Y}"

    @property
    def x(self) -> int:
        return 8 + self.index * BAR_STEP

    @property
    def middle(self) -> int:
        return self.x + BAR_WIDTH // 2

    @property
    def height(self) -> int:
        return round(self.raised * BAR_HEIGHT / self.of)

    @property
    def y(self) -> int:
        return BAR_TOP + BAR_HEIGHT - self.height

    @property
    def decided_height(self) -> int:
        return round(self.decided * BAR_HEIGHT / self.of)

    @property
    def decided_y(self) -> int:
        return BAR_TOP + BAR_HEIGHT - self.decided_height


@permitted(Permission.VIEW_REPORTS)
@require_safe
def flag_report(request: HttpRequest) -> HttpResponse:
    """The last twelve months, this one included."""
    site, now = user_of(request).site, timezone.now()
    since = add_months(site.today(now).replace(day=1), 1 - MONTHS)
    rows = burdens(site, now=now, since=since)
    months = _months(rows, since)
    context = {"rows": rows, "months": months, "today": site.today(now), "width": 8 + len(months) * BAR_STEP}
    context |= {"ladder": CardiacPolicy.of(site).ladder, "raised": sum(row.raised for row in rows)}
    return render(request, "monitoring/flag_report.html", context)


@permitted(Permission.VIEW_REPORTS)
@require_safe
def flag_report_csv(request: HttpRequest) -> HttpResponse:
    """A line for each rule and month, since the first flag."""
    rows = burdens(user_of(request).site, now=timezone.now())
    response = HttpResponse(to_csv(HEADER, map(_line, rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="flags.csv"'
    return response


def _months(rows: Iterable[Burden], since: date) -> tuple[Month, ...]:
    """Every month, those without a flag too: a gap in the drawing would hide a quiet month."""
    by_month: dict[date, list[Burden]] = {}
    for row in rows:
        by_month.setdefault(row.month, []).append(row)
    fullest = max((sum(row.raised for row in group) for group in by_month.values()), default=1)
    return tuple(
        _month(add_months(since, index), by_month.get(add_months(since, index), []), index, fullest)
        for index in range(MONTHS)
    )


def _month(on: date, rows: list[Burden], index: int, of: int) -> Month:
    return Month(
        on,
        sum(row.raised for row in rows),
        sum(row.decided for row in rows),
        sum(row.by_facts for row in rows),
        sum(row.open for row in rows),
        index,
        of,
    )


def _line(row: Burden) -> list[object]:
    hours = None if row.median_hours is None else round(row.median_hours, 1)
    return [
        f"{row.month:%Y-%m}", row.rule, row.raised, row.held, row.continued, row.repeated, row.not_valid,
        row.by_facts, row.open, row.overridden, row.beyond_ladder, hours,
    ]  # fmt: skip
