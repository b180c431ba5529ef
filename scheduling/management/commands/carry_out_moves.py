"""Move what doctors confirmed around closed spans, at every site."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from scheduling import tasks


class Command(BaseCommand):
    help = "Move what doctors confirmed around closed spans, at every site."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Infusions moved: {tasks.carry_out_moves()}")
