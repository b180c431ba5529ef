"""Tell the next person about each flag that nobody decided in time, at every site."""

from __future__ import annotations

from monitoring import tasks
from monitoring.management.commands._task import TaskCommand


class Command(TaskCommand):
    help = "Tell the next person about each flag that nobody decided in time, at every site."
    task = staticmethod(tasks.escalate_flags)
    said = "Steps taken: {count}"
