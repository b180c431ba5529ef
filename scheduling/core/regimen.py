"""A published standard of treatment: phases, agents, figures, and where each figure comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from her2tracker.lib.bounds import Bounds, plain
from her2tracker.lib.sources import Citation, Confidence, weakest


class Route(StrEnum):
    IV = "iv"
    SC = "sc"

    @property
    def label(self) -> str:
        return {Route.IV: "intravenous", Route.SC: "subcutaneous"}[self]


class DoseKind(StrEnum):
    LOADING = "loading"
    MAINTENANCE = "maintenance"
    RELOAD = "reload"

    @property
    def label(self) -> str:
        return {DoseKind.LOADING: "loading", DoseKind.MAINTENANCE: "maintenance", DoseKind.RELOAD: "re-load"}[self]


@dataclass(frozen=True, slots=True)
class Component:
    """One antibody inside a fixed-dose combination."""

    name: str
    mg: Decimal


@dataclass(frozen=True, slots=True)
class Observation:
    """How long a patient is watched, from the "start" or "end" of the infusion, where that label holds."""

    minutes: int
    minutes_at_most: int | None
    after: str
    jurisdiction: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Dose:
    """What one administration holds: exactly one of mg_per_kg, mg and components is set."""

    mg_per_kg: Decimal | None
    mg: Decimal | None
    ml: Decimal | None
    components: tuple[Component, ...]
    hyaluronidase_units: int | None
    minutes: int | None
    minutes_at_most: int | None
    observation: Observation | None
    citation: Citation

    @property
    def observe_minutes(self) -> int | None:
        return self.observation.minutes if self.observation else None

    @property
    def needs_weight(self) -> bool:
        return self.mg_per_kg is not None

    def in_words(self) -> str:
        """`8 mg/kg`, `840 mg`, `1200 mg pertuzumab + 600 mg trastuzumab`."""
        if self.mg_per_kg is not None:
            return f"{plain(self.mg_per_kg)} mg/kg"
        if self.mg is not None:
            return f"{plain(self.mg)} mg"
        return " + ".join(f"{plain(part.mg)} mg {part.name}" for part in self.components)


@dataclass(frozen=True, slots=True)
class ReloadRule:
    """When a gap makes the loading dose due again. Without a measure the agent never re-loads."""

    days_late: Bounds | None
    days_since_last: Bounds | None
    dose: Dose | None
    citation: Citation

    @property
    def never(self) -> bool:
        return self.dose is None

    def is_met(self, *, days_late: int, days_since_last: int) -> bool:
        if self.days_late is not None:
            return self.days_late.hold(days_late)
        return self.days_since_last is not None and self.days_since_last.hold(days_since_last)

    def in_words(self) -> str:
        if self.days_late is not None:
            return f"{self.days_late.in_words(' days')} late"
        if self.days_since_last is not None:
            return f"{self.days_since_last.in_words(' days')} since the last dose"
        return "never"


@dataclass(frozen=True, slots=True)
class Rounding:
    """How far milligrams may be rounded away from the arithmetic, and whether upwards at all."""

    at_most_percent: Decimal
    up: bool
    citation: Citation


@dataclass(frozen=True, slots=True)
class WeightRule:
    """The change of weight, in percent of the weight last calculated with, that asks for new arithmetic."""

    percent: Bounds
    citation: Citation


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A dose the label forbids to exceed."""

    mg_per_kg: Decimal
    citation: Citation


@dataclass(frozen=True, slots=True)
class Levels:
    """Reduced doses, highest first, one way down. An empty ladder: reduction is not recommended."""

    mg_per_kg: tuple[Decimal, ...]
    citation: Citation


@dataclass(frozen=True, slots=True)
class Preparation:
    mg_per_ml: Decimal
    citation: Citation


@dataclass(frozen=True, slots=True)
class Vials:
    mg: tuple[Decimal, ...]
    citation: Citation


@dataclass(frozen=True, slots=True)
class Diluent:
    text: str
    never: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class EarlierAgents:
    """Doses of other agents that bear on this one, all of `agents` together."""

    agents: tuple[str, ...]
    citation: Citation


@dataclass(frozen=True, slots=True)
class MinimumInterval:
    days: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class ReAnchor:
    """Why the next date counts from the actual date and not from the grid."""

    text: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Agent:
    """One drug inside one phase of a regimen.

    `loading` belongs to the agent's first dose in the plan; in a later phase it is None and the
    phase's own re-load dose stands in `reload`. `first` is for agents that have no loading dose but
    whose first infusion takes longer.
    """

    name: str
    title: str
    short_name: str
    route: Route
    days: tuple[int, ...]
    loading: Dose | None
    first: Dose | None
    maintenance: Dose
    reload: ReloadRule
    re_anchor: ReAnchor
    rounding: Rounding | None = None
    ceiling: Ceiling | None = None
    levels: Levels | None = None
    weight_rule: WeightRule | None = None
    preparation: Preparation | None = None
    vials: Vials | None = None
    diluent: Diluent | None = None
    minimum_interval: MinimumInterval | None = None
    continues: EarlierAgents | None = None
    starts_anew_after: EarlierAgents | None = None

    @property
    def first_dose(self) -> Dose:
        return self.loading or self.first or self.maintenance


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
    """Where a plan ends. With `weeks` the calendar leads and `doses` is what fits when nothing slips."""

    doses: int
    weeks: int | None
    citation: Citation


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
    cycle_days: tuple[CycleDay, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cycle_days", tuple(_cycle_days(self.phases)))

    @property
    def total_cycles(self) -> int:
        return sum(phase.cycles for phase in self.phases)

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
    def confidence(self) -> Confidence:
        return weakest(tuple(citation.confidence for citation in self.citations))

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
        if extra <= 0:
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
    yield CitedFact(f"{regimen.cap.doses} doses in all", regimen.cap.citation)
    if regimen.one_year:
        yield CitedFact(f"no more than {regimen.one_year.weeks} weeks", regimen.one_year.citation)
    for said in regimen.evidence:
        yield CitedFact(f"evidence: {said.name}", said.citation)
    for said in regimen.cautions:
        yield CitedFact(f"caution: {said.name}", said.citation)
    for said in regimen.alongside:
        yield CitedFact(f"alongside: {said.name}", said.citation)
    for phase in regimen.phases:
        yield CitedFact(f"{phase.cycles} cycles of {phase.cycle_length_days} days", phase.citation)
        for agent in phase.agents:
            yield from _agent_facts(agent)


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
