"""Print docs/reference from the program."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from her2tracker.clinic.reference import FOLDER, pages


class Command(BaseCommand):
    help = "Print the reference documents; with --check, say whether they are current."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        stale = [name for name, text in pages().items() if not _is(name, text)]
        if options["check"]:
            if stale:
                raise CommandError(f"docs/reference is stale: {', '.join(stale)}. Run: make docs")
            return
        for name in stale:
            (FOLDER / name).write_text(pages()[name], encoding="utf-8")
        self.stdout.write(f"Wrote {', '.join(stale)}." if stale else "Every page was current.")


def _is(name: str, text: str) -> bool:
    path = FOLDER / name
    return path.exists() and path.read_text(encoding="utf-8") == text
