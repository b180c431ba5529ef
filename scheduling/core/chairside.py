"""At the chair: until when a patient is watched, and what may be written down about a reaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal
from scheduling.core.agent import Agent, Observation
from scheduling.core.chair import observation_of

GRADES = (1, 2, 3, 4, 5)
"""Of the Common Terminology Criteria for Adverse Events."""


@dataclass(frozen=True, slots=True)
class WentIn:
    """One agent as it was recorded: its clock times where they were, and the observation its dose asks for."""

    title: str
    started_at: time | None
    stopped_at: time | None
    observation: Observation


@dataclass(frozen=True, slots=True)
class Watch:
    """How long a patient stays after an infusion. Without `until` no clock time was recorded to count from."""

    title: str
    observation: Observation
    until: datetime | None

    def is_over(self, now: datetime) -> bool:
        return self.until is not None and self.until <= now

    @property
    def because(self) -> str:
        """`30 min after the end of Trastuzumab emtansine`."""
        return f"{self.observation.minutes} min after the {self.observation.after} of {self.title}"


def observation_asked(
    agent: Agent, *, minutes: int, observe_minutes: int | None, jurisdiction: str
) -> Observation | None:
    """The observation of the dose that was planned, found again among the agent's doses by its minutes."""
    doses = filter(None, (agent.loading, agent.first, agent.maintenance, agent.reload.dose))
    found = (observation_of(dose, jurisdiction) for dose in doses if (dose.minutes or 0) == minutes)
    return next((one for one in found if one and one.minutes == observe_minutes), None)


def watch(doses: Iterable[WentIn], on: date) -> Watch | None:
    """The observation that ends last; one without a recorded time counts as the longest. None where none is asked."""
    found = [Watch(dose.title, dose.observation, _until(dose, on)) for dose in doses]
    untimed = [one for one in found if one.until is None]
    timed = sorted(((one.until, n) for n, one in enumerate(found) if one.until is not None), reverse=True)
    return untimed[0] if untimed else found[timed[0][1]] if timed else None


def _until(dose: WentIn, on: date) -> datetime | None:
    begins = dose.started_at if dose.observation.after == "start" else dose.stopped_at
    return datetime.combine(on, begins) + timedelta(minutes=dose.observation.minutes) if begins else None


def refuse_at_the_chair(
    *, is_omitted: bool, planned_on: date, given_on: date | None, at: datetime, now: datetime
) -> Refusal | None:
    """Writing down what was seen at `at`, on the site's clocks: nothing of the future, nothing without an infusion."""
    if is_omitted:
        return Refusal("omitted", "Nothing was given on this cycle day: there is nothing to observe.")
    if at > now:
        return Refusal("in-the-future", f"{at:%H:%M} on {in_words(at.date())} has not come yet.")
    if given_on is not None and at.date() < given_on:
        return Refusal("before-the-infusion", f"The infusion was on {in_words(given_on)}: this is before it.")
    if given_on is None and at.date() != now.date():
        return Refusal("not-recorded", "Record the infusion first: until then only today’s events belong to it.")
    if given_on is None and at.date() < planned_on:
        return Refusal("not-due", f"This infusion is planned for {in_words(planned_on)}: it is not running.")
    return None


def refuse_reaction(*, grade: int, signs: Iterable[str]) -> Refusal | None:
    if grade not in GRADES:
        return Refusal("unknown-grade", "A grade is 1, 2, 3, 4 or 5.")
    if not list(signs):
        return Refusal("no-signs", "Name at least one sign.")
    return None


def refuse_vitals(figures: Iterable[object], *, systolic: int | None, diastolic: int | None) -> Refusal | None:
    if all(figure is None for figure in figures):
        return Refusal("nothing-measured", "Enter at least one figure.")
    if (systolic is None) != (diastolic is None):
        return Refusal("half-a-pressure", "A blood pressure has both figures.")
    if systolic is not None and diastolic is not None and systolic <= diastolic:
        return Refusal("pressure-turned-round", "The upper pressure must be above the lower one.")
    return None
