"""A command that does by hand what beat asks a worker to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand


class TaskCommand(BaseCommand):
    """Subclasses name the task; its count is printed as `said`."""

    task: Callable[[], int]
    said = "{count} changed"

    def handle(self, *args: Any, **options: Any) -> None:
        count = type(self).task()
        self.stdout.write(self.said.format(count=count))
