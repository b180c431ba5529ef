"""A regimen tried on dummy patients before anybody is treated by it: every dose on time, then after each delay.

Days are counted from the first dose, which is day 1: a rehearsal has no dates, so it reads the same every day.
The dummies are arithmetic. They are nobody, and no row is ever made of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from her2tracker.lib.bounds import plain
from her2tracker.lib.sources import Citation
from scheduling.core.dosing import calculate_each
from scheduling.core.expansion import Entry, Walk, walk
from scheduling.core.facts import CycleDayKey, Delayed, Fact, Record
from scheduling.core.policy import Policy
from scheduling.core.regimen import DoseKind, Regimen

_FIRST = date(2001, 1, 1)
"""Where the walk starts; never shown. Not a clinical figure."""


@dataclass(frozen=True, slots=True)
class Dummies:
    """What is rehearsed: weights in kg, delays in days, and which cycle day without a loading dose is delayed."""

    weights_kg: tuple[Decimal, ...]
    delays_days: tuple[int, ...]
    maintenance: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class Amount:
    """One dummy's milligrams with their arithmetic; `refused` says why there are none."""

    weight_kg: Decimal
    planned_mg: Decimal | None
    arithmetic: str
    refused: str

    @property
    def words(self) -> str:
        return f"{self.arithmetic}. {self.refused}" if self.refused else self.arithmetic


@dataclass(frozen=True, slots=True)
class Line:
    """One agent on one cycle day. `on_day` counts from the first dose, which is day 1."""

    on_day: int
    phase: str
    cycle: int
    day: int
    agent: str
    kind: DoseKind
    amounts: tuple[Amount, ...]
    note: str

    @property
    def is_fixed(self) -> bool:
        """Whatever the weight, the same."""
        return len({one.words for one in self.amounts}) == 1


@dataclass(frozen=True, slots=True)
class Said:
    """What the gap rule says about one agent after the delay, and whose rule that is."""

    sentence: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Scene:
    """The whole treatment with one cycle day `days_late`, or with none."""

    days_late: int
    delayed: CycleDayKey | None
    lines: tuple[Line, ...]
    said: tuple[Said, ...]
    last_day: int
    left_out: tuple[str, ...]
    goes_on: str = ""  # until what, where there is no last dose

    @property
    def title(self) -> str:
        if self.delayed is None:
            return "On time"
        return f"Cycle {self.delayed[0]} day {self.delayed[1]} delayed by {self.days_late} days"

    @property
    def last(self) -> str:
        if self.goes_on:
            return f"Laid out to day {self.last_day}; it goes on {self.goes_on}."
        return f"The last dose is on day {self.last_day}, {(self.last_day - 1) // 7} weeks after the first."


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Everything the approvers sign. `at_home` is what is swallowed: it has no cycle days to rehearse."""

    regimen: Regimen
    scenes: tuple[Scene, ...]
    at_home: tuple[str, ...]

    @property
    def refusals(self) -> tuple[str, ...]:
        """Doses that would not be planned for one of the dummies, each once."""
        lines = [line for scene in self.scenes for line in scene.lines]
        found = (f"{line.agent}, {one.words}" for line in lines for one in line.amounts if one.refused)
        return tuple(dict.fromkeys(found))

    def text(self) -> str:
        """The rehearsal line by line, as it is digested."""
        return "\n".join(self._told())

    def digest(self, definition: str) -> str:
        """SHA-256 over what was shown and over the `definition` digest of the file it was shown for."""
        return hashlib.sha256(f"{definition}\n{self.text()}".encode()).hexdigest()

    def _told(self) -> Iterator[str]:
        yield f"{self.regimen.id} v{self.regimen.version}"
        yield from self.at_home
        for scene in self.scenes:
            yield scene.title
            for line in scene.lines:
                yield f"day {line.on_day}, cycle {line.cycle} day {line.day}, {line.agent}, {line.kind.value}"
                yield from (f"{plain(one.weight_kg)} kg: {one.words}" for one in line.amounts)
                yield line.note
            yield from (f"{said.sentence} [{said.citation.key}]" for said in scene.said)
            yield from scene.left_out
            yield scene.last if scene.lines else ""


def rehearse(regimen: Regimen, dummies: Dummies, policy: Policy | None = None) -> Rehearsal:
    """Expand `regimen` on time and after each delay, for every dummy."""
    at_home = tuple(f"{oral.title}: {dose.in_words()}" for oral in regimen.oral for dose in oral.doses)
    on_time = walk(regimen, _FIRST, Record(), policy=policy)
    if not on_time.entries:
        return Rehearsal(regimen, (), at_home)
    key, planned_on = _delayed_day(on_time.entries, dummies.maintenance)
    scenes = [_scene(regimen, dummies, on_time, 0, None)]
    for late in dummies.delays_days:
        facts: list[Fact] = [Delayed(*key, planned_on + timedelta(days=late))]
        walked = walk(regimen, _FIRST, Record.of(facts), policy=policy)
        scenes.append(_scene(regimen, dummies, walked, late, key))
    return Rehearsal(regimen, tuple(scenes), at_home)


def _delayed_day(entries: Sequence[Entry], maintenance: int) -> tuple[CycleDayKey, date]:
    """The n-th cycle day on which nothing loads; of a shorter regimen, its last cycle day."""
    loading = {(entry.cycle, entry.day) for entry in entries if entry.kind is DoseKind.LOADING}
    days = {(entry.cycle, entry.day): entry.on for entry in entries}
    # an agent without a loading dose still has a first one, and nothing was given before the first day
    later = [key for key in days if key not in loading and days[key] > entries[0].on]
    key = later[min(maintenance, len(later)) - 1] if later else list(days)[-1]
    return key, days[key]


def _scene(regimen: Regimen, dummies: Dummies, walked: Walk, late: int, key: CycleDayKey | None) -> Scene:
    entries = walked.entries
    amounts = _amounts(regimen, entries, dummies.weights_kg)
    lines = tuple(_line(regimen, entry, own) for entry, own in zip(entries, amounts, strict=True))
    said = (
        Said(entry.judgement.reason, entry.judgement.citation)
        for entry in entries
        if entry.judgement and (entry.kind is DoseKind.RELOAD or (entry.cycle, entry.day) == key)
    )
    left_out = tuple(
        f"Cycle {entry.cycle} day {entry.day} of {entry.agent} would be on day {_count(entry.on)}: past the end, "
        "not planned."
        for entry in walked.past_cap
    )
    last_day = max((line.on_day for line in lines), default=0)
    goes_on = regimen.cap.in_words() if regimen.cap.open_ended else ""
    return Scene(late, key, lines, tuple(dict.fromkeys(said)), last_day, left_out, goes_on)


def _amounts(regimen: Regimen, entries: Sequence[Entry], weights_kg: Sequence[Decimal]) -> Iterator[tuple[Amount, ...]]:
    by_weight = [calculate_each(regimen, entries, kg) for kg in weights_kg]
    for calculations in zip(*by_weight, strict=True):
        yield tuple(
            Amount(kg, made.planned_mg, made.arithmetic, made.refused.sentence if made.refused else "")
            for kg, made in zip(weights_kg, calculations, strict=True)
        )


def _line(regimen: Regimen, entry: Entry, amounts: tuple[Amount, ...]) -> Line:
    title = regimen.agent(entry.agent, entry.phase).title
    return Line(_count(entry.on), entry.phase, entry.cycle, entry.day, title, entry.kind, amounts, entry.note)


def _count(on: date) -> int:
    return (on - _FIRST).days + 1
