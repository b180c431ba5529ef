"""A regimen and a start date in, dated entries out. With facts, the same walk gives a projection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from her2tracker.lib.dates import in_words
from scheduling.core.earlier import Opening, opening
from scheduling.core.facts import Credit, Record
from scheduling.core.gaps import Continue, Reload, judge_days, too_soon
from scheduling.core.regimen import Agent, CycleDay, Dose, DoseKind, Regimen, Route


class EntryState(StrEnum):
    PLANNED = "planned"
    GIVEN = "given"
    OMITTED = "omitted"


# read once: the walk compares them for every entry
_PLANNED, _GIVEN, _OMITTED = EntryState.PLANNED, EntryState.GIVEN, EntryState.OMITTED


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


Judged = tuple[DoseKind, Dose, Reload | Continue | None]


class _Walker:
    """One pass over the cycle days. Carries only each agent's last dose and the date reached."""

    __slots__ = ("entries", "judged", "last_on", "opening", "past_cap", "record", "regimen", "start_on", "today",
                 "undecided", "year_from")  # fmt: skip

    def __init__(self, regimen: Regimen, start_on: date, record: Record, today: date | None, opening: Opening) -> None:
        self.regimen, self.record, self.opening = regimen, record, opening
        self.today, self.start_on = today, start_on
        self.last_on = dict(opening.last_on)
        self.undecided: dict[str, str] = {}
        self.year_from = opening.year_from
        self.judged: dict[tuple[int, int, int], Judged] = {}
        self.entries: list[Entry] = []
        self.past_cap: list[Entry] = []

    def run(self) -> Walk:
        days = self._cycle_days()
        start = self.start_on.toordinal() - days[0].offset_days
        drift = 0
        for cycle_day in days:
            first_planned_on = date.fromordinal(start + cycle_day.offset_days)
            on = first_planned_on + timedelta(drift) if drift else first_planned_on
            reached = self._place(cycle_day, on, first_planned_on)
            if reached is not on:
                drift = (reached - first_planned_on).days
        return Walk(tuple(self.entries), tuple(self.past_cap), self.opening.credited)

    def _cycle_days(self) -> tuple[CycleDay, ...]:
        record, wanted = self.record, self.regimen.total_cycles
        if record.omitted and self.regimen.cap.weeks is None:
            # a dose left out does not count towards a cap in doses; only those asked for are made up
            wanted += record.made_up
        if record.given:
            # given beyond the end (an omission taken back): what was given is never dropped
            wanted = max(wanted, record.last_given_cycle)
        return self.regimen.cycle_days_up_to(wanted)[self.opening.credited :]

    def _place(self, cycle_day: CycleDay, on: date, first_planned_on: date) -> date:
        """Make the entries of one cycle day; return the date the next one counts from."""
        record = self.record
        if record.delayed:
            on = max(on, record.delayed.get((cycle_day.cycle, cycle_day.day), on))
        if record.given:
            on = record.given_on.get((cycle_day.cycle, cycle_day.day), on)
        for agent, interval in cycle_day.due:
            self._enter(cycle_day, agent, interval, on, first_planned_on)
        return on

    def _enter(self, cycle_day: CycleDay, agent: Agent, interval: int, on: date, first_planned_on: date) -> None:
        cycle, day, name, record = cycle_day.cycle, cycle_day.day, agent.name, self.record
        state = _PLANNED
        if record.given and (fact := record.given.get((cycle, day, name))) is not None:
            state, on = _GIVEN, fact.on
        elif record.omitted and record.is_omitted(cycle, day, name):
            state = _OMITTED
        if self.year_from is None and state is not _OMITTED:
            self.year_from = on
        kind, dose, judgement = self._judge(agent, interval, on)
        days_in = (on - self.year_from).days if self.year_from else 0
        note = self._note(agent, state, on, days_in)
        phase = cycle_day.phase.name
        entry = Entry(
            state, phase, cycle, day, name, agent.route, on, first_planned_on, kind, dose, judgement, note
        )  # fmt: skip
        if state is _PLANNED and self._is_past_cap(days_in):
            self.past_cap.append(entry)
        else:
            self._keep(entry)

    def _judge(self, agent: Agent, interval: int, on: date) -> Judged:
        last_on = self.last_on.get(agent.name)
        if last_on is None:
            return self._first(agent)
        key = (id(agent), interval, (on - last_on).days)
        found = self.judged.get(key)
        if found is None:
            judgement = judge_days(agent, interval, key[2])
            kind = DoseKind.RELOAD if isinstance(judgement, Reload) else DoseKind.MAINTENANCE
            found = self.judged[key] = (kind, judgement.dose, judgement)
        return found

    def _first(self, agent: Agent) -> Judged:
        """The agent's first dose in the plan; counted doses may put it into a later phase."""
        loading = agent.loading or agent.reload.dose
        if loading is None or self.opening.decided.get(agent.name) is DoseKind.MAINTENANCE:
            return DoseKind.MAINTENANCE, agent.first or agent.maintenance, None
        return DoseKind.LOADING, loading, None

    def _keep(self, entry: Entry) -> None:
        """A missed dose counts as if it went to plan until somebody decides; what follows says so."""
        self.entries.append(entry)
        if entry.state is _OMITTED:
            return
        self.last_on[entry.agent] = entry.on
        if self.today is None:
            return
        if entry.state is _GIVEN:
            self.undecided.pop(entry.agent, None)
        elif entry.on < self.today:
            self.undecided.setdefault(entry.agent, f"cycle {entry.cycle} of {in_words(entry.on)} is undecided")

    def _note(self, agent: Agent, state: EntryState, on: date, days_in: int) -> str:
        notes = []
        year = self.regimen.one_year
        if year is not None and days_in > year.weeks * 7:
            notes.append(f"day {days_in}: past one year ({year.weeks} weeks)")
        if state is _PLANNED and agent.name in self.undecided:
            notes.append(self.undecided[agent.name])
        if agent.minimum_interval is not None and agent.name in self.last_on:
            soon = too_soon(agent, self.last_on[agent.name], on)
            if soon:
                notes.append(soon.reason)
        return "; ".join(notes) if notes else ""

    def _is_past_cap(self, days_in: int) -> bool:
        weeks = self.regimen.cap.weeks
        return weeks is not None and days_in > weeks * 7
