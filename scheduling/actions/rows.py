"""Bringing the planned rows to where the projection puts them. What was given is never touched."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model

from her2tracker.audit.statements import Statement, send
from scheduling.actions import freeing
from scheduling.core import dosing
from scheduling.core.chair import ChairTime, chair_time, observation_of
from scheduling.core.expansion import Entry, EntryState
from scheduling.core.facts import Fact
from scheduling.core.projection import Projection
from scheduling.core.regimen import Regimen
from scheduling.models import Administration, CycleDay, SitePolicy, TreatmentPlan, bulk
from scheduling.models.facts import read_plan
from scheduling.models.standing import projection_of, regimen_of
from scheduling.words import DayState

DayKey = tuple[int, int]
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ordering:
    """What turns a dose into milligrams for one plan: its weight in kg and the site's rounding."""

    regimen: Regimen
    weight_kg: Decimal | None
    rounding_step_mg: Decimal | None
    jurisdiction: str
    # A regimen has few doses and a plan gives each many times: what follows from one is worked out once.
    # Not handed on by `replace`: with another weight everything is another.
    _worked_out: dict[tuple[str, str, str, int, int], tuple[Entry, Values]] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )

    @classmethod
    def of(cls, plan: TreatmentPlan) -> Ordering:
        site = plan.patient.site
        return cls(
            regimen_of(plan.regimen), plan.dosing_weight_kg, SitePolicy.of(site).rounding_step_mg, site.jurisdiction
        )

    def chair(self, entries: Iterable[Entry]) -> ChairTime:
        return chair_time((entry.dose for entry in entries), self.jurisdiction)

    def calculate(self, entry: Entry) -> dosing.Calculation:
        agent = self.regimen.agent(entry.agent, entry.phase)
        return dosing.calculate(
            entry.dose,
            self.weight_kg,
            agent.rounding,
            step_mg=self.rounding_step_mg,
            ceiling=agent.ceiling,
            preparation=agent.preparation,
        )

    def dose_values(self, entry: Entry) -> Values:
        """The planned side of an Administration row. Shared by all that are the same: not to be changed."""
        key = (entry.agent, entry.phase, entry.kind, id(entry.dose), id(entry.judgement))
        found = self._worked_out.get(key)
        if found is None:
            # the entry is kept with its values, so that nothing else can come to have its parts' identity
            found = self._worked_out[key] = (entry, self._of_dose(entry))
        return found[1]

    def _of_dose(self, entry: Entry) -> Values:
        calculation, watched = self.calculate(entry), observation_of(entry.dose, self.jurisdiction)
        return {
            "kind": entry.kind.value,
            "because": entry.judgement.reason if entry.judgement else "",
            "dose_text": entry.dose.in_words(),
            "arithmetic": calculation.arithmetic,
            "source": entry.dose.citation.key,
            "confidence": entry.dose.citation.confidence.value,
            "minutes": entry.dose.minutes or 0,
            "observe_minutes": watched.minutes if watched else None,
            "calculated_mg": calculation.calculated_mg,
            "planned_mg": calculation.planned_mg,
            "planned_ml": calculation.ml,
        }


def by_day(entries: Iterable[Entry]) -> dict[DayKey, list[Entry]]:
    days: dict[DayKey, list[Entry]] = {}
    for entry in entries:
        days.setdefault((entry.cycle, entry.day), []).append(entry)
    return days


def last_cycle(regimen: Regimen, days: Iterable[DayKey]) -> int | None:
    """The number that "cycle n of" ends with; None where cycles go on until something happens."""
    return None if regimen.cap.open_ended else max((cycle for cycle, _ in days), default=0)


def reproject(plan: TreatmentPlan, *facts: Fact, today: date, without: object = None) -> Projection:
    """Project the plan's facts again and write only what differs. The plan's row must be locked.

    A plan that was read with its facts is taken as it stands in memory, with the `facts` written since and
    `without` the row taken back since. One that was not is read now, and the two are in the database already.
    """
    if "cycle_days" in getattr(plan, "_prefetched_objects_cache", {}):
        projection, moving = replan(plan, *facts, today=today, without=without)
    else:
        projection, moving = replan(read_plan(plan.pk), today=today)
    send(*moving)
    return projection


