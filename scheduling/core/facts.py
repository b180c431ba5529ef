"""What was recorded about a plan. Everything else about it is computed from these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from scheduling.core.regimen import DoseKind

CycleDayKey = tuple[int, int]


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
    """This cycle day, and with it all later ones, moved to `to`. The last one recorded counts."""

    cycle: int
    day: int
    to: date


@dataclass(frozen=True, slots=True)
class Credit:
    """Doses given before this plan, here or elsewhere, that count.

    `first_given_on`, when known, is where the one year starts. `decided` is a clinician's answer to
    AskClinician: which kind the first dose here shall be, for the agents without earlier doses of their own.
    """

    agent: str
    doses: int
    last_given_on: date
    first_given_on: date | None = None
    decided: DoseKind | None = None


Fact = Given | Omitted | Delayed | Credit


@dataclass(frozen=True, slots=True)
class Record:
    """Facts laid out for looking up."""

    given: dict[tuple[int, int, str], Given] = field(default_factory=dict)
    given_on: dict[CycleDayKey, date] = field(default_factory=dict)
    omitted: dict[CycleDayKey, list[Omitted]] = field(default_factory=dict)
    delayed: dict[CycleDayKey, date] = field(default_factory=dict)
    credits: tuple[Credit, ...] = ()

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> Record:
        record, earlier = cls(), []
        for fact in facts:
            if isinstance(fact, Given):
                record.given[fact.cycle, fact.day, fact.agent] = fact
                key = (fact.cycle, fact.day)
                # agents of one day may go in on different dates: the later one leads
                record.given_on[key] = max(fact.on, record.given_on.get(key, fact.on))
            elif isinstance(fact, Omitted):
                record.omitted.setdefault((fact.cycle, fact.day), []).append(fact)
            elif isinstance(fact, Delayed):
                record.delayed[fact.cycle, fact.day] = fact.to
            else:
                earlier.append(fact)
        return cls(record.given, record.given_on, record.omitted, record.delayed, tuple(earlier))

    def is_omitted(self, cycle: int, day: int, agent: str) -> bool:
        return any(fact.agent in (None, agent) for fact in self.omitted.get((cycle, day), ()))

    @property
    def made_up(self) -> int:
        """Omitted cycle days whose dose is to be given at the end."""
        return sum(any(fact.made_up and fact.agent is None for fact in facts) for facts in self.omitted.values())

    @property
    def last_given_cycle(self) -> int:
        return max((cycle for cycle, _, _ in self.given), default=0)
