"""What was recorded about a plan. Everything else about it is computed from these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from scheduling.core.regimen import DoseKind

CycleDayKey = tuple[int, int]


class DelayScope(StrEnum):
    """What moves with a delayed cycle day."""

    LATER = "later"
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class Given:
    """One agent went in. `mg` is None for a fixed combination."""

    cycle: int
    day: int
    agent: str
    on: date
    mg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Omitted:
    """Decided not to give on that cycle day. `on` is the day of the decision and places nothing.

    Without `agent` every agent of the day is omitted; only then can the dose be made up at the end.
    """

    cycle: int
    day: int
    on: date
    made_up: bool = False
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class Delayed:
    """This cycle day moved to `to`, and with it all later ones or none. The last one recorded counts."""

    cycle: int
    day: int
    to: date
    scope: DelayScope = DelayScope.LATER


@dataclass(frozen=True, slots=True)
class BroughtForward:
    """This cycle day moved from `from_on` to the earlier `to`, and with it all later ones.

    It holds while the plan would put the day no later than `from_on`: once a dose before it is late,
    the gap that was agreed to would be shorter still, so the plan's own day stands again.
    """

    cycle: int
    day: int
    from_on: date
    to: date


@dataclass(frozen=True, slots=True)
class Extended:
    """`cycles` more than the regimen has. Only where `overridden` may they lie past the plan's weeks."""

    cycles: int
    reason: str
    overridden: bool = False

    def __post_init__(self) -> None:
        if self.cycles < 1:
            raise ValueError(f"a plan is extended by at least 1 cycle, not {self.cycles}")


@dataclass(frozen=True, slots=True)
class LevelChanged:
    """The agent's doses from `from_cycle` on hold less: one step or more down its ladder, never back."""

    agent: str
    from_cycle: int
    mg_per_kg: Decimal


@dataclass(frozen=True, slots=True)
class Credit:
    """Doses given before this plan, here or elsewhere, that count.

    `first_given_on`, when known, is where the one year starts. `decided` is a clinician's answer to
    AskClinician: which kind the first dose here shall be, for the agents without earlier doses of their own.
    `passed` cycle days went by without a dose counted here; `made_up` of them are to be given at the end.
    """

    agent: str
    doses: int
    last_given_on: date
    first_given_on: date | None = None
    decided: DoseKind | None = None
    passed: int = 0
    made_up: int = 0


Fact = Given | Omitted | Delayed | BroughtForward | Credit | Extended | LevelChanged


@dataclass(frozen=True, slots=True)
class Record:
    """Facts laid out for looking up."""

    given: dict[tuple[int, int, str], Given] = field(default_factory=dict)
    given_on: dict[CycleDayKey, date] = field(default_factory=dict)
    omitted: dict[CycleDayKey, list[Omitted]] = field(default_factory=dict)
    delayed: dict[CycleDayKey, date] = field(default_factory=dict)
    credits: tuple[Credit, ...] = ()
    delayed_alone: dict[CycleDayKey, date] = field(default_factory=dict)
    extended: tuple[Extended, ...] = ()
    forward: dict[CycleDayKey, BroughtForward] = field(default_factory=dict)
    levels: dict[str, list[LevelChanged]] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> Record:
        record = cls()
        earlier: list[Credit] = []
        extended: list[Extended] = []
        for fact in facts:
            if isinstance(fact, Given):
                record.given[fact.cycle, fact.day, fact.agent] = fact
                key = (fact.cycle, fact.day)
                # agents of one day may go in on different dates: the later one leads
                record.given_on[key] = max(fact.on, record.given_on.get(key, fact.on))
            elif isinstance(fact, Omitted):
                record.omitted.setdefault((fact.cycle, fact.day), []).append(fact)
            elif isinstance(fact, Delayed):
                record._delay(fact)
            elif isinstance(fact, BroughtForward):
                record.forward[fact.cycle, fact.day] = fact
            elif isinstance(fact, Credit):
                earlier.append(fact)
            elif isinstance(fact, Extended):
                extended.append(fact)
            else:
                record.levels.setdefault(fact.agent, []).append(fact)
        levels = {name: sorted(own, key=lambda level: level.from_cycle) for name, own in record.levels.items()}
        return replace(record, credits=tuple(earlier), extended=tuple(extended), levels=levels)

    def _delay(self, fact: Delayed) -> None:
        """Delayed alone, a day leaves the later ones where they were: counted from an earlier delay of all, if any."""
        key = (fact.cycle, fact.day)
        self.forward.pop(key, None)  # decided later
        if fact.scope is DelayScope.ONLY:
            self.delayed_alone.setdefault(key, self.delayed.get(key, date.min))
        else:
            self.delayed_alone.pop(key, None)
        self.delayed[key] = fact.to

    def brought_forward(self, key: CycleDayKey, on: date) -> date:
        """`on`, or the earlier day it was brought forward to while that still holds."""
        fact = self.forward.get(key)
        return fact.to if fact and fact.to < on <= fact.from_on else on

    def is_omitted(self, cycle: int, day: int, agent: str) -> bool:
        return any(fact.agent in (None, agent) for fact in self.omitted.get((cycle, day), ()))

    @property
    def made_up(self) -> int:
        """Omitted cycle days whose dose is to be given at the end."""
        return sum(any(fact.made_up and fact.agent is None for fact in facts) for facts in self.omitted.values())

    @property
    def extra(self) -> int:
        return sum(fact.cycles for fact in self.extended)

    @property
    def extra_past_weeks(self) -> int:
        return sum(fact.cycles for fact in self.extended if fact.overridden)

    def level(self, agent: str, cycle: int) -> Decimal | None:
        """The level in force in `cycle`; None is the full dose."""
        reached = [fact.mg_per_kg for fact in self.levels.get(agent, ()) if fact.from_cycle <= cycle]
        return reached[-1] if reached else None

    @property
    def last_cycle(self) -> int:
        """The last cycle that anything was recorded about."""
        return max(
            (key[0] for keys in (self.given, self.omitted, self.delayed, self.forward) for key in keys), default=0
        )

    @property
    def last_given_cycle(self) -> int:
        return max((cycle for cycle, _, _ in self.given), default=0)
