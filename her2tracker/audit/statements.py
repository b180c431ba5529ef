"""Writes as text, so that what one act writes can travel in one round trip.

Triggers, constraints and history act as for any other statement, one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model

Statement = tuple[str, Sequence[Any]]


def send(*statements: Statement) -> None:
    """In this order, in one round trip. None may give an answer that somebody needs."""
    if statements:
        with connection.cursor() as cursor:
            cursor.execute(
                ";\n".join(sql for sql, _ in statements), [value for _, found in statements for value in found]
            )


def inserting(row: Model) -> Statement:
    """Adds `row`, whose key nobody asks for: it stays unknown here, as `row` stays unsaved."""
    sql, fields = _insert(type(row))
    return sql, [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]


def inserting_all(model: type[Model], rows: Sequence[Mapping[str, Any]], then: str = "") -> Statement:
    """Adds rows given by column, all with the same columns, by one statement; `then` follows it: what to do about
    conflicts, what to return.

    They travel as one text, so that thousands of values are neither bound one by one nor made into instances.
    """
    columns = ", ".join(f'"{name}"' for name in rows[0])
    table = model._meta.db_table
    source = f'SELECT {columns} FROM jsonb_populate_recordset(NULL::"{table}", %s::jsonb)'  # noqa: S608
    return f'INSERT INTO "{table}" ({columns}) {source} {then}'.rstrip(), [json.dumps(rows, default=str)]


@cache
def _insert(model: type[Model]) -> tuple[str, tuple[Any, ...]]:
    fields = tuple(field for field in model._meta.concrete_fields if not field.generated and not field.primary_key)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({", ".join(["%s"] * len(fields))})', fields  # noqa: S608
