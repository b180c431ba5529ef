"""Instances with a few columns, for readers of thousands of rows: Django's own take ten times as long to build.

    _DAYS = Lean(CycleDay, "id", "plan_id", "done_on")
    [rows] = at_once.read(_DAYS.of(CycleDay.objects.filter(...)))
    days = _DAYS.built(rows)

What was not read is fetched when it is asked for, as after `only()`. For reading alone: nothing is meant to be saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Expression, Model, QuerySet
from django.db.models.base import ModelState

M = TypeVar("M", bound=Model)


class Lean(Generic[M]):
    """`columns` are names as instances have them: `plan_id`, not `plan`. The key is one of them."""

    def __init__(self, model: type[M], *columns: str) -> None:
        known = {field.attname for field in model._meta.concrete_fields}
        unknown = [name for name in columns if name not in known]
        if unknown or "id" not in columns:
            raise ValueError(f"{model.__name__} is read by its key and by columns of its own, not by {unknown}")
        self.model, self.columns = model, columns

    def of(self, queryset: QuerySet[M, Any], *more: str | Expression) -> QuerySet[M, Any]:
        """The columns as tuples; `more` come behind them and are left to the caller."""
        return queryset.values_list(*self.columns, *more)

    def built(self, rows: Iterable[Sequence[Any]]) -> list[M]:
        alias, new, model, columns = connection.alias, self.model.__new__, self.model, self.columns
        found = []
        for row in rows:
            made, state = new(model), ModelState()
            state.adding, state.db = False, alias
            made.__dict__.update(zip(columns, row, strict=False), _state=state)
            found.append(made)
        return found

    def build(self, row: Sequence[Any]) -> M:
        return self.built((row,))[0]


def attach(row: Model, **related: Model) -> None:
    """What its foreign keys point to, known already: it is not checked to be the one."""
    row._state.fields_cache.update(related)
