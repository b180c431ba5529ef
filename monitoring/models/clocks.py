"""From rows to a hold's clocks: what led to it, how many there were in the drug line, and each agent's re-load."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from monitoring.core.clock import HoldClock, LastDay, clock
from monitoring.core.holds import HoldState, judge_hold
from monitoring.core.protocol import Advice
from monitoring.models.assessments import LvefAssessment
from monitoring.models.standing import CARDIAC_HOLDS, Standing
from scheduling.core.gaps import last_maintenance_on
from scheduling.core.regimen import Agent
from scheduling.models import Administration, CycleDay, Hold, PriorTreatment, TreatmentPlan
from scheduling.models.standing import policy_of, regimen_of
from scheduling.words import DayState, HoldReason, PlanState


@dataclass(frozen=True, slots=True)
class HeldHeart:
    """An open hold for the heart. `cause` is the LVEF that led to it; `number` counts it along the drug line."""

    standing: Standing
    hold: Hold
    cause: LvefAssessment | None
    number: int
    states: tuple[HoldState, ...]

    @property
    def judged(self) -> tuple[tuple[str, HoldState], ...]:
        """Each protocol's title beside what it says."""
        titles = {protocol.id: protocol.title for protocol in self.standing.protocols}
        return tuple((titles[state.protocol_id], state) for state in self.states)

    @property
    def stops(self) -> bool:
        """Whether a clock, or a repeat, says to discontinue."""
        return any(state.advice is Advice.DISCONTINUE for state in self.states)


def holds_of(standings: Iterable[Standing], today: date) -> dict[int, HeldHeart]:
    """By plan, those with an open hold for the heart. Two queries when there is one, none otherwise.

    A plan that has ended is held no more, even if its hold was never lifted: nobody is told to stop it again.
    """
    active = [one for one in standings if one.plan.state == PlanState.ACTIVE]
    open_ones = [(one, hold) for one in active if (hold := one.open_hold) and hold.reason in CARDIAC_HOLDS]
    earlier = _earlier([one.plan for one, _ in open_ones]) if open_ones else {}
    return {one.plan.pk: _held(one, hold, earlier.get(one.plan.pk, 0), today) for one, hold in open_ones}


def clocks_of(held: dict[int, HeldHeart], today: date) -> dict[int, HoldClock]:
    """By plan, each hold's clocks in words. Four queries when there is a hold, none otherwise."""
    ahead = _last_days_of(list(held)) if held else {}
    return {
        pk: clock(
            one.standing.protocols,
            one.states,
            began_on=one.hold.begun_on,
            because_of_on=one.cause.performed_on if one.cause else None,
            holds=one.number,
            last_days=ahead.get(pk, ()),
            today=today,
        )
        for pk, one in held.items()
    }


def clock_of(standing: Standing, today: date) -> tuple[HeldHeart, HoldClock] | None:
    """One plan's open hold for the heart with its clocks, or None when it has none."""
    held = holds_of([standing], today)
    clocks = clocks_of(held, today)
    return next(((one, clocks[pk]) for pk, one in held.items()), None)


def _held(standing: Standing, hold: Hold, earlier: int, today: date) -> HeldHeart:
    cause = _cause(standing, hold)
    number = earlier + sum(one.reason in CARDIAC_HOLDS for one in standing.holds)
    baseline = standing.baseline.to_core() if standing.baseline else None
    states = (
        judge_hold(
            protocol,
            began_on=hold.begun_on,
            because_of=cause.to_core() if cause else None,
            repeats=[one.to_core() for one in standing.assessments],
            baseline=baseline,
            holds=number,
            today=today,
            lower_limit_of_normal=standing.normal,
        )
        for protocol in standing.protocols
    )
    return HeldHeart(standing, hold, cause, number, tuple(state for state in states if state is not None))


def _cause(standing: Standing, hold: Hold) -> LvefAssessment | None:
    """The last result known when the hold began, if it can have led to it.

    The baseline never did; and a hold for symptoms under a normal LVEF was not caused by that LVEF, however
    long ago it was: its eight weeks would have run out before the hold began.
    """
    known = [one for one in standing.assessments if one.performed_on <= hold.begun_on]
    latest, baseline = known[-1] if known else None, standing.baseline
    if latest is None or (baseline is not None and latest.pk == baseline.pk):
        return None
    if hold.reason == HoldReason.LVEF_FALL:
        return latest
    judged = standing.judge(latest)
    return latest if judged is not None and judged.advice >= Advice.WITHHOLD else None


