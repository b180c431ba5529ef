"""A published standard of treatment: phases of agents, where it ends, and where each figure comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from her2tracker.lib.bounds import plain
from her2tracker.lib.sources import Citation, Confidence, weakest
from scheduling.core.agent import Agent as Agent
from scheduling.core.agent import Ceiling as Ceiling
from scheduling.core.agent import Component as Component
from scheduling.core.agent import Diluent as Diluent
from scheduling.core.agent import Dose as Dose
from scheduling.core.agent import DoseKind as DoseKind
from scheduling.core.agent import EarlierAgents as EarlierAgents
from scheduling.core.agent import Levels as Levels
from scheduling.core.agent import MinimumInterval as MinimumInterval
from scheduling.core.agent import Observation as Observation
from scheduling.core.agent import Preparation as Preparation
from scheduling.core.agent import ReAnchor as ReAnchor
from scheduling.core.agent import ReloadRule as ReloadRule
from scheduling.core.agent import Rounding as Rounding
from scheduling.core.agent import Route as Route
from scheduling.core.agent import Vials as Vials
from scheduling.core.agent import WeightRule as WeightRule


@dataclass(frozen=True, slots=True)
class Phase:
    """Consecutive cycles of one length."""

    name: str
    cycle_length_days: int
    cycles: int
    agents: tuple[Agent, ...]
    citation: Citation


@dataclass(frozen=True, slots=True)
class Cap:
    """Where a plan ends. With `weeks` the calendar leads and `doses` is what fits when nothing slips.

    Without `doses` there is no last cycle: the last phase repeats `until` something happens.
    """

    doses: int | None
    weeks: int | None
    citation: Citation
    until: str = ""

    @property
    def open_ended(self) -> bool:
        return self.doses is None

    def in_words(self) -> str:
        if self.doses is not None:
            return f"{self.doses} doses in all"
        return f"until {self.until}" if self.until else f"up to {self.weeks} weeks"


@dataclass(frozen=True, slots=True)
class OneYear:
    """The duration past which more treatment brought nothing; later entries say so."""

    weeks: int
    citation: Citation

    @property
    def days(self) -> int:
        return self.weeks * 7


@dataclass(frozen=True, slots=True)
class Statement:
    """A cited sentence: an indication, a trial's result, what runs alongside."""

    name: str
    text: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Companion:
    """An agent infused on the same days that this program does not schedule: shown, never a row."""

    name: str
    title: str
    days: tuple[int, ...]
    mg_per_m2: Decimal
    mg_per_m2_at_most: Decimal | None
    citation: Citation


@dataclass(frozen=True, slots=True)
class OralDose:
    """Taken `times_per_day` from day `first_day` to `last_day`; without a last day, every day on.

    Days count from the start of treatment, or of each cycle where `cycle_length_days` is set.
    """

    mg: Decimal | None
    mg_per_m2: Decimal | None
    times_per_day: int
    first_day: int
    last_day: int | None
    cycle_length_days: int | None
    citation: Citation

    def amount_in_words(self) -> str:
        amount = f"{plain(self.mg)} mg" if self.mg is not None else f"{plain(self.mg_per_m2 or 0)} mg/m²"
        often = {1: "once a day", 2: "twice a day"}.get(self.times_per_day, f"{self.times_per_day} times a day")
        return f"{amount} {often}"

    def in_words(self) -> str:
        span = "every day" if self.first_day == 1 else f"from day {self.first_day}"
        if self.last_day is not None:
            span = f"on days {self.first_day} to {self.last_day}"
        of = f" of every {self.cycle_length_days}" if self.cycle_length_days else ""
        return f"{self.amount_in_words()} {span}{of}"


@dataclass(frozen=True, slots=True)
class OralLevels:
    """Reduced amounts, highest first; below the last one the agent is stopped."""

    mg: tuple[Decimal, ...]
    citation: Citation


@dataclass(frozen=True, slots=True)
class OralAgent:
    """Taken at home: part of the plan, but nothing a chair or a nurse is booked for."""

    name: str
    title: str
    short_name: str
    doses: tuple[OralDose, ...]
    step_up: tuple[OralDose, ...]
    levels: OralLevels | None
    missed: Statement
    route: Route = Route.ORAL


@dataclass(frozen=True, slots=True)
class CycleDay:
    """One date of the regimen: the agents due, each with the days since its previous dose."""

    cycle: int
    day: int
    phase: Phase
    offset_days: int
    due: tuple[tuple[Agent, int], ...]


