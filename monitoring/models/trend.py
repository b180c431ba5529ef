"""From rows to the core's drawing of the LVEF over time, for one patient or for a page of flags."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from monitoring.core import trend as core
from monitoring.core.thresholds import thresholds_of
from monitoring.models.flags import FlagDecision
from monitoring.models.standing import Standing
from scheduling.models import CycleDay
from scheduling.words import DayState


def trends_of(
    standings: Sequence[Standing], *, today: date, width: int = 760, height: int = 280
) -> dict[int, core.Trend]:
    """By plan. Two queries, however many plans."""
    infusions, marks = _infusions(standings), _decisions(standings)
    return {
        one.plan.pk: _trend(one, infusions.get(one.plan.pk, []), marks.get(one.plan.pk, []), today, width, height)
        for one in standings
    }


def _trend(
    one: Standing, infusions: list[date], marks: list[core.Mark], today: date, width: int, height: int
) -> core.Trend:
    baseline = one.baseline.to_core() if one.baseline else None
    return core.draw(
        [assessment.to_core() for assessment in one.assessments],
        baseline=baseline,
        thresholds=thresholds_of(one.protocols, baseline, one.normal),
        infusions=[day for day in infusions if day <= today],
        holds=[core.Span(hold.begun_on, hold.ended_on) for hold in one.holds],
        decisions=marks,
        today=today,
        width=width,
        height=height,
    )


def _infusions(standings: Sequence[Standing]) -> dict[int, list[date]]:
    found: dict[int, list[date]] = {}
    rows = CycleDay.objects.filter(plan__in=[one.plan.pk for one in standings], state=DayState.GIVEN)
    for plan, day in rows.values_list("plan_id", "done_on"):
        if day is not None:
            found.setdefault(plan, []).append(day)
    return found


def _decisions(standings: Sequence[Standing]) -> dict[int, list[core.Mark]]:
    sites = {one.plan.pk: one.plan.patient.site for one in standings}
    found: dict[int, list[core.Mark]] = {}
    for row in FlagDecision.objects.filter(flag__plan__in=sites).select_related("flag", "recorded_by"):
        on = sites[row.flag.plan_id].today(row.recorded_at)
        found.setdefault(row.flag.plan_id, []).append(core.Mark(on, f"{row.get_decision_display()}, {row.recorded_by}"))
    return found
