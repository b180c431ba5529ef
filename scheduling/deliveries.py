"""Delivered against planned: every plan of a site that has begun, by regimen. Queries do not grow with the plans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from her2tracker.accounts.models import Site
from scheduling import catalog
from scheduling.core.delivery import DecidedDose, Delivery, Total, deliver, total
from scheduling.core.expansion import Entry, EntryState
from scheduling.core.projection import Projection
from scheduling.core.regimen import Regimen
from scheduling.models import Administration, TreatmentPlan
from scheduling.models.standing import projection_of, regimen_of
from scheduling.words import DelayReason, PlanState

BATCH = 500


@dataclass(frozen=True, slots=True)
class Delivered:
    """One plan's delivery beside its rows."""

    plan: TreatmentPlan
    regimen: Regimen
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class RegimenTotal:
    """What the plans of one regimen add up to, whichever of its versions they follow."""

    key: str
    regimen: Regimen
    total: Total

    @property
    def reasons(self) -> tuple[tuple[str, int], ...]:
        """Coded reasons of the delays in words, the most frequent first."""
        return tuple((DelayReason(code).in_sentence, count) for code, count in self.total.delays.items())

    @property
    def intensities(self) -> tuple[tuple[str, Decimal, Decimal, int], ...]:
        """Agent's title, mean, lowest, and of how many plans, in percent."""
        return tuple((self.regimen.agent(name).title, *found) for name, found in self.total.intensities.items())


def delivered_at(site: Site) -> Iterator[Delivered]:
    """A batch of plans at a time, so that memory does not grow with the clinic."""
    today, last = site.today(), 0
    rows = TreatmentPlan.objects.at(site).with_facts().defer("regimen__definition").order_by("pk")
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        yield from (one for plan in batch if (one := _delivered(plan, today)))
        last = batch[-1].pk


def by_regimen(plans: Iterable[Delivered]) -> list[RegimenTotal]:
    """In the order of the regimens' names; the newest version met gives the name."""
    groups: dict[str, list[Delivered]] = {}
    for one in plans:
        groups.setdefault(one.regimen.id, []).append(one)
    found = [_total_of(key, group) for key, group in groups.items()]
    return sorted(found, key=lambda one: one.regimen.name)


def _total_of(key: str, group: list[Delivered]) -> RegimenTotal:
    newest = max((one.regimen for one in group), key=lambda regimen: regimen.version)
    return RegimenTotal(key, newest, total(one.delivery for one in group))


def _delivered(plan: TreatmentPlan, today: date) -> Delivered | None:
    """None for a plan in which nothing went in yet, as one by mouth never has."""
    regimen, projection = regimen_of(plan.regimen), projection_of(plan, today=today)
    if not projection.given:
        return None
    found = deliver(
        regimen,
        plan.start_on,
        projection,
        catalog.year_limits(),
        state=PlanState(plan.state),
        until=plan.ended_on or today,
        delays=[delay.reason for delay in plan.delays.all()],
        doses=_doses(plan, regimen, projection),
    )
    return Delivered(plan, regimen, found)


def _doses(plan: TreatmentPlan, regimen: Regimen, projection: Projection) -> dict[str, list[DecidedDose]]:
    """Each agent's decided doses, in order; an agent whose full dose cannot be known is left out."""
    rows = {
        (day.cycle, day.day, dose.agent): dose for day in plan.cycle_days.all() for dose in day.administrations.all()
    }
    last = max((entry.cycle for entry in projection.entries), default=0)
    intervals = {
        (day.cycle, day.day, agent.name): days for day in regimen.cycle_days_up_to(last) for agent, days in day.due
    }
    found: dict[str, list[DecidedDose]] = {}
    unknown: set[str] = set()
    for entry in projection.entries:
        if entry.state is EntryState.PLANNED:
            continue
        key = (entry.cycle, entry.day, entry.agent)
        row = rows.get(key)
        full = _full(plan, regimen, entry, row)
        if full is None:
            unknown.add(entry.agent)
            continue
        went_in = entry.state is EntryState.GIVEN
        given = (row.given_mg if row and row.given_mg is not None else full) if went_in else Decimal(0)
        found.setdefault(entry.agent, []).append(DecidedDose(entry.on, went_in, intervals[key], full, given))
    return {agent: doses for agent, doses in found.items() if agent not in unknown}


def _full(plan: TreatmentPlan, regimen: Regimen, entry: Entry, row: Administration | None) -> Decimal | None:
    """The regimen's own milligrams on that day, whatever the level: by the weight the ordered dose was calculated with.

    A fixed combination counts as one.
    """
    dose = regimen.agent(entry.agent, entry.phase).maintenance
    if dose.mg_per_kg is None:
        return dose.mg if dose.mg is not None else Decimal(1)
    kg = plan.dosing_weight_kg
    if row is not None and row.calculated_mg is not None and entry.dose.mg_per_kg:
        kg = row.calculated_mg / entry.dose.mg_per_kg
    return None if kg is None else dose.mg_per_kg * kg