def replan(
    plan: TreatmentPlan, *facts: Fact, today: date, without: object = None
) -> tuple[Projection, list[Statement]]:
    """As `reproject`, of a plan read with its facts; what moves its rows is handed back, to be sent with the rest.

    Rows that come or go are written at once.
    """
    projection = projection_of(plan, *facts, today=today, without=without)
    ordering = Ordering.of(plan)
    days = by_day(projection.entries)
    of_cycles = last_cycle(ordering.regimen, days)
    rows = {(row.cycle, row.day): row for row in plan.cycle_days.all()}
    _remove(rows, days)
    changes = _Changes()
    for key, entries in days.items():
        if key not in rows:
            _create(plan, key, entries, of_cycles, ordering)
        elif rows[key].state == DayState.PLANNED:
            _update(rows[key], entries, of_cycles, ordering, changes)
        else:
            changes.note(rows[key], {"of_cycles": of_cycles})
    return projection, [*changes.statements(), freeing.freeing_moved(plan)]


def insert(plan: TreatmentPlan, projection: Projection) -> None:
    """All rows of a new plan, in two statements."""
    built = [_build(plan, day, doses) for day, doses in values(plan, projection)]
    CycleDay.objects.bulk_create([row for row, _ in built])
    Administration.objects.bulk_create([dose for _, doses in built for dose in doses])


def values(plan: TreatmentPlan, projection: Projection) -> list[tuple[Values, list[Values]]]:
    """All rows of a new plan by their columns, without keys and uuids: each cycle day with its doses."""
    ordering = Ordering.of(plan)
    days = by_day(projection.entries)
    of_cycles = last_cycle(ordering.regimen, days)
    return [_values(plan, key, entries, of_cycles, ordering) for key, entries in days.items()]


def _values(
    plan: TreatmentPlan, key: DayKey, entries: list[Entry], of_cycles: int | None, ordering: Ordering
) -> tuple[Values, list[Values]]:
    day = {"plan_id": plan.pk, "cycle": key[0], "day": key[1], **day_values(entries, of_cycles, ordering)}
    return day, [{"agent": e.agent, "route": e.route.value, **ordering.dose_values(e)} for e in entries]


def _build(plan: TreatmentPlan, day: Values, doses: list[Values]) -> tuple[CycleDay, list[Administration]]:
    row = CycleDay(uuid=uuid.uuid4(), **day)
    row.plan = plan
    return row, [Administration(uuid=uuid.uuid4(), cycle_day=row, **dose) for dose in doses]


def _create(plan: TreatmentPlan, key: DayKey, entries: list[Entry], of_cycles: int | None, ordering: Ordering) -> None:
    row, doses = _build(plan, *_values(plan, key, entries, of_cycles, ordering))
    row.save(force_insert=True)
    Administration.objects.bulk_create(doses)


def day_values(entries: list[Entry], of_cycles: int | None, ordering: Ordering) -> dict[str, Any]:
    chair = ordering.chair(entries)
    first = entries[0]
    return {
        "of_cycles": of_cycles,
        "phase": first.phase,
        "planned_on": first.on,
        "first_planned_on": first.first_planned_on,
        "infusion_minutes": chair.infusion,
        "chair_minutes": chair.total,
    }


@dataclass(slots=True)
class _Changes:
    """What differs, gathered so that a whole plan is written in two statements."""

    rows: dict[type[Model], list[Model]] = field(default_factory=dict)
    names: dict[type[Model], set[str]] = field(default_factory=dict)

    def note(self, row: CycleDay | Administration, values: dict[str, Any]) -> None:
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, values[name])
        if changed:
            self.rows.setdefault(type(row), []).append(row)
            self.names.setdefault(type(row), set()).update(changed)

    def statements(self) -> list[Statement]:
        return [bulk.updating(rows, sorted(self.names[model])) for model, rows in self.rows.items()]


def _update(row: CycleDay, entries: list[Entry], of_cycles: int | None, ordering: Ordering, changes: _Changes) -> None:
    if row.begun_at:  # what hangs is neither moved nor calculated again
        changes.note(row, {"of_cycles": of_cycles})
        return
    moved = row.planned_on != entries[0].on
    changes.note(row, day_values(entries, of_cycles, ordering) | ({"starts_at": None} if moved else {}))
    doses = {dose.agent: dose for dose in row.administrations.all()}
    for entry in entries:
        if entry.state is EntryState.PLANNED:
            changes.note(doses[entry.agent], ordering.dose_values(entry))


def _remove(rows: dict[DayKey, CycleDay], days: dict[DayKey, list[Entry]]) -> None:
    """Planned rows that the projection no longer has: past the weeks cap, or a made-up dose taken back."""
    gone = [
        row.pk for key, row in rows.items() if key not in days and row.state == DayState.PLANNED and not row.begun_at
    ]
    if gone:
        CycleDay.objects.filter(pk__in=gone).delete()
        for key in [key for key, row in rows.items() if row.pk in gone]:
            del rows[key]
