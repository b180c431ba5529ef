"""A queryset by one key, compiled once per process: asked again, only the key differs.

    _DAYS = Prepared(lambda plan: CycleDay.objects.filter(plan=plan))
    [days] = at_once.read(_DAYS.of(plan.pk))

What is kept is the statement's text and how its columns become rows; never a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError

M = TypeVar("M", bound=Model)
_KEY = 0x7FFF_FFFF_0000_0001  # stands for the key while the statement is compiled; no row has it


class Prepared(Generic[M]):
    """`queryset` must give whole rows (models, not values), without `prefetch_related`, and use its key as a value."""

    def __init__(self, queryset: Callable[[int], QuerySet[M, M]]) -> None:
        self._queryset = queryset

    def of(self, key: int) -> Asked[M]:
        """The question about `key`, for `at_once.read`."""
        return Asked(self._compiled, key)

    @cached_property
    def _compiled(self) -> Compiled[M]:
        return Compiled(self._queryset(_KEY))


class Compiled(Generic[M]):
    """What Django works out anew each time a queryset is read. Raises ValueError when the key is not in it."""

    def __init__(self, queryset: QuerySet[M, M]) -> None:
        compiler: Any = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        self.sql: str = sql
        self.params: tuple[Any, ...] = params
        if _KEY not in self.params:
            raise ValueError(f"{queryset.model.__name__}: the statement does not ask for its key")
        self.locks = bool(queryset.query.select_for_update)
        first, last = compiler.klass_info["select_fields"][0], compiler.klass_info["select_fields"][-1] + 1
        self.model: type[M] = compiler.klass_info["model"]
        self.own = slice(first, last)
        self.names = [column.target.attname for column, _, _ in compiler.select[self.own]]
        populators: Any = get_related_populators  # Django 6's stubs ask for more than 5.2 takes
        self.related = populators(compiler.klass_info, compiler.select, connection.alias)
        self.converters = compiler.get_converters([column for column, _, _ in compiler.select])
        self.convert = compiler.apply_converters

    def built(self, rows: Iterable[Sequence[Any]]) -> list[M]:
        """Rows as the database gave them, as the queryset would build them."""
        return [self._build(row) for row in (self.convert(rows, self.converters) if self.converters else rows)]

    def _build(self, row: Sequence[Any]) -> M:
        made = self.model.from_db(connection.alias, self.names, row[self.own])
        for populator in self.related:
            populator.populate(row, made)
        return made


@dataclass(frozen=True, slots=True)
class Asked(Generic[M]):
    """One question, ready to be sent."""

    compiled: Compiled[M]
    key: int

    @property
    def sql(self) -> str:
        """Raises TransactionManagementError, as a queryset does, when rows would be locked outside a transaction."""
        if self.compiled.locks and connection.get_autocommit():
            raise TransactionManagementError("rows can be locked inside a transaction only")
        return self.compiled.sql

    @property
    def params(self) -> list[Any]:
        return [self.key if value == _KEY else value for value in self.compiled.params]

    def answer(self, rows: Sequence[Sequence[Any]]) -> list[M]:
        return self.compiled.built(rows)
