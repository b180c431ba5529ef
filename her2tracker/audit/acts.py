"""How a write is made: one transaction, one act, and the rows' history knows both.

    with act("cycles.delayed", by=by, patient=plan.patient, subject=cycle_day, reason=text) as entry:
        ...writes...
        entry.details["to"] = str(day)

Leaving the block normally writes the act; an exception undoes everything, the act included. What nothing within
the act reads again may go into `entry.writes`: it is sent together with the act's own row.

    with acts("flag.raised", by=None) as each:
        made = ...one statement that writes many rows...
        for row in made:
            each.add(row, model="CardiacFlag", patient=row.patient, reason=row.sentence)

One transaction, and an act for each row: what a check found about one patient is told on that patient's page.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import pghistory
from django.db import transaction
from django.utils import timezone
from pghistory.runtime import Context, _tracker

from her2tracker.accounts.models import User
from her2tracker.audit.models import Act
from her2tracker.audit.statements import Statement, inserting, inserting_all, send


class HasUuid(Protocol):
    """Anything an act can be about."""

    @property
    def uuid(self) -> Any: ...


@dataclass
class Entry:
    """An act being written. `details` must be JSON-able and hold no free text a reason should hold."""

    uuid: uuid.UUID
    details: dict[str, Any] = field(default_factory=dict)
    subject: HasUuid | None = None
    patient: HasUuid | None = None
    parts: list[Part] = field(default_factory=list)
    writes: list[Statement] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Part:
    """What one act did to one of many patients; written as an act of its own, so that each chart tells it."""

    verb: str
    patient: HasUuid
    subject: HasUuid
    details: dict[str, Any]


@contextmanager
def act(
    verb: str,
    *,
    by: User | None,
    patient: HasUuid | None = None,
    subject: HasUuid | None = None,
    reason: str = "",
) -> Iterator[Entry]:
    """One atomic act. `by=None` is the system's own check, never a person's."""
    entry = Entry(uuid.uuid4(), subject=subject, patient=patient)
    with transaction.atomic(), _context(act=str(entry.uuid), verb=verb, by=_name(by), reason=reason):
        yield entry
        _write(entry, verb, by, reason)


@dataclass
class Batch:
    """Acts of one kind being written together."""

    uuid: uuid.UUID
    common: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, subject: HasUuid, *, model: str, patient: HasUuid, reason: str = "", **details: Any) -> None:
        """`subject` is a row of `model` that this batch wrote; its act's name follows from the row's own."""
        about = {"patient_uuid": str(patient.uuid), "subject_kind": model, "subject_uuid": str(subject.uuid)}
        said = {"uuid": str(_act_in(self.uuid, subject.uuid)), "reason": reason, "details": details}
        self.rows.append(self.common | about | said)


@contextmanager
def acts(verb: str, *, by: User | None) -> Iterator[Batch]:
    """Many rows by few statements, an act for each of them. Within it nothing else may be written."""
    batch = Batch(uuid.uuid4(), {"at": str(timezone.now()), "verb": verb} | _who(by))
    with transaction.atomic(), _context(acts=str(batch.uuid), verb=verb, by=_name(by), reason=""):
        yield batch
        if batch.rows:
            send(inserting_all(Act, batch.rows))


def act_of(event: Any) -> str:
    """The uuid of the act that wrote a row's history event, or nothing when somebody wrote past the product."""
    metadata = event.pgh_context.metadata if event.pgh_context else {}
    if "acts" in metadata:
        return str(_act_in(uuid.UUID(metadata["acts"]), event.uuid))
    return str(metadata.get("act", ""))


def _act_in(batch: uuid.UUID, row: uuid.UUID) -> uuid.UUID:
    return uuid.uuid5(batch, str(row))


@contextmanager
def _context(**metadata: str) -> Iterator[None]:
    """History's context of this act alone: pghistory itself would merge an act with the one it happens in."""
    with pghistory.context():
        outer = _tracker.value
        _tracker.value = Context(id=uuid.uuid4(), metadata=metadata)
        try:
            yield
        finally:
            _tracker.value = outer


def record(
    verb: str,
    *,
    by: User | None,
    patient: HasUuid | None = None,
    subject: HasUuid | None = None,
    reason: str = "",
    **details: Any,
) -> None:
    """An act that changes no row: a chart opened, a denial, a sign-in."""
    _row(Entry(uuid.uuid4(), details, subject, patient), verb, by, reason).save(force_insert=True)


def _write(entry: Entry, verb: str, by: User | None, reason: str) -> None:
    send(*entry.writes, inserting(_row(entry, verb, by, reason)))
    if entry.parts:
        _write_parts(entry, by, reason)


def _write_parts(entry: Entry, by: User | None, reason: str) -> None:
    parts = [
        Entry(uuid.uuid4(), part.details | {"within": str(entry.uuid)}, part.subject, part.patient)
        for part in entry.parts
    ]
    rows = [_row(one, part.verb, by, reason) for one, part in zip(parts, entry.parts, strict=True)]
    Act.objects.bulk_create(rows, batch_size=1000)


def _row(entry: Entry, verb: str, by: User | None, reason: str) -> Act:
    return Act(
        uuid=entry.uuid,
        verb=verb,
        **_who(by),
        patient_uuid=entry.patient.uuid if entry.patient else None,
        subject_kind=type(entry.subject).__name__ if entry.subject else "",
        subject_uuid=entry.subject.uuid if entry.subject else None,
        reason=reason,
        details=entry.details,
    )


def _who(by: User | None) -> dict[str, Any]:
    return {
        "by_id": by.pk if by else None,
        "by_name": _name(by),
        "by_role": by.role if by else "",
        "site_id": by.site_id if by else None,
    }


def _name(by: User | None) -> str:
    return str(by) if by else "her2tracker"
