"""Patients and plans from a file: checked line by line, confirmed by a person, carried out as a whole or not at all."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone

from her2tracker.accounts.access import Denied, require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib import sheets
from her2tracker.lib.refusals import Refusal, Refused
from scheduling.actions import import_lines
from scheduling.actions.import_lines import Line
from scheduling.models import PlanImport
from scheduling.models.imports import OPEN_STATES
from scheduling.words import ImportState

log = structlog.get_logger(__name__)

CHECKED_AT_ONCE = 200
"""Rows that are checked while the person waits; a longer file is the worker's."""
MOST_TRIES = 3
_LOCK = 0x1A9  # of this app's advisory locks, those of imports


def receive(*, by: User, text: str, file_name: str = "") -> PlanImport:
    """Keep a file and check each of its lines, a long one soon after. Nothing else is written. Raises Refused."""
    require(by, Permission.START_PLANS)
    try:
        rows = import_lines.refuse_unreadable(text)
    except sheets.Unreadable as unreadable:
        raise Refused(Refusal("unreadable", str(unreadable)), {"text": unreadable.sentences}) from unreadable
    with act("import.received", by=by) as entry:
        row = PlanImport.objects.create(
            site=by.site, recorded_by=by, file_name=file_name[-120:] or "plans.csv", text=text,
            digest=hashlib.sha256(text.encode()).hexdigest(), counts={"rows": rows},
        )  # fmt: skip
        entry.subject = row
        entry.details = _told(row)
        if rows <= CHECKED_AT_ONCE:
            _check(row)
    return row


def confirm(*, by: User, plan_import: PlanImport) -> PlanImport:
    """Have it carried out, soon and as a whole. Raises Refused while a line is refused."""
    require(by, Permission.START_PLANS)
    with act("import.confirmed", by=by, subject=plan_import) as entry:
        row = _locked(plan_import, ImportState.CHECKED)
        if not row.may_be_confirmed:
            raise Refused(_why_not(row))
        row.state, row.decided_by, row.decided_at = ImportState.WAITING, by, timezone.now()
        row.save(update_fields=["state", "decided_by", "decided_at"])
        entry.details = _told(row)
    return row


def withdraw(*, by: User, plan_import: PlanImport) -> PlanImport:
    """Take it back before it runs. The file and what was found in it are forgotten."""
    require(by, Permission.START_PLANS)
    with act("import.withdrawn", by=by, subject=plan_import) as entry:
        row = _locked(plan_import, *OPEN_STATES)
        row.state, row.text, row.lines, row.ended_at = ImportState.WITHDRAWN, "", [], timezone.now()
        row.save(update_fields=["state", "text", "lines", "ended_at"])
        entry.details = _told(row)
    return row


def work() -> int:
    """Check what was received and carry out what was confirmed, at every site. Returns how many were carried out.

    One that a killed worker left half-way had written nothing, and is taken up again.
    """
    to_do = PlanImport.objects.filter(state__in=[ImportState.RECEIVED, ImportState.WAITING, ImportState.RUNNING])
    done = 0
    for pk in to_do.order_by("recorded_at", "pk").values_list("pk", flat=True):
        with _alone(pk) as is_mine:
            done += is_mine and _take_up(pk)
    return done


def _take_up(pk: int) -> bool:
    row = PlanImport.objects.select_related("site", "recorded_by__site", "decided_by__site").get(pk=pk)
    if row.state == ImportState.RECEIVED:
        _ended_well(row, _check)
        return False
    claimed = PlanImport.objects.filter(pk=pk, state__in=[ImportState.WAITING, ImportState.RUNNING]).update(
        state=ImportState.RUNNING, begun_at=timezone.now(), tries=F("tries") + 1, done_rows=0
    )
    if not claimed:  # withdrawn, or done by another run, since it was listed
        return False
    row.refresh_from_db(fields=["state", "tries"])
    if row.tries > MOST_TRIES:
        _end(row, f"The program stopped {MOST_TRIES} times while it ran. Divide the file, or ask whoever runs it.")
        return False
    return _ended_well(row, _run)


def _ended_well(row: PlanImport, work_on: Callable[[PlanImport], None]) -> bool:
    """Whether it could be done; otherwise nothing of it was, and the row says why."""
    try:
        with transaction.atomic():
            work_on(row)
    except (Refused, Denied) as refused:
        _end(row, str(refused))
        return False
    except Exception:
        # one broken file must not keep the others waiting
        log.exception("import.failed", plan_import=str(row.uuid))
        _end(row, "The program could not import it, and nothing was written; the error is in its log.")
        return False
    return True


def _check(row: PlanImport) -> None:
    by = row.recorded_by
    with act("import.checked", by=by, subject=row) as entry:
        lines = import_lines.read(by, row.text)
        import_lines.rehearse(by, lines)
        row.state, row.lines, row.counts = ImportState.CHECKED, [_said(line) for line in lines], _counted(lines)
        row.save(update_fields=["state", "lines", "counts"])
        entry.details = _told(row)


