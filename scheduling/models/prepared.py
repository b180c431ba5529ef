"""A queryset by its keys, compiled once per process: asked again, only the keys differ.

    _DAYS = Prepared(lambda plan: CycleDay.objects.filter(plan=plan))
    _HOLDS = Prepared(lambda plans: Hold.objects.filter(plan__among=plans), MANY)
    days, holds = at_once.read(_DAYS.of(plan.pk), _HOLDS.of([plan.pk]))

What is kept is the statement's text and how its columns become rows; never a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.query import ModelIterable, get_related_populators
from django.db.models.signals import post_init, pre_init
from django.db.transaction import TransactionManagementError

R = TypeVar("R")
_KEY = 0x7FFF_FFFF_0000_0001  # stands for a key while the statement is compiled; no row has it


class Kind(Enum):
    """What a key is: one number, a day, or many numbers (for `among`)."""

    ONE = "one"
    DAY = "day"
    MANY = "many"

    def stand_in(self, place: int) -> Any:
        """What no row has, another for each place."""
        if self is Kind.DAY:
            return date.max - timedelta(days=place)
        return [_KEY + place] if self is Kind.MANY else _KEY + place


ONE, DAY, MANY = Kind.ONE, Kind.DAY, Kind.MANY


class Prepared(Generic[R]):
    """`queryset` must give models or `values_list` tuples, have no `prefetch_related`, and use its keys as values.

    A key of many may be any collection of numbers.
    """

    def __init__(self, queryset: Callable[..., QuerySet[Any, R]], *kinds: Kind) -> None:
        self._queryset = queryset
        self._kinds = kinds or (ONE,)

    def of(self, *keys: Any) -> Asked[R]:
        """The question about `keys`, for `at_once.read`."""
        pairs = zip(self._kinds, keys, strict=True)
        return Asked(self._compiled, tuple(list(key) if kind is MANY else key for kind, key in pairs))

    @cached_property
    def _compiled(self) -> Compiled[R]:
        stand_ins = [kind.stand_in(place) for place, kind in enumerate(self._kinds)]
        return Compiled(self._queryset(*stand_ins), stand_ins)


class Compiled(Generic[R]):
    """What Django works out anew each time a queryset is read. Raises ValueError when a key is not in it."""

    def __init__(self, queryset: QuerySet[Any, R], stand_ins: Sequence[Any]) -> None:
        compiler: Any = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        self.sql: str = sql
        self.params: tuple[Any, ...] = params
        # by parameter: which key it is, or None for what is always the same
        self.places = [next((i for i, one in enumerate(stand_ins) if _same(one, param)), None) for param in params]
        if set(range(len(stand_ins))) - set(self.places):
            raise ValueError(f"{queryset.model.__name__}: the statement does not ask for its key")
        self.locks = bool(queryset.query.select_for_update)
        self.converters = compiler.get_converters([column for column, _, _ in compiler.select])
        self.convert = compiler.apply_converters
        self.build = _Build(compiler) if queryset._iterable_class is ModelIterable else tuple

    def built(self, rows: Iterable[Sequence[Any]]) -> list[Any]:
        """Rows as the database gave them, as the queryset would build them."""
        build = self.build
        return [build(row) for row in (self.convert(rows, self.converters) if self.converters else rows)]


def _same(stand_in: Any, param: Any) -> bool:
    return type(stand_in) is type(param) and bool(stand_in == param)


class _Build:
    """One row with what `select_related` and `annotate` brought along."""

    def __init__(self, compiler: Any) -> None:
        info, self.alias = compiler.klass_info, connection.alias
        first, last = info["select_fields"][0], info["select_fields"][-1] + 1
        self.own = slice(first, last)
        self.names = [column.target.attname for column, _, _ in compiler.select[self.own]]
        self.model = _made_fast(info["model"])
        self.related = get_related_populators(info, compiler.select, self.alias)  # type: ignore[call-arg, unused-ignore]
        for populator in self.related:
            _fast(populator)
        self.annotated = tuple(compiler.annotation_col_map.items())

    def __call__(self, row: Sequence[Any]) -> Any:
        made = self.model.from_db(self.alias, self.names, row[self.own])
        for populator in self.related:
            populator.populate(row, made)
        for name, place in self.annotated:
            setattr(made, name, row[place])
        return made


def _fast(populator: Any) -> None:
    populator.model_cls = _made_fast(populator.model_cls)
    for one in populator.related_populators:
        _fast(one)


def _made_fast(model: type[Model]) -> Any:
    """`model`, or what makes its instances as `Model.from_db` does where nobody takes part in that."""
    is_plain = model.__init__ is Model.__init__ and model.from_db.__func__ is Model.from_db.__func__  # type: ignore[attr-defined]
    if not is_plain or pre_init.has_listeners(model) or post_init.has_listeners(model):
        return model
    return _Maker(model)


class _Maker:
    """Django sets each column through its descriptor and sends two signals: a third of what reading a day costs.

    A column that was not read stays out, and is read when somebody asks, as Django has it.
    """

    def __init__(self, model: type[Model]) -> None:
        self.model = model

    def from_db(self, db: str, names: Sequence[str], values: Sequence[Any]) -> Model:
        made = self.model.__new__(self.model)
        state = ModelState()
        state.adding, state.db = False, db
        made.__dict__.update(zip(names, values, strict=True), _state=state)
        return made


@dataclass(frozen=True, slots=True)
class Asked(Generic[R]):
    """One question, ready to be sent."""

    compiled: Compiled[R]
    keys: tuple[Any, ...]

    @property
    def sql(self) -> str:
        """Raises TransactionManagementError, as a queryset does, when rows would be locked outside a transaction."""
        if self.compiled.locks and connection.get_autocommit():
            raise TransactionManagementError("rows can be locked inside a transaction only")
        return self.compiled.sql

    @property
    def params(self) -> list[Any]:
        found = zip(self.compiled.places, self.compiled.params, strict=True)
        return [value if place is None else self.keys[place] for place, value in found]

    def answer(self, rows: Sequence[Sequence[Any]]) -> list[Any]:
        return self.compiled.built(rows)
