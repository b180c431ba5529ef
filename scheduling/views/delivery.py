"""Delivered against planned, by regimen: drawn, as a table and as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from her2tracker.lib.tables import to_csv
from scheduling import catalog
from scheduling.core.delivery import Outcome
from scheduling.deliveries import Delivered, RegimenTotal, by_regimen, delivered_at
from scheduling.forecasts import interruption_words

BAR_WIDTH, BAR_STEP, BAR_TOP = 220, 34, 20
HEADER = (
    "MRN", "Regimen", "Version", "Started", "Ended", "Doses planned by then", "Doses given", "Doses omitted", "Delays",
    "Reasons of delays", "Interruptions", "Days interrupted", "Outcome", "Relative dose intensity (%)",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bar:
    """One agent's mean relative dose intensity; the frame of the drawing is 100 %, and what is over it is cut."""

    label: str
    percent: Decimal
    index: int

    @property
    def y(self) -> int:
        return BAR_TOP + self.index * BAR_STEP

    @property
    def width(self) -> int:
        return round(min(self.percent, Decimal(100)) * BAR_WIDTH / 100)


@dataclass(frozen=True, slots=True)
class Block:
    """What the page shows of one regimen."""

    found: RegimenTotal

    @property
    def bars(self) -> tuple[Bar, ...]:
        return tuple(Bar(title, mean, i) for i, (title, mean, _, _) in enumerate(self.found.intensities))

    @property
    def height(self) -> int:
        return BAR_TOP + len(self.bars) * BAR_STEP

    @property
    def within_a_year(self) -> int:
        return self.found.total.outcomes.get(Outcome.WITHIN_A_YEAR, 0)

    @property
    def ceased(self) -> int:
        return self.found.total.outcomes.get(Outcome.CEASED, 0)


@permitted(Permission.VIEW_REPORTS)
@require_safe
def delivery(request: HttpRequest) -> HttpResponse:
    site = user_of(request).site
    blocks = [Block(one) for one in by_regimen(delivered_at(site))]
    context = {
        "blocks": blocks,
        "plans": sum(block.found.total.plans for block in blocks),
        "today": site.today(),
        "interruption": interruption_words(),
        "limits": catalog.year_limits(),
    }
    return render(request, "scheduling/delivery.html", context)


@permitted(Permission.VIEW_REPORTS)
@require_safe
def delivery_csv(request: HttpRequest) -> HttpResponse:
    """A line for each plan, so that every count on the page can be counted again by hand."""
    rows = (_line(one) for one in delivered_at(user_of(request).site))
    response = HttpResponse(to_csv(HEADER, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="delivery.csv"'
    return response


def _line(one: Delivered) -> list[object]:
    plan, found = one.plan, one.delivery
    intensities = (f"{agent} {measured.percent:.1f}" for agent, measured in found.intensities.items())
    return [
        plan.patient.mrn, one.regimen.name, one.regimen.version, plan.start_on, plan.ended_on, found.planned,
        found.given, found.omitted, len(found.delays), " ".join(found.delays), found.interruptions,
        found.interrupted_days, found.outcome.value, "; ".join(intensities),
    ]  # fmt: skip
