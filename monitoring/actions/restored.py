"""After a restore: whom this database believes it has not told yet, it may have told before it was lost."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from her2tracker.audit.acts import record
from monitoring.actions import sweeps
from monitoring.models import Reminder
from monitoring.words import ReminderState

WHY = "Perhaps sent before the database was restored. Ask the person, or try again."


@transaction.atomic
def hold_messages(*, now: datetime) -> int:
    """Write everything that is owed by now, then send none of it by itself: each waits for a person to try again.

    To be called before any worker starts on a restored database. Returns how many messages wait.
    """
    sweeps.flag_overdue_echocardiograms(now=now)
    sweeps.flag_lvef_drops(now=now)
    sweeps.escalate_flags(now=now)
    sweeps.send_reminders(now=now)
    waiting = Reminder.objects.filter(state__in=[ReminderState.QUEUED, ReminderState.SENDING])
    held = waiting.update(state=ReminderState.FAILED, last_error=WHY)
    record("messages.held", by=None, count=held)
    return held
