"""Text messages, by whatever sender the operator named: her2tracker has no provider of its own."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from monitoring.models import Reminder


def send(reminder: Reminder) -> None:
    """Calls `sender(number, text)` of the setting SMS_SEND. Raises OSError without one, and whatever it raises."""
    if not settings.SMS_SEND:
        raise ConnectionError("No sender of text messages is configured.")
    import_string(settings.SMS_SEND)(reminder.address, reminder.text)
