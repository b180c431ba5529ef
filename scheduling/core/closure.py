"""Which planned infusions fall on closed days, and where each could go. Nothing moves here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from scheduling.core.calendar import (
    Candidate,
    ClosedDays,
    LastDose,
    NextDose,
    Surroundings,
    Window,
    last_dose_of,
    on_closed_days,
    propose,
)
from scheduling.core.expansion import Entry, EntryState
from scheduling.core.facts import CycleDayKey
from scheduling.core.regimen import Agent

AgentOf = Callable[[Entry], Agent]
"""The agent as the plan's policy and levels make it on an entry's day."""


@dataclass(frozen=True, slots=True)
class OnClosedDay:
    """`proposals` are the nearest days that no minimum interval forbids; none moves by itself."""

    key: CycleDayKey
    on: date
    why: str
    candidates: tuple[Candidate, ...]

    @property
    def proposals(self) -> tuple[Candidate, ...]:
        return tuple(one for one in self.candidates if one.allowed)


def on_closed(
    entries: Iterable[Entry], closed: ClosedDays, window: Window, agent_of: AgentOf, *, today: date
) -> dict[CycleDayKey, OnClosedDay]:
    """Every planned infusion on a closed day. Agents of one day are judged together: a day must suit them all."""
    all_entries = tuple(entries)
    reasons = {(entry.cycle, entry.day): why for entry, why in on_closed_days(all_entries, closed)}
    found = {}
    for key, why in reasons.items():
        around = surroundings_of(all_entries, key, agent_of, today=today)
        found[key] = OnClosedDay(key, around.on, why, propose(around, closed, window))
    return found


def surroundings_of(entries: Iterable[Entry], key: CycleDayKey, agent_of: AgentOf, *, today: date) -> Surroundings:
    """One infusion with the doses before and after each of its agents."""
    all_entries = tuple(entries)
    mine = [entry for entry in all_entries if (entry.cycle, entry.day) == key and entry.state is EntryState.PLANNED]
    last = [dose for entry in mine if (dose := last_dose_of(entry, agent_of(entry)))]
    following = [one for entry in mine if (one := _next_dose(entry, all_entries, agent_of))]
    before = day_before(all_entries, key)
    # the first day of a plan is not brought forward
    earliest = mine[0].on if before is None else before + timedelta(1)
    return Surroundings(mine[0].on, tuple(last), tuple(following), max(earliest, today))


def day_before(entries: Iterable[Entry], key: CycleDayKey) -> date | None:
    """The date of the cycle day before this one, whatever became of it; None for the plan's first."""
    return max((entry.on for entry in entries if (entry.cycle, entry.day) < key), default=None)


def last_doses(entries: Iterable[Entry], key: CycleDayKey, agent_of: AgentOf) -> tuple[LastDose, ...]:
    """When each agent of one infusion was last given; agents that come for the first time are left out."""
    mine = (entry for entry in entries if (entry.cycle, entry.day) == key)
    return tuple(dose for entry in mine if (dose := last_dose_of(entry, agent_of(entry))))


def _next_dose(entry: Entry, entries: Iterable[Entry], agent_of: AgentOf) -> NextDose | None:
    later = (
        one
        for one in entries
        if one.agent == entry.agent
        and (one.cycle, one.day) > (entry.cycle, entry.day)
        and one.state is not EntryState.OMITTED
    )
    following = next(later, None)
    if following is None or following.judgement is None:
        return None
    interval = following.judgement.days_since_last - following.judgement.days_late
    return NextDose(agent_of(following), following.on, interval)
