"""Asking for a check of the record, and doing those that were asked for or are due."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import record
from her2tracker.audit.models import HistoryCheck
from her2tracker.audit.proof import Proof, prove
from her2tracker.audit.seals import seal
from her2tracker.lib.refusals import Refusal, Refused

DUE_EVERY = timedelta(hours=24)
TOLD = 50  # faults kept as sentences; the count is of all

log = structlog.get_logger(__name__)


def ask(*, by: User, now: datetime) -> HistoryCheck:
    """A check as soon as a worker is free. Refused while one is waiting."""
    require(by, Permission.CHECK_HISTORY)
    if HistoryCheck.objects.filter(done_at=None).exists():
        raise Refused(Refusal("already-asked", "A check is already waiting for a worker. Its result will stand here."))
    row = HistoryCheck.objects.create(asked_at=now, asked_by_name=str(by))
    record("history.check-asked", by=by, subject=row)
    return row


def work(*, now: datetime) -> int:
    """Seal what is new, then do the check that was asked for or is due; returns how many faults it found."""
    seal(now=now)
    waiting = HistoryCheck.objects.filter(done_at=None).order_by("asked_at").first()
    if waiting is None:
        if HistoryCheck.objects.filter(done_at__gt=now - DUE_EVERY).exists():
            return 0
        waiting = HistoryCheck.objects.create(asked_at=now)
    return note(waiting, prove(), now=now)


def note(row: HistoryCheck, proof: Proof, *, now: datetime) -> int:
    """Keep what was found; the log carries the chain's end out of this database, where no superuser of it reaches."""
    row.done_at, row.seals, row.rows, row.head = now, proof.seals, proof.rows, proof.head
    row.faults, row.told = len(proof.faults), [fault.sentence for fault in proof.faults[:TOLD]]
    row.save()
    log.info("history_checked", seals=row.seals, rows=row.rows, head=row.head, faults=row.faults)
    for fault in proof.faults[:TOLD]:
        log.error("history_fault", table=fault.table, key=fault.key)
    return row.faults


def last_check() -> HistoryCheck | None:
    return HistoryCheck.objects.exclude(done_at=None).order_by("-done_at").first()
