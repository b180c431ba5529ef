"""What was delivered of what was planned: doses, delays, interruptions, completion, and relative dose intensity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from statistics import mean

from scheduling.core.expansion import EntryState
from scheduling.core.forecast import YearLimits, forecast
from scheduling.core.lifecycle import PlanState
from scheduling.core.projection import Projection
from scheduling.core.regimen import Regimen


class Outcome(StrEnum):
    """How a plan stands at its end. `completed` is of a regimen that no source gives a year."""

    RUNNING = "running"
    WITHIN_A_YEAR = "within-a-year"
    LATER = "later"
    COMPLETED = "completed"
    CEASED = "ceased"

    @property
    def is_completed(self) -> bool:
        return self in (Outcome.WITHIN_A_YEAR, Outcome.LATER, Outcome.COMPLETED)


@dataclass(frozen=True, slots=True)
class DecidedDose:
    """One agent's dose that was given or omitted. `full` is what the regimen plans there, `given` what went in, in mg.

    `interval_days` are those the regimen leaves since the agent's dose before. A fixed combination counts 1 a dose.
    """

    on: date
    is_given: bool
    interval_days: int
    full: Decimal
    given: Decimal


@dataclass(frozen=True, slots=True)
class Intensity:
    """(given mg / actual days) / (planned mg / planned days), from the first dose to the last that was given."""

    given: Decimal
    actual_days: int
    planned: Decimal
    planned_days: int

    @property
    def percent(self) -> Decimal:
        return self.given * self.planned_days * 100 / (self.planned * self.actual_days)


def intensity(doses: Sequence[DecidedDose]) -> Intensity | None:
    """Of one agent; `doses` in order. None until a second dose was given.

    The first dose, the loading one, opens the time and is left out of the milligrams, given and planned.
    Loading again after a gap went in for that gap, so it counts as it was given.
    """
    given = [index for index, dose in enumerate(doses) if dose.is_given]
    if len(given) < 2:
        return None
    first, last = given[0], given[-1]
    counted = doses[first + 1 : last + 1]
    days, planned = (doses[last].on - doses[first].on).days, sum((dose.full for dose in counted), Decimal(0))
    if not planned or days < 1:
        return None
    went_in = sum((dose.given for dose in counted), Decimal(0))
    return Intensity(went_in, days, planned, sum(dose.interval_days for dose in counted))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One plan. `planned` are the cycle days that the regimen alone would have had until today, or until the end."""

    planned: int
    given: int
    omitted: int
    delays: tuple[str, ...]
    interruptions: int
    interrupted_days: int
    outcome: Outcome
    intensities: Mapping[str, Intensity]


def deliver(
    regimen: Regimen,
    start_on: date,
    projection: Projection,
    limits: YearLimits,
    *,
    state: PlanState,
    until: date,
    delays: Iterable[str],
    doses: Mapping[str, Sequence[DecidedDose]],
) -> Delivery:
    """`until` is today, or the day the plan ended; `delays` are the coded reasons, one for each delay."""
    found = forecast(regimen, projection, limits)
    measured = {agent: intensity(decided) for agent, decided in doses.items()}
    return Delivery(
        planned=_planned_by(regimen, start_on, projection.credited, until),
        given=projection.given,
        omitted=projection.omitted,
        delays=tuple(delays),
        interruptions=sum(not one.foreseen for one in found.interruptions),
        interrupted_days=found.interrupted_days,
        outcome=_outcome(regimen, projection, state),
        intensities={agent: one for agent, one in measured.items() if one},
    )


def _planned_by(regimen: Regimen, start_on: date, credited: int, until: date) -> int:
    """Without an end the last phase goes on for as long as it takes."""
    days = max((until - start_on).days, 0)
    cycles = regimen.total_cycles
    if regimen.cap.open_ended:
        cycles += credited + days // regimen.phases[-1].cycle_length_days + 1
    left = regimen.cycle_days_up_to(cycles)[credited:]
    return sum(day.offset_days - left[0].offset_days <= days for day in left)


def _outcome(regimen: Regimen, projection: Projection, state: PlanState) -> Outcome:
    if state is not PlanState.COMPLETED:
        return Outcome.RUNNING if state is PlanState.ACTIVE else Outcome.CEASED
    last = max((entry.on for entry in projection.entries if entry.state is EntryState.GIVEN), default=None)
    if regimen.one_year is None or projection.year_from is None or last is None:
        return Outcome.COMPLETED
    within = last <= projection.year_from + timedelta(regimen.one_year.days)
    return Outcome.WITHIN_A_YEAR if within else Outcome.LATER


@dataclass(frozen=True, slots=True)
class Total:
    """All plans of one regimen. Each agent's intensity is the mean of its plans', with the lowest and how many."""

    plans: int = 0
    planned: int = 0
    given: int = 0
    omitted: int = 0
    delays: Mapping[str, int] = field(default_factory=dict)
    interruptions: int = 0
    interrupted_days: int = 0
    interrupted_plans: int = 0
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    intensities: Mapping[str, tuple[Decimal, Decimal, int]] = field(default_factory=dict)

    @property
    def ended(self) -> int:
        return self.plans - self.outcomes.get(Outcome.RUNNING, 0)

    @property
    def completed(self) -> int:
        return sum(count for outcome, count in self.outcomes.items() if outcome.is_completed)

    @property
    def delayed(self) -> int:
        return sum(self.delays.values())

    @property
    def given_percent(self) -> Decimal | None:
        """Doses given, in percent of those the regimen would have had by now."""
        return Decimal(self.given) * 100 / self.planned if self.planned else None


def total(plans: Iterable[Delivery]) -> Total:
    all_of = tuple(plans)
    reasons = Counter(reason for one in all_of for reason in one.delays)
    percents: dict[str, list[Decimal]] = {}
    for one in all_of:
        for agent, measured in one.intensities.items():
            percents.setdefault(agent, []).append(measured.percent)
    return Total(
        plans=len(all_of),
        planned=sum(one.planned for one in all_of),
        given=sum(one.given for one in all_of),
        omitted=sum(one.omitted for one in all_of),
        delays=dict(reasons.most_common()),
        interruptions=sum(one.interruptions for one in all_of),
        interrupted_days=sum(one.interrupted_days for one in all_of),
        interrupted_plans=sum(one.interruptions > 0 for one in all_of),
        outcomes=Counter(one.outcome for one in all_of),
        intensities={agent: (mean(found), min(found), len(found)) for agent, found in percents.items()},
    )
