"""Going on with a plan that began elsewhere: what was given counts as earlier doses, what was decided ahead stays.

The plan then begins at its next cycle day, under the number it has, by the rules for earlier doses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from scheduling.core.earlier import opening
from scheduling.core.expansion import Entry, EntryState
from scheduling.core.facts import (
    BroughtForward,
    Credit,
    CycleDayKey,
    Delayed,
    Extended,
    Fact,
    Given,
    LevelChanged,
    Record,
)
from scheduling.core.policy import Policy
from scheduling.core.projection import project
from scheduling.core.regimen import Regimen


class CannotGoOn(ValueError):
    """Nothing here says at which dose the plan goes on. The message is a sentence for a clinician."""


@dataclass(frozen=True, slots=True)
class Continuation:
    """Where the plan begins here, the doses that count, and the decisions about what is still to come."""

    start_on: date
    credits: tuple[Credit, ...]
    ahead: tuple[Fact, ...]
    next_key: CycleDayKey
    remaining: tuple[Entry, ...]

    @property
    def facts(self) -> tuple[Fact, ...]:
        return (*self.credits, *self.ahead)


def continuation(
    regimen: Regimen, started_on: date, facts: Sequence[Fact], *, today: date, policy: Policy
) -> Continuation | None:
    """None when nothing is left to give. Raises CannotGoOn, and what `project` raises."""
    planned = project(regimen, started_on, facts, today=today, policy=policy)
    days: dict[CycleDayKey, set[EntryState]] = {}
    for entry in planned.entries:
        days.setdefault((entry.cycle, entry.day), set()).add(entry.state)
    left = [key for key, states in days.items() if EntryState.PLANNED in states]
    if not left:
        return None
    next_key = left[0]
    _refuse_undecided(days, left)
    record = Record.of(facts)
    ahead = tuple(fact for fact in facts if _is_ahead(fact, next_key))
    behind = [fact for fact in facts if fact not in ahead]
    grid = project(regimen, started_on, behind, today=today, policy=policy)
    start_on = next(entry.on for entry in grid.entries if (entry.cycle, entry.day) == next_key)
    made_up = record.made_up + max((credit.made_up for credit in record.credits), default=0)
    credited = planned.credited + len(days) - len(left)
    found = tuple(_credits(record, behind))
    found = _counted_up(regimen, start_on, found, credited, made_up)
    return Continuation(
        start_on, found, (*ahead, *(fact for fact in facts if isinstance(fact, Extended | LevelChanged))), next_key,
        tuple(entry for entry in planned.entries if entry.state is EntryState.PLANNED),
    )  # fmt: skip


def _refuse_undecided(days: dict[CycleDayKey, set[EntryState]], left: Sequence[CycleDayKey]) -> None:
    """What was given or left out must lie before all that is still open."""
    order = list(days)
    late = next((key for key in order[order.index(left[0]) :] if key not in left), None)
    if late is not None:
        raise CannotGoOn(
            f"Cycle {left[0][0]} day {left[0][1]} is undecided, and cycle {late[0]} day {late[1]} was decided after "
            "it. The hospital that sent the card must say first what became of it."
        )
    begun = next((key for key in left if days[key] != {EntryState.PLANNED}), None)
    if begun is not None:
        raise CannotGoOn(f"Cycle {begun[0]} day {begun[1]} was given in part, and the rest of it is undecided.")


def _is_ahead(fact: Fact, next_key: CycleDayKey) -> bool:
    return isinstance(fact, Delayed | BroughtForward) and (fact.cycle, fact.day) >= next_key


def _credits(record: Record, facts: Iterable[Fact]) -> Iterable[Credit]:
    """Each agent's doses, those given before the plan and those in it."""
    own: dict[str, list[date]] = {}
    for fact in facts:
        if isinstance(fact, Given):
            own.setdefault(fact.agent, []).append(fact.on)
    earlier = {credit.agent: credit for credit in record.credits}
    for agent, credit in earlier.items():
        days = own.get(agent, [])
        yield replace(
            credit, doses=credit.doses + len(days), last_given_on=max([credit.last_given_on, *days]),
            first_given_on=credit.first_given_on or (min(days) if days else None),
        )  # fmt: skip
    for agent, days in own.items():
        if agent not in earlier:
            yield Credit(agent, len(days), max(days), min(days))


def _counted_up(
    regimen: Regimen, start_on: date, found: tuple[Credit, ...], credited: int, made_up: int
) -> tuple[Credit, ...]:
    """With the cycle days that went by without a dose, so that numbering goes on where it stood."""
    if credited == 0 and not found:
        return ()
    lead = max((one for one in found if one.agent in regimen.agents), key=lambda one: one.doses, default=None)
    if lead is None:
        missing = credited - opening(regimen, start_on, found).credited if found else credited
        if missing or made_up:
            raise CannotGoOn("Nothing of this regimen was given yet: start it here as a new plan.")
        return found
    bare = tuple(replace(one, made_up=made_up if one is lead else 0) for one in found)
    missing = credited - opening(regimen, start_on, bare).credited
    if missing < 0:
        raise CannotGoOn(f"The card counts {credited} cycle days, and its doses make {credited - missing}.")
    lead = next(one for one in bare if one.agent == lead.agent)
    return tuple(replace(one, passed=one.passed + missing) if one is lead else one for one in bare)
