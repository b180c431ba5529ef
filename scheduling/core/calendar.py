"""Days a site is closed, and where a cycle could go instead. Nothing moves here: somebody chooses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from her2tracker.lib.sources import Citation
from scheduling.core.expansion import Entry, EntryState
from scheduling.core.gaps import Continue, Reload, TooSoon, judge, too_soon
from scheduling.core.regimen import Agent

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Window:
    """How many days either way a cycle may be proposed to move."""

    days: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """`weekdays` count from Monday 0; `dates` carry their names, as a holiday does."""

    weekdays: frozenset[int] = frozenset()
    dates: Mapping[date, str] = field(default_factory=dict)

    def why(self, day: date) -> str:
        """Why the site is closed on `day`; empty when it is open."""
        if day in self.dates:
            return self.dates[day] or "closed"
        return f"closed on {WEEKDAYS[day.weekday()]}s" if day.weekday() in self.weekdays else ""


@dataclass(frozen=True, slots=True)
class LastDose:
    """An agent due on the day, when it was last given, and the days that lie between two doses."""

    agent: Agent
    on: date
    interval_days: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open day near a closed one, and what giving the cycle there means for each agent."""

    on: date
    days_moved: int
    judgements: tuple[Reload | Continue, ...]
    too_soon: tuple[TooSoon, ...]

    @property
    def reloads(self) -> tuple[Reload, ...]:
        return tuple(judgement for judgement in self.judgements if isinstance(judgement, Reload))

    @property
    def allowed(self) -> bool:
        return not self.too_soon

    @property
    def sentences(self) -> tuple[str, ...]:
        """What stands against this day, if anything."""
        return (*(found.reason for found in self.too_soon), *(found.reason for found in self.reloads))


def propose(on: date, closed: ClosedDays, window: Window, last_doses: Iterable[LastDose]) -> tuple[Candidate, ...]:
    """Open days around `on`: those a minimum interval forbids last, else the nearest first.

    Of two as near, the one without a re-load comes first, then the later one, for an early dose
    shortens the interval. Nothing is proposed for a day that is open.
    """
    if not closed.why(on):
        return ()
    last = tuple(last_doses)
    shifts = (shift for shift in range(-window.days, window.days + 1) if shift)
    found = [_candidate(on, shift, last) for shift in shifts if not closed.why(on + timedelta(shift))]
    return tuple(sorted(found, key=lambda c: (not c.allowed, abs(c.days_moved), len(c.reloads), -c.days_moved)))


def on_closed_days(entries: Iterable[Entry], closed: ClosedDays) -> tuple[tuple[Entry, str], ...]:
    """Planned entries on days when the site is closed, each with the reason."""
    planned = (entry for entry in entries if entry.state is EntryState.PLANNED)
    return tuple((entry, why) for entry in planned if (why := closed.why(entry.on)))


def last_dose_of(entry: Entry, agent: Agent) -> LastDose | None:
    """What `propose` must know about an entry of a projection; None for an agent's first dose."""
    if entry.judgement is None:
        return None
    since, late = entry.judgement.days_since_last, entry.judgement.days_late
    return LastDose(agent, entry.on - timedelta(since), since - late)


def _candidate(on: date, shift: int, last_doses: tuple[LastDose, ...]) -> Candidate:
    day = on + timedelta(shift)
    after = [last for last in last_doses if last.on < day]
    # a day at or before the last dose is no day for the next one
    early = [
        TooSoon(last.agent.name, (day - last.on).days, 1, last.agent.re_anchor.citation)
        for last in last_doses
        if last.on >= day
    ]
    soon = [found for last in after if (found := too_soon(last.agent, last.on, day))]
    judged = tuple(judge(last.agent, last.interval_days, last.on, day) for last in after)
    return Candidate(day, shift, judged, (*early, *soon))
