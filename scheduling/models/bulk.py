"""Many rows changed or added by one statement whose text does not grow with them."""

from __future__ import annotations

from collections.abc import Sequence
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
    options = rows[0]._meta
    fields = [options.pk, *(options.get_field(name) for name in names)]
    return _update(options.db_table, fields), [_column(rows, field) for field in fields]


def _update(table: str, fields: Sequence[Any]) -> str:
    columns = [f'"{field.column}"' for field in fields]
    arrays = ", ".join(f"%s::{_type(field)}[]" for field in fields)
    values = ", ".join(f"{column} = new.{column}" for column in columns[1:])
    return (
        f'UPDATE "{table}" AS old SET {values} FROM unnest({arrays}) AS new ({", ".join(columns)}) '  # noqa: S608
        f"WHERE old.{columns[0]} = new.{columns[0]}"
    )


def _type(field: Any) -> str:
    """Text without its length: a cast would cut it silently, the column refuses what is too long."""
    found = str(field.rel_db_type(connection))
    return "text" if found.startswith("varchar") else found


def _column(rows: Sequence[Model], field: Any) -> list[Any]:
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows]


def insert(model: type[Model], rows: Sequence[dict[str, Any]]) -> None:
    """Add `rows`, given by their columns, by COPY; each is told its key. What a row leaves out takes its default.

    Triggers, constraints and history act as for any INSERT. For models whose columns psycopg writes as they are:
    no JSON, no value that a field would convert.
    """
    if not rows:
        return
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    key, columns = model._meta.pk.attname, ", ".join(f'"{field.column}"' for field in fields)
    defaults = [(field.attname, None if field.primary_key else field.get_default()) for field in fields]
    with connection.cursor() as cursor:
        # This statement also hands the act to the history: COPY itself cannot carry it.
        for row, pk in zip(rows, _keys(cursor, model, len(rows)), strict=True):
            row[key] = pk
        with cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row([row.get(name, default) for name, default in defaults])


def _keys(cursor: Any, model: type[Model], count: int) -> list[int]:
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
        [model._meta.db_table, model._meta.pk.column, count],
    )
    return [key for (key,) in cursor.fetchall()]
