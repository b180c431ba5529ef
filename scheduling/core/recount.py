"""Earlier doses known only after the start: what was given keeps its dates and takes the numbers that follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from scheduling.core.earlier import opening
from scheduling.core.expansion import Entry, EntryState
from scheduling.core.facts import Credit, CycleDayKey, Extended, Fact, LevelChanged, Record
from scheduling.core.projection import Projection
from scheduling.core.regimen import Regimen

Renumber = Callable[[CycleDayKey], CycleDayKey | None]
"""The number an old cycle day takes; None for one that would lie before the first."""


class Contradiction(ValueError):
    """The earlier doses and what was recorded since cannot both be so."""


@dataclass(frozen=True, slots=True)
class Recount:
    """The plan's facts with the new credits, and the number each old cycle day takes."""

    facts: tuple[Fact, ...]
    shift: int
    renumber: Renumber


@dataclass(frozen=True, slots=True)
class Renumbered:
    """One cycle day before and after: `was` is empty for one that is added, `now` for one that goes."""

    was: tuple[Entry, ...]
    now: tuple[Entry, ...]

    @property
    def old(self) -> Entry | None:
        return self.was[0] if self.was else None

    @property
    def new(self) -> Entry | None:
        return self.now[0] if self.now else None

    @property
    def is_decided(self) -> bool:
        return any(entry.state is not EntryState.PLANNED for entry in self.was or self.now)

    @property
    def moved(self) -> bool:
        return bool(self.was and self.now) and self.was[0].on != self.now[0].on


def recount(regimen: Regimen, start_on: date, facts: Iterable[Fact], earlier: Sequence[Credit]) -> Recount:
    """`facts` with `earlier` in place of the credits they hold.

    Raises AskClinician as `project` does, ValueError for doses that cannot have been, and Contradiction
    when what was recorded no longer fits into the plan.
    """
    facts = tuple(facts)
    kept = tuple(fact for fact in facts if not isinstance(fact, Credit))
    before = [fact for fact in facts if isinstance(fact, Credit)]
    shift = opening(regimen, start_on, earlier).credited - opening(regimen, start_on, before).credited
    renumber = _renumbering(regimen, shift)
    counted = tuple(_renumbered(fact, renumber) for fact in kept)
    _refuse_too_many(regimen, counted)
    return Recount((*earlier, *counted), shift, renumber)


def lines(before: Projection, after: Projection, renumber: Renumber) -> tuple[Renumbered, ...]:
    """Every cycle day of either, matched by what it is and not by its number."""
    was, now = _by_day(before), _by_day(after)
    matched = {renumber(key): entries for key, entries in was.items()}
    gone = [Renumbered(entries, ()) for key, entries in was.items() if renumber(key) not in now]
    return (*(Renumbered(matched.get(key, ()), entries) for key, entries in now.items()), *gone)


def _refuse_too_many(regimen: Regimen, facts: Sequence[Fact]) -> None:
    """A plan never drops what was given; that earlier doses leave it no room shows that they cannot be right."""
    record = Record.of(facts)
    if not regimen.cap.open_ended and record.last_given_cycle > regimen.total_cycles + record.extra + record.made_up:
        raise Contradiction(
            f"cycle {record.last_given_cycle} would be given already, and {regimen.name} ends after "
            f"{regimen.total_cycles + record.extra + record.made_up}"
        )


def _renumbering(regimen: Regimen, shift: int) -> Renumber:
    """By position: the third cycle day of a plan stays its third when three more lie before it."""
    # far enough for every plan there can be, and for those without an end
    days = regimen.cycle_days_up_to(regimen.total_cycles + 2 * abs(shift) + _FAR)
    keys = [(day.cycle, day.day) for day in days]
    place = {key: index for index, key in enumerate(keys)}

    def renumber(key: CycleDayKey) -> CycleDayKey | None:
        index = place[key] + shift
        return keys[index] if 0 <= index < len(keys) else None

    return renumber


_FAR = 400
"""Cycles looked ahead in a plan without an end: more than 20 years of three weeks. Not a clinical figure."""


def _renumbered(fact: Fact, renumber: Renumber) -> Fact:
    if isinstance(fact, Credit | Extended):
        return fact
    key = renumber((fact.from_cycle, 1) if isinstance(fact, LevelChanged) else (fact.cycle, fact.day))
    if key is None:
        raise Contradiction("what was recorded in this plan would lie before its first cycle")
    if isinstance(fact, LevelChanged):
        return replace(fact, from_cycle=key[0])
    return replace(fact, cycle=key[0], day=key[1])


def _by_day(projection: Projection) -> dict[CycleDayKey, tuple[Entry, ...]]:
    days: dict[CycleDayKey, tuple[Entry, ...]] = {}
    for entry in projection.entries:
        key = (entry.cycle, entry.day)
        days[key] = (*days.get(key, ()), entry)
    return days
