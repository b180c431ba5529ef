"""From rows to the core's adherence: the dated facts of every plan, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from monitoring.catalog.adherence import definitions
from monitoring.core.adherence import Adherence, Overtaken, Qualifying, TreatmentFacts, judge, overtaken
from monitoring.core.protocol import Advice
from monitoring.models.flags import CardiacFlag
from monitoring.models.standing import Standing, standings
from monitoring.words import FlagKind
from scheduling.models import CycleDay, Override, TreatmentPlan
from scheduling.words import DayState, PlanState

_FINDING = ("flag:finding:", "flag:stop:", "finding:")  # how the cardiac clearance names its objections


@dataclass(frozen=True, slots=True)
class PlanReport:
    """One plan by every definition, in their order, and findings that treatment went past."""

    plan: TreatmentPlan
    first_given_on: date
    ended_on: date | None
    found: tuple[Adherence, ...]
    qualifying: int  # findings that advised to withhold or discontinue
    overtaken: tuple[Overtaken, ...]


def reports(plans: Sequence[TreatmentPlan], *, today: date) -> Iterator[PlanReport]:
    """The plans whose treatment began and whose drugs have a cardiac protocol; queries do not grow with them."""
    given, findings = _given(plans), _findings(plans)
    for standing in standings(plans):
        first = standing.first_given_on
        if first is None or first > today or not standing.protocols:
            continue
        ended_on = standing.last_given_on if standing.plan.state != PlanState.ACTIVE else None
        facts = TreatmentFacts(first, ended_on, tuple(a.performed_on for a in standing.assessments))
        qualifying = [_qualifying(flag, standing) for flag in findings.get(standing.plan.pk, ())]
        yield PlanReport(
            standing.plan,
            first,
            ended_on,
            tuple(judge(one, facts, today=today) for one in definitions().values()),
            len(qualifying),
            overtaken(qualifying, given.get(standing.plan.pk, ()), today=today),
        )


def _given(plans: Sequence[TreatmentPlan]) -> dict[int, list[date]]:
    """Days of treatment, without those that an oncologist decided on in spite of the finding."""
    days: dict[int, list[date]] = {}
    signed = _overridden(plans)
    rows = CycleDay.objects.filter(plan__in=plans, state=DayState.GIVEN, done_on__isnull=False)
    for plan_id, cycle, day, on in rows.values_list("plan_id", "cycle", "day", "done_on"):
        if on is not None and (plan_id, cycle, day) not in signed:
            days.setdefault(plan_id, []).append(on)
    return days


def _overridden(plans: Sequence[TreatmentPlan]) -> set[tuple[int, int, int]]:
    """Cycle days whose override names a finding; one about a weight alone decides nothing about the heart."""
    rows = Override.objects.filter(plan__in=plans).values_list("plan_id", "cycle", "day", "objections")
    return {(plan, cycle, day) for plan, cycle, day, keys in rows if any(key.startswith(_FINDING) for key in keys)}


def _findings(plans: Sequence[TreatmentPlan]) -> dict[int, list[CardiacFlag]]:
    """Those that advised to stop, whatever became of them."""
    found: dict[int, list[CardiacFlag]] = {}
    rows = CardiacFlag.objects.filter(
        plan__in=plans, kind=FlagKind.FINDING, advice__in=(Advice.WITHHOLD, Advice.DISCONTINUE)
    )
    for flag in rows.select_related("assessment", "patient__site").prefetch_related("decisions"):
        found.setdefault(flag.plan_id, []).append(flag)
    return found


def _qualifying(flag: CardiacFlag, standing: Standing) -> Qualifying:
    """Counted from the day on which the flag was raised: before it nobody could have known."""
    site = flag.patient.site
    ends = [made.recorded_at for made in flag.decisions.all()]
    ends += [flag.resolved_at] if flag.resolved_at else []
    measured = flag.assessment.performed_on if flag.assessment else site.today(flag.raised_at)
    later = [a.performed_on for a in standing.assessments if a.performed_on > measured]
    return Qualifying(
        str(flag.uuid),
        site.today(flag.raised_at),
        site.today(min(ends)) if ends else None,
        later[0] if later else None,
    )
