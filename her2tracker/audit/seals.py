"""The hash chain: what the record said, in a form that nobody can change without its showing.

A worker seals what is new every minute, beside the writers and not in their way: a chain that each writer had to extend
would make them wait for one another. Each seal holds a digest of every row and the seal before it; so a row that a
database superuser edits, adds or takes away is named, and a chain made anew ends in another digest than the one that
was noted elsewhere (the nightly check writes it to the log).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from her2tracker.audit.models import Seal, SealedRows
from her2tracker.audit.tables import RecordTable, columns_of, record_tables

# A transaction may commit after others that took later keys. No task may run so long, so nothing comes later than this.
SETTLED_AFTER = timedelta(hours=1)
AT_A_TIME = 20_000  # rows of one table under one seal
DIGEST_BYTES = 32
START = "0" * 64  # what stands before the first seal
_LOCK = 7_302_114_365  # one sealer at a time; any number nobody else takes


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table, with their digests one after the other."""

    table: str
    keys: list[int]
    digests: bytes


def seal(*, now: datetime) -> int:
    """Seal all that is not sealed yet; returns how many rows. Two at once do no harm: the second does nothing."""
    total = 0
    while rows := _seal_once(now):
        total += rows
    return total


@transaction.atomic
def _seal_once(now: datetime) -> int:
    if not _alone():
        return 0
    tables = record_tables()
    settled = dict(_settled(now))
    parts = [part for table in tables if (part := _unsealed(table, settled.get(table.name, 0))).keys]
    if not parts:
        return 0
    last = Seal.objects.order_by("-number").first()
    number, previous = (last.number + 1, last.digest) if last else (1, START)
    rows = sum(len(part.keys) for part in parts)
    columns = columns_of([table for table in tables if table.name in {part.table for part in parts}])
    made = Seal.objects.create(
        number=number, at=now, previous=previous, digest=chained(previous, parts), rows=rows, columns=columns
    )
    SealedRows.objects.bulk_create(
        SealedRows(seal=made, table=part.table, highest=part.keys[-1], keys=part.keys, digests=part.digests)
        for part in parts
    )
    return rows


def chained(previous: str, parts: Iterable[Part]) -> str:
    """The seal's digest: all its parts, in order, after the seal before it."""
    whole = hashlib.sha256(previous.encode())
    for part in parts:
        whole.update(f"|{part.table}|{len(part.keys)}|".encode())
        whole.update(b"".join(key.to_bytes(8, "big", signed=True) for key in part.keys))
        whole.update(part.digests)
    return whole.hexdigest()


def digest_of(table: RecordTable) -> str:
    """SQL for one row's digest. Takes one parameter: the columns to leave out, added since the row was sealed."""
    context = "coalesce(c.metadata::text, '')" if table.has_context else "''"
    return f"sha256(convert_to((to_jsonb(r) - %s::text[])::text || {context}, 'UTF8'))"


def source_of(table: RecordTable) -> str:
    """SQL for the rows with what belongs to them."""
    context = " LEFT JOIN pghistory_context c ON c.id = r.pgh_context_id" if table.has_context else ""
    return f'"{table.name}" r{context}'


def _unsealed(table: RecordTable, settled: int) -> Part:
    query = (
        f"SELECT r.{table.key}, {digest_of(table)} FROM {source_of(table)} WHERE r.{table.key} > %s"  # noqa: S608
        f' AND r.{table.key} NOT IN (SELECT unnest(keys) FROM audit_sealedrows WHERE "table" = %s AND highest > %s)'
        f" ORDER BY 1 LIMIT {AT_A_TIME}"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [[], settled, table.name, settled])
        rows = cursor.fetchall()
    return Part(table.name, [key for key, _ in rows], b"".join(bytes(digest) for _, digest in rows))


def _settled(now: datetime) -> list[tuple[str, int]]:
    """By table: the key below which nothing can come any more."""
    query = (
        'SELECT p."table", max(p.highest) FROM audit_sealedrows p JOIN audit_seal s ON s.id = p.seal_id'
        " WHERE s.at < %s GROUP BY 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [now - SETTLED_AFTER])
        found: list[tuple[str, int]] = cursor.fetchall()
        return found


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
