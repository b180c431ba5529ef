"""Whether hearts were watched as they should have been: counts by each definition, drawn, as a table and as CSV."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from her2tracker.lib.sources import Citation
from her2tracker.lib.tables import to_csv
from monitoring.actions.adherence import all_reports
from monitoring.catalog.adherence import definitions
from monitoring.core.adherence import Adherence, Counts, Definition, Tally, count
from monitoring.models.adherence import PlanReport

BAR_STEP, BAR_WIDTH, BAR_HEIGHT, BAR_TOP = 72, 40, 120, 24


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the table and one bar of the drawing; `index` is its place from the left."""

    label: str
    short: str
    tally: Tally
    runs_on: bool = False  # judged at the end of treatment only
    index: int = 0

    @property
    def x(self) -> int:
        return 8 + self.index * BAR_STEP

    @property
    def middle(self) -> int:
        return self.x + BAR_WIDTH // 2

    @property
    def height(self) -> int:
        return round((self.tally.percent or 0) * BAR_HEIGHT / 100)

    @property
    def y(self) -> int:
        return BAR_TOP + BAR_HEIGHT - self.height

    @property
    def words(self) -> str:
        """`75 % (3 of 4)`, or that there is nothing to judge yet."""
        percent, so_far = self.tally.percent, self.tally.percent_so_far
        if self.runs_on and so_far is not None:
            # Only a plan that ended can be full; one that failed counts at once. The plain share would mislead.
            return f"{so_far:.0f} % at most, when those not yet due are kept"
        if percent is None:
            return "none judged yet"
        return f"{percent:.0f} % ({self.tally.met} of {self.tally.judged})"


@dataclass(frozen=True, slots=True)
class Block:
    definition: Definition
    measures: tuple[Measure, ...]

    @property
    def bars(self) -> tuple[Measure, ...]:
        """Baseline and the quarters; the whole course is in the table."""
        return self.measures[:-2]

    @property
    def citations(self) -> list[Citation]:
        """Each once, in the order of the rules."""
        rules = self.definition.baseline, self.definition.gaps, self.definition.milestones
        return list({str(rule.citation): rule.citation for rule in rules}.values())

    @property
    def width(self) -> int:
        return 8 + len(self.bars) * BAR_STEP


@permitted(Permission.VIEW_REPORTS)
@require_safe
def adherence(request: HttpRequest) -> HttpResponse:
    site = user_of(request).site
    found = list(all_reports(site))
    blocks = [
        _block(definition, count(one.found[index] for one in found))
        for index, definition in enumerate(definitions().values())
    ]
    passed = [one for one in found if one.overtaken]
    context = {"blocks": blocks, "plans": len(found), "passed": passed, "today": site.today(timezone.now())}
    context |= _passed(found)
    return render(request, "monitoring/adherence.html", context)


@permitted(Permission.VIEW_REPORTS)
@require_safe
def adherence_csv(request: HttpRequest) -> HttpResponse:
    """A line for each plan and definition, so that every count on the page can be counted again by hand."""
    header = ["MRN", "Regimen", "First given", "Ended", "Definition", "Version", "Baseline", "Baseline on"]
    header += [*(f"{months} months" for months in _months()), "Longest gap (days)", "Gaps", "Full"]
    header += ["Findings that advised to stop", "Of these treated past", "Treated before any decision"]
    lines = (_line(plan, one) for plan in all_reports(user_of(request).site) for one in plan.found)
    response = HttpResponse(to_csv(header, lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="adherence.csv"'
    return response


def _passed(found: list[PlanReport]) -> dict[str, object]:
    """Holds that should have been: findings treated past, of all that advised to stop."""
    qualifying, passed = sum(one.qualifying for one in found), sum(len(one.overtaken) for one in found)
    percent = passed / qualifying * 100 if qualifying else 0
    return {"qualifying": qualifying, "passed_findings": passed, "passed_percent": percent}


def _block(definition: Definition, counts: Counts) -> Block:
    by_month = dict(counts.milestones)
    rows = [("Baseline before the first dose", "Baseline", counts.baseline, False)]
    rows += [
        (f"LVEF at {months} months", f"{months} months", by_month.get(months, Tally()), False)
        for months in definition.milestones.months
    ]
    longest = definition.gaps.at_most.in_words()
    rows += [
        (f"No gap over {longest} so far", "Gaps", counts.gaps, False),
        ("Baseline and no gap, to the end", "Full", counts.full, True),
    ]
    return Block(definition, tuple(Measure(*row, index) for index, row in enumerate(rows)))


def _months() -> list[int]:
    """Every definition's milestones, so that one table holds them all."""
    return sorted({months for one in definitions().values() for months in one.milestones.months})


def _line(report: PlanReport, one: Adherence) -> list[object]:
    quarters = {months: verdict.label for months, verdict in one.milestones}
    days = sorted({day for passed in report.overtaken for day in passed.given_on})
    return [
        report.plan.patient.mrn,
        report.plan.regimen.name,
        report.first_given_on,
        report.ended_on,
        one.definition_id,
        one.version,
        one.baseline.label,
        one.baseline_on,
        *(quarters.get(months, "") for months in _months()),
        one.longest_gap_days,
        one.gaps.label,
        one.full.label,
        report.qualifying,
        len(report.overtaken),
        " ".join(str(day) for day in days),
    ]
