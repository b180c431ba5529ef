"""A proposal for one day's starts and chairs: the flattest that is found in a bounded time, never worse than the queue.

The optimiser is an extra. Where it is not installed the plain ways of `chair_day` serve, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from scheduling.core.chair_day import (
    STEP,
    WINDOW,
    ChairDay,
    Measure,
    Place,
    Stay,
    faults,
    first_come,
    measure,
    overlap,
    spread,
)

SECONDS = 2.0
"""The longest that a page waits for the optimiser. Not a clinical figure."""

# The optimiser's own count of work, so that one day gives one answer on a fast and on a slow machine.
_WORK = 1.0
_SEED = 1


@dataclass(frozen=True, slots=True)
class Proposal:
    """`places` keeps every rule and is at least as good as `queue`, the same day first come first served."""

    places: tuple[Place, ...]
    measure: Measure
    queue: Measure
    way: str  # "optimiser", "spread" or "first come"
    is_best: bool = False  # proven: no seating of this day is better

    @property
    def left_out(self) -> int:
        return self.measure.unplaced


def propose(day: ChairDay, seconds: float = SECONDS, present: tuple[Place, ...] = ()) -> Proposal:
    """The best of what is found: by the optimiser, by spreading, first come first served.

    Chairs are alike: who has one at `present` changes it only where the starts ask for it.
    """
    queue = first_come(day)
    found: list[tuple[Measure, int, str, tuple[Place, ...]]] = [(measure(day, queue), 1, "first come", queue)]
    flatter = spread(day)
    found.append((measure(day, flatter), 2, "spread", flatter))
    solved, is_best = _solved(day, min(found)[3], seconds)
    if solved is not None:
        found.append((measure(day, solved), 0, "optimiser", solved))
    # whatever made it: what breaks a rule is never proposed
    sound = [one for one in found if not faults(day, one[3])]
    best, _, way, places = min(sound, key=lambda one: one[:2])
    settled = _settled(day, places, {place.key: place for place in present})
    return Proposal(settled, best, measure(day, queue), way, is_best and way == "optimiser")


def _settled(day: ChairDay, places: tuple[Place, ...], present: Mapping[str, Place]) -> tuple[Place, ...]:
    """The same starts, each in the chair it has now where that is free; as it was where that does not work out."""
    kept = [place for place in places if place.key in present and place.begins == present[place.key].begins]
    others = sorted((place for place in places if place not in kept), key=lambda place: (place.begins, place.key))
    dealt = [replace(place, chair=present[place.key].chair) for place in kept]
    for place in others:
        now = present.get(place.key)
        free = [chair for chair in day.chairs if _is_free(chair, place, (*day.taken, *dealt))]
        if not free:
            return places
        dealt.append(replace(place, chair=now.chair if now and now.chair in free else free[0]))
    found = tuple(sorted(dealt, key=lambda place: (place.begins, place.chair)))
    return places if faults(day, found) else found


def _is_free(chair: str, place: Place, standing: Iterable[Place]) -> bool:
    return not any(one.chair == chair and one.begins < place.ends and place.begins < one.ends for one in standing)


@cache
def has_optimiser() -> bool:
    return find_spec("ortools") is not None


def _solved(day: ChairDay, hint: tuple[Place, ...], seconds: float) -> tuple[tuple[Place, ...] | None, bool]:
    """The optimiser's seating and whether it is proven best; nothing where it found none in time.

    Chairs are alike, so only how many are in use at once is solved, and chairs are dealt out afterwards.
    What stands already can make that impossible; then each chair is solved for.
    """
    if not has_optimiser() or not day.stays or not day.chairs:
        return None, False
    starts, is_best = _Model(day, hint, by_chair=False).solve(seconds / 2)
    if starts is not None and (places := _dealt(day, starts)):
        return places, is_best
    return _Model(day, hint, by_chair=True).solve(seconds / 2)


def _dealt(day: ChairDay, starts: tuple[Place, ...]) -> tuple[Place, ...] | None:
    """A chair for each start, in order; nothing where what stands leaves none for one of them."""
    placed: list[Place] = []
    for place in sorted(starts, key=lambda place: (place.begins, place.key)):
        stands = (*day.taken, *placed)
        seats = (replace(place, chair=chair) for chair in day.chairs)
        free = next(
            (seat for seat in seats if not any(one.chair == seat.chair and overlap(one, seat) for one in stands)), None
        )
        if free is None:
            return None
        placed.append(free)
    return tuple(placed)


class _Model:
    """CP-SAT: each stay at most once, never more than there are chairs; first the unplaced, then the peak, then waits.

    With `by_chair` each chair has its own line; without, a place names the first chair only.
    """

    def __init__(self, day: ChairDay, hint: tuple[Place, ...], *, by_chair: bool) -> None:
        self.cp: Any = import_module("ortools.sat.python.cp_model")
        self.day, self.model = day, self.cp.CpModel()
        self.hint = {place.key: place for place in hint}
        # without lines of their own all chairs are one line that holds as many as there are
        self.lines = day.chairs if by_chair else day.chairs[:1]
        self.holds = 1 if by_chair else len(day.chairs)
        self.starts: dict[str, Any] = {}
        self.seats: dict[tuple[str, str], Any] = {}
        self.intervals: dict[str, list[Any]] = {line: [] for line in self.lines}
        self.rushes: dict[int, list[Any]] = {}
        self.costs: list[Any] = []
        for place in day.taken:
            if place.chair in day.chairs:
                fixed = self.model.new_fixed_size_interval_var(place.begins, place.minutes, "taken")
                self.intervals[place.chair if by_chair else self.lines[0]].append(fixed)
        for stay in day.stays:
            if len(day.starts(stay)):
                self._add(stay)
        for intervals in self.intervals.values():
            self.model.add_cumulative(intervals, [1] * len(intervals), self.holds)
        self._aim()

    def _add(self, stay: Stay) -> None:
        steps, hinted = self.day.starts(stay), self.hint.get(stay.key)
        step = self.model.new_int_var(0, len(steps) - 1, f"start {stay.key}")
        begins = steps.start + STEP * step
        for line in self.lines:
            seat = self.model.new_bool_var(f"{stay.key} in {line}")
            interval = self.model.new_optional_fixed_size_interval_var(begins, stay.minutes, seat, f"{stay.key} {line}")
            self.intervals[line].append(interval)
            self.seats[stay.key, line] = seat
            self.model.add_hint(
                seat, hinted is not None and hinted.chair in (line, *self.day.chairs[len(self.lines) :])
            )
        placed = self.model.new_bool_var(f"placed {stay.key}")
        self.model.add(sum(self.seats[stay.key, line] for line in self.lines) == placed)
        # without a chair nobody waits: its start costs nothing
        self.model.add(step == 0).only_enforce_if(~placed)
        self.model.add_hint(step, (hinted.begins - steps.start) // STEP if hinted else 0)
        self.starts[stay.key] = begins
        self._add_to_rush(stay, steps, step, placed)
        self.costs += [self._missing * (1 - placed), begins - steps.start + (steps.start - self.day.opens) * placed]

    def _add_to_rush(self, stay: Stay, steps: range, step: Any, placed: Any) -> None:
        windows = []
        for window in sorted({(begins - self.day.opens) // WINDOW for begins in steps}):
            inside = [i for i, begins in enumerate(steps) if (begins - self.day.opens) // WINDOW == window]
            starts_here = self.model.new_bool_var(f"{stay.key} in window {window}")
            self.model.add(step >= inside[0]).only_enforce_if(starts_here)
            self.model.add(step <= inside[-1]).only_enforce_if(starts_here)
            self.rushes.setdefault(window, []).append(stay.acuity * starts_here)
            windows.append(starts_here)
        self.model.add(sum(windows) == placed)

    @property
    def _rushed(self) -> int:
        """What one more at the peak costs: more than all the waiting there can be."""
        return len(self.day.stays) * (self.day.closes - self.day.opens) + 1

    @property
    def _missing(self) -> int:
        """What one without a chair costs: more than any peak."""
        most = sum(stay.acuity for stay in self.day.stays) + sum(self._stand().values())
        return self._rushed * (most + 1)

    def _stand(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for place in self.day.taken:
            window = (place.begins - self.day.opens) // WINDOW
            found[window] = found.get(window, 0) + self.day.acuities.get(place.key, 1)
        return found

    def _aim(self) -> None:
        stand = self._stand()
        most = sum(stay.acuity for stay in self.day.stays) + sum(stand.values())
        peak = self.model.new_int_var(max(stand.values(), default=0), most, "peak")
        for window, starting in self.rushes.items():
            self.model.add(sum(starting) + stand.get(window, 0) <= peak)
        self.model.minimize(self._rushed * peak + sum(self.costs))

    def solve(self, seconds: float) -> tuple[tuple[Place, ...] | None, bool]:
        solver = self.cp.CpSolver()
        solver.parameters.num_workers, solver.parameters.random_seed = 1, _SEED
        solver.parameters.max_deterministic_time, solver.parameters.max_time_in_seconds = _WORK, seconds
        status = solver.solve(self.model)
        if status not in (self.cp.OPTIMAL, self.cp.FEASIBLE):
            return None, False
        minutes = {stay.key: stay.minutes for stay in self.day.stays}
        places = (
            Place(key, chair, solver.value(self.starts[key]), minutes[key])
            for (key, chair), seat in self.seats.items()
            if solver.boolean_value(seat)
        )
        return tuple(sorted(places, key=lambda place: (place.begins, place.chair))), status == self.cp.OPTIMAL
