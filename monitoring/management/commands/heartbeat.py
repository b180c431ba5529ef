"""Note that the database can be reached, as the worker does every minute."""

from __future__ import annotations

from monitoring import tasks
from monitoring.management.commands._task import TaskCommand


class Command(TaskCommand):
    help = "Note that the database can be reached, as the worker does every minute."
    task = staticmethod(tasks.heartbeat)
    said = "Heartbeat noted."
