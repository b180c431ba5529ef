"""Where something can be killed: before each of its statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction


def statements_of(work: Callable[[], object]) -> int:
    """How many `work` sends when nothing disturbs it; what it writes is taken back.

    Savepoints are left out: it is tried here inside a transaction, and each of its own becomes one. Counted, they
    would put points past its end, at which nobody dies.
    """
    asked = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal asked
        asked += "SAVEPOINT" not in sql
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(count):
            work()
        transaction.set_rollback(True)
    return asked
