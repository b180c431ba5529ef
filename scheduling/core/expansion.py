"""A regimen and a start date in, dated entries out. With facts, the same walk gives a projection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from her2tracker.lib.dates import in_words
from scheduling.core.earlier import Opening, opening
from scheduling.core.facts import Credit, CycleDayKey, Fact, Record
from scheduling.core.gaps import Continue, Reload, judge_days, too_soon
from scheduling.core.policy import Anchor, Policy
from scheduling.core.regimen import Agent, CycleDay, Dose, DoseKind, Regimen, Route

HORIZON_WEEKS = 26
"""How far ahead a plan without an end is laid out. Not a clinical figure."""


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
    year_from: date | None = None


class NoPolicy(ValueError):
    """One cycle day was delayed alone, and nobody said how small a gap may be left to the next."""


def expand(
    regimen: Regimen,
    start_on: date,
    *,
    credits: Sequence[Credit] = (),  # noqa: A002
    policy: Policy | None = None,
    horizon_weeks: int = HORIZON_WEEKS,
) -> tuple[Entry, ...]:
    """Every administration of `regimen` from `start_on`, less the doses already given.

    A regimen without an end is laid out for `horizon_weeks`. Raises AskClinician for earlier doses of
    another agent that no document relates to this regimen.
    """
    record = Record(credits=tuple(credits))
    return walk(regimen, start_on, record, policy=policy, horizon_weeks=horizon_weeks).entries


def walk(
    regimen: Regimen,
    start_on: date,
    record: Record,
    *,
    today: date | None = None,
    policy: Policy | None = None,
    horizon_weeks: int = HORIZON_WEEKS,
) -> Walk:
    """Place every cycle day after the one before it, from what was given where something was.

    Raises NoPolicy when a cycle day was delayed alone and `policy` does not say what gap may be left.
    """
    if record.delayed_alone and policy is None:
        raise NoPolicy("to delay one cycle day alone, the smallest gap to the next must be known")
    opened = opening(regimen, start_on, record.credits)
    walker = _Walker(regimen, start_on, record, today, opened, policy)
    if regimen.cap.open_ended and regimen.phases:
        walker.until = max(start_on, today or start_on) + timedelta(weeks=horizon_weeks)
    return walker.run()


def agent_of(regimen: Regimen, entry: Entry, facts: Iterable[Fact] = (), policy: Policy | None = None) -> Agent:
    """The agent as the plan's policy and the levels recorded make it on this entry's day.

    What re-loads later, and at how much, is asked of this agent and not of the regimen's.
    """
    record = Record.of(facts)
    phase = next(phase for phase in regimen.phases if phase.name == entry.phase)
    beside = _beside(record, entry.cycle, entry.day, entry.agent, (a.name for a in phase.agents if entry.day in a.days))
    return _altered(
        regimen.agent(entry.agent, entry.phase),
        record.level(entry.agent, entry.cycle),
        _is_paired(entry.agent, beside, policy),
        policy,
    )


def _beside(record: Record, cycle: int, day: int, agent: str, due: Iterable[str]) -> tuple[str, ...]:
    """The agents that go in on the same day. A dose left out is judged as its day would have gone, whole."""
    if record.is_omitted(cycle, day, agent):
        return tuple(due)
    return tuple(name for name in due if not record.is_omitted(cycle, day, name))


def _is_paired(agent: str, beside: Iterable[str], policy: Policy | None) -> bool:
    pair = policy.pair_reload if policy else None
    return pair is not None and pair.agent == agent and pair.beside in beside


def _altered(agent: Agent, level: Decimal | None, paired: bool, policy: Policy | None) -> Agent:
    if paired and policy is not None and policy.pair_reload is not None:
        agent = policy.pair_reload.applied_to(agent)
    return agent if level is None else agent.reduced_to(level)


Judged = tuple[DoseKind, Dose, Reload | Continue | None]


class _Walker:
    """One pass over the cycle days. Carries only each agent's last dose and the date reached."""

    __slots__ = ("agents", "alters", "cap", "entries", "judged", "last_on", "opening", "past_cap", "past_weeks",
                 "policy", "record", "regimen", "start_on", "today", "undecided", "until", "year_from")  # fmt: skip

    def __init__(
        self,
        regimen: Regimen,
        start_on: date,
        record: Record,
        today: date | None,
        opening: Opening,
        policy: Policy | None,
    ) -> None:
        self.regimen, self.record, self.opening, self.policy = regimen, record, opening, policy
        self.cap = policy.cap_of(regimen) if policy else regimen.cap
        pair = policy.pair_reload if policy else None
        # a regimen without the pair, in which nothing was reduced, is walked as it stands
        self.alters = bool(record.levels) or (pair is not None and {pair.agent, pair.beside} <= set(regimen.agents))
        self.agents: dict[tuple[int, Decimal | None, bool], Agent] = {}
        self.until: date | None = None
        self.past_weeks: set[CycleDayKey] = set()
        self.today, self.start_on = today, start_on
        self.last_on = dict(opening.last_on)
        self.undecided: dict[str, str] = {}
        self.year_from = opening.year_from
        self.judged: dict[tuple[int, int, int], Judged] = {}
        self.entries: list[Entry] = []
        self.past_cap: list[Entry] = []

    def run(self) -> Walk:
        days = self._cycle_days()
        if not days:
            return Walk((), (), self.opening.credited)
        start = self.start_on.toordinal() - days[0].offset_days
        drift = 0
        for index, cycle_day in enumerate(days):
            first_planned_on = date.fromordinal(start + cycle_day.offset_days)
            on = first_planned_on + timedelta(drift) if drift else first_planned_on
            if self.until is not None and on > self.until and cycle_day.cycle > self.record.last_cycle:
                break
            reached = self._place(cycle_day, on, first_planned_on)
            if reached is not on:
                counts_from = reached if self.policy is None else self._anchor(days[index : index + 2], on, reached)
                drift = (counts_from - first_planned_on).days
        return Walk(tuple(self.entries), tuple(self.past_cap), self.opening.credited, self.year_from)

    def _anchor(self, days: Sequence[CycleDay], on: date, reached: date) -> date:
        """What the next date counts from: `reached`, or the day the grid had where that may stay."""
        key = (days[0].cycle, days[0].day)
        alone = key in self.record.delayed_alone
        grid_on = max(on, (self.record.delayed_alone if alone else self.record.delayed).get(key, on))
        late = (reached - grid_on).days
        if self.policy is None or late <= 0 or len(days) < 2 or not (alone or self._keeps_grid(key)):
            return reached
        to_next = days[1].offset_days - days[0].offset_days - late
        agents = [agent for agent, _ in days[0].due]
        refusal = self.policy.grid.refuse(agents, self.regimen.companions, days_late=late, days_to_next=to_next)
        return reached if refusal else grid_on

    def _keeps_grid(self, key: CycleDayKey) -> bool:
        return self.policy is not None and self.policy.anchor is Anchor.GRID and key in self.record.given_on

    def _cycle_days(self) -> tuple[CycleDay, ...]:
        record, wanted = self.record, self.regimen.total_cycles
        if self.until is not None:
            wanted = self._cycles_until(self.until)
        elif self.cap.weeks is None:
            # a dose left out does not count towards a cap in doses; only those asked for are made up
            wanted += self.opening.made_up + (record.made_up if record.omitted else 0)
        if record.extended:
            wanted += record.extra
        if record.given:
            # given beyond the end (an omission taken back): what was given is never dropped
            wanted = max(wanted, record.last_given_cycle)
        return self.regimen.cycle_days_up_to(wanted)[self.opening.credited :]

    def _cycles_until(self, until: date) -> int:
        """At least as many cycles as end by `until`, whatever was given early; the walk stops itself."""
        length = self.regimen.phases[-1].cycle_length_days
        ahead = (until - self.start_on).days // length + 1
        return self.regimen.total_cycles + self.opening.credited + self.record.last_cycle + ahead

    def _place(self, cycle_day: CycleDay, on: date, first_planned_on: date) -> date:
        """Make the entries of one cycle day; return the date the next one counts from."""
        record = self.record
        if record.delayed:
            on = max(on, record.delayed.get((cycle_day.cycle, cycle_day.day), on))
        if record.forward:
            on = record.brought_forward((cycle_day.cycle, cycle_day.day), on)
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
        if self.alters:
            agent = self._as_altered(cycle_day, agent)
        kind, dose, judgement = self._judge(agent, interval, on)
        days_in = (on - self.year_from).days if self.year_from else 0
        note = self._note(agent, state, on, days_in)
        phase = cycle_day.phase.name
        entry = Entry(
            state, phase, cycle, day, name, agent.route, on, first_planned_on, kind, dose, judgement, note
        )  # fmt: skip
        if state is _PLANNED and self._is_past_cap(days_in) and not self._is_extended(cycle, day):
            self.past_cap.append(entry)
        else:
            self._keep(entry)

    def _as_altered(self, cycle_day: CycleDay, agent: Agent) -> Agent:
        cycle, day, record = cycle_day.cycle, cycle_day.day, self.record
        paired = False
        if self.policy is not None and self.policy.pair_reload is not None:
            beside = _beside(record, cycle, day, agent.name, (other.name for other, _ in cycle_day.due))
            paired = _is_paired(agent.name, beside, self.policy)
        key = (id(agent), record.level(agent.name, cycle) if record.levels else None, paired)
        if key not in self.agents:
            self.agents[key] = _altered(agent, key[1], paired, self.policy)
        return self.agents[key]

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
        weeks = self.cap.weeks
        return weeks is not None and days_in > weeks * 7

    def _is_extended(self, cycle: int, day: int) -> bool:
        """Past the weeks, and one of the cycle days somebody added in spite of them."""
        if len(self.past_weeks) < self.record.extra_past_weeks:
            self.past_weeks.add((cycle, day))
        return (cycle, day) in self.past_weeks
