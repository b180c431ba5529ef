"""Send every reminder that waits, once or for as long as the program runs."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import CommandParser

from monitoring import tasks
from monitoring.actions import mail_watch
from monitoring.management.commands._task import TaskCommand


class Command(TaskCommand):
    help = "Send every reminder that waits. With --watch: and, until it is ended, each new one as it is written."
    task = staticmethod(tasks.deliver_reminders)
    said = "Reminders sent: {count}"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", action="store_true", help="stay, and send what comes as soon as it is owed")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["watch"]:
            super().handle(*args, **options)
            return
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())  # the message in hand is sent first
        self.stdout.write("Watching.")
        self.stdout.flush()
        mail_watch.watch(tasks.deliver_reminders, stopping.is_set)
