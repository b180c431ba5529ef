"""The facts of plans, read in one round trip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from django.db.models import Model

from scheduling.models import at_once
from scheduling.models.about import grouped
from scheduling.models.cycles import Administration, CycleDay
from scheduling.models.plans import DECISIONS, TreatmentPlan
from scheduling.models.prepared import MANY, Prepared


def _model(name: str) -> Any:
    return TreatmentPlan._meta.get_field(name).related_model


def _decided(name: str) -> Prepared[Any]:
    return Prepared(lambda plan: _model(name)._default_manager.filter(plan=plan))


_PLAN = Prepared(lambda pk: TreatmentPlan.objects.with_people().filter(pk=pk))
_LOCKED = Prepared(lambda pk: TreatmentPlan.objects.with_people().filter(pk=pk).select_for_update(of=("self",)))
_FACTS: tuple[Prepared[Any], ...] = (
    Prepared(lambda plan: CycleDay.objects.filter(plan=plan)),
    Prepared(lambda plan: Administration.objects.filter(cycle_day__plan=plan)),
    *(_decided(name) for name in DECISIONS),
)


def _decided_of(name: str) -> Prepared[Any]:
    return Prepared(lambda plans: _model(name)._default_manager.filter(plan__among=plans), MANY)


_FACTS_OF_MANY: tuple[Prepared[Any], ...] = (
    Prepared(lambda plans: TreatmentPlan.objects.with_people().filter(pk__among=plans), MANY),
    Prepared(lambda plans: CycleDay.objects.filter(plan__among=plans), MANY),
    Prepared(lambda plans: Administration.objects.filter(cycle_day__plan__among=plans), MANY),
    *(_decided_of(name) for name in DECISIONS),
)


def read_plan(pk: int, *, lock: bool = False) -> TreatmentPlan:
    """A plan with all that `with_facts()` reads, in one round trip. Raises TreatmentPlan.DoesNotExist.

    With `lock` its row is locked first: each statement sees what was committed before it began, so after
    a lock was waited for the facts are what the other one wrote.
    """
    asked = _LOCKED if lock else _PLAN
    [plan, *facts] = at_once.read(asked.of(pk), *(one.of(pk) for one in _FACTS))
    if not plan:
        raise TreatmentPlan.DoesNotExist(f"There is no plan {pk}.")
    return _with_facts(plan[0], *facts)


def read_facts_of(pks: Sequence[int]) -> dict[int, TreatmentPlan]:
    """Plans with all that `with_facts()` reads, in one round trip however many they are."""
    plans, days, doses, *decided = at_once.read(*(one.of(pks) for one in _FACTS_OF_MANY))
    days_of, decided_of = grouped(days, "plan_id"), [grouped(found, "plan_id") for found in decided]
    doses_of = grouped(doses, "cycle_day_id")
    for plan in plans:
        _remember_days(plan, days_of.get(plan.pk, []), doses_of)
        for name, found in zip(DECISIONS, decided_of, strict=True):
            _remember(plan, name, found.get(plan.pk, []))
    return {plan.pk: plan for plan in plans}


def _with_facts(
    plan: TreatmentPlan, days: list[CycleDay], doses: list[Administration], *decided: list[Any]
) -> TreatmentPlan:
    _remember_days(plan, days, grouped(doses, "cycle_day_id"))
    for name, found in zip(DECISIONS, decided, strict=True):
        _remember(plan, name, found)
    return plan


def _remember_days(plan: TreatmentPlan, days: list[CycleDay], doses: dict[int, list[Administration]]) -> None:
    for day in days:
        day.plan = plan
    remember_doses(days, doses)
    _remember(plan, "cycle_days", days)


def remember_doses(days: Sequence[CycleDay], doses: Mapping[int, list[Administration]]) -> None:
    """Each day with its `doses`, read beside it, as if they had been prefetched."""
    of = _pointing(CycleDay, "administrations")
    for day in days:
        own = doses.get(day.pk, [])
        for dose in own:
            of.set_cached_value(dose, day)
        _remember(day, "administrations", own)


def _remember(of: Model, name: str, rows: list[Any]) -> None:
    """Keep related rows where a prefetch would, in what `of`'s own manager would give.

    That they are `of`'s own is said as the manager says it, to be worked out only when something more is asked.
    """
    field = _pointing(type(of), name)
    found: Any = field.model._default_manager.get_queryset()
    found._deferred_filter = (False, (), {field.name: of})
    found._known_related_objects = {field: {of.pk: of}}
    found._result_cache = rows
    found._prefetch_done = True
    of.__dict__.setdefault("_prefetched_objects_cache", {})[name] = found


@cache
def _pointing(model: type[Model], name: str) -> Any:
    """The foreign key behind a related name."""
    return cast("Any", model._meta.get_field(name)).field
