"""One day by chair: who can sit where and when, first come first served, and whether a seating keeps every rule.

All times are minutes after the site's midnight. Which chair is which is only a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

STEP = 15
"""Minutes between the starts that are offered. Not a clinical figure."""

WINDOW = 30
"""Minutes over which starts count as one rush for the nurses. Not a clinical figure."""


@dataclass(frozen=True, slots=True)
class Stay:
    """What asks for a chair: how long, and between which hours. `acuity` is the work its start makes."""

    key: str
    minutes: int
    not_before: int = 0
    leave_by: int = 24 * 60
    acuity: int = 1


@dataclass(frozen=True, slots=True)
class Place:
    """A stay in a chair, from the start of its set-up until the patient leaves."""

    key: str
    chair: str
    begins: int
    minutes: int

    @property
    def ends(self) -> int:
        return self.begins + self.minutes


@dataclass(frozen=True, slots=True)
class ChairDay:
    """The opening hours, the chairs in their order, who asks for one, and what stands already.

    `taken` cannot be moved: it has begun, it was given, or somebody asked for it to be kept.
    """

    opens: int
    closes: int
    chairs: tuple[str, ...]
    stays: tuple[Stay, ...]
    taken: tuple[Place, ...] = ()
    acuities: Mapping[str, int] = field(default_factory=dict)

    def starts(self, stay: Stay) -> range:
        """Every start on the grid at which this stay keeps its own hours and the site's."""
        earliest = max(self.opens, stay.not_before)
        first = self.opens + -(-(earliest - self.opens) // STEP) * STEP
        latest = min(self.closes, stay.leave_by) - stay.minutes
        return range(first, latest + 1, STEP)


@dataclass(frozen=True, slots=True, order=True)
class Measure:
    """Compared in this order, less is better: without a chair, the nurses' peak, minutes waited after opening."""

    unplaced: int
    peak: int
    waited: int


def first_come(day: ChairDay) -> tuple[Place, ...]:
    """Each stay in the order given, at the earliest start, in the first chair that is free. Full means left out."""
    placed: list[Place] = []
    for stay in day.stays:
        found = next(openings(day, stay, placed), None)
        if found:
            placed.append(found)
    return tuple(placed)


def spread(day: ChairDay) -> tuple[Place, ...]:
    """The longest stays first, each where the fewest others start: a plain way to a flatter day."""
    placed: list[Place] = []
    for stay in sorted(day.stays, key=lambda stay: (-stay.minutes, stay.key)):
        loads = rush(day, placed)

        def cost(place: Place, loads: Mapping[int, int] = loads) -> tuple[int, int]:
            return loads.get(window_of(day, place.begins), 0), place.begins

        found = min(openings(day, stay, placed), key=cost, default=None)
        if found:
            placed.append(found)
    return tuple(placed)


def openings(day: ChairDay, stay: Stay, placed: Sequence[Place] = ()) -> Iterator[Place]:
    """Where the stay fits beside what stands, the earliest first, chairs in their order."""
    held: dict[str, list[Place]] = {chair: [] for chair in day.chairs}
    for place in (*day.taken, *placed):
        if place.key != stay.key:
            held.setdefault(place.chair, []).append(place)
    for begins in day.starts(stay):
        for chair in day.chairs:
            place = Place(stay.key, chair, begins, stay.minutes)
            if not any(overlap(place, other) for other in held[chair]):
                yield place


def overlap(one: Place, other: Place) -> bool:
    return one.begins < other.ends and other.begins < one.ends


def window_of(day: ChairDay, begins: int) -> int:
    """The number of the half hour after opening in which a start falls."""
    return (begins - day.opens) // WINDOW


def rush(day: ChairDay, placed: Iterable[Place]) -> dict[int, int]:
    """By half hour after opening: the acuity that starts in it, of what stands and of what is placed."""
    acuity = dict(day.acuities) | {stay.key: stay.acuity for stay in day.stays}
    found: dict[int, int] = {}
    for place in (*day.taken, *placed):
        window = window_of(day, place.begins)
        found[window] = found.get(window, 0) + acuity.get(place.key, 1)
    return found


def measure(day: ChairDay, placed: Sequence[Place]) -> Measure:
    """How good a seating is; what stands already weighs on the peak as well."""
    waited = sum(place.begins - day.opens for place in placed)
    return Measure(len(day.stays) - len(placed), max(rush(day, placed).values(), default=0), waited)


def faults(day: ChairDay, placed: Sequence[Place]) -> tuple[str, ...]:
    """Every rule that a seating breaks, in a sentence; nothing when it can be taken as it is."""
    stays = {stay.key: stay for stay in day.stays}
    found = [fault for place in placed for fault in _of_place(day, stays.get(place.key), place)]
    if len({place.key for place in placed}) < len(placed):
        found.append("Somebody is given two chairs.")
    every = sorted((*day.taken, *placed), key=lambda place: (place.chair, place.begins))
    for one, other in pairwise(every):
        if one.chair == other.chair and overlap(one, other):
            found.append(f"Chair {one.chair} is taken twice from {clock(other.begins)}.")
    return tuple(found)


def _of_place(day: ChairDay, stay: Stay | None, place: Place) -> Iterator[str]:
    if stay is None:
        yield "Somebody is placed who asks for no chair on this day."
        return
    if place.chair not in day.chairs:
        yield f"Chair {place.chair} is not in use on this day."
    if place.minutes != stay.minutes:
        yield f"{place.minutes} minutes are not the {stay.minutes} this stay needs."
    if place.begins < max(day.opens, stay.not_before):
        yield f"{clock(place.begins)} is too early."
    if place.ends > min(day.closes, stay.leave_by):
        yield f"{clock(place.ends)} is too late to leave."


def clock(minutes: int) -> str:
    """`555` is 09:15."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
