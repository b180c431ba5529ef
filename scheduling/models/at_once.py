"""Several querysets read in one round trip: their statements travel together, and so do their answers."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def read(*querysets: QuerySet[Any, Any]) -> list[list[Any]]:
    """The rows of each queryset, as it would give them itself but for `prefetch_related`.

    Each is compiled and its rows are built by Django; only the sending is done here. Inside an act they are read one
    by one: there django-pghistory wraps each execution and keeps the last answer only.
    """
    if connection.execute_wrappers:
        return [list(one) for one in querysets]
    asked = [_Asked(one) for one in querysets]
    sent = [one for one in asked if one.sql]
    if sent:
        with connection.cursor() as cursor:
            cursor.execute(";\n".join(one.sql for one in sent), [value for one in sent for value in one.params])
            for one in sent:
                one.rows = cursor.fetchall()
                cursor.nextset()
    return [one.answer() for one in asked]


class _Asked:
    """One queryset with its compiled statement; an empty one when nothing could be found."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        self.queryset = queryset.all()
        self.compiler = self.queryset.query.get_compiler(connection=connection)
        self.rows: list[tuple[Any, ...]] = []
        try:
            self.sql, self.params = cast("tuple[str, tuple[Any, ...]]", self.compiler.as_sql())
        except EmptyResultSet:
            self.sql, self.params = "", ()

    def answer(self) -> list[Any]:
        if not self.rows:
            return []
        compiler: Any = self.compiler
        compiler.execute_sql = lambda *_, **__: [self.rows]
        query: Any = self.queryset.query
        query.get_compiler = lambda *_, **__: compiler
        return list(self.queryset)
