"""How a plan will end: what was given, how late it is, and whether it is done within the year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from her2tracker.lib.bounds import Bounds
from her2tracker.lib.sources import Citation
from scheduling.core.expansion import Entry, EntryState
from scheduling.core.projection import Projection
from scheduling.core.regimen import Regimen


@dataclass(frozen=True, slots=True)
class YearLimits:
    """Past which a plan is not extended without an override, and the gap that counts as an interruption.

    `doses` are those given every `cycle_length_days` or more: weekly ones are not among them.
    """

    weeks: int
    weeks_citation: Citation
    doses: int
    cycle_length_days: int
    doses_citation: Citation
    interruption_days: Bounds
    interruption_citation: Citation

    def days_of(self, projection: Projection) -> int:
        """Days from the first dose to the last that is given or planned."""
        last = _last_dose_on(projection)
        return (last - projection.year_from).days if last and projection.year_from else 0

    def doses_of(self, regimen: Regimen, projection: Projection) -> int:
        """Cycle days, the credited ones too, of phases with cycles this long; omitted ones do not count."""
        long = {phase.name for phase in regimen.phases if phase.cycle_length_days >= self.cycle_length_days}
        credited = sum(
            day.phase.name in long for day in regimen.cycle_days_up_to(projection.credited)[: projection.credited]
        )
        left = {(e.cycle, e.day) for e in _doses(projection) if e.phase in long}
        return credited + len(left)


@dataclass(frozen=True, slots=True)
class Interruption:
    """Days without any agent, beyond those the regimen leaves between two doses."""

    last_on: date
    resumed_on: date
    days_beyond: int
    cycle: int
    foreseen: bool


@dataclass(frozen=True, slots=True)
class Forecast:
    """`delay_days` is how far the last dose stands from where it was first planned.

    `finishes_in_a_year` is None where no source gives the regimen a year. `left_out` counts cycle days
    that the plan's weeks leave no room for.
    """

    credited: int
    given: int
    omitted: int
    left: int
    missed: int
    left_out: int
    delay_days: int
    last_on: date | None
    first_planned_last_on: date | None
    year_ends_on: date | None
    finishes_in_a_year: bool | None
    interruptions: tuple[Interruption, ...]

    @property
    def interrupted_days(self) -> int:
        """Of the interruptions that have happened."""
        return sum(one.days_beyond for one in self.interruptions if not one.foreseen)


def forecast(regimen: Regimen, projection: Projection, limits: YearLimits) -> Forecast:
    """From a projection: counts, the last dose, interruptions, and whether it all fits into one year."""
    left_out = len({(entry.cycle, entry.day) for entry in projection.past_cap})
    year_ends_on = _year_ends_on(regimen, projection)
    last_on = None if regimen.cap.open_ended else _last_dose_on(projection)
    return Forecast(
        credited=projection.credited,
        given=projection.given,
        omitted=projection.omitted,
        left=projection.left,
        missed=len({(entry.cycle, entry.day) for entry in projection.missed}),
        left_out=left_out,
        delay_days=projection.delay_days,
        last_on=last_on,
        first_planned_last_on=projection.first_planned_last_on,
        year_ends_on=year_ends_on,
        finishes_in_a_year=None
        if year_ends_on is None or last_on is None
        else not left_out and last_on <= year_ends_on,
        interruptions=tuple(_interruptions(projection, limits)),
    )


def _doses(projection: Projection) -> Iterator[Entry]:
    return (entry for entry in projection.entries if entry.state is not EntryState.OMITTED)


def _last_dose_on(projection: Projection) -> date | None:
    return max((entry.on for entry in _doses(projection)), default=None)


def _year_ends_on(regimen: Regimen, projection: Projection) -> date | None:
    if regimen.one_year is None or projection.year_from is None:
        return None
    return projection.year_from + timedelta(regimen.one_year.days)


def _interruptions(projection: Projection, limits: YearLimits) -> Iterator[Interruption]:
    """Counted by the agent that came back first: nothing was interrupted while another went on."""
    days: dict[tuple[int, int], list[Entry]] = {}
    for entry in _doses(projection):
        days.setdefault((entry.cycle, entry.day), []).append(entry)
    for (cycle, _), entries in days.items():
        judged = [(entry.judgement.days_late, entry) for entry in entries if entry.judgement]
        if not judged:
            continue
        late, first = min(judged, key=lambda pair: pair[0])
        if first.judgement and limits.interruption_days.hold(late):
            last_on = first.on - timedelta(first.judgement.days_since_last)
            yield Interruption(last_on, first.on, late, cycle, first.state is EntryState.PLANNED)
