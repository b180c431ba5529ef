"""Which tables the record is: read from the models, so that a new one cannot be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models

from her2tracker.audit.models import Act


@dataclass(frozen=True, slots=True)
class RecordTable:
    """A table whose rows are written once. An event's context (who, why) is part of what it says."""

    name: str
    key: str
    label: str
    has_context: bool


@dataclass(frozen=True, slots=True)
class LiveTable:
    """A table with its history: the columns that both have."""

    name: str
    key: str
    label: str
    events: str
    columns: tuple[str, ...]


def record_tables() -> list[RecordTable]:
    """The act log and every history, by name."""
    events = [_record(event, str(model._meta.verbose_name), has_context=True) for model, event in _tracked()]
    return sorted([_record(Act, "act", has_context=False), *events], key=lambda table: table.name)


def live_tables() -> list[LiveTable]:
    """Every table with a history, by name."""
    return sorted((_live(model, event) for model, event in _tracked()), key=lambda table: table.name)


def columns_of(tables: list[RecordTable]) -> dict[str, list[str]]:
    """The columns that each table has at this moment, as the database says."""
    query = (
        "SELECT table_name, array_agg(column_name::text ORDER BY column_name) FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND table_name = ANY(%s) GROUP BY 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [[table.name for table in tables]])
        return dict(cursor.fetchall())


def _tracked() -> Iterator[tuple[type[models.Model], type[models.Model]]]:
    for event in apps.get_models():
        if (model := getattr(event, "pgh_tracked_model", None)) is not None:
            yield model, event


def _record(model: type[models.Model], label: str, *, has_context: bool) -> RecordTable:
    return RecordTable(model._meta.db_table, _key(model), label, has_context)


def _live(model: type[models.Model], event: type[models.Model]) -> LiveTable:
    theirs = {field.column for field in event._meta.concrete_fields}
    both = tuple(str(field.column) for field in model._meta.concrete_fields if field.column in theirs)
    return LiveTable(model._meta.db_table, _key(model), str(model._meta.verbose_name), event._meta.db_table, both)


def _key(model: type[models.Model]) -> str:
    return str(model._meta.pk.column)
