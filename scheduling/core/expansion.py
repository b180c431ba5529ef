"""A regimen and a start date in, dated entries out. With facts, the same walk gives a projection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from her2tracker.lib.dates import in_words
from scheduling.core.earlier import Opening, opening
from scheduling.core.facts import Credit, Record
from scheduling.core.gaps import Continue, Reload, judge, too_soon
from scheduling.core.regimen import Agent, CycleDay, Dose, DoseKind, Regimen, Route


class EntryState(StrEnum):
    PLANNED = "planned"
    GIVEN = "given"
    OMITTED = "omitted"


@dataclass(frozen=True, slots=True)
class Entry:
    """One agent on one cycle day. `judgement` is None for an agent's first dose in the plan."""

    state: EntryState
    phase: str
    cycle: int
    day: int
    agent: str
    route: Route
    on: date
    first_planned_on: date
    kind: DoseKind
    dose: Dose
    judgement: Reload | Continue | None = None
    note: str = ""

    def missed(self, today: date) -> bool:
        """The date has passed and nobody decided."""
        return self.state is EntryState.PLANNED and self.on < today


@dataclass(frozen=True, slots=True)
class Walk:
    """`entries` of the plan, and those its weeks leave no room for."""

    entries: tuple[Entry, ...]
    past_cap: tuple[Entry, ...]
    credited: int


def expand(regimen: Regimen, start_on: date, *, credits: Sequence[Credit] = ()) -> tuple[Entry, ...]:  # noqa: A002
    """Every administration of `regimen` from `start_on`, less the doses already given.

    Raises AskClinician for earlier doses of another agent that no document relates to this regimen.
    """
    return walk(regimen, start_on, Record(credits=tuple(credits))).entries


def walk(regimen: Regimen, start_on: date, record: Record, *, today: date | None = None) -> Walk:
    """Place every cycle day after the one before it, from what was given where something was."""
    return _Walker(regimen, start_on, record, today, opening(regimen, start_on, record.credits)).run()


class _Walker:
    """One pass over the cycle days. Carries only each agent's last dose and the date reached."""

    def __init__(self, regimen: Regimen, start_on: date, record: Record, today: date | None, opening: Opening) -> None:
        self.regimen, self.record, self.opening = regimen, record, opening
        self.today, self.start_on = today, start_on
        self.last_on = dict(opening.last_on)
        self.undecided: dict[str, str] = {}
        self.year_from = opening.year_from
        self.entries: list[Entry] = []
        self.past_cap: list[Entry] = []

    def run(self) -> Walk:
        days = self._cycle_days()
        if not days:
            return Walk((), (), self.opening.credited)
        on, begins = self.start_on, days[0].offset_days
        reached = begins
        for cycle_day in days:
            on += timedelta(cycle_day.offset_days - reached)
            reached = cycle_day.offset_days
            on = self._place(cycle_day, on, self.start_on + timedelta(reached - begins))
        return Walk(tuple(self.entries), tuple(self.past_cap), self.opening.credited)

    def _cycle_days(self) -> tuple[CycleDay, ...]:
        record, wanted = self.record, self.regimen.total_cycles
        if self.regimen.cap.weeks is None:
            # a dose left out does not count towards a cap in doses; only those asked for are made up
            wanted += record.made_up
        if record.given:
            # given beyond the end (an omission taken back): what was given is never dropped
            wanted = max(wanted, record.last_given_cycle)
        return self.regimen.cycle_days_up_to(wanted)[self.opening.credited :]

    def _place(self, cycle_day: CycleDay, on: date, first_planned_on: date) -> date:
        """Make the entries of one cycle day; return the date the next one counts from."""
        record, key = self.record, (cycle_day.cycle, cycle_day.day)
        delayed = record.delayed.get(key)
        if delayed is not None and delayed > on:
            on = delayed
        if record.given:
            given = [record.given.get((*key, agent.name)) for agent, _ in cycle_day.due]
            on = max((fact.on for fact in given if fact), default=on)
        if self.year_from is None:
            self.year_from = on
        for agent, interval in cycle_day.due:
            self._enter(cycle_day, agent, interval, on, first_planned_on)
        return on

    def _enter(self, cycle_day: CycleDay, agent: Agent, interval: int, on: date, first_planned_on: date) -> None:
        name, state = agent.name, EntryState.PLANNED
        fact = self.record.given.get((cycle_day.cycle, cycle_day.day, name)) if self.record.given else None
        if fact is not None:
            state, on = EntryState.GIVEN, fact.on
        elif self.record.omitted and self.record.is_omitted(cycle_day.cycle, cycle_day.day, name):
            state = EntryState.OMITTED
        kind, dose, judgement = self._judge(agent, interval, on)
        entry = Entry(
            state, cycle_day.phase.name, cycle_day.cycle, cycle_day.day, name, agent.route,
            on, first_planned_on, kind, dose, judgement, self._note(agent, state, on),
        )  # fmt: skip
        if state is EntryState.PLANNED and self._is_past_cap(on):
            self.past_cap.append(entry)
            return
        self.entries.append(entry)
        self._remember(entry)

    def _judge(self, agent: Agent, interval: int, on: date) -> tuple[DoseKind, Dose, Reload | Continue | None]:
        last_on = self.last_on.get(agent.name)
        if last_on is None:
            return self._first(agent)
        judgement = judge(agent, interval, last_on, on)
        kind = DoseKind.RELOAD if isinstance(judgement, Reload) else DoseKind.MAINTENANCE
        return kind, judgement.dose, judgement

    def _first(self, agent: Agent) -> tuple[DoseKind, Dose, None]:
        """The agent's first dose in the plan; counted doses may put it into a later phase."""
        loading = agent.loading or agent.reload.dose
        if loading is None or self.opening.decided.get(agent.name) is DoseKind.MAINTENANCE:
            return DoseKind.MAINTENANCE, agent.first or agent.maintenance, None
        return DoseKind.LOADING, loading, None

    def _remember(self, entry: Entry) -> None:
        if entry.state is EntryState.OMITTED:
            return
        if self.today is not None and entry.missed(self.today):
            # undecided is not given: what follows is judged from the last dose on record
            self.undecided[entry.agent] = f"cycle {entry.cycle} of {in_words(entry.on)} is undecided"
            return
        self.last_on[entry.agent] = entry.on

    def _note(self, agent: Agent, state: EntryState, on: date) -> str:
        notes = list(self._year_notes(on))
        if state is EntryState.PLANNED:
            if agent.name in self.undecided:
                notes.append(self.undecided[agent.name])
            if agent.minimum_interval and agent.name in self.last_on:
                soon = too_soon(agent, self.last_on[agent.name], on)
                notes += [soon.reason] if soon else []
        return "; ".join(notes) if notes else ""

    def _year_notes(self, on: date) -> Iterator[str]:
        year = self.regimen.one_year
        if year is not None and self.year_from is not None and (day := (on - self.year_from).days) > year.days:
            yield f"day {day}: past one year ({year.weeks} weeks)"

    def _is_past_cap(self, on: date) -> bool:
        weeks = self.regimen.cap.weeks
        return weeks is not None and self.year_from is not None and (on - self.year_from).days > weeks * 7
