"""A flag as an oncologist reads it: who, until when, which figures, why, and what each decision would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import days_between, in_words
from monitoring.catalog.policies import ladder
from monitoring.core.consequences import HoldTerms, hold_terms
from monitoring.core.ctrcd import Grading
from monitoring.core.escalation import Step
from monitoring.core.evaluation import Judgement
from monitoring.core.protocol import Advice
from monitoring.core.trend import Trend
from monitoring.forms.decisions import DecisionForm
from monitoring.models import CardiacFlag, EchoBooking, FlagDecision, FlagEscalation
from monitoring.models.standing import Standing, standings
from monitoring.models.trend import trends_of
from monitoring.models.work import bookings_of
from monitoring.views.waiting import Waiting, waiting
from monitoring.words import Decision, FlagKind, FlagState
from scheduling.models import CycleDay, TreatmentPlan
from scheduling.words import DayState


@dataclass(frozen=True, slots=True)
class Figure:
    """A result as it stood when the flag was raised."""

    lvef: str
    on: date
    modality: str
    lab: str


@dataclass(frozen=True, slots=True)
class Option:
    """One decision: what it would do, and the form that signs it."""

    decision: Decision
    label: str
    act: str
    consequences: tuple[str, ...]
    form: DecisionForm
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class LadderStep:
    """A step of the escalation ladder; `told` once it was taken."""

    step: Step
    told: FlagEscalation | None


@dataclass(frozen=True, slots=True)
class Card:
    flag: CardiacFlag
    standing: Standing
    judgement: Judgement | None
    trend: Trend
    booking: EchoBooking | None
    next_day: CycleDay | None
    today: date
    options: tuple[Option, ...]

    @property
    def needs_result(self) -> bool:
        return FlagKind(self.flag.kind).needs_result

    @property
    def decisions(self) -> list[FlagDecision]:
        return list(self.flag.decisions.all())

    @property
    def steps(self) -> list[LadderStep]:
        """The ladder of a finding, and what was done at each step; none for what only a result closes."""
        if self.needs_result:
            return []
        told = {row.step: row for row in self.flag.escalations.all()}
        return [LadderStep(step, told.get(step.id)) for step in ladder().steps]

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
        return "hold" if Advice(self.flag.advice) >= Advice.WITHHOLD else "needs"


def cards_of(flags: Sequence[CardiacFlag], *, by: User, form: DecisionForm | None = None) -> list[Card]:
    """One card per flag, in the order given; the number of queries does not depend on how many.

    `form` is a refused one, shown open in the place of its fresh twin.
    """
    today = by.site.today()
    plans = {p.pk: p for p in TreatmentPlan.objects.with_facts().filter(pk__in={flag.plan_id for flag in flags})}
    by_plan = {one.plan.pk: one for one in standings(list(plans.values()))}
    trends = trends_of(list(by_plan.values()), today=today, width=600, height=230)
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
                options=_options(flag, standing, judgement, today, form) if can_decide else (),
            )
        )
    return cards


def _next_day(plan: TreatmentPlan) -> CycleDay | None:
    days = [day for day in plan.cycle_days.all() if day.state == DayState.PLANNED]
    return min(days, key=lambda day: day.planned_on, default=None)


def _figure(flag: CardiacFlag, name: str) -> Figure | None:
    found = flag.evidence.get("inputs", {}).get(name)
    if not found:
        return None
    return Figure(found["lvef"], date.fromisoformat(found["on"]), found["modality"], found["lab"])


def _options(
    flag: CardiacFlag, standing: Standing, judgement: Judgement | None, today: date, refused: DecisionForm | None
) -> tuple[Option, ...]:
    terms = hold_terms(standing.protocols, judgement, today)
    infusions = waiting(standing.plan, resume_on=terms.earliest_resume, today=today)
    kept = "" if flag.kind == FlagKind.FINDING else "The flag stays: only a result closes it."
    said = {
        Decision.HOLD: ("Hold …", "Hold plan", (*_of_hold(standing, terms, infusions, today), kept)),
        Decision.CONTINUE: ("Continue with cardiology …", "Continue", (_goes_on(infusions), kept)),
        Decision.REPEAT: ("Repeat echo …", "Ask for the repeat", (_of_repeat(terms), _goes_on(infusions), kept)),
    }
    if flag.kind == FlagKind.FINDING:
        said[Decision.NOT_VALID] = ("Not valid …", "Declare not valid", _of_not_valid(flag, standing, today))
    return tuple(
        _option(flag, decision, label, act, tuple(filter(None, words)), terms.repeat_by, refused)
        for decision, (label, act, words) in said.items()
    )


def _option(
    flag: CardiacFlag,
    decision: Decision,
    label: str,
    act: str,
    consequences: tuple[str, ...],
    repeat_by: date | None,
    refused: DecisionForm | None,
) -> Option:
    is_refused = refused is not None and refused.data.get("decision") == decision.value
    fresh = DecisionForm(flag, decision, seen=len(flag.decisions.all()), repeat_by=repeat_by)
    form = refused if refused is not None and is_refused else fresh
    return Option(decision, label, act, consequences, form, is_refused)


def _of_hold(standing: Standing, terms: HoldTerms, infusions: Waiting, today: date) -> tuple[str, ...]:
    if standing.open_hold:
        begun = (
            f"The plan is on hold already, since {in_words(standing.open_hold.begun_on)}; this records your decision."
        )
    else:
        begun = f"On hold from today, {in_words(today)}."
    repeat = (
        f"Repeat LVEF due {in_words(terms.repeat_by)}." if terms.repeat_by else "No source names a day for the repeat."
    )
    shortest = f"Held at least until {in_words(terms.not_before)}." if terms.not_before else ""
    resume = "; ".join(terms.resume_words)
    criteria = f"May resume at: {resume}." if resume else ""
    return (begun, f"{repeat} {shortest}".strip(), infusions.cycles, *infusions.reloads, criteria)


def _goes_on(infusions: Waiting) -> str:
    if infusions.next_on is None:
        return "No infusion is planned any more."
    return f"Treatment goes on: cycle {infusions.next_cycle} stays on {in_words(infusions.next_on)}."


def _of_repeat(terms: HoldTerms) -> str:
    by = f"{in_words(terms.repeat_by)}, unless you choose another day" if terms.repeat_by else "the day you choose"
    return f"The repeat is due by {by}, at the same lab where possible. Without a result it is overdue the day after."


def _of_not_valid(flag: CardiacFlag, standing: Standing, today: date) -> tuple[str, ...]:
    """The plan as it would stand without this result."""
    rest = tuple(one for one in standing.assessments if one.pk != flag.assessment_id)
    window = replace(standing, assessments=rest).window(today)
    due = f"The next LVEF is then {window.state.label}" + (f", {in_words(window.due_on)}." if window.due_on else ".")
    return ("The result stays on record and no longer counts; flags are computed again without it.", due)
