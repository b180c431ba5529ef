"""How a file becomes rows: checked line by line, confirmed by a person, carried out as a whole or not at all.

What the lines mean is said by a subclass of `Files`, one for each kind of file.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Generic, TypeVar

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
from scheduling.models.imports import OPEN_STATES, FileImport
from scheduling.words import ImportState

log = structlog.get_logger(__name__)

CHECKED_AT_ONCE = 200
"""Rows that are checked while the person waits; a longer file is the worker's."""
MOST_TRIES = 3
Tell = Callable[[int], None]
Row = TypeVar("Row", bound=FileImport)


class Files(ABC, Generic[Row]):
    """One kind of file. Of two workers one has it; what a killed one left half-way had written nothing."""

    model: ClassVar[type[Any]]
    permission: ClassVar[Permission]
    verb: ClassVar[
        str
    ]  # its acts are `verb.received`, `.checked`, `.confirmed`, `.carried-out`, `.refused`, `.withdrawn`
    lock: ClassVar[int]  # of all advisory locks, those of this kind
    usual_name: ClassVar[str]  # of a file that came without one
    nothing_to_do: ClassVar[Refusal]

    @abstractmethod
    def count(self, text: str) -> int:
        """How many rows the table has. Raises `sheets.Unreadable`."""

    @abstractmethod
    def check(self, row: Row) -> None:
        """Fill `lines` and `counts` with what each line would do. Writes nothing else."""

    @abstractmethod
    def carry_out(self, row: Row, by: User, tell: Tell) -> None:
        """Do all of it, or raise; `lines` and `counts` then say what became of each. `tell` is called with how many."""

    def receive(self, *, by: User, text: str, file_name: str = "") -> Row:
        """Keep a file and check each of its lines, a long one soon after. Nothing else is written. Raises Refused."""
        require(by, self.permission)
        try:
            rows = self.count(text)
        except sheets.Unreadable as unreadable:
            raise Refused(Refusal("unreadable", str(unreadable)), {"text": unreadable.sentences}) from unreadable
        with act(f"{self.verb}.received", by=by) as entry:
            row: Row = self.model.objects.create(
                site=by.site, recorded_by=by, file_name=file_name[-120:] or self.usual_name, text=text,
                digest=hashlib.sha256(text.encode()).hexdigest(), counts={"rows": rows},
            )  # fmt: skip
            entry.subject = row
            entry.details = told(row)
            if rows <= CHECKED_AT_ONCE:
                self._check(row)
        return row

    def confirm(self, *, by: User, row: Row, change: Callable[[Row], None] = lambda _: None) -> Row:
        """Have it carried out, soon and as a whole. Raises Refused while a line is refused.

        `change` takes over what the person said of single lines, or refuses.
        """
        require(by, self.permission)
        with act(f"{self.verb}.confirmed", by=by, subject=row) as entry:
            row = self._locked(row, ImportState.CHECKED)
            if not row.may_be_confirmed:
                raise Refused(self._why_not(row))
            change(row)
            row.state, row.decided_by, row.decided_at = ImportState.WAITING, by, timezone.now()
            row.save(update_fields=["state", "lines", "decided_by", "decided_at"])
            entry.details = told(row)
        return row

    def withdraw(self, *, by: User, row: Row) -> Row:
        """Take it back before it runs. The file and what was found in it are forgotten."""
        require(by, self.permission)
        with act(f"{self.verb}.withdrawn", by=by, subject=row) as entry:
            row = self._locked(row, *OPEN_STATES)
            row.state, row.text, row.lines, row.ended_at = ImportState.WITHDRAWN, "", [], timezone.now()
            row.save(update_fields=["state", "text", "lines", "ended_at"])
            entry.details = told(row)
        return row

    def work(self) -> int:
        """Check what was received and carry out what was confirmed, at every site. Returns how many were carried out.

        One that a killed worker left half-way had written nothing, and is taken up again.
        """
        to_do = self.model.objects.filter(state__in=[ImportState.RECEIVED, ImportState.WAITING, ImportState.RUNNING])
        done = 0
        for pk in to_do.order_by("recorded_at", "pk").values_list("pk", flat=True):
            with self._alone(pk) as is_mine:
                done += is_mine and self._take_up(pk)
        return done

    def _take_up(self, pk: int) -> bool:
        row = self.model.objects.select_related("site", "recorded_by__site", "decided_by__site").get(pk=pk)
        if row.state == ImportState.RECEIVED:
            self._ended_well(row, self._check)
            return False
        claimed = self.model.objects.filter(pk=pk, state__in=[ImportState.WAITING, ImportState.RUNNING]).update(
            state=ImportState.RUNNING, begun_at=timezone.now(), tries=F("tries") + 1, done_rows=0
        )
        if not claimed:  # withdrawn, or done by another run, since it was listed
            return False
        row.refresh_from_db(fields=["state", "tries"])
        if row.tries > MOST_TRIES:
            self._end(
                row, f"The program stopped {MOST_TRIES} times while it ran. Divide the file, or ask whoever runs it."
            )
            return False
        return self._ended_well(row, self._run)

    def _ended_well(self, row: Row, work_on: Callable[[Row], None]) -> bool:
        """Whether it could be done; otherwise nothing of it was, and the row says why."""
        try:
            with transaction.atomic():
                work_on(row)
        except (Refused, Denied) as refused:
            self._end(row, str(refused))
            return False
        except Exception:
            # one broken file must not keep the others waiting
            log.exception("import.failed", file=str(row.uuid))
            self._end(row, "The program could not import it, and nothing was written; the error is in its log.")
            return False
        return True

    def _check(self, row: Row) -> None:
        with act(f"{self.verb}.checked", by=row.recorded_by, subject=row) as entry:
            self.check(row)
            row.state = ImportState.CHECKED
            row.save(update_fields=["state", "lines", "counts"])
            entry.details = told(row)

    def _run(self, row: Row) -> None:
        by = row.decided_by
        if by is None or by.site_id != row.site_id:  # the table's own constraint says the first
            raise Refused(Refusal("not-confirmed", "Whoever confirmed it does not work at this site any more."))
        require(by, self.permission)
        with act(f"{self.verb}.carried-out", by=by, subject=row) as entry:
            self.carry_out(row, by, lambda done: self._tell(row, done))
            row.state, row.done_rows, row.ended_at = ImportState.DONE, row.to_do, timezone.now()
            row.save(update_fields=["lines", "counts", "state", "done_rows", "ended_at"])
            entry.details = told(row)

    def _end(self, row: Row, outcome: str) -> None:
        with act(f"{self.verb}.refused", by=row.decided_by or row.recorded_by, subject=row) as entry:
            row.state, row.outcome, row.ended_at = ImportState.REFUSED, outcome, timezone.now()
            row.save(update_fields=["state", "outcome", "ended_at"])
            entry.details = told(row)

    def _tell(self, row: Row, done: int) -> None:
        """Let the page see how far it is: beside its transaction, which shows nothing before it ends. Never waits."""
        table, beside = row._meta.db_table, connection.copy()
        try:
            with beside.cursor() as cursor:
                cursor.execute(
                    f"UPDATE {table} SET done_rows = %s WHERE id = "  # noqa: S608 - the table's name is our own
                    f"(SELECT id FROM {table} WHERE id = %s FOR UPDATE SKIP LOCKED)",
                    [done, row.pk],
                )
        finally:
            beside.close()

    @contextmanager
    def _alone(self, pk: int) -> Iterator[bool]:
        """Whether no other run holds this import. The lock is the connection's: it goes when a worker is killed."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [self.lock, pk])
            (is_mine,) = cursor.fetchone()
        try:
            yield bool(is_mine)
        finally:
            if is_mine:
                self._let_go(pk)

    def _let_go(self, pk: int) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [self.lock, pk])
        except DatabaseError:
            # what went wrong broke the connection too, and is the error to hear of; the lock goes with it
            connection.close()

    def _locked(self, row: Row, *states: ImportState) -> Row:
        rows = self.model.objects.select_for_update(of=("self",)).select_related("site", "recorded_by")
        fresh: Row = rows.get(pk=row.pk)
        if fresh.state not in states:
            said = ImportState(fresh.state).in_sentence
            raise Refused(Refusal("import-moved-on", f"This import is {said} by now. Look at it again."))
        return fresh

    def _why_not(self, row: Row) -> Refusal:
        if refused := row.counts.get("refused"):
            said = "one line is" if refused == 1 else f"{refused} lines are"
            return Refusal(
                "lines-refused", f"Nothing is imported while {said} refused. Correct the file and send it again."
            )
        return self.nothing_to_do


def told(row: FileImport) -> dict[str, Any]:
    """What the act log keeps: how many, never who."""
    return {"file": row.file_name, "digest": row.digest[:12], **row.counts}
