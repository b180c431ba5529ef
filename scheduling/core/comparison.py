"""What a change does to a plan: every cycle day before and after, and what a later date means for an agent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from her2tracker.lib.dates import in_words
from scheduling.core.expansion import Entry, EntryState
from scheduling.core.gaps import Reload, judge_days
from scheduling.core.projection import Projection
from scheduling.core.regimen import Agent

# A gap of a year re-loads wherever anything does; a search needs an end. Not a clinical figure.
_LONGEST_GAP_DAYS = 366
PAST_CAP, ENDS = "past the regimen's weeks", "the plan ends"


@dataclass(frozen=True, slots=True)
class DayChange:
    """One cycle day as it stands and as it would stand; no `was` when it is new, no `now` when it is gone.

    A new one is `made_up` when it takes the place of a dose omitted by the change; `gone` says why one is no more.
    """

    cycle: int
    day: int
    was: tuple[Entry, ...]
    now: tuple[Entry, ...]
    made_up: bool = False
    gone: str = PAST_CAP

    @property
    def old_on(self) -> date | None:
        return self.was[0].on if self.was else None

    @property
    def new_on(self) -> date | None:
        return self.now[0].on if self.now else None

    @property
    def moved(self) -> bool:
        return self.old_on != self.new_on

    @property
    def changed(self) -> bool:
        """Anything that is told: a date, a kind, a state, a dose, a gap. Another source for the same is not."""
        return [_as_told(entry) for entry in self.was] != [_as_told(entry) for entry in self.now]

    @property
    def omitted(self) -> bool:
        return bool(self.now) and all(entry.state is EntryState.OMITTED for entry in self.now)

    @property
    def days_since_last(self) -> int | None:
        """Calendar days since the first agent's last dose, as it would be."""
        return next((e.judgement.days_since_last for e in self.now if e.judgement), None)

    @property
    def consequences(self) -> tuple[str, ...]:
        """What else the change means for this day, in sentences."""
        if not self.now:
            return (f"{self.gone}: no longer planned",)
        if self.omitted:
            return () if self.was and self.was[0].state is EntryState.OMITTED else ("not given",)
        before = {entry.agent: entry for entry in self.was}
        more = "one more at the end" + (", in place of the omitted dose" if self.made_up else "")
        told = [] if self.was else [more]
        for entry in self.now:
            told += _consequences(before.get(entry.agent), entry)
        return tuple(dict.fromkeys(told))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two projections of one plan, day by day."""

    before: Projection
    after: Projection
    days: tuple[DayChange, ...]

    @property
    def changed(self) -> tuple[DayChange, ...]:
        return tuple(day for day in self.days if day.changed)

    @property
    def from_first_change(self) -> tuple[DayChange, ...]:
        """Every day from the first one that changes."""
        first = next((index for index, day in enumerate(self.days) if day.changed), len(self.days))
        return self.days[first:]

    @property
    def doses_before(self) -> int:
        return _doses(self.before)

    @property
    def doses_after(self) -> int:
        return _doses(self.after)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What giving one agent's planned dose later means: the first day it re-loads, if it ever does."""

    entry: Entry
    agent: Agent
    last_on: date | None
    reload_on: date | None = None
    reload: Reload | None = None

    def reloads_on(self, day: date) -> bool:
        return self.reload_on is not None and day >= self.reload_on

    @property
    def last_day_before_reload(self) -> date | None:
        return self.reload_on - timedelta(1) if self.reload_on else None

    @property
    def sentence(self) -> str:
        """Fit for reading aloud."""
        title = self.agent.title
        if self.last_on is None:
            return f"{title}: the first dose of this plan, {self.entry.dose.in_words()} on whatever day it is given."
        if self.reload is None or self.reload_on is None:
            return f"{title}: stays at {self.agent.maintenance.in_words()} however late it is given."
        gap = f"{self.reload.days_since_last} days after the last dose of {in_words(self.last_on)}"
        later = f"from {in_words(self.reload_on)}, {gap}, it re-loads at {self.reload.dose.in_words()}."
        if self.entry.on >= self.reload_on:
            return f"{title}: {later}"
        return f"{title}: {self.agent.maintenance.in_words()} until {in_words(self.reload_on - timedelta(1))}; {later}"


def compare(before: Projection, after: Projection, gone: str = PAST_CAP) -> Comparison:
    """Day by day, in order; a day that only one of the two has is compared with nothing.

    `gone` says why a day that only `before` has is no longer planned.
    """
    was, now = _by_day(before), _by_day(after)
    keys = sorted(was.keys() | now.keys())
    if before.last_on is None and after.last_on is None:
        # without an end, a day that only one of them has lies past the other's horizon: nothing became of it
        keys = [key for key in keys if key in was and key in now]
    made_up = after.omitted > before.omitted
    days = tuple(DayChange(*key, was.get(key, ()), now.get(key, ()), made_up, gone) for key in keys)
    return Comparison(before, after, days)


def ended(projection: Projection) -> Projection:
    """The plan as it stands when it is ceased: what was decided stays, what was planned goes."""
    decided = tuple(entry for entry in projection.entries if entry.state is not EntryState.PLANNED)
    given = [entry.on for entry in decided if entry.state is EntryState.GIVEN]
    last_on = max(given, default=None)
    return replace(
        projection, entries=decided, past_cap=(), missed=(), left=0, next_on=None, last_on=last_on, delay_days=0
    )


def outlook(agent: Agent, entry: Entry) -> Outlook:
    """How long `entry` may wait before `agent` re-loads, counted from its last dose."""
    judgement = entry.judgement
    if judgement is None:
        return Outlook(entry, agent, None)
    last_on = entry.on - timedelta(judgement.days_since_last)
    interval = judgement.days_since_last - judgement.days_late
    for since in range(1, _LONGEST_GAP_DAYS + 1):
        found = judge_days(agent, interval, since)
        if isinstance(found, Reload):
            return Outlook(entry, agent, last_on, last_on + timedelta(since), found)
    return Outlook(entry, agent, last_on)


def _consequences(before: Entry | None, after: Entry) -> list[str]:
    told = []
    judgement = after.judgement
    said = before.judgement.reason if before and before.judgement else ""
    if judgement and before and judgement.reason != said and after.state is EntryState.PLANNED:
        told.append(judgement.reason)
    if after.note and (before is None or after.note != before.note):
        told.append(after.note)
    return told


def _as_told(entry: Entry) -> tuple[object, ...]:
    judgement = entry.judgement
    gap = (judgement.reason, judgement.days_since_last) if judgement else None
    return entry.agent, entry.state, entry.on, entry.kind, entry.dose.in_words(), gap, entry.note


def _by_day(projection: Projection) -> dict[tuple[int, int], tuple[Entry, ...]]:
    days: dict[tuple[int, int], tuple[Entry, ...]] = {}
    for entry in projection.entries:
        key = (entry.cycle, entry.day)
        days[key] = (*days.get(key, ()), entry)
    return days


def _doses(projection: Projection) -> int:
    """Doses the plan ends with, those counted from earlier included."""
    return projection.credited + projection.given + projection.left
