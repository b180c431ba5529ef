"""The least that could answer with a day: one statement and JSON, no framework, nobody asked who they are.

As an application of its own it is what gunicorn serves beside ours under the same load.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from typing import Any

import orjson
import psycopg

SQL = (
    "SELECT d.uuid, d.cycle, d.of_cycles, d.starts_at, t.mrn, t.family_name, t.given_name, t.born_on, "
    "a.agent, a.kind, a.planned_mg FROM scheduling_cycleday d JOIN scheduling_treatmentplan p ON "
    "p.id = d.plan_id JOIN scheduling_patient t ON t.id = p.patient_id JOIN scheduling_administration a "
    "ON a.cycle_day_id = d.id WHERE t.site_id = %s AND d.planned_on = %s AND d.state = 'planned'"
)
SITE, ON = "BENCHMARK_SITE", "BENCHMARK_ON"


def day_of(connection: psycopg.Connection[Any], site: int, on: date) -> bytes:
    with connection.cursor() as cursor:
        rows = cursor.execute(SQL, [site, on]).fetchall()
    return orjson.dumps(rows, default=str)  # str: Decimal alone


@cache
def _connection() -> psycopg.Connection[Any]:
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def application(_: dict[str, Any], start: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
    body = day_of(_connection(), int(os.environ[SITE]), date.fromisoformat(os.environ[ON]))
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