def _earlier(plans: Sequence[TreatmentPlan]) -> dict[int, int]:
    """Holds for the heart in the plans that each of these continues within its drug line."""
    rows = TreatmentPlan.objects.filter(patient__in={plan.patient_id for plan in plans})
    before = {
        pk: continues
        for pk, continues, is_new in rows.values_list("pk", "continues_id", "starts_new_line")
        if continues and not is_new
    }
    counted = [(plan.pk, ancestor) for plan in plans for ancestor in _ancestors(plan.pk, before)]
    holds = Hold.objects.filter(plan__in={ancestor for _, ancestor in counted}, reason__in=CARDIAC_HOLDS)
    found: dict[int, int] = {}
    for row in holds.values_list("plan_id", flat=True):
        for plan, ancestor in counted:
            if ancestor == row:
                found[plan] = found.get(plan, 0) + 1
    return found


def _ancestors(plan: int, before: dict[int, int]) -> Iterable[int]:
    while (plan := before.get(plan, 0)) != 0:
        yield plan


def _last_days_of(plans: Sequence[int]) -> dict[int, tuple[LastDay, ...]]:
    """By plan, for its first undecided cycle day."""
    rows = list(
        CycleDay.objects.filter(plan__in=plans, state=DayState.PLANNED)
        .select_related("plan__regimen")
        .order_by("plan_id", "cycle", "day")
        .distinct("plan_id")
    )
    found = last_days(rows)
    return {row.plan_id: found.get(row.pk, ()) for row in rows}


def last_days(rows: Sequence[CycleDay]) -> dict[int, tuple[LastDay, ...]]:
    """By cycle day: until when each agent that was given before goes on without loading again.

    Three queries, however many rows: it reads the last dose of each agent instead of projecting each plan.
    """
    given = _last_given([row.plan_id for row in rows])
    agents: dict[int, list[str]] = {}
    for pk, agent in Administration.objects.filter(cycle_day__in=rows).values_list("cycle_day_id", "agent"):
        agents.setdefault(pk, []).append(agent)
    return {
        row.pk: tuple(
            one
            for agent in agents.get(row.pk, [])
            if (last := given.get((row.plan_id, agent))) and (one := _last_day(row, agent, last))
        )
        for row in rows
    }


def last_days_without_reload(rows: Sequence[CycleDay]) -> dict[int, date]:
    """By cycle day: the last day on which no agent of it is loaded again. Three queries, however many rows."""
    soonest = {pk: min((one.on for one in found if one.on), default=None) for pk, found in last_days(rows).items()}
    return {pk: on for pk, on in soonest.items() if on}


def _last_given(plans: Sequence[int]) -> dict[tuple[int, str], date]:
    doses = Administration.objects.filter(cycle_day__plan__in=plans, given_on__isnull=False).order_by()
    spans = [
        *PriorTreatment.objects.filter(plan__in=plans).values_list("plan_id", "agent", "last_given_on"),
        *doses.values_list("cycle_day__plan_id", "agent").annotate(Max("given_on")),
    ]
    found: dict[tuple[int, str], date] = {}
    for plan, agent, on in spans:
        found[plan, agent] = max(on, found.get((plan, agent), on))
    return found


def _last_day(row: CycleDay, agent_name: str, last_given_on: date) -> LastDay | None:
    days = regimen_of(row.plan.regimen).cycle_days_up_to(row.cycle)
    due = next((day.due for day in days if (day.cycle, day.day) == (row.cycle, row.day)), ())
    agent, interval = next((one for one in due if one[0].name == agent_name), (None, 0))
    if agent is None:
        return None
    judged: Agent = policy_of(row.plan).as_given(agent, [other.name for other, _ in due])
    return LastDay(agent.title, last_maintenance_on(judged, interval, last_given_on), judged.reload.citation)
