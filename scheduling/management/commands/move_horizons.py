"""Lay out the next cycles of plans without a last one, at every site."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from scheduling import tasks


class Command(BaseCommand):
    help = "Lay out the next cycles of plans without a last one, at every site."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Cycle days added: {tasks.move_horizons()}")
