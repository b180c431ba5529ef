"""How a write is made: one transaction, one act, and the rows' history knows both.

    with act("cycles.delayed", by=by, patient=plan.patient, subject=cycle_day, reason=text) as entry:
        ...writes...
        entry.details["to"] = str(day)

Leaving the block normally writes the act; an exception undoes everything, the act included.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import pghistory
from django.db import transaction

from her2tracker.accounts.models import User
from her2tracker.audit.models import Act


class HasUuid(Protocol):
    """Anything an act can be about."""

    uuid: Any


@dataclass
class Entry:
    """An act being written. `details` must be JSON-able and hold no free text a reason should hold."""

    uuid: uuid.UUID
    details: dict[str, Any] = field(default_factory=dict)
    subject: HasUuid | None = None
    patient: HasUuid | None = None
    parts: list[Part] = field(default_factory=list)


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
    who = str(by) if by else "her2tracker"
    with transaction.atomic(), pghistory.context(act=str(entry.uuid), verb=verb, by=who, reason=reason):
        yield entry
        _write(entry, verb, by, reason)


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
    _write(Entry(uuid.uuid4(), details, subject, patient), verb, by, reason)


def _write(entry: Entry, verb: str, by: User | None, reason: str) -> None:
    parts = [
        Entry(uuid.uuid4(), part.details | {"within": str(entry.uuid)}, part.subject, part.patient)
        for part in entry.parts
    ]
    rows = [_row(entry, verb, by, reason)]
    rows += [_row(one, part.verb, by, reason) for one, part in zip(parts, entry.parts, strict=True)]
    Act.objects.bulk_create(rows, batch_size=1000)


def _row(entry: Entry, verb: str, by: User | None, reason: str) -> Act:
    return Act(
        uuid=entry.uuid,
        verb=verb,
        by_id=by.pk if by else None,
        by_name=str(by) if by else "her2tracker",
        by_role=by.role if by else "",
        site_id=by.site_id if by else None,
        patient_uuid=entry.patient.uuid if entry.patient else None,
        subject_kind=type(entry.subject).__name__ if entry.subject else "",
        subject_uuid=entry.subject.uuid if entry.subject else None,
        reason=reason,
        details=entry.details,
    )
