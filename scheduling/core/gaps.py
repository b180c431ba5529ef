"""Whether the days since an agent's last dose call for loading again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from her2tracker.lib.sources import Citation
from scheduling.core.regimen import Agent, Dose


class AskClinician(Exception):
    """No document says what the first dose is after another agent: a clinician must decide."""

    def __init__(self, agent: str, after: str, citation: Citation | None = None) -> None:
        self.agent, self.after, self.citation = agent, after, citation
        self.sentence = (
            f"No document says how {agent} starts after {after}. Ask the clinician whether the first dose is "
            "loading or maintenance, and record the answer."
        )
        super().__init__(self.sentence)


@dataclass(frozen=True, slots=True)
class _Judgement:
    agent: str
    dose: Dose
    days_since_last: int
    days_late: int
    citation: Citation

    @property
    def _gap(self) -> str:
        late = self.days_late
        timing = "on time" if late == 0 else f"{late} late" if late > 0 else f"{-late} early"
        return f"{self.days_since_last} days since the last dose, {timing}"


@dataclass(frozen=True, slots=True)
class Reload(_Judgement):
    @property
    def reason(self) -> str:
        return f"{self._gap}: {self.agent} re-loads at {self.dose.in_words()}"


@dataclass(frozen=True, slots=True)
class Continue(_Judgement):
    @property
    def reason(self) -> str:
        return f"{self._gap}: {self.agent} continues at {self.dose.in_words()}"


@dataclass(frozen=True, slots=True)
class TooSoon:
    """Closer to the last dose than the label allows."""

    agent: str
    days_since_last: int
    minimum_days: int
    citation: Citation

    @property
    def reason(self) -> str:
        return (
            f"{self.days_since_last} days since the last dose: {self.agent} must not be given "
            f"less than {self.minimum_days} days apart"
        )


def judge(agent: Agent, interval_days: int, last_given_on: date, on: date) -> Reload | Continue:
    """Re-load or continue on `on`, when `interval_days` after the last dose was the day it was due.

    Calendar days; the clock does not count. Early doses have negative days late.
    """
    return judge_days(agent, interval_days, (on - last_given_on).days)


def judge_days(agent: Agent, interval_days: int, since: int) -> Reload | Continue:
    """As `judge`, for a gap of `since` days."""
    late, rule = since - interval_days, agent.reload
    if rule.dose is not None and rule.is_met(days_late=late, days_since_last=since):
        return Reload(agent.name, rule.dose, since, late, rule.citation)
    return Continue(agent.name, agent.maintenance, since, late, rule.citation)


def last_maintenance_on(agent: Agent, interval_days: int, last_given_on: date) -> date | None:
    """The last day on which this agent goes on without loading again; None when no gap makes it re-load."""
    for since in range(interval_days, interval_days + 366):
        if isinstance(judge_days(agent, interval_days, since), Reload):
            return last_given_on + timedelta(days=since - 1)
    return None


def too_soon(agent: Agent, last_given_on: date, on: date) -> TooSoon | None:
    minimum, since = agent.minimum_interval, (on - last_given_on).days
    if minimum is None or since >= minimum.days:
        return None
    return TooSoon(agent.name, since, minimum.days, minimum.citation)
