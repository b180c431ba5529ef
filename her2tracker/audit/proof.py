"""Does the record say what it said? Seals against each other, rows against seals, tables against their history."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from her2tracker.audit.models import HistoryCheck, Seal, SealedRows
from her2tracker.audit.seals import DIGEST_BYTES, START, Part, chained, digest_of, source_of
from her2tracker.audit.tables import LiveTable, RecordTable, columns_of, live_tables, record_tables

NAMED = 100  # rows of one table that are named; a restored table of another day would name them all


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was. `table` and `key` name the row where there is one."""

    sentence: str
    table: str = ""
    key: int | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What was compared, and what was found. `head` is the last seal's digest: note it outside this database."""

    seals: int
    rows: int
    head: str
    faults: tuple[Fault, ...]


@transaction.atomic
def prove(*, expect: str = "") -> Proof:
    """Compare everything with everything, at one moment of the database. Reads only.

    `expect` is a head that was noted elsewhere: it must still be one of the chain's.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    return proof_of_now(expect=expect)


def proof_of_now(*, expect: str = "") -> Proof:
    """As `prove`, in a transaction that is already open."""
    chain = _Chain()
    faults = [*chain.walk(), *chain.unknown([expect] if expect else _heads_noted())]
    for table in live_tables():
        faults += _past_history(table)
    return Proof(chain.seals, chain.rows, chain.head, tuple(faults))


class _Chain:
    """Goes through the seals once, from the first to the last."""

    def __init__(self) -> None:
        self.seals, self.rows, self.head = 0, 0, ""
        self.tables = {table.name: table for table in record_tables()}
        self.columns = columns_of(list(self.tables.values()))
        self.digests = {""}

    def walk(self) -> Iterator[Fault]:
        last = START
        for seal in Seal.objects.order_by("number").iterator(chunk_size=50):
            self.seals += 1
            if seal.number != self.seals or seal.previous != last:
                yield Fault(f"Seal {seal.number} does not follow the one before it: a seal was changed or taken away.")
                self.seals = seal.number
            parts = list(SealedRows.objects.filter(seal=seal).order_by("pk"))
            if chained(seal.previous, [Part(p.table, p.keys, bytes(p.digests)) for p in parts]) != seal.digest:
                yield Fault(f"Seal {seal.number} is not the digest of what it holds: it was changed.")
            for part in parts:
                yield from self._rows(seal, part)
            last = self.head = seal.digest
            self.digests.add(seal.digest)

    def unknown(self, heads: list[str]) -> Iterator[Fault]:
        """The chain as it was noted before must be the beginning of the chain as it is now."""
        for head in heads:
            if head not in self.digests:
                yield Fault(f"No seal has the digest {head[:12]}…, which was noted before: the chain was made anew.")

    def _rows(self, seal: Seal, part: SealedRows) -> Iterator[Fault]:
        table = self.tables.get(part.table)
        if table is None or (gone := set(seal.columns[part.table]) - set(self.columns[part.table])):
            what = f"its columns {', '.join(sorted(gone))}" if table else "the table"
            yield Fault(f"Seal {seal.number} cannot be compared: {what} of {part.table} are no more.", part.table)
            return
        self.rows += len(part.keys)
        now = _digests(table, part.keys, sorted(set(self.columns[part.table]) - set(seal.columns[part.table])))
        for at, key in enumerate(part.keys):
            sealed = bytes(part.digests[at * DIGEST_BYTES : (at + 1) * DIGEST_BYTES])
            if now.get(key) != sealed:
                what = "was changed since" if key in now else "is gone since"
                when = f"{seal.at:%Y-%m-%d %H:%M} UTC"
                yield Fault(f"Row {key} of {part.table} {what} it was sealed ({when}).", part.table, key)


def _digests(table: RecordTable, keys: list[int], added: list[str]) -> dict[int, bytes]:
    query = f"SELECT r.{table.key}, {digest_of(table)} FROM {source_of(table)} WHERE r.{table.key} = ANY(%s)"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(query, [added, keys])
        return {key: bytes(digest) for key, digest in cursor.fetchall()}


def _heads_noted() -> list[str]:
    """Ends of the chain at earlier checks."""
    return list(HistoryCheck.objects.exclude(head="").order_by("-done_at").values_list("head", flat=True)[:50])


def _past_history(table: LiveTable) -> Iterator[Fault]:
    """Rows whose last history entry says something else, that have none, or that went without one."""
    for key, now, then in _rows(table, _UNLIKE):
        row, event = json.loads(now), json.loads(then or "null")
        if event is None:
            yield Fault(f"Row {key} of {table.name} has no history: it was added past it.", table.name, key)
            continue
        unlike = [
            f"{name} is {json.dumps(row[name])}, its history says {json.dumps(event[name])}"
            for name in table.columns
            if row[name] != event[name]
        ]
        yield Fault(f"Row {key} of {table.name} was changed past its history: {'; '.join(unlike)}.", table.name, key)
    for (key,) in _rows(table, _GONE):
        yield Fault(f"Row {key} of {table.name} is gone, and its history does not say so.", table.name, key)


# Of a table, its history and the columns of both. The last entry of a row is the one with the highest key.
_UNLIKE = """
    SELECT m.{key}, to_jsonb(m), to_jsonb(e) FROM "{table}" m
    LEFT JOIN LATERAL (SELECT * FROM "{events}" h WHERE h.pgh_obj_id = m.{key} ORDER BY h.pgh_id DESC LIMIT 1) e ON true
    WHERE e.pgh_id IS NULL OR ROW({mine}) IS DISTINCT FROM ROW({theirs}) ORDER BY 1 LIMIT {limit}
"""
_GONE = """
    SELECT DISTINCT h.pgh_obj_id FROM "{events}" h LEFT JOIN "{table}" m ON m.{key} = h.pgh_obj_id
    WHERE m.{key} IS NULL AND NOT EXISTS
        (SELECT FROM "{events}" d WHERE d.pgh_obj_id = h.pgh_obj_id AND d.pgh_label = 'delete') ORDER BY 1 LIMIT {limit}
"""


def _rows(table: LiveTable, query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            query.format(
                table=table.name,
                events=table.events,
                key=table.key,
                mine=", ".join(f'm."{name}"' for name in table.columns),
                theirs=", ".join(f'e."{name}"' for name in table.columns),
                limit=NAMED,
            )
        )
        found: list[Any] = cursor.fetchall()
        return found
