"""Write the digests that are owed now; deliver_reminders sends them."""

from __future__ import annotations

from monitoring import tasks
from monitoring.management.commands._task import TaskCommand


class Command(TaskCommand):
    help = "Write the digests that are owed now; deliver_reminders sends them."
    task = staticmethod(tasks.send_reminders)
    said = "Digests written: {count}"
