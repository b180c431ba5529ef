"""Writes as text, so that what one act writes can travel in one round trip.

Triggers, constraints and history act as for any other statement, one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
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


@cache
def _insert(model: type[Model]) -> tuple[str, tuple[Any, ...]]:
    fields = tuple(field for field in model._meta.concrete_fields if not field.generated and not field.primary_key)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({", ".join(["%s"] * len(fields))})', fields  # noqa: S608
