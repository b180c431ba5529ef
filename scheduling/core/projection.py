"""Where a plan stands and what comes next, from the regimen and everything recorded.

Re-scheduling is projecting again: what was given never moves, what is planned follows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from scheduling.core.dosing import refuse_level
from scheduling.core.expansion import HORIZON_WEEKS, Entry, EntryState, Walk, walk
from scheduling.core.facts import Fact, Record
from scheduling.core.policy import Policy
from scheduling.core.regimen import Regimen


class UnknownCycleDay(ValueError):
    """A fact about a cycle day, or an agent, that the plan does not have."""


class ImpossibleLevel(ValueError):
    """A change of level that the agent's ladder does not have, or that goes up."""


@dataclass(frozen=True, slots=True)
class Projection:
    """Counts are of cycle days, however many agents share one.

    `past_cap` holds the entries that delays have pushed beyond the regimen's weeks; they are not
    planned. `delay_days` is how far the last entry stands from where it was first planned.
    `year_from` is where the one year starts. A plan without an end has no last date: `entries` then
    reach to the horizon.
    """

    entries: tuple[Entry, ...]
    past_cap: tuple[Entry, ...]
    missed: tuple[Entry, ...]
    given: int
    omitted: int
    left: int
    credited: int
    next_on: date | None
    last_on: date | None
    first_planned_last_on: date | None
    delay_days: int
    year_from: date | None = None

    @property
    def total(self) -> int:
        return self.credited + self.given + self.omitted + self.left

    def on(self, day: date) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.on == day)


def project(
    regimen: Regimen,
    start_on: date,
    facts: Iterable[Fact],
    *,
    today: date,
    policy: Policy | None = None,
    horizon_weeks: int = HORIZON_WEEKS,
) -> Projection:
    """Raises AskClinician and NoPolicy as `walk` does, UnknownCycleDay for facts that fit nowhere and
    ImpossibleLevel for a change of dose that is not one step or more down the agent's ladder.
    """
    record = Record.of(facts)
    if record.levels:
        _refuse_levels(regimen, record)
    walked = walk(regimen, start_on, record, today=today, policy=policy, horizon_weeks=horizon_weeks)
    _refuse_strangers(regimen, record, walked)
    missed = tuple(entry for entry in walked.entries if entry.missed(today))
    return _sum_up(regimen, start_on, walked, missed, today)


def _refuse_strangers(regimen: Regimen, record: Record, walked: Walk) -> None:
    planned = (*walked.entries, *walked.past_cap)
    known = {(entry.cycle, entry.day, entry.agent) for entry in planned}
    days = {(entry.cycle, entry.day) for entry in planned}
    for cycle, day, agent in record.given.keys() - known:
        raise UnknownCycleDay(f"{regimen.name}: cycle {cycle} day {day} has no {agent} to give")
    for cycle, day in (record.omitted.keys() | record.delayed.keys() | record.forward.keys()) - days:
        raise UnknownCycleDay(f"{regimen.name}: there is no cycle {cycle} day {day} in this plan")


def _refuse_levels(regimen: Regimen, record: Record) -> None:
    for name, changes in record.levels.items():
        if name not in regimen.agents:
            raise UnknownCycleDay(f"{regimen.name} has no {name} to reduce")
        agent = regimen.agent(name)
        current = agent.maintenance.mg_per_kg
        for change in changes:
            if refusal := refuse_level(agent, current or change.mg_per_kg, change.mg_per_kg):
                raise ImpossibleLevel(refusal.sentence)
            current = change.mg_per_kg


def _sum_up(regimen: Regimen, start_on: date, walked: Walk, missed: tuple[Entry, ...], today: date) -> Projection:
    counts = _counts(walked.entries)
    last = walked.entries[-1] if walked.entries else None
    open_ended = regimen.cap.open_ended
    return Projection(
        entries=walked.entries,
        past_cap=walked.past_cap,
        missed=missed,
        given=counts[EntryState.GIVEN],
        omitted=counts[EntryState.OMITTED],
        left=counts[EntryState.PLANNED],
        credited=walked.credited,
        next_on=next((e.on for e in walked.entries if e.state is EntryState.PLANNED and e.on >= today), None),
        last_on=last.on if last and not open_ended else None,
        first_planned_last_on=None if open_ended else _first_planned_last_on(regimen, start_on, walked),
        delay_days=(last.on - last.first_planned_on).days if last else 0,
        year_from=walked.year_from,
    )


def _first_planned_last_on(regimen: Regimen, start_on: date, walked: Walk) -> date:
    days = regimen.cycle_days
    if walked.credited >= len(days):  # what is left was made up from the start
        return walked.entries[-1].first_planned_on if walked.entries else start_on
    return date.fromordinal(start_on.toordinal() + days[-1].offset_days - days[walked.credited].offset_days)


def _counts(entries: tuple[Entry, ...]) -> dict[EntryState, int]:
    """Cycle days by state: given when any agent went in, omitted when all were, else planned."""
    states: dict[tuple[int, int], set[EntryState]] = {}
    for entry in entries:
        states.setdefault((entry.cycle, entry.day), set()).add(entry.state)
    counts = dict.fromkeys(EntryState, 0)
    for found in states.values():
        counts[_state_of(found)] += 1
    return counts


def _state_of(states: set[EntryState]) -> EntryState:
    if EntryState.GIVEN in states:
        return EntryState.GIVEN
    return EntryState.OMITTED if states == {EntryState.OMITTED} else EntryState.PLANNED
