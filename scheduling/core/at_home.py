"""What a plan has taken at home: from which day to which, at what dose. Nothing here moves an infusion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal
from scheduling.core.lifecycle import LONGEST_DELAY
from scheduling.core.regimen import OralAgent, OralDose, Regimen


@dataclass(frozen=True, slots=True)
class Lowered:
    """From `from_on` on, each dose of `agent` holds `mg`: down its ladder, and never back."""

    agent: str
    from_on: date
    mg: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """One dose and the days it is taken on; `until` is None where it goes on.

    `is_dated`: the agent was reduced, so that its days are part of the sentence.
    """

    dose: OralDose
    since: date
    until: date | None
    is_dated: bool = False

    @property
    def sentence(self) -> str:
        """`120 mg once a day, Mon 5 Jan 2026 to Sun 11 Jan 2026`; in cycles, the days of each cycle."""
        if self.dose.cycle_length_days:
            return self.dose.in_words() + (f", {_span(self.since, self.until)}" if self.is_dated else "")
        return f"{self.dose.amount_in_words()}, {_span(self.since, self.until)}"


@dataclass(frozen=True, slots=True)
class Course:
    """One agent taken by mouth in one plan. `ends_on` is the last day, None until something happens.

    `step_up` is the choice to begin lower; `doses` is what is taken without it, the reduced ones in `lowered` too.
    """

    agent: OralAgent
    starts_on: date
    ends_on: date | None
    doses: tuple[Step, ...]
    step_up: tuple[Step, ...]
    lowered: tuple[Lowered, ...] = ()

    @property
    def reached(self) -> Decimal | None:
        """The amount of the lowest level recorded, or of the full dose, in mg; None for a dose by body surface."""
        return self.lowered[-1].mg if self.lowered else self.agent.doses[-1].mg

    @property
    def next_level(self) -> Decimal | None:
        """One step down, in mg; None where there is none."""
        levels, reached = self.agent.levels, self.reached
        return next((mg for mg in levels.mg if mg < reached), None) if levels and reached is not None else None

    def taken_on(self, day: date) -> Step | None:
        """The dose of that day; on one outside the course, the nearest."""
        begun = [step for step in self.doses if step.since <= day]
        return begun[-1] if begun else next(iter(self.doses), None)

    @property
    def span(self) -> str:
        return _span(self.starts_on, self.ends_on)

    @property
    def levels(self) -> str:
        """The ladder in words; empty where the regimen has none."""
        if self.agent.levels is None:
            return ""
        return f"{', then '.join(plain(mg) for mg in self.agent.levels.mg)} mg; below that it is stopped"


def last_day(regimen: Regimen, start_on: date) -> date | None:
    """The last day of what is taken every day for the regimen's weeks; None where no weeks end it."""
    weeks = regimen.cap.weeks if regimen.is_by_mouth_only else None
    return start_on + timedelta(weeks=weeks) - timedelta(days=1) if weeks else None


def courses(
    regimen: Regimen, start_on: date, *, ended_on: date | None = None, lowered: Sequence[Lowered] = ()
) -> tuple[Course, ...]:
    """Every agent the regimen has taken at home. An ended plan ends them: nothing is taken after it."""
    end = min((day for day in (last_day(regimen, start_on), ended_on) if day), default=None)
    return tuple(_course(agent, start_on, end, lowered) for agent in regimen.oral)


def refuse_lower(course: Course, to_mg: Decimal, from_on: date, today: date) -> Refusal | None:
    """Taking the agent at `to_mg` from `from_on` on: one step down its ladder, and after what was recorded before."""
    title, levels = course.agent.title, course.agent.levels
    if levels is None:
        return Refusal("no-levels", f"No document here gives a reduced dose of {title.lower()}: hold or stop only.")
    reached = plain(course.reached or 0)
    if course.next_level is None:
        return Refusal("lowest-level", f"{title} is at {reached} mg, its lowest dose: below that it is stopped.")
    if to_mg not in levels.mg:
        return Refusal("not-a-level", f"{title} is reduced to {course.levels}.")
    if to_mg >= (course.reached or to_mg):
        return Refusal("no-way-up", f"{title} was reduced to {reached} mg and stays there.")
    if to_mg != course.next_level:
        return Refusal("one-step", f"{title} is reduced one step at a time.")
    return _refuse_day(course, from_on, today)


def _refuse_day(course: Course, from_on: date, today: date) -> Refusal | None:
    if from_on < course.starts_on:
        return Refusal("before-the-start", f"It is taken from {in_words(course.starts_on)} on: choose no earlier day.")
    if course.lowered and from_on <= course.lowered[-1].from_on:
        last = course.lowered[-1]
        return Refusal(
            "before-the-last", f"{plain(last.mg)} mg holds from {in_words(last.from_on)} on: choose a later day."
        )
    if (course.ends_on and from_on > course.ends_on) or from_on - today > LONGEST_DELAY:
        return Refusal(
            "too-far", f"{in_words(from_on)} is past the end, or more than half a year ahead. Check the year."
        )
    return None


def _course(agent: OralAgent, start_on: date, end: date | None, lowered: Sequence[Lowered]) -> Course:
    """What was taken before the first reduction, then each reduced dose until the next one."""
    own = tuple(sorted((one for one in lowered if one.agent == agent.name), key=lambda one: one.from_on))
    if not own or agent.levels is None:
        return Course(agent, start_on, end, _steps(agent.doses, start_on, end), _steps(agent.step_up, start_on, end))
    full_until = min(day for day in (own[0].from_on - timedelta(days=1), end) if day)
    before = [replace(step, is_dated=True) for step in _steps(agent.doses, start_on, full_until)]
    ends = [*(one.from_on - timedelta(days=1) for one in own[1:]), end]
    after = (
        Step(
            _reduced(agent, one.mg), one.from_on, min((day for day in (until, end) if day), default=None), is_dated=True
        )
        for one, until in zip(own, ends, strict=True)
        if end is None or one.from_on <= end
    )
    return Course(agent, start_on, end, (*before, *after), _steps(agent.step_up, start_on, full_until), own)


def _reduced(agent: OralAgent, mg: Decimal) -> OralDose:
    """The full dose's days and times, at `mg`, by the source of the ladder."""
    full = agent.doses[-1]
    return replace(full, mg=mg, mg_per_m2=None, citation=agent.levels.citation if agent.levels else full.citation)


def _steps(doses: tuple[OralDose, ...], start_on: date, end: date | None) -> tuple[Step, ...]:
    return tuple(_placed(doses, start_on, end))


def _placed(doses: tuple[OralDose, ...], start_on: date, end: date | None) -> Iterator[Step]:
    for dose in doses:
        since = start_on + timedelta(days=dose.first_day - 1)
        last = start_on + timedelta(days=dose.last_day - 1) if dose.last_day and not dose.cycle_length_days else None
        if end is None or since <= end:
            yield Step(dose, since, min((day for day in (last, end) if day), default=None))


def _span(since: date, until: date | None) -> str:
    return f"{in_words(since)} to {in_words(until)}" if until else f"from {in_words(since)} on"
