"""Many rows changed or added by one statement whose text does not grow with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Model

from her2tracker.audit.statements import Statement, send


def update(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Write the fields `names` of `rows`, all of one model."""
    if rows:
        send(updating(rows, names))


def updating(rows: Sequence[Model], names: Sequence[str]) -> Statement:
    """What writes the fields `names` of `rows`: UPDATE .. FROM unnest(..), one array per column. Not for no rows."""
    sql, fields = _update(type(rows[0]), tuple(names))
    return sql, [_column(rows, field) for field in fields]


@cache
def _update(model: type[Model], names: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    """The statement and the fields whose arrays it takes: the same for as long as the process lives."""
    options = model._meta
    fields: tuple[Any, ...] = (options.pk, *(options.get_field(name) for name in names))
    columns = [f'"{field.column}"' for field in fields]
    arrays = ", ".join(f"%s::{_type(field)}[]" for field in fields)
    values = ", ".join(f"{column} = new.{column}" for column in columns[1:])
    sql = (
        f'UPDATE "{options.db_table}" AS old SET {values} FROM unnest({arrays}) AS new ({", ".join(columns)}) '  # noqa: S608
        f"WHERE old.{columns[0]} = new.{columns[0]}"
    )
    return sql, fields


def _type(field: Any) -> str:
    """Text without its length: a cast would cut it silently, the column refuses what is too long."""
    found = str(field.rel_db_type(connection))
    return "text" if found.startswith("varchar") else found


def _column(rows: Sequence[Model], field: Any) -> list[Any]:
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows]


def insert(model: type[Model], rows: Sequence[dict[str, Any]]) -> None:
    """Add `rows`, given by their columns, by COPY; each is told its key, and the database makes its uuid.

    Triggers, constraints and history act as for any INSERT. What the rows leave out takes its default. For models
    with a uuid, whose columns psycopg writes as they are: no JSON, no value that a field would convert. Raises
    ValueError when one row has other columns than the first.
    """
    if not rows:
        return
    given, constant = tuple(rows[0]), _defaults(model, tuple(rows[0]))
    columns = ", ".join(f'"{name}"' for name in ("id", "uuid", *_columns(model, given), *_columns(model, constant)))
    values, rest = itemgetter(*given), tuple(constant.values())
    with connection.cursor() as cursor:
        # This statement also hands the act to the history: COPY itself cannot carry it.
        keys = _keys(cursor, model, len(rows))
        with cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy:
            for row, key in zip(rows, keys, strict=True):
                if tuple(row) != given:
                    raise ValueError(f"{model.__name__}: {tuple(row)} is not {given}")
                copy.write_row(key + values(row) + rest)
    for row, key in zip(rows, keys, strict=True):
        row["id"] = key[0]


def _defaults(model: type[Model], given: tuple[str, ...]) -> dict[str, Any]:
    """The columns not given that neither stay empty nor are the database's to fill, with what goes into them."""
    left = {
        field.attname: field.get_default()
        for field in model._meta.concrete_fields
        if field.attname not in ("id", "uuid", *given) and not field.generated and not field.has_db_default()
    }
    return {name: value for name, value in left.items() if value is not None}


def _columns(model: type[Model], names: Iterable[str]) -> list[str]:
    columns = {field.attname: str(field.column) for field in model._meta.concrete_fields}
    return [columns[name] for name in names]


def _keys(cursor: Any, model: type[Model], count: int) -> list[tuple[int, str]]:
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')), gen_random_uuid()::text FROM generate_series(1, %s)",
        [model._meta.db_table, count],
    )
    return list(cursor.fetchall())
