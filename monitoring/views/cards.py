"""A flag as an oncologist reads it: who, until when, which figures, why, and what each decision would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import add_days, days_between, in_words
from her2tracker.lib.sources import Citation
from monitoring.core.clock import HoldClock
from monitoring.core.comparison import Comparison
from monitoring.core.ctrcd import Grading
from monitoring.core.escalation import Ladder, Step, refuse_snooze
from monitoring.core.evaluation import Judgement
from monitoring.core.holds import HoldState
from monitoring.core.lifecycle import MISSING_BASELINE
from monitoring.core.protocol import Advice
from monitoring.core.surveillance import Window
from monitoring.core.trend import Trend
from monitoring.forms.decisions import DecisionForm, SnoozeForm
from monitoring.models import CardiacFlag, EchoBooking, FlagDecision, FlagEscalation, FlagSnooze
from monitoring.models.clocks import HeldHeart, clocks_of, holds_of
from monitoring.models.comparisons import compared
from monitoring.models.standing import Standing, standings
from monitoring.models.trend import trends_of
from monitoring.models.work import bookings_of
from monitoring.views.options import Option, options_of
from monitoring.words import Decision, FlagState
from scheduling.models import CycleDay, TreatmentPlan
from scheduling.words import DayState, PlanState


@dataclass(frozen=True, slots=True)
class Figure:
    """A result as it stood when the flag was raised."""

    lvef: str
    on: date
    modality: str
    lab: str


@dataclass(frozen=True, slots=True)
class LadderStep:
    """A step of the escalation ladder; `told` once it was taken."""

    step: Step
    told: FlagEscalation | None


@dataclass(frozen=True, slots=True)
class PutOff:
    """Putting the flag off: what that would do, and the form that asks for it."""

    consequences: tuple[str, ...]
    citation: Citation
    form: SnoozeForm
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    flag: CardiacFlag
    standing: Standing
    judgement: Judgement | None
    trend: Trend
    booking: EchoBooking | None
    next_day: CycleDay | None
    today: date
    now: datetime
    options: tuple[Option, ...]
    held: HeldHeart | None = None
    clock: HoldClock | None = None
    comparison: Comparison | None = None
    put_off: PutOff | None = None

    @property
    def advises_stop(self) -> bool:
        return self.flag.advice == Advice.DISCONTINUE and self.standing.plan.state == PlanState.ACTIVE

    @property
    def needs_result(self) -> bool:
        return not self.flag.waits_for_decision

    @property
    def lacks_baseline(self) -> bool:
        """A flag of the plan, not of one result, that a baseline would close."""
        return self.flag.fact == MISSING_BASELINE and self.flag.state != FlagState.RESOLVED

    @property
    def decisions(self) -> list[FlagDecision]:
        return list(self.flag.decisions.all())

    @property
    def steps(self) -> list[LadderStep]:
        """The ladder of a finding, and what was done at each step; none for what only a result closes."""
        if self.needs_result:
            return []
        told = {row.step: row for row in self.flag.escalations.all()}
        return [LadderStep(step, told.get(step.id)) for step in self.standing.policy.ladder.steps]

    @property
    def window(self) -> Window | None:
        """The assessment that is overdue, by the protocol that asks for it; None once a result answered it."""
        if not self.needs_result or self.flag.state == FlagState.RESOLVED:
            return None
        found = self.standing.window(self.today)
        return found if found.is_overdue else None

    @property
    def stopping(self) -> list[HoldState]:
        """For a hold that has become a stop: its clocks as they stand today, by each protocol that says so."""
        if not self.flag.fact.startswith("stop:"):
            return []
        return [state for state in (self.held.states if self.held else ()) if state.stops]

    @property
    def snooze(self) -> FlagSnooze | None:
        """The one that holds now."""
        return _holding(self.flag, self.now)

    @property
    def snoozes(self) -> list[FlagSnooze]:
        return list(self.flag.snoozes.all())

    @property
    def passed_on(self) -> FlagEscalation | None:
        """The last step taken of a flag that still waits."""
        told = list(self.flag.escalations.all()) if self.flag.state == FlagState.OPEN else []
        return told[-1] if told else None

    @property
    def baseline(self) -> Figure | None:
        return _figure(self.flag, "baseline")

    @property
    def result(self) -> Figure | None:
        return _figure(self.flag, "result")

    @property
    def grading(self) -> Grading | None:
        """How grave a dysfunction its result shows, while that result counts."""
        row = self.flag.assessment
        return self.standing.grading(row) if row is not None and row.invalidated_at is None else None

    @property
    def next_words(self) -> str:
        """`TODAY`, `TOMORROW`, or the date; how near the infusion is decides how soon to look."""
        if self.next_day is None:
            return "none planned"
        days, on = days_between(self.today, self.next_day.planned_on), in_words(self.next_day.planned_on)
        if days < 0:
            return f"was {on}, undecided"
        return {0: f"TODAY, {on}", 1: f"TOMORROW, {on}"}.get(days, f"{on}, in {days} days")

    @property
    def is_near(self) -> bool:
        return self.next_day is not None and days_between(self.today, self.next_day.planned_on) <= 1

    @property
    def days_since_last(self) -> int | None:
        last = self.standing.last_given_on
        return None if last is None else days_between(last, self.today)

    @property
    def tone(self) -> str:
        if self.flag.state != FlagState.OPEN:
            return ""
        is_critical = self.needs_result and self.held is not None  # the hold's own repeat has not come
        return "hold" if is_critical or Advice(self.flag.advice) >= Advice.WITHHOLD else "needs"


def cards_of(
    flags: Sequence[CardiacFlag],
    *,
    by: User,
    form: DecisionForm | SnoozeForm | None = None,
    opened: Decision | None = None,
) -> list[Card]:
    """One card per flag, in the order given; the number of queries does not depend on how many.

    `form` is a refused one, shown open in the place of its fresh twin; `opened` the decision a link asks for.
    """
    now = timezone.now()
    today = by.site.today(now)
    plans = {p.pk: p for p in TreatmentPlan.objects.with_facts().filter(pk__in={flag.plan_id for flag in flags})}
    by_plan = {one.plan.pk: one for one in standings(list(plans.values()))}
    trends = trends_of(list(by_plan.values()), today=today, width=600, height=230)
    held = holds_of(by_plan.values(), today)
    clocks = clocks_of(held, today)
    bookings, decides = bookings_of(list(plans)), by.may(Permission.DECIDE_FLAGS)
    cards = []
    for flag in flags:
        standing = by_plan[flag.plan_id]
        judgement = standing.judge(flag.assessment) if flag.assessment else None
        can_decide = decides and flag.state != FlagState.RESOLVED
        cards.append(
            Card(
                flag=flag,
                standing=standing,
                judgement=judgement,
                trend=trends[flag.plan_id],
                booking=bookings.get(flag.plan_id),
                next_day=_next_day(plans[flag.plan_id]),
                today=today,
                held=held.get(flag.plan_id),
                clock=clocks.get(flag.plan_id),
                comparison=compared(standing, flag.assessment) if flag.assessment else None,
                now=now,
                options=options_of(flag, standing, judgement, today, form, opened) if can_decide else (),
                put_off=_put_off(flag, judgement, standing.policy.ladder, now, form) if can_decide else None,
            )
        )
    return cards


def _next_day(plan: TreatmentPlan) -> CycleDay | None:
    days = [day for day in plan.cycle_days.all() if day.state == DayState.PLANNED]
    return min(days, key=lambda day: day.planned_on, default=None)


def _holding(flag: CardiacFlag, now: datetime) -> FlagSnooze | None:
    return next((one for one in flag.snoozes.all() if one.since <= now < one.core.over_at), None)


def _put_off(
    flag: CardiacFlag, judgement: Judgement | None, ladder: Ladder, now: datetime, refused: object
) -> PutOff | None:
    """None where it is not to be put off, or is already. The action asks the core again."""
    today = flag.patient.site.today(now)
    last_on, tomorrow = add_days(today, ladder.longest_snooze), add_days(today, 1)
    is_decided, is_refused = flag.state != FlagState.OPEN, isinstance(refused, SnoozeForm)
    advice = judgement.strictest if judgement else flag.advice
    refusal = refuse_snooze(ladder, advice=advice, is_decided=is_decided, until=tomorrow, today=today)
    if (refusal or _holding(flag, now)) and not is_refused:
        return None
    form = refused if isinstance(refused, SnoozeForm) else SnoozeForm(flag, last_on=last_on)
    back = "It leaves the open list and comes back by itself on the morning of the day you choose"
    words = (
        f"{back}, {in_words(last_on)} at the latest. A new LVEF result brings it back at once.",
        "Until then it is in no digest and is passed on to nobody. It stays on the chart and on Today.",
    )
    return PutOff(words, ladder.citation, form, is_refused)


def _figure(flag: CardiacFlag, name: str) -> Figure | None:
    found = flag.evidence.get("inputs", {}).get(name)
    if not found:
        return None
    return Figure(found["lvef"], date.fromisoformat(found["on"]), found["modality"], found["lab"])
