"""The first command on a restored database, before any worker: nobody is told twice."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from monitoring.actions import restored


class Command(BaseCommand):
    help = "Hold every message that may have been sent before the restore. Run it before the workers start."

    def handle(self, *args: Any, **options: Any) -> None:
        held = restored.hold_messages(now=timezone.now())
        self.stdout.write(f"{held} messages wait for a person: coordinators find them on their queue, under Messages.")
