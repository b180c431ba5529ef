"""What a mail server pipes here when a message came back: `her2tracker: "|… manage.py take_bounce"`."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from her2tracker.lib.refusals import Refused
from monitoring.actions import failed_messages
from monitoring.core import bounces
from monitoring.models import Reminder


class Command(BaseCommand):
    help = "Read one returned message from standard input; the message it was becomes a coordinator's task."

    def handle(self, *args: Any, **options: Any) -> None:
        found = bounces.read(sys.stdin.buffer.read(bounces.LONGEST_BYTES + 1))
        reminder = Reminder.objects.select_related("patient").filter(uuid=found.key).first() if found else None
        if found is None or reminder is None:
            self.stdout.write("Nothing of ours came back for good.")
            return
        try:
            failed_messages.came_back(by=None, reminder=reminder, why=found.why)
        except Refused as refused:
            self.stdout.write(str(refused))  # the same report delivered twice
            return
        self.stdout.write(f"Message {reminder.uuid} came back. It is on the queue.")
