"""Load the invented demo clinic."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from her2tracker.clinic.demo.load import load


class Command(BaseCommand):
    help = "Load the demo clinic once: invented patients, a team, something to do for each role."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            count = load()
        self.stdout.write(f"Loaded {count} demo patients." if count else "The demo clinic is loaded already.")
