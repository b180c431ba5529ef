"""Check and carry out the files of patients and plans that wait, at every site."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from scheduling import tasks


class Command(BaseCommand):
    help = "Check and carry out the files of patients and plans that wait, at every site."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Files imported: {tasks.import_plans()}")
