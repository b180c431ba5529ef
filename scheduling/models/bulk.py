"""Many rows changed by one statement whose text does not grow with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Model


def update(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Write the fields `names` of `rows`, all of one model: UPDATE .. FROM unnest(..), one array per column."""
    if not rows:
        return
    options = rows[0]._meta
    fields = [options.pk, *(options.get_field(name) for name in names)]
    with connection.cursor() as cursor:
        cursor.execute(_statement(options.db_table, fields), [_column(rows, field) for field in fields])


def _statement(table: str, fields: Sequence[Any]) -> str:
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