@dataclass(frozen=True, slots=True)
class CitedFact:
    words: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Regimen:
    """One version of one regimen, as published."""

    id: str
    version: int
    name: str
    short_name: str
    settings: tuple[str, ...]
    indication: Statement
    evidence: tuple[Statement, ...]
    phases: tuple[Phase, ...]
    cap: Cap
    one_year: OneYear | None
    cautions: tuple[Statement, ...]
    alongside: tuple[Statement, ...]
    companions: tuple[Companion, ...] = ()
    oral: tuple[OralAgent, ...] = ()
    # worked out once: every plan of the regimen asks for them
    cycle_days: tuple[CycleDay, ...] = field(init=False, repr=False, compare=False)
    confidence: Confidence = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cycle_days", tuple(_cycle_days(self.phases)))
        object.__setattr__(self, "confidence", weakest(tuple(citation.confidence for citation in self.citations)))

    @property
    def total_cycles(self) -> int:
        """Cycles written down; where the cap is open-ended, the last phase's go on beyond them."""
        return sum(phase.cycles for phase in self.phases)

    @property
    def is_by_mouth_only(self) -> bool:
        """Nothing is infused: the plan has no cycle days, and no chair or nurse is booked for it."""
        return bool(self.oral) and not self.phases

    @property
    def agents(self) -> tuple[str, ...]:
        """Names, in the order they first appear."""
        return tuple(dict.fromkeys(agent.name for phase in self.phases for agent in phase.agents))

    def agent(self, name: str, phase: str | None = None) -> Agent:
        """The agent as it stands in `phase` (else where it first appears). Raises KeyError."""
        for candidate in self.phases:
            for agent in candidate.agents:
                if agent.name == name and phase in (None, candidate.name):
                    return agent
        raise KeyError(f"{name} is not in {self.id}" + (f", phase {phase}" if phase else ""))

    @property
    def cited_facts(self) -> tuple[CitedFact, ...]:
        return tuple(dict.fromkeys(_cited_facts(self)))

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(dict.fromkeys(fact.citation for fact in self.cited_facts))

    @property
    def unverified(self) -> tuple[str, ...]:
        """What a clinician must sign off, in words."""
        return tuple(
            f"{fact.words} ({fact.citation.key}, {fact.citation.confidence.value})"
            for fact in self.cited_facts
            if not fact.citation.confidence.is_verified
        )

    def cycle_days_up_to(self, cycles: int) -> tuple[CycleDay, ...]:
        """The regimen's cycle days, its last phase repeated until there are `cycles` cycles."""
        extra = cycles - self.total_cycles
        if extra <= 0 or not self.phases:
            return self.cycle_days
        *before, last = self.phases
        return tuple(_cycle_days((*before, replace(last, cycles=last.cycles + extra))))


def _cycle_days(phases: tuple[Phase, ...]) -> Iterator[CycleDay]:
    cycle, begins = 0, 0
    previous: dict[str, int] = {}
    for phase in phases:
        for _ in range(phase.cycles):
            cycle += 1
            for day in sorted({day for agent in phase.agents for day in agent.days}):
                offset = begins + day - 1
                today = [agent for agent in phase.agents if day in agent.days]
                # an agent's first dose has no previous one: its interval matters only after earlier doses elsewhere
                due = tuple(
                    (agent, offset - previous.get(agent.name, offset - phase.cycle_length_days)) for agent in today
                )
                previous.update((agent.name, offset) for agent in today)
                yield CycleDay(cycle, day, phase, offset, due)
            begins += phase.cycle_length_days


def _cited_facts(regimen: Regimen) -> Iterator[CitedFact]:
    yield CitedFact("the indication", regimen.indication.citation)
    yield CitedFact(regimen.cap.in_words(), regimen.cap.citation)
    if regimen.one_year:
        yield CitedFact(f"no more than {regimen.one_year.weeks} weeks", regimen.one_year.citation)
    for said in regimen.evidence:
        yield CitedFact(f"evidence: {said.name}", said.citation)
    for said in regimen.cautions:
        yield CitedFact(f"caution: {said.name}", said.citation)
    for said in regimen.alongside:
        yield CitedFact(f"alongside: {said.name}", said.citation)
    for companion in regimen.companions:
        yield CitedFact(f"{companion.name}: {plain(companion.mg_per_m2)} mg/m²", companion.citation)
    for oral in regimen.oral:
        yield from _oral_facts(oral)
    for phase in regimen.phases:
        many = "" if regimen.cap.open_ended else f"{phase.cycles} "
        yield CitedFact(f"{many}cycles of {phase.cycle_length_days} days", phase.citation)
        for agent in phase.agents:
            yield from _agent_facts(agent)


def _oral_facts(oral: OralAgent) -> Iterator[CitedFact]:
    for dose in oral.doses:
        yield CitedFact(f"{oral.name}: {dose.in_words()}", dose.citation)
    for dose in oral.step_up:
        yield CitedFact(f"{oral.name}: stepping up, {dose.in_words()}", dose.citation)
    if oral.levels:
        yield CitedFact(f"{oral.name}: dose levels", oral.levels.citation)
    yield CitedFact(f"{oral.name}: a missed dose", oral.missed.citation)


def _agent_facts(agent: Agent) -> Iterator[CitedFact]:
    doses = (
        ("loading", agent.loading),
        ("first", agent.first),
        ("maintenance", agent.maintenance),
        ("re-load", agent.reload.dose),
    )
    for which, dose in doses:
        if dose:
            yield CitedFact(f"{agent.name}: {which} dose {dose.in_words()}", dose.citation)
            if dose.observation:
                words = f"{agent.name}: observation for {dose.observation.minutes} min after the {which} dose"
                yield CitedFact(words, dose.observation.citation)
    yield CitedFact(f"{agent.name}: re-load {agent.reload.in_words()}", agent.reload.citation)
    yield CitedFact(f"{agent.name}: {agent.re_anchor.text}", agent.re_anchor.citation)
    others = (
        ("rounding", agent.rounding),
        ("ceiling", agent.ceiling),
        ("dose levels", agent.levels),
        ("change of weight", agent.weight_rule),
        ("concentration", agent.preparation),
        ("vials", agent.vials),
        ("diluent", agent.diluent),
        ("minimum interval", agent.minimum_interval),
        ("what it continues", agent.continues),
        ("what it starts anew after", agent.starts_anew_after),
    )
    for words, part in others:
        if part is not None:
            yield CitedFact(f"{agent.name}: {words}", part.citation)
