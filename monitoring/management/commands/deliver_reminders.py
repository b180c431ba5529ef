"""Send every reminder that waits."""

from __future__ import annotations

from monitoring import tasks
from monitoring.management.commands._task import TaskCommand


class Command(TaskCommand):
    help = "Send every reminder that waits."
    task = staticmethod(tasks.deliver_reminders)
    said = "Reminders sent: {count}"
