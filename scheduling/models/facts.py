"""The facts of plans, read in as few round trips as they need."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import prefetch_related_objects

from scheduling.models import at_once
from scheduling.models.about import grouped
from scheduling.models.cycles import Administration, CycleDay
from scheduling.models.plans import DECISIONS, TreatmentPlan

# The same rows in the same order as their managers give, without building the statement anew for every act.
_DAYS = "SELECT * FROM scheduling_cycleday WHERE plan_id = %s ORDER BY cycle, day"
_DOSES = (
    "SELECT dose.* FROM scheduling_administration dose JOIN scheduling_cycleday day ON day.id = dose.cycle_day_id "
    "WHERE day.plan_id = %s ORDER BY dose.id"
)


def read_facts(plan: TreatmentPlan) -> TreatmentPlan:
    """`plan` with what `with_facts()` reads of many: asked first which kinds of decision there are at all.

    Statements of their own, so that after a lock was waited for they see what the other one wrote.
    """
    with connection.cursor() as cursor:
        cursor.execute(_which(), {"plan": plan.pk})
        found = dict(zip(DECISIONS, cursor.fetchone(), strict=True))
    _remember(plan, "cycle_days", _rows(plan))
    for name in (name for name, exists in found.items() if not exists):
        _remember(plan, name, [])
    prefetch_related_objects([plan], *(name for name in DECISIONS if found[name]))
    return plan


def read_facts_of(pks: Sequence[int]) -> dict[int, TreatmentPlan]:
    """Plans with all that `with_facts()` reads, in one round trip however many they are."""
    decisions = [_model(name)._default_manager.filter(plan__in=pks) for name in DECISIONS]
    plans, days, doses, *decided = at_once.read(
        TreatmentPlan.objects.with_people().filter(pk__in=pks),
        CycleDay.objects.filter(plan__in=pks),
        Administration.objects.filter(cycle_day__plan__in=pks),
        *decisions,
    )
    rows_of, doses_of = grouped(days, "plan_id"), grouped(doses, "cycle_day_id")
    for plan in plans:
        _remember(plan, "cycle_days", _joined(plan, rows_of.get(plan.pk, []), doses_of))
        for name, found in zip(DECISIONS, decided, strict=True):
            _remember(plan, name, [row for row in found if row.plan_id == plan.pk])
    return {plan.pk: plan for plan in plans}


def _rows(plan: TreatmentPlan) -> list[CycleDay]:
    days = list(CycleDay.objects.raw(_DAYS, [plan.pk]))
    return _joined(plan, days, grouped(Administration.objects.raw(_DOSES, [plan.pk]), "cycle_day_id"))


def _joined(plan: TreatmentPlan, days: list[CycleDay], doses: dict[int, list[Administration]]) -> list[CycleDay]:
    for day in days:
        day.plan = plan
        _remember(day, "administrations", doses.get(day.pk, []))
        for dose in doses.get(day.pk, []):
            dose.cycle_day = day
    return days


@cache
def _which() -> str:
    tables = (_model(name)._meta.db_table for name in DECISIONS)
    exist = (f'EXISTS (SELECT FROM "{table}" WHERE plan_id = %(plan)s)' for table in tables)
    return f"SELECT {', '.join(exist)}"


def _model(name: str) -> Any:
    return TreatmentPlan._meta.get_field(name).related_model


def _remember(of: Any, name: str, rows: list[Any]) -> None:
    """Keep related rows where a prefetch would."""
    found = getattr(of, name).get_queryset()
    found._result_cache = rows
    found._prefetch_done = True
    of.__dict__.setdefault("_prefetched_objects_cache", {})[name] = found