def _run(row: PlanImport) -> None:
    by = row.decided_by
    if by is None or by.site_id != row.site_id:  # the table's own constraint says the first
        raise Refused(Refusal("not-confirmed", "Whoever confirmed it does not work at this site any more."))
    require(by, Permission.START_PLANS)
    with act("import.carried-out", by=by, subject=row) as entry:
        lines = import_lines.read(by, row.text)
        import_lines.carry_out(by, lines, lambda done: _tell(row, done))
        kept = {one["line"]: one for one in row.lines}
        row.lines = [kept.get(line.asked.line, {}) | _became(line) for line in lines]
        row.counts = _counted(lines) | {"warned": row.counts["warned"]}  # only the check looks for warnings
        row.state, row.done_rows, row.ended_at = ImportState.DONE, row.counts["start"], timezone.now()
        row.save(update_fields=["lines", "counts", "state", "done_rows", "ended_at"])
        entry.details = _told(row)


def _end(row: PlanImport, outcome: str) -> None:
    with act("import.refused", by=row.decided_by or row.recorded_by, subject=row) as entry:
        row.state, row.outcome, row.ended_at = ImportState.REFUSED, outcome, timezone.now()
        row.save(update_fields=["state", "outcome", "ended_at"])
        entry.details = _told(row)


def _tell(row: PlanImport, done: int) -> None:
    """Let the page see how far a run is: beside its transaction, which shows nothing before it ends. Never waits."""
    beside = connection.copy()
    try:
        with beside.cursor() as cursor:
            cursor.execute(
                "UPDATE scheduling_planimport SET done_rows = %s WHERE id = "
                "(SELECT id FROM scheduling_planimport WHERE id = %s FOR UPDATE SKIP LOCKED)",
                [done, row.pk],
            )
    finally:
        beside.close()


@contextmanager
def _alone(pk: int) -> Iterator[bool]:
    """Whether no other run holds this import. The lock is the connection's: it goes when a worker is killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, pk])
        (is_mine,) = cursor.fetchone()
    try:
        yield bool(is_mine)
    finally:
        if is_mine:
            _let_go(pk)


def _let_go(pk: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, pk])
    except (
        DatabaseError
    ):  # what went wrong broke the connection too, and is the error to hear of; the lock goes with it
        connection.close()


def _locked(row: PlanImport, *states: ImportState) -> PlanImport:
    fresh = PlanImport.objects.select_for_update(of=("self",)).select_related("site", "recorded_by").get(pk=row.pk)
    if fresh.state not in states:
        said = ImportState(fresh.state).in_sentence
        raise Refused(Refusal("import-moved-on", f"This import is {said} by now. Look at it again."))
    return fresh


def _why_not(row: PlanImport) -> Refusal:
    if refused := row.counts.get("refused"):
        said = "one line is" if refused == 1 else f"{refused} lines are"
        return Refusal(
            "lines-refused", f"Nothing is imported while {said} refused. Correct the file and send it again."
        )
    return Refusal("nothing-to-start", "Every plan of this file is there already.")


def _said(line: Line) -> dict[str, Any]:
    """One line of the report, as JSON."""
    wanted, preview = line.asked.wanted, line.preview
    said: dict[str, Any] = {
        "line": line.asked.line, "mrn": line.asked.mrn, "name": line.asked.name,
        "born_on": str(wanted.person.born_on) if wanted else "", "is_new": line.is_new,
        "refusals": line.refusals, "warnings": [] if line.refusals else list(dict.fromkeys(line.warnings)),
        "regimen": line.version.name if line.version else "", "version": line.version.version if line.version else 0,
        "start_on": str(wanted.start_on) if wanted else "", "last_on": "", "cycle_days": 0,
    }  # fmt: skip
    if preview and preview.projection.entries:
        days = {(entry.cycle, entry.day) for entry in preview.projection.entries}
        said["last_on"], said["cycle_days"] = str(preview.projection.last_on or ""), len(days)
    return said | _became(line)


def _became(line: Line) -> dict[str, Any]:
    """What the line does or did: `start`, `there` already, or `refused`."""
    outcome = "refused" if line.refusals else "there" if line.is_there else "start"
    return {"outcome": outcome, "plan": str(line.plan or "")}


def _counted(lines: Sequence[Line]) -> dict[str, int]:
    outcomes = Counter(_became(line)["outcome"] for line in lines)
    ready = [line for line in lines if line.is_ready]
    return {
        "rows": len(lines), "start": outcomes["start"], "there": outcomes["there"], "refused": outcomes["refused"],
        "new": sum(line.is_new for line in ready), "warned": sum(bool(line.warnings) for line in ready),
    }  # fmt: skip


def _told(row: PlanImport) -> dict[str, Any]:
    """What the act log keeps: how many, never who."""
    return {"file": row.file_name, "digest": row.digest[:12], **row.counts}
