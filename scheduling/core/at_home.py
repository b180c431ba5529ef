"""What a plan has taken at home: from which day to which, at what dose. Nothing here moves an infusion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words
from scheduling.core.regimen import OralAgent, OralDose, Regimen


@dataclass(frozen=True, slots=True)
class Step:
    """One dose and the days it is taken on; `until` is None where it goes on."""

    dose: OralDose
    since: date
    until: date | None

    @property
    def sentence(self) -> str:
        """`120 mg once a day, Mon 5 Jan 2026 to Sun 11 Jan 2026`; in cycles, the days of each cycle."""
        if self.dose.cycle_length_days:
            return self.dose.in_words()
        return f"{self.dose.amount_in_words()}, {_span(self.since, self.until)}"


@dataclass(frozen=True, slots=True)
class Course:
    """One agent taken by mouth in one plan. `ends_on` is the last day, None until something happens.

    `step_up` is the choice to begin lower; `doses` is what is taken without it.
    """

    agent: OralAgent
    starts_on: date
    ends_on: date | None
    doses: tuple[Step, ...]
    step_up: tuple[Step, ...]

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


def courses(regimen: Regimen, start_on: date, *, ended_on: date | None = None) -> tuple[Course, ...]:
    """Every agent the regimen has taken at home. An ended plan ends them: nothing is taken after it."""
    end = min((day for day in (last_day(regimen, start_on), ended_on) if day), default=None)
    return tuple(
        Course(agent, start_on, end, _steps(agent.doses, start_on, end), _steps(agent.step_up, start_on, end))
        for agent in regimen.oral
    )


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
