"""Is the record as it was? By hand, by cron, or by an auditor with a digest noted elsewhere."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from her2tracker.audit import history_checks
from her2tracker.audit.models import HistoryCheck
from her2tracker.audit.proof import prove
from her2tracker.audit.seals import seal


class Command(BaseCommand):
    help = (
        "Compare the record with its hash chain and the tables with their history. Ends with 1 when anything differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--expect", default="", help="a chain's end noted before: it must still be in the chain")

    def handle(self, *args: Any, expect: str = "", **options: Any) -> None:
        now = timezone.now()
        seal(now=now)
        proof = prove(expect=expect)
        history_checks.note(HistoryCheck(asked_at=now), proof, now=timezone.now())
        for fault in proof.faults:
            self.stdout.write(fault.sentence)
        self.stdout.write(f"{proof.seals} seals over {proof.rows} rows. The chain ends in {proof.head or 'nothing'}.")
        if proof.faults:
            raise CommandError(f"{len(proof.faults)} differences found.")
