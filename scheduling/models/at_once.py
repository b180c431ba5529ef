"""Several questions asked in one round trip: their statements travel together, and so do their answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from pghistory.runtime import _inject_history_context

from scheduling.models.prepared import Asked


def read(*questions: QuerySet[Any, Any] | Asked[Any]) -> list[list[Any]]:
    """The rows of each queryset, as it would give them itself but for `prefetch_related`.

    Each is compiled and its rows are built by Django; only the sending is done here. One after the other: what a
    later one reads, it reads after an earlier one has waited for a lock.
    """
    asked = [one if isinstance(one, Asked) else _OfQueryset(one) for one in questions]
    sent = [one for one in asked if one.sql]
    rows = iter(_sent([(one.sql, one.params) for one in sent]))
    return [one.answer(next(rows)) if one.sql else [] for one in asked]


def _sent(statements: Sequence[tuple[str, Sequence[Any]]]) -> list[list[tuple[Any, ...]]]:
    """The answer of each."""
    if not statements:
        return []
    found: list[list[tuple[Any, ...]]] = []
    with _past_history(), connection.cursor() as cursor:
        cursor.execute(
            ";\n".join(sql for sql, _ in statements), [value for _, params in statements for value in params]
        )
        for _ in statements:
            found.append(cursor.fetchall())
            cursor.nextset()
    return found


@contextmanager
def _past_history() -> Iterator[None]:
    """Inside an act django-pghistory wraps each execution and keeps the last answer only. Reading makes no history."""
    wrappers = connection.execute_wrappers
    connection.execute_wrappers = [wrapper for wrapper in wrappers if wrapper is not _inject_history_context]
    try:
        yield
    finally:
        connection.execute_wrappers = wrappers


class _OfQueryset:
    """One queryset with its compiled statement; an empty one when nothing could be found."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        self.queryset = queryset.all()
        self.compiler = self.queryset.query.get_compiler(connection=connection)
        try:
            self.sql, self.params = cast("tuple[str, tuple[Any, ...]]", self.compiler.as_sql())
        except EmptyResultSet:
            self.sql, self.params = "", ()

    def answer(self, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        if not rows:
            return []
        compiler: Any = self.compiler
        compiler.execute_sql = lambda *_, **__: [rows]
        query: Any = self.queryset.query
        query.get_compiler = lambda *_, **__: compiler
        return list(self.queryset)
