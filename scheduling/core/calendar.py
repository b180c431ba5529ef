"""Days a site is closed, and where a cycle could go instead. Nothing moves here: somebody chooses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from her2tracker.lib.dates import in_words
from her2tracker.lib.sources import Citation
from scheduling.core.expansion import Entry, EntryState
from scheduling.core.gaps import Continue, Reload, TooSoon, judge, judge_days, too_soon
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
class NextDose:
    """An agent's dose after this one: `on` as planned, `interval_days` after this one by the regimen."""

    agent: Agent
    on: date
    interval_days: int

    def gap_after(self, planned_on: date, day: date) -> int:
        """Days from this dose, planned on `planned_on` and given on `day`, to the next one.

        The next one moves along, unless it was itself delayed or brought forward to a day of its own.
        """
        own, moved = planned_on + timedelta(self.interval_days), day + timedelta(self.interval_days)
        if self.on > own:
            moved = max(moved, self.on)
        elif self.on < own and day <= planned_on:
            moved = min(moved, self.on)
        return (moved - day).days


@dataclass(frozen=True, slots=True)
class Surroundings:
    """One infusion, the doses before and after it, and the first day an act could move it to."""

    on: date
    last_doses: tuple[LastDose, ...] = ()
    next_doses: tuple[NextDose, ...] = ()
    not_before: date | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open day near a closed one, and what giving the cycle there means for each agent.

    `after` and `too_soon_after` are about the dose that follows it.
    """

    on: date
    days_moved: int
    judgements: tuple[Reload | Continue, ...]
    too_soon: tuple[TooSoon, ...]
    after: tuple[Reload | Continue, ...] = ()
    too_soon_after: tuple[TooSoon, ...] = ()

    @property
    def reloads(self) -> tuple[Reload, ...]:
        return tuple(judgement for judgement in self.judgements if isinstance(judgement, Reload))

    @property
    def reloads_after(self) -> tuple[Reload, ...]:
        return tuple(judgement for judgement in self.after if isinstance(judgement, Reload))

    @property
    def allowed(self) -> bool:
        return not self.too_soon and not self.too_soon_after

    @property
    def sentences(self) -> tuple[str, ...]:
        """What stands against this day, if anything."""
        here = (*(found.reason for found in self.too_soon), *(found.reason for found in self.reloads))
        following = [*(one.reason for one in self.too_soon_after), *(one.reason for one in self.reloads_after)]
        return (*here, *(f"the next dose: {reason}" for reason in following))

    @property
    def moved(self) -> str:
        """`1 day later`."""
        days = abs(self.days_moved)
        return f"{days} day{'' if days == 1 else 's'} {'later' if self.days_moved > 0 else 'earlier'}"

    @property
    def risk(self) -> str:
        """What moving there costs, in words."""
        return "; ".join(self.sentences) or "no re-load"

    @property
    def in_words(self) -> str:
        return f"{in_words(self.on)}, {self.moved}{': ' if self.sentences else ', '}{self.risk}"


def propose(around: Surroundings, closed: ClosedDays, window: Window) -> tuple[Candidate, ...]:
    """Open days around the infusion: those a minimum interval forbids last, else the nearest first.

    Of two as near, the one with fewer re-loads, here and at the next dose, comes first, then the later
    one, for an early dose shortens the interval. Nothing is proposed for a day that is open, and no day
    that could not be chosen.
    """
    if not closed.why(around.on):
        return ()
    shifts = (shift for shift in range(-window.days, window.days + 1) if shift)
    days = ((around.on + timedelta(shift), shift) for shift in shifts)
    possible = [(day, shift) for day, shift in days if around.not_before is None or day >= around.not_before]
    found = [_candidate(around, day, shift) for day, shift in possible if not closed.why(day)]
    return tuple(sorted(found, key=_order))


def _order(one: Candidate) -> tuple[bool, int, int, int]:
    return not one.allowed, abs(one.days_moved), len(one.reloads) + len(one.reloads_after), -one.days_moved


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


def _candidate(around: Surroundings, day: date, shift: int) -> Candidate:
    last_doses = around.last_doses
    after = [last for last in last_doses if last.on < day]
    # a day at or before the last dose is no day for the next one
    early = [
        TooSoon(last.agent.name, (day - last.on).days, 1, last.agent.re_anchor.citation)
        for last in last_doses
        if last.on >= day
    ]
    soon = [found for last in after if (found := too_soon(last.agent, last.on, day))]
    judged = tuple(judge(last.agent, last.interval_days, last.on, day) for last in after)
    return Candidate(day, shift, judged, (*early, *soon), *_following(around, day))


def _following(around: Surroundings, day: date) -> tuple[tuple[Reload | Continue, ...], tuple[TooSoon, ...]]:
    """The dose after this one, judged by the gap that would be left to it."""
    gaps = [(one, one.gap_after(around.on, day)) for one in around.next_doses]
    # a gap of the regimen's own length was judged when the regimen was written
    uneven = [(one, gap) for one, gap in gaps if gap != one.interval_days]
    soon = [found for one, gap in uneven if (found := too_soon(one.agent, day, day + timedelta(gap)))]
    return tuple(judge_days(one.agent, one.interval_days, gap) for one, gap in uneven), tuple(soon)
